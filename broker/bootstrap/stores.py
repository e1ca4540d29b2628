"""The names of a principal's own stores, each a database of its own in the principal's folder."""

from __future__ import annotations

from enum import StrEnum


class Store(StrEnum):
    """One store. Which principal has which: ARCHITECTURE.md, HOME."""

    JOURNAL = "journal"
    """Everybody: what this principal met, and its highest directory version."""
    HUB = "hub"
    """The requester: what it asked, what it announced, its outbox."""
    RECORDS = "records"
    """A holder: the records imported from its own systems."""
    HOLDER = "holder"
    """A holder: accounts of what was released, identity claims, revisions."""
    DESK = "desk"
    """A holder: the outbox of its practitioners and of its desk's clock."""
    FOLLOWED = "followed"
    """A holder: how far it followed the ledger's checkpoints."""
    SCREENING = "screening"
    """A screening consumer: joined requests, and its outbox."""
    LEDGER = "ledger"
    """The audit consumer: leaves, head, checkpoints."""
