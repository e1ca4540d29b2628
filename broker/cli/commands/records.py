"""`mash records`: an organisation's own records, imported, listed, found and removed, and its account of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from broker.application.records import (
    ImportWanted,
    Removal,
    account_of,
    found,
    imported,
    people_of,
    removed,
    sources_of,
)
from broker.application.session import open_home
from broker.cli.commands.files import read_form
from broker.cli.output import DONE, FINDING, emit, say
from broker.cli.views.progress import watching
from broker.errors import FieldError
from schemas.vocabulary import IdentifierScheme


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ImportForm:
    """The options of an import, as typed."""

    person: Sequence[str] = field(default=(), repr=False)
    verified_identifiers: bool = False
    format_name: str | None = None
    source: str | None = None
    whole: bool = False
    fewer: bool = False
    dry_run: bool = False


def import_records(path: Path, organisation: str, files: Sequence[Path], form: ImportForm, *, json: bool) -> int:
    """Import files and print the account of each; exit 1 if anything was rejected while the rest was imported.

    Raises: UsageError where a file is missing or an option is wrong; then nothing is imported.
    """
    wanted = ImportWanted(
        bindings=_bindings(form.person),
        verified_identifiers=form.verified_identifiers,
        format_name=form.format_name,
        source=form.source,
        whole=form.whole,
        fewer=form.fewer,
        rehearsal=form.dry_run,
    )
    with watching(len(files)) as watch:
        document = imported(open_home(path), organisation, files, wanted, watch=watch)
    if full := document["full_disk"]:
        say(f"mash: the disk of {full['path']} is full: {full['free_bytes'] // 2**20} MiB are left")
    if json:
        emit(document)
    else:
        from broker.cli.views.records import show_import

        show_import(document)
    return DONE if document["whole"] else FINDING


def list_records(path: Path, organisation: str, *, people: bool, by: str | None, json: bool) -> int:
    """Print the sources, or everybody who is held; exit 1 where something of a source is missing."""
    home = open_home(path)
    shown = asyncio.run(people_of(home, organisation, by=by)).document if people else None
    document = shown or sources_of(home, organisation)
    if json:
        emit(document)
    else:
        from broker.cli.views.records import show_people, show_sources

        show_people(document["people"]) if people else show_sources(document)
    return DONE if people or all(one["state"] == "HELD" for one in document["sources"]) else FINDING


def find_records(path: Path, organisation: str, file: Path, *, by: str | None, json: bool) -> int:
    """Print who of those held may be a person."""
    document = asyncio.run(found(open_home(path), organisation, read_form(file), by=by)).document
    if json:
        emit(document)
    else:
        from broker.cli.views.records import show_people

        say(f"{document['certainty']} {document['method']}")
        show_people(document["candidates"])
    return DONE


def remove_records(
    path: Path,
    organisation: str,
    *,
    identifier: str | None,
    source: str | None,
    reason: str,
    by: str | None,
    json: bool,
) -> int:
    """Remove a person's records or a source, and print how many records that were."""
    if (identifier is None) == (source is None):
        raise FieldError("identifier", "say either this or --source")
    number = next(iter(_bindings([identifier], field="identifier").items())) if identifier is not None else None
    wanted = Removal(reason=reason, identifier=number, source=source)
    document = asyncio.run(removed(open_home(path), organisation, wanted, by=by))
    if json:
        emit(document)
    else:
        say(f"{document['removed']} records removed")
    return DONE


def account(path: Path, organisation: str, request_id: str, *, by: str | None, json: bool) -> int:
    """Print the holder's own account of one request. Raises: UsageError where no account has that id."""
    document = asyncio.run(account_of(open_home(path), organisation, request_id, by=by)).document
    if json:
        emit(document)
    else:
        from broker.cli.views.records import show_account

        show_account(document)
    return DONE


def _bindings(words: Sequence[str], *, field: str = "person") -> dict[IdentifierScheme, str]:
    """Read `KEY=VALUE` words. Raises: FieldError `person` naming the word's number, never the value."""
    found: dict[IdentifierScheme, str] = {}
    for number, word in enumerate(words, start=1):
        key, equals, value = word.partition("=")
        if not equals or not value or key not in set(IdentifierScheme):
            raise FieldError(field, f"is not KEY=VALUE with a key of: {', '.join(IdentifierScheme)}", at=number)
        if IdentifierScheme(key) in found:
            raise FieldError(field, "this key is given twice", at=number)
        found[IdentifierScheme(key)] = value
    return found
