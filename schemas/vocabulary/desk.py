"""What waits for a practitioner, why, and what they decide."""

from __future__ import annotations

from enum import StrEnum


class ReviewPolicy(StrEnum):
    """When a practitioner looks at a draft; set per agreement and band, never by what was found."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"
    NONE = "NONE"


class DeskReason(StrEnum):
    """Why something waits for a person."""

    REVIEW = "REVIEW"
    REFERRED = "REFERRED"
    MATCH = "MATCH"
    RESTRICTED = "RESTRICTED"
    SOURCE = "SOURCE"
    STALE = "STALE"
    UNREADABLE = "UNREADABLE"
    CORRECTION = "CORRECTION"
    QUESTION = "QUESTION"


class DeskState(StrEnum):
    """The desk is a fold over these; CLAIMED says who is at it."""

    OPENED = "OPENED"
    CLOSED = "CLOSED"
    CLAIMED = "CLAIMED"


class DecisionAction(StrEnum):
    """What a practitioner did at the desk; CLOCK is the desk's own empty decision, NOTHING shares nothing."""

    RELEASE = "RELEASE"
    WITHHOLD = "WITHHOLD"
    CLOCK = "CLOCK"
    NOTHING = "NOTHING"
    CORRECT = "CORRECT"
    RETRACT = "RETRACT"
    ASK = "ASK"


class WithholdGround(StrEnum):
    """Why something held is not given (ref 2.8)."""

    MORE_DETRIMENTAL_TO_CHILD = "MORE_DETRIMENTAL_TO_CHILD"
    NOT_RELEVANT = "NOT_RELEVANT"
    STATUTORY_BAR = "STATUTORY_BAR"
    PREJUDICE_INVESTIGATION = "PREJUDICE_INVESTIGATION"
    ENDANGERS_THIRD_PARTY = "ENDANGERS_THIRD_PARTY"
    SOURCE_PROTECTION = "SOURCE_PROTECTION"
    PRIVILEGE = "PRIVILEGE"
    NO_BASIS = "NO_BASIS"
    IDENTITY_UNCERTAIN = "IDENTITY_UNCERTAIN"
