"""`mash gate explain`: the decision that a gate would make about a request, and the rows behind it."""

from __future__ import annotations

from pathlib import Path

from broker.application.explain import explain as explain_gate
from broker.application.session import open_home
from broker.cli.commands.files import read_form
from broker.cli.output import DONE, FINDING, emit


def explain(path: Path, *, file: Path, side: str, json: bool) -> int:
    """Print a gate's decision; exit 0 for PERMIT and PARTIAL, 1 for DENY and REFER.

    Raises: UsageError where the file is no request or no principal of that name has a gate.
    """
    explained = explain_gate(open_home(path), read_form(file), side=side)
    if json:
        emit(explained.document)
    else:
        from broker.cli.views.tables import show_decision

        show_decision(side, explained.document)
    return DONE if explained.allowed else FINDING
