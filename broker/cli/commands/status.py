"""`mash status`: the processes of a HOME, running and ready or not."""

from __future__ import annotations

from pathlib import Path

from broker.application.status import status_of
from broker.cli.output import DONE, NOT_READY, emit


def status(home: Path, *, json: bool) -> int:
    """Print the state of every process. Raises: UsageError where the folder is no HOME."""
    document = status_of(home)
    if json:
        emit(document)
    else:
        from broker.cli.views.tables import show_status

        show_status(document)
    return DONE if document["ready"] else NOT_READY
