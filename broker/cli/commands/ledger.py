"""`mash ledger`: verify the whole ledger, or export it as a bundle that a stranger can verify."""

from __future__ import annotations

from pathlib import Path

from broker.application.ledger import exported, verified_bundle, verified_ledger
from broker.application.session import open_home
from broker.cli.output import DONE, FINDING, emit
from broker.errors import UsageError


def verify(path: Path | None, *, bundle: Path | None, json: bool) -> int:
    """Verify a HOME's ledger, or a bundle, and print the report; exit 1 for any problem. Raises: UsageError."""
    if bundle is not None:
        report = verified_bundle(bundle, open_home(path) if path is not None else None)
    elif path is not None:
        report = verified_ledger(open_home(path))
    else:
        raise UsageError("ledger verify: give a HOME, or --bundle FILE")
    return _print(report.document(), json=json)


def export(path: Path, file: Path, *, json: bool) -> int:
    """Write the bundle and print the report that a stranger will get; exit 1 for any problem. Raises: UsageError."""
    report = exported(open_home(path), file)
    return _print({**report.document(), "file": str(file)}, json=json)


def _print(document: dict[str, object], *, json: bool) -> int:
    if json:
        emit(document)
    else:
        from broker.cli.views.tables import show_ledger

        show_ledger(document)
    return DONE if document["verified"] else FINDING
