"""What the ledger accounts for."""

from __future__ import annotations

from schemas.vocabulary.word import Word


class EventKind(Word):
    """What an audit event accounts for."""

    ASKED = "ASKED", "A request was sent, or kept back.", "ref 3.3"
    ANSWERED = "ANSWERED", "An organisation answered a request.", "ref 3.3"
    DECIDED = "DECIDED", "A person decided at a desk, or something waits there for one.", "ref 3.3"
    OPENED = "OPENED", "The hub opened an answer.", "ref 3.3"
    CHANGED = "CHANGED", "A directory or table was changed.", "ref 3.3"
    READ = "READ", "A person was shown something.", "ref 3.3"
    RATED = "RATED", "A contact's urgency was set.", "ledger section 8"
    AGREED = "AGREED", "A family's agreement was recorded.", "ledger section 8"
    OVERRIDDEN = "OVERRIDDEN", "A missing agreement was overridden.", "ledger section 8"
    CLOCK = "CLOCK", "A clock changed its state.", "ledger section 8"
    NOTIFIED = "NOTIFIED", "Somebody was told an outcome.", "ledger section 8"
    TRANSFERRED = "TRANSFERRED", "A case was passed on to a team or an authority.", "ledger section 8"
    CORRECTED = "CORRECTED", "Something said before was put right.", "ledger section 8"
    OVERSEEN = "OVERSEEN", "A manager confirmed what was done.", "ledger section 8"
    ERASED = "ERASED", "The personal part of an event was erased by order.", "ledger section 8"
    EXPORTED = "EXPORTED", "Data left in a file.", "ledger section 8"
    LOOKED = "LOOKED", "A person searched.", "ledger section 8"
    RETRACTED = "RETRACTED", "An answer was taken back.", "ledger section 8"
    TOLD = "TOLD", "A person was told that data about them was corrected or erased.", "ledger section 8"
    ORDERED = "ORDERED", "An order was taken in: to erase, to hold, to restrict.", "ledger section 8"
    HELD = "HELD", "An erasure was held back by a duty to keep.", "ledger section 8"
    QUERIED = "QUERIED", "An officer put a question to the ledger.", "ledger section 8"


class LookedAt(Word):
    """What was shown to a person, or searched by one."""

    SEARCH = "SEARCH", "A search for a person.", "ledger section 8"
    LIST = "LIST", "A list of what there is.", "ledger section 8"
    SUMMARY = "SUMMARY", "The combined answer to a request.", "ref 3.3"
    DESK = "DESK", "What waits at an organisation's desk.", "ref 3.3"
    DESK_ITEM = "DESK_ITEM", "One item of a desk, with its draft.", "ref 3.3"
    HOLDERS_ACCOUNT = "HOLDERS_ACCOUNT", "An organisation's own account of what it answered.", "ref 3.3"
    CONTACT = "CONTACT", "A contact, with what the hub has written about it.", "ledger section 8"
    LEDGER = "LEDGER", "Events of the ledger.", "ledger section 8"
    EXPORT = "EXPORT", "A file of data.", "ledger section 8"


class Authentication(Word):
    """How it was known who acts."""

    CLAIMED = "CLAIMED", "They were named by whoever typed the command.", "ledger section 8"
    SYSTEM_USER = "SYSTEM_USER", "The operating system's user is mapped to them.", "ledger section 8"
    SIGNED_IN = "SIGNED_IN", "They proved who they are when they signed in.", "ledger section 8"


class ClockSync(Word):
    """Whether the writer's clock was synchronised when an event happened."""

    SYNCED = "SYNCED", "It followed a time source.", "ledger section 8"
    UNSYNCED = "UNSYNCED", "It did not, so that times may be wrong.", "ledger section 8"
