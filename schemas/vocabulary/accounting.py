"""What the ledger accounts for."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What an audit event accounts for (blueprint section 7)."""

    ASKED = "ASKED"
    ANSWERED = "ANSWERED"
    DECIDED = "DECIDED"
    OPENED = "OPENED"
    CHANGED = "CHANGED"
    READ = "READ"
