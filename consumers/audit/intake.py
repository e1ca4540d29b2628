"""Intake: turn a message of the audit topic into an `Entry`, which proves that its sender signed it and that it opened.

(1) Parse and verify as every consumer does, but leave the replay check to the ledger; (2) a key epoch of ours that
should still open and does not is our own fault, and stops the process; (3) skeleton and header name the same event.
Every other message becomes `Refused`: its digest, place and reason are kept and counted, and later messages go on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import final

from broker.errors import RejectedError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.envelope import sha256, wraps_hash
from broker.exchange.journal import ReplayStatus
from broker.exchange.keys import KeyRing
from broker.exchange.parse import Unverified, parse
from broker.exchange.verify import Verified, Verifier
from broker.ports import Clock, Crypto, LogOffset, Message
from schemas.audit import AuditEvent
from schemas.exchange import Header

EQUIVOCATION = "EQUIVOCATION"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One authentic audit event, opened, with all that its leaf keeps; made by `Intake.take` alone."""

    place: LogOffset
    header: Header
    header_bytes: bytes = field(repr=False)
    ciphertext_hash: bytes
    wraps_hash: bytes
    signature: bytes
    digest: bytes
    value_hash: bytes
    salts: tuple[bytes, ...] = field(repr=False)
    parts: tuple[bytes, ...] = field(repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One message that the ledger refuses: its place, the reason, and SHA-256 of its value.

    `sender` is known only if the signature was good.
    """

    place: LogOffset
    reason: str
    digest: bytes
    sender: str | None


@final
class ReplayLeftToLedger:
    """A `ReplayCheck` that promises nothing: every message is UNCHECKED.

    The ledger itself finds copies and second stories, by its unique (sender, event id), in the transaction that
    appends. A journal's verdict before it would come from another transaction, and would count a copy as refused.
    """

    def check_replay(self, place: LogOffset, *, message_id: str, digest: bytes, now: datetime) -> ReplayStatus:
        """Return UNCHECKED."""
        return ReplayStatus.UNCHECKED


@final
class Intake:
    """The audit principal's verification of the audit topic's messages."""

    def __init__(
        self,
        *,
        keys: KeyRing,
        crypto: Crypto,
        directory: Callable[[], TrustedDirectory],
        known_version: Callable[[int], bytes | None],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._verifier = Verifier(
            keys=keys,
            crypto=crypto,
            directory=directory,
            known_version=known_version,
            replay=ReplayLeftToLedger(),
        )

    def take(self, message: Message) -> Entry:
        """Verify and open one message.

        Raises: RejectedError with the reason to refuse the message; RejectedError `DATABASE_DAMAGED`, UnavailableError
        and InvariantError, which are our own faults and not the message's.
        """
        unverified, now = parse(message), self._clock()
        try:
            verified = self._verifier.verify(unverified, record=AuditEvent, now=now)  # (1)
        except RejectedError as error:
            if error.reason == "KEY_DESTROYED":
                self._verifier.check_epoch_over(unverified.header, now=now)  # (2)
            raise
        return _entry(message, unverified, verified)


def _entry(message: Message, unverified: Unverified, verified: Verified[AuditEvent]) -> Entry:
    envelope, header = unverified.envelope, verified.header
    if verified.record.skeleton.event_id != header.event_id:  # (3)
        raise RejectedError("SPLICED", "header and skeleton name different events")
    return Entry(
        place=verified.place,
        header=header,
        header_bytes=envelope.header,
        ciphertext_hash=sha256(envelope.ciphertext),
        wraps_hash=wraps_hash(envelope.wraps),
        signature=envelope.signature,
        digest=verified.digest,
        value_hash=sha256(message.value),
        salts=verified.content.salts,
        parts=verified.content.parts,
    )


def refused(message: Message, reason: str) -> Refused:
    """Return the refusal of a message, as the ledger keeps it."""
    return Refused(place=message.place, reason=reason, digest=sha256(message.value), sender=None)


def second_story(entry: Entry) -> Refused:
    """Return the refusal of an authentic event whose sender used its id for another event before."""
    return Refused(place=entry.place, reason=EQUIVOCATION, digest=entry.value_hash, sender=entry.header.sender)
