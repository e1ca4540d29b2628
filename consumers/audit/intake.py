"""Intake: a message of the audit topic becomes an `Entry`, which proves that its sender signed it and that it opened.

(1) parse and verify as everybody does, but leave "is it new?" to the ledger; (2) what names a directory newer than ours
is early, not wrong; (3) a key epoch of ours that should still open and does not is our fault, and stops the process: to
refuse would lose every event of the week; (4) skeleton and header speak of the same event. All else is `Refused`: kept
as a digest with its place and reason, counted, never in the way of what comes after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import final

from broker.errors import InvariantError, RejectedError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.envelope import sha256, wraps_hash
from broker.exchange.journal import Journal, ReplayStatus
from broker.exchange.keys import KeyRing
from broker.exchange.parse import Unverified, parse
from broker.exchange.verify import Verified, Verifier
from broker.ports import Clock, Crypto, Database, LogOffset, Message
from schemas.audit import AuditEvent
from schemas.exchange import Header

DATABASE_DAMAGED = "DATABASE_DAMAGED"
EQUIVOCATION = "EQUIVOCATION"
MAY_BE_EARLY = frozenset({"UNKNOWN_DIRECTORY", "WRONG_RECIPIENT"})
"""What an authentic message meets that was sealed by a directory which has not reached us yet.

Both reasons come after the signature was checked: a stranger cannot make the ledger wait.
"""


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
    """One message that the ledger cannot take: where it stands, why, and SHA-256 of its value.

    `sender` is known only where the signature was found good.
    """

    place: LogOffset
    reason: str
    digest: bytes
    sender: str | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """An authentic message that names a directory version newer than ours, and what it is refused for until then."""

    version: int
    otherwise: Refused


@final
class _EveryMessage(Journal):
    """A journal that has met nothing.

    Message ids can be guessed (they are derived), and the journal keeps one table for all senders: by sending first
    under another's id, one organisation could keep another's event out of the ledger. The ledger's own unique (sender,
    event id), checked in the transaction that appends, decides instead.
    """

    def check_replay(self, place: LogOffset, *, message_id: str, digest: bytes, now: datetime) -> ReplayStatus:
        """Take every authentic message for new."""
        return ReplayStatus.NEW


@final
class Intake:
    """Reads the audit topic as the partnership's audit principal."""

    def __init__(
        self,
        *,
        keys: KeyRing,
        crypto: Crypto,
        directory: Callable[[], TrustedDirectory],
        known_version: Callable[[int], bytes | None],
        database: Database,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._principal = keys.principal
        self._clock = clock
        self._verifier = Verifier(
            keys=keys,
            crypto=crypto,
            directory=directory,
            known_version=known_version,
            journal=_EveryMessage(database),
        )

    def take(self, message: Message) -> Entry | Refused | Early:
        """Read one message. Raises: InvariantError when a key epoch of ours is missing before its time."""
        header: Header | None = None
        try:
            unverified = parse(message)
            header = unverified.header
            verified = self._verifier.verify(unverified, record=AuditEvent, now=self._clock())  # (1)
            return _entry(message, unverified, verified)
        except RejectedError as error:
            if error.reason == DATABASE_DAMAGED:
                raise  # ours, not the message's
            if error.reason == "KEY_DESTROYED" and header is not None:
                self._must_be_over(header.recipients)  # (3)
            refused = _refused(message, error.reason)
            if header is not None and self._is_early(error.reason, header):  # (2)
                return Early(version=header.directory_version, otherwise=refused)
            return refused

    def _is_early(self, reason: str, header: Header) -> bool:
        return reason in MAY_BE_EARLY and header.directory_version > self._directory().directory.version

    def _must_be_over(self, recipients: Sequence[bytes]) -> None:
        now = self._clock()
        for key in self._directory().principal(self._principal).kem_keys:
            if sha256(key.public_key) in recipients and now < key.open_until:
                raise InvariantError("a key epoch that the directory says still opens is not in the key ring")


def _entry(message: Message, unverified: Unverified, verified: Verified[AuditEvent]) -> Entry:
    envelope, header = unverified.envelope, verified.header
    if verified.record.skeleton.event_id != header.event_id:  # (4)
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


def _refused(message: Message, reason: str) -> Refused:
    return Refused(place=message.place, reason=reason, digest=sha256(message.value), sender=None)


def second_story(entry: Entry) -> Refused:
    """Return the refusal of an authentic event whose sender gave its id to another one before."""
    return Refused(place=entry.place, reason=EQUIVOCATION, digest=entry.value_hash, sender=entry.header.sender)
