"""The words of `mash records`, and nothing behind them: each command loads its own module when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from broker.cli.arguments import By, HomePath, Json, Organisation

records_app = typer.Typer(help="An organisation's own records, in its own folder.", no_args_is_help=True)


@records_app.command("import")
def records_import_command(
    home: HomePath,
    organisation: Organisation,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False)],
    person: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="Whom files that name nobody are about.")
    ] = None,
    verified_identifiers: Annotated[
        bool, typer.Option("--verified-identifiers", help="A matching service assigned the identifiers.")
    ] = False,
    format_name: Annotated[
        str | None, typer.Option("--format", metavar="F", help="Instead of recognising the format.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The system that the files come from."),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="This is all that the source holds: what is missing is withdrawn.")
    ] = False,
    fewer: Annotated[bool, typer.Option("--fewer", help="Even if that leaves less than half of what is held.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Account for the files, and write nothing.")] = False,
    json: Json = False,
) -> int:
    """Take files in that sector's real formats into that organisation's own store."""
    from broker.cli.commands.records import ImportForm, import_records

    form = ImportForm(
        person=person or (),
        verified_identifiers=verified_identifiers,
        format_name=format_name,
        source=source,
        whole=whole,
        fewer=fewer,
        dry_run=dry_run,
    )
    return import_records(home, organisation, files, form, json=json)


@records_app.command("list")
def records_list_command(
    home: HomePath,
    organisation: Organisation,
    people: Annotated[bool, typer.Option("--people", help="Everybody who is held, too; that is a look.")] = False,
    by: By = None,
    json: Json = False,
) -> int:
    """For the holder only: the sources, how old they are, and what of them is missing."""
    from broker.cli.commands.records import list_records

    return list_records(home, organisation, people=people, by=by, json=json)


@records_app.command("find")
def records_find_command(
    home: HomePath,
    organisation: Organisation,
    file: Annotated[
        Path, typer.Option("--file", metavar="PERSON.json", help="A person, as in a request.", show_default=False)
    ],
    by: By = None,
    json: Json = False,
) -> int:
    """For the holder only: who of those held may be a person."""
    from broker.cli.commands.records import find_records

    return find_records(home, organisation, file, by=by, json=json)


@records_app.command("remove")
def records_remove_command(
    home: HomePath,
    organisation: Organisation,
    identifier: Annotated[
        str | None, typer.Option(metavar="KEY=VALUE", help="Everything held about one person, for good.")
    ] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Everything that came from one source.")] = None,
    reason: Annotated[str, typer.Option(metavar="R", help="Why, in a code word.")] = "",
    by: By = None,
    json: Json = False,
) -> int:
    """For the holder only: withdraw a person or a source at once, and account for it."""
    from broker.cli.commands.records import remove_records

    return remove_records(home, organisation, identifier=identifier, source=source, reason=reason, by=by, json=json)


@records_app.command("account")
def records_account_command(
    home: HomePath,
    organisation: Organisation,
    request_id: Annotated[str, typer.Argument(metavar="REQUEST_ID", show_default=False)],
    by: By = None,
    json: Json = False,
) -> int:
    """For the holder only: field by field what was released, left out and why."""
    from broker.cli.commands.records import account

    return account(home, organisation, request_id, by=by, json=json)
