"""`mash kafka plan|apply`: what a partnership's brokers are held to, what is there, and making it so.

`plan` changes nothing: exit 0 where everything is as the table says, 1 where it is not. `apply` adds what is missing
and tightens what is looser; it never takes a protection away. What it leaves to a person it names, and exits with 1.
"""

from __future__ import annotations

from pathlib import Path

from broker.application import brokers
from broker.application.brokers import Brokers, BrokersShown
from broker.application.session import open_home
from broker.cli.output import DONE, FINDING, emit


def plan(path: Path, at: Brokers, *, json: bool) -> int:
    """Print the difference; exit 1 where there is any. Raises: UsageError, UnavailableError."""
    return _print(brokers.plan(open_home(path), at), done=False, json=json)


def apply(path: Path, at: Brokers, *, json: bool) -> int:
    """Carry out the difference, and print it; exit 1 where a part of it was refused.

    Raises: UsageError, UnavailableError; what was carried out before stays, and the next run goes on from there.
    """
    return _print(brokers.apply(open_home(path), at), done=True, json=json)


def _print(shown: BrokersShown, *, done: bool, json: bool) -> int:
    if json:
        emit(shown.document)
    else:
        from broker.cli.views.kafka import show_provisioning

        show_provisioning(shown.document, done=done)
    return DONE if shown.clean else FINDING
