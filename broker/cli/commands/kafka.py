"""`mash kafka plan|apply`: what a partnership's brokers are held to, what is there, and making it so.

`plan` changes nothing: exit 0 where everything is as the table says, 1 where it is not. `apply` adds what is missing
and tightens what is looser; it never takes a protection away. What it leaves to a person it names, and exits with 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from broker.application.switch_log import BOOTSTRAP
from broker.cli.output import DONE, FINDING, emit
from broker.errors import UsageError
from broker.partnership.home import open_home
from broker.partnership.provisioning import Provisioning, document_of, open_provisioning


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Brokers:
    """Which brokers, as whom, and whether they are for development only."""

    kafka: str | None
    admin: Path | None
    development: bool


def plan(path: Path, brokers: Brokers, *, json: bool) -> int:
    """Print the difference; exit 1 where there is any. Raises: UsageError, UnavailableError."""
    found = _open(path, brokers).plan()
    _print(document_of(found), done=False, json=json)
    return FINDING if found.changes or found.refused or found.foreign else DONE


def apply(path: Path, brokers: Brokers, *, json: bool) -> int:
    """Carry out the difference, and print it; exit 1 where a part of it was refused.

    Raises: UsageError, UnavailableError; what was carried out before stays, and the next run goes on from there.
    """
    found = _open(path, brokers).apply()
    _print(document_of(found), done=True, json=json)
    return FINDING if found.refused else DONE


def _open(path: Path, brokers: Brokers) -> Provisioning:
    if brokers.kafka is not None and not BOOTSTRAP.fullmatch(brokers.kafka):
        raise UsageError("--kafka: is not HOST:PORT,...")
    return open_provisioning(open_home(path), kafka=brokers.kafka, admin=brokers.admin, development=brokers.development)


def _print(document: Mapping[str, Sequence[Mapping[str, str]]], *, done: bool, json: bool) -> None:
    if json:
        emit(dict(document))
        return
    from broker.cli.views.kafka import show_provisioning

    show_provisioning(document, done=done)
