"""`mash kafka plan|apply`: compare a partnership's brokers with the table of access, and correct them.

`plan` changes nothing: exit 0 if the brokers match the table, 1 if not. `apply` adds missing topics and rules and
tightens loose ones; it never removes a protection. Changes left to a person are named, with exit 1.
"""

from __future__ import annotations

from pathlib import Path

from broker.application import brokers
from broker.application.brokers import Brokers, BrokersShown
from broker.application.session import open_home
from broker.cli.output import DONE, FINDING, emit


def plan(path: Path, at: Brokers, *, json: bool) -> int:
    """Print the difference; exit 1 if there is any. Raises: UsageError, UnavailableError."""
    return _print(brokers.plan(open_home(path), at), done=False, json=json)


def apply(path: Path, at: Brokers, *, json: bool) -> int:
    """Make the permitted changes and print them; exit 1 if any are left to a person.

    Raises: UsageError, UnavailableError; changes made before the fault stay, and the next run goes on from there.
    """
    return _print(brokers.apply(open_home(path), at), done=True, json=json)


def _print(shown: BrokersShown, *, done: bool, json: bool) -> int:
    if json:
        emit(shown.document)
    else:
        from broker.cli.views.kafka import show_provisioning

        show_provisioning(shown.document, done=done)
    return DONE if shown.clean else FINDING
