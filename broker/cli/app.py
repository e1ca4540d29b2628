"""The words of the command line, and nothing behind them: each command loads its own module when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="mash",
    help="Secure information sharing between the agencies of a Multi-Agency Safeguarding Hub.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

HomePath = Annotated[Path, typer.Argument(metavar="HOME", help="The partnership's folder.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, and nothing else.")]


@app.command("init")
def init_command(
    home: HomePath,
    profile: Annotated[str, typer.Option(help="Which partnership's practice to start from.")] = "northamptonshire",
    org: Annotated[
        list[str] | None, typer.Option(metavar="ID=SECTOR", help="An organisation; instead of the profile's own.")
    ] = None,
    review: Annotated[
        list[str] | None,
        typer.Option(metavar="[ORG=]before|after|none", help="When a practitioner looks; for all, or for one."),
    ] = None,
    json: Json = False,
) -> int:
    """Make the keys, signed directory, register, stores and configuration of one partnership."""
    from broker.cli.init import init

    return init(home, profile=profile, organisations=org or (), review=review or (), json=json)


@app.command("up")
def up_command(home: HomePath, json: Json = False) -> int:
    """Run every agent and consumer, each its own process with its own keys, until SIGINT or SIGTERM."""
    from broker.cli.up import up

    return up(home, json=json)


@app.command("run")
def run_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="One organisation's or consumer's own folder.")],
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> int:
    """Run one process alone from its own folder's config.toml, as `mash up` does for each."""
    from broker.cli.serve import serve

    return serve(folder, parent=parent)


@app.command("status")
def status_command(home: HomePath, json: Json = False) -> int:
    """Say which processes run and are ready; exit 0 when all are, 3 otherwise."""
    from broker.cli.status import status

    return status(home, json=json)


@app.command("request")
def request_command(
    home: HomePath,
    file: Annotated[Path, typer.Option("--file", metavar="F", help="The request, as request.json.")],
    request_id: Annotated[
        str | None, typer.Option("--request-id", metavar="ID", help="A UUID; the same one again sends nothing twice.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every answer is final and recorded.")] = False,
    timeout: Annotated[float, typer.Option("--timeout", metavar="SECONDS", min=0)] = 60.0,
    json: Json = False,
) -> int:
    """Ask: send one information request to the organisations that it names."""
    from broker.cli.request import request

    return request(home, file=file, request_id=request_id, wait=wait, timeout_seconds=timeout, json=json)


@app.command("summary")
def summary_command(
    home: HomePath, request_id: Annotated[str, typer.Argument(metavar="REQUEST_ID")], json: Json = False
) -> int:
    """Show the combined summary of one request as it stands; exit 0 when it is complete, 3 when it is not yet."""
    from broker.cli.summary import summary

    return summary(home, request_id=request_id, json=json)
