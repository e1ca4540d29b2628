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
    RATED = "RATED"
    AGREED = "AGREED"
    OVERRIDDEN = "OVERRIDDEN"
    CLOCK = "CLOCK"
    NOTIFIED = "NOTIFIED"
    TRANSFERRED = "TRANSFERRED"
    CORRECTED = "CORRECTED"
    OVERSEEN = "OVERSEEN"
    ERASED = "ERASED"
    EXPORTED = "EXPORTED"
    LOOKED = "LOOKED"
    RETRACTED = "RETRACTED"
    TOLD = "TOLD"
    ORDERED = "ORDERED"
    HELD = "HELD"
    QUERIED = "QUERIED"


class LookedAt(StrEnum):
    """What was shown to a person, or searched by one (ref 3.3)."""

    SEARCH = "SEARCH"
    LIST = "LIST"
    SUMMARY = "SUMMARY"
    DESK = "DESK"
    DESK_ITEM = "DESK_ITEM"
    HOLDERS_ACCOUNT = "HOLDERS_ACCOUNT"
    CONTACT = "CONTACT"
    LEDGER = "LEDGER"
    EXPORT = "EXPORT"


class Authentication(StrEnum):
    """How it was known who acts."""

    CLAIMED = "CLAIMED"
    SYSTEM_USER = "SYSTEM_USER"
    SIGNED_IN = "SIGNED_IN"


class ClockSync(StrEnum):
    """Whether the writer's clock was synchronised when an event happened."""

    SYNCED = "SYNCED"
    UNSYNCED = "UNSYNCED"
