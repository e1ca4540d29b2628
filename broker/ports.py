"""The ports of this product; `broker.adapters` holds an implementation, or several, of each.

A port has two to four methods that matter, and its consumer takes the narrowest one that will do: the event log is
three (owner, reader, administrator; ADR 17). Nothing here knows Kafka, SQLite, OpenSSL or the clock.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, final

MAX_VALUE_BYTES = 1_000_000
"""The largest value the event log takes, on every adapter (Kafka's own default is near it)."""

MAX_POSITION_METADATA_BYTES = 64

MALFORMED_TRACE = "-"
"""What `Message.trace` says where a header stood that is no traceparent: it is counted, and never shown."""

Clock = Callable[[], datetime]
"""Gives the present moment, in UTC. Handed in everywhere so that a test can be at any hour."""


# ---------------------------------------------------------------- the event log (blueprint section 4)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to publish. The key chooses the partition; key and topic are public, the value is sealed.

    `trace` travels beside it, signed by nobody: a W3C traceparent for the logs, or empty.
    """

    topic: str
    key: bytes
    value: bytes = field(repr=False)
    trace: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LogOffset:
    """Where in the log a message stands. Offsets rise, may have gaps, and are never used again."""

    topic: str
    partition: int
    offset: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One committed message as read from the log.

    `trace` is a well-formed traceparent, empty, or `MALFORMED_TRACE`. Anybody may have written it: for log lines only.
    """

    place: LogOffset
    key: bytes
    value: bytes = field(repr=False)
    trace: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedOffset:
    """A consumer's place: the offset to read next, and up to 64 bytes (UTF-8) that travel with it."""

    offset: int
    metadata: str = ""


class Claim(ABC):
    """One partition, owned by one instance of one group until somebody else claims it.

    Creating a claim fences the previous owner first and reads the committed position second: in the other order
    an answer goes out twice.
    """

    position: CommittedOffset
    """The committed position when this claim was made; offset 0 and empty metadata where there was none."""

    @abstractmethod
    async def fetch(self, *, most: int, wait: timedelta) -> tuple[Message, ...]:
        """Return the next committed messages in order, at most `most`; empty when none came within `wait`.

        The read cursor starts at `position.offset` and moves past what was returned.
        Raises: UnavailableError, Fenced.
        """

    @abstractmethod
    async def publish(self, messages: Sequence[Outgoing], *, position: CommittedOffset) -> None:
        """Publish all messages and move the committed position: all or nothing, also under kill -9.

        Raises: Fenced (nothing is shown), OutcomeUnknown (claim again to learn), UnavailableError (nothing was
        shown), RejectedError `UNKNOWN_TOPIC`, `TOO_LARGE` or `METADATA_TOO_LONG` (nothing is shown).
        """

    @abstractmethod
    async def release(self) -> None:
        """Give the partition up so that another instance may take it at once. Safe to call twice."""


class LogOwner(ABC):
    """Owning partitions: what a worker, an outbox and a publisher of checkpoints need."""

    @abstractmethod
    async def wait_for_assignment(self, topic: str, *, group: str) -> int:
        """Wait until this instance may claim a partition of the topic for the group, and return its number.

        Where several instances compete, a partition whose owner is alive is not offered; one whose owner died is,
        within the session time plus a second. What was returned is kept for the caller for one session.
        Raises: RejectedError `UNKNOWN_TOPIC`, UnavailableError.
        """

    @abstractmethod
    async def claim(self, topic: str, partition: int, *, group: str) -> Claim:
        """Fence the previous owner of (group, topic, partition), then return a claim with the committed position.

        Raises: RejectedError `UNKNOWN_TOPIC`, UnavailableError.
        """


class LogReader(ABC):
    """Reading without owning: what followers need, who keep their offset in a database of their own."""

    @abstractmethod
    async def partitions(self, topic: str) -> int:
        """Return the number of partitions. Raises: RejectedError `UNKNOWN_TOPIC`, UnavailableError."""

    @abstractmethod
    async def read(self, topic: str, partition: int, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        """Return committed messages from `offset` on, in order, at most `most`.

        Returns at once when there are some, empty after `wait`. An offset below the earliest kept one starts at
        the earliest. Raises: RejectedError `UNKNOWN_TOPIC`, UnavailableError.
        """

    @abstractmethod
    async def end(self, topic: str, partition: int) -> int:
        """Return the offset that the next committed message will at least have.

        Raises: RejectedError `UNKNOWN_TOPIC`, UnavailableError.
        """

    @abstractmethod
    async def committed(self, topic: str, partition: int, *, group: str) -> CommittedOffset:
        """Return a group's committed position without claiming it; offset 0 where there is none.

        Raises: RejectedError `UNKNOWN_TOPIC`, UnavailableError.
        """


class LogAdministrator(ABC):
    """Looking after a log: which topics there are, who makes them, and why the log cannot be used."""

    remote: bool
    """Whether the log is reached over a network: then each process checks at its start that it can be used."""

    provisioned_by: str | None
    """The command with which an administrator makes topics and grants rights; None where the hub makes the topics."""

    @abstractmethod
    async def create_topics(self, partitions: dict[str, int]) -> None:
        """Create the topics (name to number of partitions) that do not exist yet.

        Raises: UsageError where one exists with another number of partitions, UnavailableError.
        """

    @abstractmethod
    async def why_unavailable(self) -> str:
        """Return in a few words why the log cannot be used; asked after UnavailableError, for a person to act on."""


class EventLog(LogOwner, LogReader, LogAdministrator):
    """Ordered, durable topics with an atomic publish-and-move: all three ports on one connection.

    Only composition, and whoever opens and closes a log, takes this; a stage takes the one port that it uses. One
    contract suite runs over every adapter.
    """

    @abstractmethod
    async def close(self) -> None:
        """Release every claim and stop. Safe to call twice."""


# ---------------------------------------------------------------- what a process shows a log that knows who is who


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """What a certificate says: whose it is (its common name), and from when until when."""

    name: str
    valid_from: datetime
    valid_until: datetime


class Credentials(Protocol):
    """What one process shows a secured log, and how it is renewed while the process runs."""

    @property
    def certified(self) -> Certified | None:
        """The certificate in use; None where none is shown (a password or a token signs in)."""
        ...

    def refresh(self) -> bool:
        """Take up files that have changed; return whether that was so.

        Raises: UsageError where the new files do not fit, once for each change; the old ones stay in use.
        """
        ...


# ---------------------------------------------------------------- keys (an HSM can stand behind these)


class Signer(Protocol):
    """An Ed25519 signing key that never leaves its holder (RFC 8032)."""

    @property
    def key_id(self) -> str:
        """First 32 hex digits of SHA-256 of the public key."""
        ...

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        ...


class Opener(Protocol):
    """An X-Wing private key (ML-KEM-768 + X25519) used only to open HPKE wraps (RFC 9180)."""

    @property
    def public_key(self) -> bytes:
        """The raw X-Wing public key, 1216 bytes."""
        ...

    def open(self, wrap: bytes, info: bytes) -> bytes:
        """Return what was wrapped. Raises: RejectedError `WRAP_NOT_OURS`."""
        ...


class RestKey(Protocol):
    """A key under which an organisation keeps what it must keep (AES-256-GCM, fresh random nonce each)."""

    def encrypt(self, plaintext: bytes, *, context: bytes) -> bytes:
        """Return nonce and ciphertext, bound to `context` (which row this is)."""
        ...

    def decrypt(self, ciphertext: bytes, *, context: bytes) -> bytes:
        """Return the plaintext. Raises: RejectedError `REST_ALTERED`."""
        ...


class Crypto(Protocol):
    """The public-key and symmetric primitives of suite MASH1, and nothing that an attacker could choose."""

    def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Say whether this Ed25519 signature fits; False for any malformed, small-order or foreign key."""
        ...

    def wrap(self, public_key: bytes, secret: bytes, info: bytes) -> bytes:
        """HPKE single-shot seal of `secret` to an X-Wing public key. Raises: RejectedError `BAD_KEM_KEY`."""
        ...

    def is_sound_signing_key(self, public_key: bytes) -> bool:
        """Say whether an Ed25519 public key may stand in a directory: canonical, not of small order."""
        ...

    def is_sound_kem_key(self, public_key: bytes) -> bool:
        """Say whether an X-Wing public key may be wrapped to: both halves sound and canonical."""
        ...

    def encrypt(self, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """AES-256-GCM with a zero nonce; `key` must be fresh for each call."""
        ...

    def decrypt(self, key: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        """Undo `encrypt`. Raises: RejectedError `CIPHERTEXT_ALTERED`."""
        ...


# ---------------------------------------------------------------- seen from outside


class Meter(Protocol):
    """Takes numbers about one process, for whoever runs it. Labels are words of bounded sets, never ids or values."""

    def count(self, name: str, *words: str, many: int = 1) -> None:
        """Add to a counter under these label words."""
        ...

    def show(self, name: str, rows: Mapping[tuple[str, ...], float]) -> None:
        """Set a gauge to exactly these rows, label words to number: what is not among them any more is gone."""
        ...

    def alarm(self, reason: str, *, many: int = 1) -> None:
        """Count what must not happen, and when it last did."""
        ...

    def time_stage(self, stage: str, seconds: float) -> None:
        """Add the time that one stage took."""
        ...

    def text(self) -> bytes:
        """Return all of it in Prometheus's text format, version 0.0.4."""
        ...


# ---------------------------------------------------------------- a database of one's own


class Transaction(Protocol):
    """One open transaction on a principal's own database, with DB-API's methods (PEP 249). SQL suits PostgreSQL too."""

    def execute(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement with `:named` parameters and return its rows (empty for a write)."""
        ...

    def executemany(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run one statement for each row of named parameters, which need not be in memory at once."""
        ...


class Database(Protocol):
    """A principal's own store. Leaving `transaction()` without an error commits durably; an error rolls back.

    Raises: RejectedError `DATABASE_DAMAGED` when the file is not what it was, UnavailableError when it is away.
    """

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin; commit on leaving (fsynced), roll back on an error."""
        ...

    def snapshot(self) -> AbstractContextManager[Transaction]:
        """Begin to read: one state of the database, beside whoever writes. Nothing written in it is kept."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...
