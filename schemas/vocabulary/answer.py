"""How an organisation answers, and by what it found a person."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How an organisation answered (ref 2.8); NOTHING_TO_SHARE says neither that it holds something nor that not."""

    SUMMARY = "SUMMARY"
    PARTIAL = "PARTIAL"
    NO_TRACE = "NO_TRACE"
    MATCH_UNCERTAIN = "MATCH_UNCERTAIN"
    HELD_WITHHELD = "HELD_WITHHELD"
    REJECTED_BY_GATE = "REJECTED_BY_GATE"
    UNAVAILABLE = "UNAVAILABLE"
    AWAITED = "AWAITED"
    NOTHING_TO_SHARE = "NOTHING_TO_SHARE"


class Stage(StrEnum):
    """Where an awaited answer is."""

    SENT = "SENT"
    WITH_PERSON = "WITH_PERSON"


class Certainty(StrEnum):
    """How sure a match is; only AUTO, or a named practitioner's choice, releases content (ref 7.2 rule 3)."""

    AUTO = "AUTO"
    REVIEW = "REVIEW"
    NONE = "NONE"


class MatchMethod(StrEnum):
    """By what a person was found."""

    IDENTIFIER = "IDENTIFIER"
    VERIFIED_IDENTIFIER = "VERIFIED_IDENTIFIER"
    DEMOGRAPHIC = "DEMOGRAPHIC"
    CHOSEN = "CHOSEN"
    NONE = "NONE"
