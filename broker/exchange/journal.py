"""The journal: an organisation's own evidence of every message that it received, one row a message (an inbox table).

A row is written before the message is parsed, because it must survive a message that kills the process, and again
before anything is published, with the outcome. Four questions are answered from it: is the message new, a redelivery, a
replay or a second story under one id; did it kill the process before; what was its outcome; does a signed checkpoint
cover that. The journal is no outbox: only redelivery publishes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import final

from broker.errors import RejectedError
from broker.ports import Database, LogOffset, Transaction

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS journal (
        topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
        attempts INTEGER NOT NULL, first_seen TEXT NOT NULL,
        message_id TEXT, digest BLOB, event_id TEXT, answer_id TEXT, answer_digest BLOB,
        stream TEXT, sequence INTEGER, reason TEXT, recorded INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (topic, partition, position))""",
    "CREATE INDEX IF NOT EXISTS journal_message ON journal (message_id)",
    "CREATE INDEX IF NOT EXISTS journal_event ON journal (event_id)",
    """CREATE INDEX IF NOT EXISTS journal_unrecorded ON journal (first_seen)
        WHERE event_id IS NOT NULL AND recorded = 0""",
    "CREATE INDEX IF NOT EXISTS journal_reason ON journal (reason) WHERE reason IS NOT NULL",
    """CREATE TABLE IF NOT EXISTS directory_seen (
        partnership TEXT PRIMARY KEY, version INTEGER NOT NULL, digest BLOB NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS roots_seen (
        partnership TEXT PRIMARY KEY, number INTEGER NOT NULL, digest BLOB NOT NULL)""",
)

_NEVER = "9999"
"""Later than any moment, as text."""


class ReplayStatus(StrEnum):
    """The result of a replay check of one authentic message.

    NEW: the first under its id. REDELIVERY: the same message at the same place. REPLAYED: the same message at another
    place. EQUIVOCATION: another message under the same id. UNCHECKED: whoever takes the message finds that out.
    """

    NEW = "NEW"
    REDELIVERY = "REDELIVERY"
    REPLAYED = "REPLAYED"
    EQUIVOCATION = "EQUIVOCATION"
    UNCHECKED = "UNCHECKED"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """The outcome of one message: its audit event, its answer if any, and the sequence number of both."""

    place: LogOffset
    event_id: str
    answer_id: str | None
    answer_digest: bytes | None
    stream: str
    sequence: int
    reason: str | None


class Journal:
    """The journal table in the principal's own database, and its queries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count_attempt(self, places: Sequence[LogOffset], *, now: datetime) -> dict[LogOffset, int]:
        """Count one more attempt at each message, durably; return how many were made before.

        Crash after this: the count stands, and a message that kills its process twice is quarantined the third time.
        """
        earlier: dict[LogOffset, int] = {}
        with self._database.transaction() as transaction:
            for place in places:
                rows = transaction.execute(
                    """INSERT INTO journal (topic, partition, position, attempts, first_seen)
                    VALUES (:topic, :partition, :position, 1, :now)
                    ON CONFLICT (topic, partition, position) DO UPDATE SET attempts = journal.attempts + 1
                    RETURNING attempts""",
                    **_key(place),
                    now=now.isoformat(),
                )
                earlier[place] = int(rows[0][0]) - 1
        return earlier

    def attempted(self, places: Sequence[LogOffset]) -> bool:
        """Return whether an attempt at any of these messages was begun and never came to `record_outcome`."""
        with self._database.snapshot() as transaction:
            return any(
                transaction.execute(
                    """SELECT 1 FROM journal WHERE topic = :topic AND partition = :partition
                    AND position = :position AND attempts > 0""",
                    **_key(place),
                )
                for place in places
            )

    def check_replay(self, place: LogOffset, *, message_id: str, digest: bytes, now: datetime) -> ReplayStatus:
        """Record this message id and digest; return NEW, REDELIVERY, REPLAYED or EQUIVOCATION."""
        with self._database.transaction() as transaction:
            rows = transaction.execute(
                "SELECT topic, partition, position, digest FROM journal WHERE message_id = :message_id",
                message_id=message_id,
            )
            for topic, partition, position, known in rows:
                if bytes(known) != digest:
                    return ReplayStatus.EQUIVOCATION
                if (topic, partition, position) != (place.topic, place.partition, place.offset):
                    return ReplayStatus.REPLAYED
                return ReplayStatus.REDELIVERY
            transaction.execute(
                """INSERT INTO journal (topic, partition, position, attempts, first_seen, message_id, digest)
                VALUES (:topic, :partition, :position, 0, :now, :message_id, :digest)
                ON CONFLICT (topic, partition, position) DO UPDATE SET message_id = :message_id, digest = :digest""",
                **_key(place),
                message_id=message_id,
                digest=digest,
                now=now.isoformat(),
            )
        return ReplayStatus.NEW

    def record_outcome(self, entries: Sequence[JournalEntry]) -> None:
        """Write the outcomes that are about to be published, and clear the attempts: no message killed the process.

        Crash after this and before the publish: redelivery publishes the same ids again, and overwrites the row.
        """
        with self._database.transaction() as transaction:
            for entry in entries:
                transaction.execute(
                    """UPDATE journal SET attempts = 0, event_id = :event_id, answer_id = :answer_id,
                    answer_digest = :answer_digest, stream = :stream, sequence = :sequence, reason = :reason
                    WHERE topic = :topic AND partition = :partition AND position = :position""",
                    **_key(entry.place),
                    event_id=entry.event_id,
                    answer_id=entry.answer_id,
                    answer_digest=entry.answer_digest,
                    stream=entry.stream,
                    sequence=entry.sequence,
                    reason=entry.reason,
                )

    def set_attempts(self, attempts: Mapping[LogOffset, int]) -> None:
        """Overwrite the attempt counts: back after an outage, up after a refusal that the log will repeat for ever."""
        with self._database.transaction() as transaction:
            transaction.executemany(
                """UPDATE journal SET attempts = :attempts
                WHERE topic = :topic AND partition = :partition AND position = :position""",
                [{**_key(place), "attempts": count} for place, count in attempts.items()],
            )

    def mark_recorded(self, event_ids: Sequence[str]) -> None:
        """Mark the events that a signed checkpoint covers: they are in the ledger."""
        with self._database.transaction() as transaction:
            transaction.executemany(
                "UPDATE journal SET recorded = 1 WHERE event_id = :event_id",
                [{"event_id": event_id} for event_id in event_ids],
            )

    def unrecorded(self, *, met_before: datetime | None = None) -> int:
        """Count the events that no checkpoint covers yet: all, or only those of messages first seen by a moment."""
        moment = met_before.isoformat() if met_before else _NEVER
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                """SELECT count(*) FROM journal
                WHERE event_id IS NOT NULL AND recorded = 0 AND first_seen <= :moment""",
                moment=moment,
            )
        return int(rows[0][0])

    def unrecorded_since(self) -> datetime | None:
        """Return when the oldest message with an unrecorded event was first seen; None where all are recorded."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                "SELECT min(first_seen) FROM journal WHERE event_id IS NOT NULL AND recorded = 0"
            )
        return datetime.fromisoformat(rows[0][0]) if rows[0][0] else None

    def reasons(self) -> dict[str, int]:
        """Count the quarantined messages by reason."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                "SELECT reason, count(*) FROM journal WHERE reason IS NOT NULL GROUP BY reason ORDER BY reason"
            )
        return {str(reason): int(count) for reason, count in rows}

    def directory_seen(self, partnership: str) -> tuple[int, bytes | None]:
        """Return the highest directory version seen so far and its digest; (0, None) where there was none."""
        with self._database.snapshot() as transaction:
            return _directory_seen(transaction, partnership)

    def see_directory(self, partnership: str, *, version: int, digest: bytes) -> None:
        """Record a directory version, so that an older one is refused after a restart too.

        Raises: RejectedError `DIRECTORY_ROLLBACK`, `DIRECTORY_SPLIT_VIEW` where another process that shares this
        journal was shown a higher version, or this one with another content, since the caller looked.
        """
        with self._database.transaction() as transaction:
            seen, known = _directory_seen(transaction, partnership)
            if seen > version:
                raise RejectedError("DIRECTORY_ROLLBACK", f"version {version} after {seen}")
            if seen == version and known not in (None, digest):
                raise RejectedError("DIRECTORY_SPLIT_VIEW", f"version {version} has two contents")
            transaction.execute(
                """INSERT INTO directory_seen (partnership, version, digest) VALUES (:partnership, :version, :digest)
                ON CONFLICT (partnership) DO UPDATE SET version = :version, digest = :digest""",
                partnership=partnership,
                version=version,
                digest=digest,
            )

    def roots_seen(self, partnership: str) -> tuple[int, bytes | None]:
        """Return number and digest of the last set of roots that was taken up; (0, None) for those that were pinned."""
        with self._database.snapshot() as transaction:
            return _roots_seen(transaction, partnership)

    def see_roots(self, partnership: str, *, number: int, digest: bytes, first: tuple[int, bytes]) -> None:
        """Record that a set of roots was taken up, with version and digest of the first directory that it signed.

        Raises: RejectedError `ROOTS_ROLLBACK`, `ROOTS_SPLIT_VIEW` where another process that shares this journal took
        up a later set, or this one with another content.
        """
        with self._database.transaction() as transaction:
            seen, known = _roots_seen(transaction, partnership)
            if seen > number:
                raise RejectedError("ROOTS_ROLLBACK", f"set {number} after {seen}")
            if seen == number:
                if known != digest:
                    raise RejectedError("ROOTS_SPLIT_VIEW", f"set {number} has two contents")
                return  # the other process may have followed the new roots' directories since
            transaction.execute(
                """INSERT INTO roots_seen (partnership, number, digest) VALUES (:partnership, :number, :digest)
                ON CONFLICT (partnership) DO UPDATE SET number = :number, digest = :digest""",
                partnership=partnership,
                number=number,
                digest=digest,
            )
            transaction.execute(
                """INSERT INTO directory_seen (partnership, version, digest) VALUES (:partnership, :version, :digest)
                ON CONFLICT (partnership) DO UPDATE SET version = :version, digest = :digest""",
                partnership=partnership,
                version=first[0],
                digest=first[1],
            )


def _roots_seen(transaction: Transaction, partnership: str) -> tuple[int, bytes | None]:
    rows = transaction.execute(
        "SELECT number, digest FROM roots_seen WHERE partnership = :partnership", partnership=partnership
    )
    return (int(rows[0][0]), bytes(rows[0][1])) if rows else (0, None)


def _directory_seen(transaction: Transaction, partnership: str) -> tuple[int, bytes | None]:
    rows = transaction.execute(
        "SELECT version, digest FROM directory_seen WHERE partnership = :partnership", partnership=partnership
    )
    return (int(rows[0][0]), bytes(rows[0][1])) if rows else (0, None)


def _key(place: LogOffset) -> dict[str, str | int]:
    return {"topic": place.topic, "partition": place.partition, "position": place.offset}
