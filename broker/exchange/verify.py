"""Verify: `Verified` proves that its sender's own key signed these bytes, for us, here, now, and that it is no replay.

(1) our partnership, and a sender who takes part in a role that may send this kind; (2) the sender's key from the
directory fits the digest; (3) topic and key are the header's, and the kind travels there; (4) sealed to exactly the
readers of the topic table, us among them; (5) a directory version that we know by the same digest; (6) issued at
most 120 s ahead, not expired, with the one lifetime of all, in the time of its signing key and of the keys it is sealed
to; (7) it opens, padded with zeros to its bucket, every part fits its hash; (8) the content names the same request and
thread; (9) only then the replay check: a redelivery goes on, a replay or a second story under one id does not. A
verifier built with a check that answers UNCHECKED proves (1) to (8) alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar, final

from broker.errors import InvariantError, RejectedError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.directory_form import MOST_AHEAD
from broker.exchange.envelope import LIFETIME, part_hash, sha256, unpad, wrap_info
from broker.exchange.journal import ReplayStatus
from broker.exchange.keys import KeyRing
from broker.exchange.parse import Unverified
from broker.exchange.timing import stage
from broker.ports import Crypto, LogOffset
from schemas.codec import MODELS, MalformedError, decode_parts
from schemas.directory import Principal
from schemas.exchange import Content, Header
from schemas.scalars import Wire
from schemas.topics import RULES
from schemas.vocabulary import Kind

T = TypeVar("T", bound=Wire)


class ReplayCheck(Protocol):
    """Tells a first message from a copy and from a second story under its id. `Journal` is the usual one."""

    def check_replay(self, place: LogOffset, *, message_id: str, digest: bytes, now: datetime) -> ReplayStatus:
        """Return the status of an authentic message; its id is scoped by its sender."""
        ...


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Generic[T]):
    """An authentic, timely message for us, opened; made by `Verifier.verify` alone."""

    record: T = field(repr=False)
    header: Header
    sender: Principal = field(repr=False)
    digest: bytes
    place: LogOffset
    content: Content = field(repr=False)
    directory_expired: bool
    """The directory that it was verified under had expired more than a day before (DIR-6)."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Verifies for one principal: its keys, the directory as it stands, the primitives, and its replay check."""

    keys: KeyRing
    crypto: Crypto
    directory: Callable[[], TrustedDirectory] = field(repr=False)
    known_version: Callable[[int], bytes | None] = field(repr=False)
    replay: ReplayCheck = field(repr=False)

    @stage("verify")
    def verify(self, message: Unverified, *, record: type[T], now: datetime) -> Verified[T]:
        """Check and open one message that must hold a `record`.

        Raises: RejectedError with one of the reasons of `schemas/README.md` (VERIFY-*).
        """
        header, directory = message.header, self.directory()
        if MODELS[message.kind] is not record:
            raise RejectedError("WRONG_KIND", f"{message.kind.value.lower()} is not expected here")
        sender = _authentic(message, directory, self.crypto, now)  # (1) (2)
        _where_it_belongs(message)  # (3)
        opener_hash = self._sealed_to_us(message, directory)  # (4)
        if self.known_version(header.directory_version) != header.directory_digest:  # (5)
            raise RejectedError("UNKNOWN_DIRECTORY", f"version {header.directory_version}")
        _timely(header, directory, now)  # (6)
        content = self._open(message, opener_hash)  # (7)
        opened = _decoded(record, header, content)
        if (_inner(opened, "request_id"), _inner(opened, "thread")) != (header.request_id, header.thread):  # (8)
            raise RejectedError("SPLICED", "header and content name different requests or threads")
        self._check_replay(message, now)  # (9)
        return Verified(
            record=opened,
            header=header,
            sender=sender,
            digest=message.digest,
            place=message.place,
            content=content,
            directory_expired=directory.long_expired(now),
        )

    def check_epoch_over(self, header: Header, *, now: datetime) -> None:
        """Check that a message met KEY_DESTROYED because its key epoch is over, and not because our key is missing.

        Raises: InvariantError, which stops the process: to refuse would lose every message of that week.
        """
        for key in self.directory().principal(self.keys.principal).kem_keys:
            if sha256(key.public_key) in header.recipients and now < key.open_until:
                raise InvariantError("a key epoch that the directory says still opens is not in the key ring")

    def _sealed_to_us(self, message: Unverified, directory: TrustedDirectory) -> bytes:
        header = message.header
        readers = directory.readers(message.kind, sender=header.sender, topic=header.topic)
        owners = tuple(directory.kem_owners.get(recipient) for recipient in header.recipients)
        if self.keys.principal not in readers:
            raise RejectedError("WRONG_RECIPIENT", "this principal is not a reader of that topic")
        if owners != readers:
            # A reader too many is a leak, one too few is a message that somebody else cannot check.
            raise RejectedError("WRONG_RECIPIENT", "not sealed to exactly the readers of the topic table")
        return header.recipients[readers.index(self.keys.principal)]

    def _open(self, message: Unverified, opener_hash: bytes) -> Content:
        opener = self.keys.openers.get(opener_hash)
        if opener is None:
            raise RejectedError("KEY_DESTROYED", "the key epoch it was sealed to is gone or not ours")
        envelope = message.envelope
        wrap = envelope.wraps[message.header.recipients.index(opener_hash)]
        content_key = opener.open(wrap, wrap_info(envelope.header, envelope.ciphertext))
        padded = self.crypto.decrypt(content_key, envelope.ciphertext, envelope.header)
        return unpad(padded, bucket=RULES[message.kind].bucket)

    def _check_replay(self, message: Unverified, now: datetime) -> None:
        # Derived ids can be guessed. With one table for all senders, whoever sends first under another's id would
        # have the true message refused as a second story.
        scoped = f"{message.header.sender}/{message.header.message_id}"
        met = self.replay.check_replay(message.place, message_id=scoped, digest=message.digest, now=now)
        match met:
            case ReplayStatus.NEW | ReplayStatus.REDELIVERY | ReplayStatus.UNCHECKED:
                return
            case ReplayStatus.REPLAYED:
                raise RejectedError("REPLAYED", "the same envelope stands at another place")
            case ReplayStatus.EQUIVOCATION if message.kind is Kind.ANSWER:
                raise RejectedError("DUPLICATE_ANSWER", "a second envelope under an answer's id; the first one stands")
            case ReplayStatus.EQUIVOCATION:
                raise RejectedError("EQUIVOCATION", "two envelopes under one message id")


def _authentic(message: Unverified, directory: TrustedDirectory, crypto: Crypto, now: datetime) -> Principal:
    header = message.header
    if header.partnership != directory.directory.partnership:
        raise RejectedError("WRONG_PARTNERSHIP")
    if not directory.accepts(header.suite, now):
        raise RejectedError("WRONG_SUITE", "the directory has retired it")
    sender = directory.principal(header.sender)
    if not RULES[message.kind].senders & set(sender.roles):
        raise RejectedError("WRONG_ROLE", f"a {'-'.join(sender.roles).lower()} may not send this kind")
    keys = [key.public_key for key in sender.signing_keys if key.key_id == header.signing_key_id]
    if not keys:
        raise RejectedError("UNKNOWN_KEY", "the directory does not name that signing key")
    if not crypto.verify(keys[0], message.envelope.signature, message.digest):
        raise RejectedError("BAD_SIGNATURE")
    return sender


def _where_it_belongs(message: Unverified) -> None:
    header = message.header
    if message.place.topic != header.topic:
        raise RejectedError("WRONG_TOPIC", "it was signed for another topic")
    if message.key != RULES[message.kind].key.of(header):
        raise RejectedError("WRONG_MESSAGE_KEY")


def _timely(header: Header, directory: TrustedDirectory, now: datetime) -> None:
    if header.issued_at > now + MOST_AHEAD:
        raise RejectedError("FROM_THE_FUTURE")
    if now >= header.expires_at:
        raise RejectedError("EXPIRED")
    if header.expires_at - header.issued_at != LIFETIME:
        # Longer, it would outlive the journals that know it for a replay; shorter, it would show the RAG.
        raise RejectedError("WRONG_LIFETIME")
    if not directory.signs(header.sender, header.signing_key_id, header.issued_at):
        raise RejectedError("WRONG_KEY_TIME", "issued outside the time in which that key signs")
    if not all(directory.sealable(recipient, header.issued_at) for recipient in header.recipients):
        # To a key not begun, it would outlive its week; to one that is nearly over, it would be lost on purpose.
        raise RejectedError("WRONG_EPOCH", "issued outside the time in which that key is sealed to")


def _decoded(record: type[T], header: Header, content: Content) -> T:
    hashes = tuple(
        part_hash(index, salt, part)
        for index, (salt, part) in enumerate(zip(content.salts, content.parts, strict=False))
    )
    if len(content.salts) != len(content.parts) or hashes != header.parts:
        raise RejectedError("PART_MISMATCH", "a part is not the one that was signed for")
    try:
        return decode_parts(record, content.parts)
    except MalformedError as error:
        raise RejectedError("MALFORMED", str(error)) from None


def _inner(record: Wire, name: str) -> str | None:
    """Return an id of part 0; None where that part has none."""
    first = next(iter(type(record).model_fields))
    inner = getattr(getattr(record, first), name, None)
    return inner if isinstance(inner, str) else None
