"""What an envelope holds."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an envelope holds; each kind has one schema file and one list of parts (README, KIND-1)."""

    REQUEST = "REQUEST"
    ANSWER = "ANSWER"
    DISPATCH = "DISPATCH"
    DESK_ITEM = "DESK_ITEM"
    DECISION = "DECISION"
    SUMMARY = "SUMMARY"
    AUDIT_EVENT = "AUDIT_EVENT"
