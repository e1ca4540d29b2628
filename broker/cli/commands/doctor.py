"""`mash doctor`: each fault of a HOME, with its remedy."""

from __future__ import annotations

from pathlib import Path

from broker.application.diagnosis.home import diagnose
from broker.application.session import open_home
from broker.cli.output import DONE, FINDING, emit


def doctor(path: Path, *, json: bool) -> int:
    """Print the findings; exit 1 if there are any. Raises: UsageError where the folder is no HOME."""
    document = diagnose(open_home(path))
    if json:
        emit(document)
    else:
        from broker.cli.views.tables import show_findings

        show_findings(document)
    return DONE if document["ok"] else FINDING
