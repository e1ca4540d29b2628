"""The journal: an organisation's own evidence of every message it met, a row a message, that does not trust the hub.

Written before parsing, because it must survive a message that kills the process; and again before publishing, with
what was said. It answers four questions: is this new, a redelivery, a replay or two stories under one id; has it
killed us before; what did we say; is what we said in a signed checkpoint yet. It is no outbox: only redelivery
publishes.
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
)

_NEVER = "9999"
"""Later than any moment, as text."""


class ReplayStatus(StrEnum):
    """What the journal knows of a message id."""

    NEW = "NEW"
    REDELIVERY = "REDELIVERY"
    REPLAYED = "REPLAYED"
    EQUIVOCATION = "EQUIVOCATION"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """What one message led to: the event, the answer if any, and the sequence number of both."""

    place: LogOffset
    event_id: str
    answer_id: str | None
    answer_digest: bytes | None
    stream: str
    sequence: int
    reason: str | None


class Journal:
    """The table and its queries, over the principal's own database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count_attempt(self, places: Sequence[LogOffset], *, now: datetime) -> dict[LogOffset, int]:
        """Count one more attempt at each message, durably, and return how many were made before this one.

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
        """Say whether any of these was begun before and never got as far as `record_outcome`."""
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
        """Say whether an authentic message is new, and remember the first one under its id."""
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
        """Write what is about to be published, and clear the attempts: the messages did not kill this process.

        Crash after this and before the publish: redelivery says it again under the same id, and overwrites.
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
        """Set how many attempts were made at each message: what went wrong says nothing of it, or only too much."""
        with self._database.transaction() as transaction:
            transaction.execute_many(
                """UPDATE journal SET attempts = :attempts
                WHERE topic = :topic AND partition = :partition AND position = :position""",
                [{**_key(place), "attempts": count} for place, count in attempts.items()],
            )

    def mark_recorded(self, event_ids: Sequence[str]) -> None:
        """Mark what a signed checkpoint covers: these events are in the ledger."""
        with self._database.transaction() as transaction:
            transaction.execute_many(
                "UPDATE journal SET recorded = 1 WHERE event_id = :event_id",
                [{"event_id": event_id} for event_id in event_ids],
            )

    def unrecorded(self, *, met_before: datetime | None = None) -> int:
        """Count what was said and is in no checkpoint yet: all of it, or only about messages first met by a moment."""
        moment = met_before.isoformat() if met_before else _NEVER
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                """SELECT count(*) FROM journal
                WHERE event_id IS NOT NULL AND recorded = 0 AND first_seen <= :moment""",
                moment=moment,
            )
        return int(rows[0][0])

    def unrecorded_since(self) -> datetime | None:
        """Return when the oldest message was met whose event is in no checkpoint yet; None where all are recorded."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                "SELECT min(first_seen) FROM journal WHERE event_id IS NOT NULL AND recorded = 0"
            )
        return datetime.fromisoformat(rows[0][0]) if rows[0][0] else None

    def reasons(self) -> dict[str, int]:
        """Count the messages that were quarantined, by reason."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                "SELECT reason, count(*) FROM journal WHERE reason IS NOT NULL GROUP BY reason ORDER BY reason"
            )
        return {str(reason): int(count) for reason, count in rows}

    def directory_seen(self, partnership: str) -> tuple[int, bytes | None]:
        """Return the highest directory version met so far and its digest; (0, None) where there was none."""
        with self._database.snapshot() as transaction:
            return _directory_seen(transaction, partnership)

    def see_directory(self, partnership: str, *, version: int, digest: bytes) -> None:
        """Remember a directory version, so that no restart can be shown an older one.

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


def _directory_seen(transaction: Transaction, partnership: str) -> tuple[int, bytes | None]:
    rows = transaction.execute(
        "SELECT version, digest FROM directory_seen WHERE partnership = :partnership", partnership=partnership
    )
    return (int(rows[0][0]), bytes(rows[0][1])) if rows else (0, None)


def _key(place: LogOffset) -> dict[str, str | int]:
    return {"topic": place.topic, "partition": place.partition, "position": place.offset}
