"""`mash init`: make one partnership on one machine, and show it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from broker.application.create import Certificates, make_home
from broker.cli.output import DONE, emit, say
from broker.cli.views.tables import show_home


def init(
    path: Path,
    *,
    profile: str,
    organisations: Sequence[str],
    review: Sequence[str],
    by_hand: Sequence[str],
    certificates: Certificates | None,
    json: bool,
) -> int:
    """Make a HOME and show it. Raises: UsageError where HOME is not empty, or an id or word is wrong."""
    document = make_home(
        path,
        profile=profile,
        organisations=organisations,
        review=review,
        by_hand=by_hand,
        certificates=certificates,
    )
    if json:
        emit(document)
    else:
        show_home(document)
        say(f"next: mash up {path}")
    return DONE
