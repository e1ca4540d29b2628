"""The arguments and flags that several commands of the command line share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HomePath = Annotated[Path, typer.Argument(metavar="HOME", help="The partnership's folder.", show_default=False)]
Kafka = Annotated[
    str | None, typer.Option("--kafka", metavar="HOST:PORT,...", help="Brokers to use instead of the embedded log.")
]
KafkaAuthority = Annotated[
    Path | None,
    typer.Option("--kafka-authority", metavar="FOLDER", help="Issue certificates from the authority in this folder."),
]
Observe = Annotated[
    str | None,
    typer.Option("--observe", metavar="HOST:PORT", help="Serve /livez, /readyz and /metrics here; off unless said."),
]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="PERSON",
        envvar="MASH_ACTOR",
        show_envvar=False,
        help="Who looks or decides; or MASH_ACTOR.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, and nothing else.")]
Organisation = Annotated[str, typer.Argument(metavar="ORG", help="The organisation's id.", show_default=False)]
