"""The names of a principal's own stores, each a database of its own in the principal's folder."""

from __future__ import annotations

from enum import StrEnum


class Store(StrEnum):
    """One store. ARCHITECTURE.md, section HOME, lists the stores of each principal."""

    JOURNAL = "journal"
    """Every principal: the messages it received, and its highest directory version."""
    HUB = "hub"
    """The requester: requests asked, directory versions announced, its outbox."""
    RECORDS = "records"
    """A holder: the records imported from its own systems."""
    HOLDER = "holder"
    """A holder: accounts of what was released, identity claims, revisions."""
    DESK = "desk"
    """A holder: the outbox of its practitioners and of its desk's clock."""
    FOLLOWED = "followed"
    """A holder: the last of the ledger's checkpoints that it followed."""
    SCREENING = "screening"
    """A screening consumer: joined requests, and its outbox."""
    LEDGER = "ledger"
    """The audit consumer: leaves, head, checkpoints."""
