"""The words of the command line, and nothing behind them: each command loads its own module when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from broker.cli.arguments import By, HomePath, Json, Kafka, KafkaAuthority, Observe, Organisation
from broker.cli.records_app import records_app
from broker.errors import UsageError

app = typer.Typer(
    name="mash",
    help="Secure information sharing between the agencies of a Multi-Agency Safeguarding Hub.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command("init")
def init_command(
    home: HomePath,
    profile: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A packaged partnership, or the path of a profile.toml.")
    ] = "northamptonshire",
    org: Annotated[
        list[str] | None, typer.Option(metavar="ID=SECTOR", help="An organisation; instead of the profile's own.")
    ] = None,
    review: Annotated[
        list[str] | None,
        typer.Option(metavar="[ORG=]before|after|none", help="When a practitioner looks; for all, or for one."),
    ] = None,
    kafka_tls: Annotated[
        bool, typer.Option("--kafka-tls", help="Certificates for Kafka too, from a development authority.")
    ] = False,
    kafka_authority: KafkaAuthority = None,
    json: Json = False,
) -> int:
    """Make the keys, signed directory, register, stores and configuration of one partnership."""
    from broker.application.create import Certificates
    from broker.cli.commands.init import init

    certificates = Certificates(authority_folder=kafka_authority) if kafka_tls or kafka_authority else None
    return init(
        home,
        profile=profile,
        organisations=org or (),
        review=review or (),
        certificates=certificates,
        json=json,
    )


@app.command("up")
def up_command(home: HomePath, kafka: Kafka = None, observe: Observe = None, json: Json = False) -> int:
    """Supervise the hub and every agent and consumer, each its own process with its own keys, until SIGINT or SIGTERM.

    With --observe the first is seen at that port, the next in order of their names at the ports after it.
    """
    from broker.cli.commands.up import up

    return up(home, kafka=kafka, observe=observe, json=json)


@app.command("run")
def run_command(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="One organisation's, consumer's or the hub's own folder.")
    ],
    observe: Observe = None,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> int:
    """Run one process alone from its own folder's config.toml, as `mash up` does for each."""
    from broker.runtime.process import serve

    return serve(folder, parent=parent, observe=observe)


@app.command("status")
def status_command(home: HomePath, json: Json = False) -> int:
    """Say which processes run and are ready; exit 0 when all are, 3 otherwise."""
    from broker.cli.commands.status import status

    return status(home, json=json)


@app.command("help")
def help_command(
    word: Annotated[str, typer.Argument(metavar="WORD", help="A word as it stands on a screen.")], json: Json = False
) -> int:
    """Say what a word on a screen means, and where that is from."""
    from broker.cli.commands.words import explain

    return explain(word, json=json)


@app.command("request")
def request_command(
    home: Annotated[Path | None, typer.Argument(metavar="HOME", show_default=False)] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="F", help="The request, as request.json.", show_default=False)
    ] = None,
    request_id: Annotated[
        str | None, typer.Option("--request-id", metavar="ID", help="A UUID; the same one again sends nothing twice.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every answer is final and recorded.")] = False,
    timeout: Annotated[float, typer.Option("--timeout", metavar="SECONDS", min=0)] = 60.0,
    schema: Annotated[
        bool,
        typer.Option("--schema", help="Print the JSON Schema of request.json; needs no HOME, sends nothing."),
    ] = False,
    json: Json = False,
) -> int:
    """Ask: send one information request to the organisations that it names."""
    from broker.cli.commands.request import print_schema, request

    if schema:
        return print_schema()
    if home is None or file is None:
        raise UsageError("HOME and --file are needed; see: mash request --help")
    return request(home, file=file, request_id=request_id, wait=wait, timeout_seconds=timeout, json=json)


@app.command("summary")
def summary_command(
    home: HomePath,
    request_id: Annotated[str, typer.Argument(metavar="REQUEST_ID")],
    by: By = None,
    json: Json = False,
) -> int:
    """Show a person the combined summary of one request as it stands; exit 0 when it is complete, 3 when it is not."""
    from broker.cli.commands.summary import summary

    return summary(home, request_id=request_id, by=by, json=json)


gate_app = typer.Typer(help="What a gate would decide.", no_args_is_help=True)
ledger_app = typer.Typer(help="The ledger of everything that was asked and answered.", no_args_is_help=True)
app.add_typer(records_app, name="records")
app.add_typer(gate_app, name="gate")
app.add_typer(ledger_app, name="ledger")


@app.command("desk")
def desk_command(
    home: HomePath,
    organisation: Organisation,
    action: Annotated[str, typer.Argument(metavar="list|show|release|withhold", show_default=False)],
    item: Annotated[str | None, typer.Argument(metavar="ID", help="A desk item's id.", show_default=False)] = None,
    by: By = None,
    ground: Annotated[str | None, typer.Option(metavar="G", help="Why it is withheld.")] = None,
    person: Annotated[
        list[str] | None, typer.Option(metavar="[REF=]CANDIDATE", help="Choose who it is; the child where no REF.")
    ] = None,
    leave_out: Annotated[list[int] | None, typer.Option(metavar="ITEM", help="Leave an item out, by number.")] = None,
    reason: Annotated[list[str] | None, typer.Option(metavar="R", help="Why; one for each item left out.")] = None,
    judgement: Annotated[Path | None, typer.Option(metavar="FILE", help="Analysis, impact, risk, as JSON.")] = None,
    items: Annotated[Path | None, typer.Option(metavar="FILE", help="Items written by hand, as JSON.")] = None,
    json: Json = False,
) -> int:
    """What waits for a person at that organisation, and what they decide; exit 1 where they may not."""
    from broker.cli.commands.desk import DecisionForm, desk

    form = DecisionForm(
        by=by,
        ground=ground,
        persons=person or (),
        left_out=leave_out or (),
        reasons=reason or (),
        judgement=judgement,
        items=items,
    )
    return desk(home, organisation, action, item, form, json=json)


@gate_app.command("explain")
def gate_explain_command(
    home: HomePath,
    file: Annotated[Path, typer.Option("--file", metavar="F", help="The request, as request.json.")],
    side: Annotated[str, typer.Option("--as", metavar="hub|ORG", help="Whose gate.")],
    json: Json = False,
) -> int:
    """Say what that gate would decide and why; sends nothing; exit 1 for DENY and REFER."""
    from broker.cli.commands.gate import explain

    return explain(home, file=file, side=side, json=json)


@ledger_app.command("verify")
def ledger_verify_command(
    home: Annotated[Path | None, typer.Argument(metavar="HOME", show_default=False)] = None,
    bundle: Annotated[Path | None, typer.Option(metavar="FILE", help="A bundle, instead of HOME's own ledger.")] = None,
    json: Json = False,
) -> int:
    """Check everything that was recorded; exit 1 where anything is wrong."""
    from broker.cli.commands.ledger import verify

    return verify(home, bundle=bundle, json=json)


@ledger_app.command("export")
def ledger_export_command(
    home: HomePath,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the bundle.", show_default=False)],
    json: Json = False,
) -> int:
    """Write all that a stranger needs to check the ledger, offline."""
    from broker.cli.commands.ledger import export

    return export(home, file, json=json)


kafka_app = typer.Typer(
    help="What the partnership's brokers are held to: topics, rights, limits.", no_args_is_help=True
)
app.add_typer(kafka_app, name="kafka")

Administered = Annotated[
    str | None, typer.Option("--kafka", metavar="HOST:PORT,...", help="The brokers; else those that HOME runs on.")
]
AsAdmin = Annotated[
    Path | None,
    typer.Option(
        "--as-admin", metavar="FOLDER", help="Where the administrator's key.pem, certificate.pem, authority.pem lie."
    ),
]
Development = Annotated[bool, typer.Option("--development", help="Fewer than three nodes will do: nothing need last.")]


@kafka_app.command("plan")
def kafka_plan_command(
    home: HomePath,
    kafka: Administered = None,
    as_admin: AsAdmin = None,
    development: Development = False,
    json: Json = False,
) -> int:
    """Show how the brokers differ from the table; exit 1 where they do. Changes nothing."""
    from broker.application.brokers import Brokers
    from broker.cli.commands.kafka import plan

    return plan(home, Brokers(address=kafka, admin=as_admin, development=development), json=json)


@kafka_app.command("apply")
def kafka_apply_command(
    home: HomePath,
    kafka: Administered = None,
    as_admin: AsAdmin = None,
    development: Development = False,
    json: Json = False,
) -> int:
    """Make it so, without loosening anything; exit 1 where a person must decide."""
    from broker.application.brokers import Brokers
    from broker.cli.commands.kafka import apply

    return apply(home, Brokers(address=kafka, admin=as_admin, development=development), json=json)


@app.command("doctor")
def doctor_command(home: HomePath, json: Json = False) -> int:
    """Say what is wrong and what to do about it; exit 1 where anything is."""
    from broker.cli.commands.doctor import doctor

    return doctor(home, json=json)


@app.command("demo")
def demo_command(
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Keep the demonstration's HOME here.")
    ] = None,
    kafka: Kafka = None,
    kafka_authority: KafkaAuthority = None,
    json: Json = False,
) -> int:
    """Play the whole story on an invented family; exit 0 only if everything held."""
    from broker.cli.demo.command import Brokers, demo

    brokers = None if kafka is None else Brokers(address=kafka, authority_folder=kafka_authority)
    return demo(keep=keep, brokers=brokers, json=json)
