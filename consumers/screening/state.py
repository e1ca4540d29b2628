"""Screening's state in its own database: one sealed row for each request, and the position on each partition.

Promise: every change is made inside the caller's transaction, with the position, so that a crash leaves a message
either wholly ended or not begun. Content is sealed at rest, bound to its request; in the clear stand only the request
id, version, clock and completeness, public ids of events, places and counts. A message is ended once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from broker.errors import RejectedError
from broker.exchange.outbox import SCHEMA as OUTBOX_SCHEMA
from broker.ports import Database, LogOffset, RestKey, Transaction
from broker.transparency.merkle import HASH_BYTES, Frontier
from consumers.screening.join import RequestState
from consumers.screening.state_codec import from_bytes, to_bytes
from schemas.summary import SummaryBody

SCHEMA = (
    *OUTBOX_SCHEMA,
    """CREATE TABLE IF NOT EXISTS screening_position (
        topic TEXT NOT NULL, partition INTEGER NOT NULL, following INTEGER NOT NULL, attempts INTEGER NOT NULL,
        PRIMARY KEY (topic, partition))""",
    """CREATE TABLE IF NOT EXISTS screening_request (
        request_id TEXT PRIMARY KEY, version INTEGER NOT NULL, due_at TEXT, complete INTEGER NOT NULL,
        sealed BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS screening_undispatched ON screening_request (due_at)",
    "CREATE INDEX IF NOT EXISTS screening_open ON screening_request (request_id, due_at) WHERE complete = 0",
    "CREATE TABLE IF NOT EXISTS screening_unrecorded (event_id TEXT PRIMARY KEY, request_id TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS screening_recorded (event_id TEXT PRIMARY KEY, seen_at TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS screening_recorded_when ON screening_recorded (seen_at)",
    "CREATE TABLE IF NOT EXISTS screening_ledger (ledger TEXT PRIMARY KEY, size INTEGER NOT NULL, edge BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS screening_quarantined (reason TEXT PRIMARY KEY, many INTEGER NOT NULL)",
)
"""All tables of the screening consumer; the verifier's journal has its own and may share the database."""

NO_CLOCK = ""
"""The clock of a request that was dispatched without one; NULL where no dispatch came yet."""

MEMORY = timedelta(days=15)
"""How long a listed event and an answer without a dispatch are kept: a day more than any message can be verified."""


class ScreeningState:
    """The tables and their queries. A method that takes a transaction belongs to the ending of one message."""

    def __init__(self, database: Database, *, rest: RestKey) -> None:
        self._database = database
        self._rest = rest

    # ------------------------------------------------------------ positions

    def position(self, topic: str, partition: int) -> int:
        """Return the offset to read next."""
        with self._database.transaction() as transaction:
            rows = transaction.execute(
                "SELECT following FROM screening_position WHERE topic = :topic AND partition = :partition",
                topic=topic,
                partition=partition,
            )
        return int(rows[0][0]) if rows else 0

    def begin(self, place: LogOffset) -> int | None:
        """Count one more attempt and return how many were made before; None where the message was ended already.

        Crash after this: the count stands, and a message that kills its process twice is quarantined the third time.
        """
        with self._database.transaction() as transaction:
            rows = transaction.execute(
                """INSERT INTO screening_position (topic, partition, following, attempts)
                VALUES (:topic, :partition, 0, 1)
                ON CONFLICT (topic, partition) DO UPDATE SET attempts = screening_position.attempts + 1
                WHERE screening_position.following <= :position
                RETURNING attempts""",
                topic=place.topic,
                partition=place.partition,
                position=place.offset,
            )
        return int(rows[0][0]) - 1 if rows else None

    def undo_attempt(self, place: LogOffset) -> None:
        """Undo the last attempt's count after an outage: only crashes count towards poison."""
        with self._database.transaction() as transaction:
            transaction.execute(
                """UPDATE screening_position SET attempts = attempts - 1
                WHERE topic = :topic AND partition = :partition AND attempts > 0""",
                topic=place.topic,
                partition=place.partition,
            )

    def move_past(self, transaction: Transaction, place: LogOffset) -> bool:
        """Move the position past a message; return False if it was past it already, and the message is a redelivery."""
        rows = transaction.execute(
            """INSERT INTO screening_position (topic, partition, following, attempts)
            VALUES (:topic, :partition, :following, 0)
            ON CONFLICT (topic, partition) DO UPDATE SET following = :following, attempts = 0
            WHERE screening_position.following < :following
            RETURNING following""",
            topic=place.topic,
            partition=place.partition,
            following=place.offset + 1,
        )
        return bool(rows)

    # ------------------------------------------------------------ requests

    def load(self, transaction: Transaction, request_id: str) -> tuple[RequestState, int]:
        """Return a request's state and its version; an empty state and 0 where there is none.

        Raises: RejectedError `REST_ALTERED` where the row is not what was written for this request.
        """
        rows = transaction.execute(
            "SELECT version, sealed FROM screening_request WHERE request_id = :request_id", request_id=request_id
        )
        if not rows:
            return RequestState(request_id=request_id), 0
        plain = self._rest.decrypt(bytes(rows[0][1]), context=_context(request_id))
        return from_bytes(request_id, plain), int(rows[0][0])

    def save(self, transaction: Transaction, state: RequestState, body: SummaryBody | None) -> None:
        """Keep a request's state, and what may stand beside it in the clear; `body` is None before its dispatch."""
        transaction.execute(
            """INSERT INTO screening_request (request_id, version, due_at, complete, sealed)
            VALUES (:request_id, :version, :due_at, :complete, :sealed)
            ON CONFLICT (request_id) DO UPDATE
            SET version = :version, due_at = :due_at, complete = :complete, sealed = :sealed""",
            request_id=state.request_id,
            version=body.version if body else 0,
            due_at=_clock(body.due_at) if body else None,
            complete=int(body.complete) if body else 0,
            sealed=self._rest.encrypt(to_bytes(state), context=_context(state.request_id)),
        )

    def forget_undispatched(self, transaction: Transaction, *, before: datetime) -> int:
        """Delete answers kept for a dispatch that can no longer come; return how many requests they named."""
        rows = transaction.execute("SELECT request_id FROM screening_request WHERE due_at IS NULL")
        gone = [
            {"request_id": str(request_id)}
            for (request_id,) in rows
            if self._is_over(transaction, str(request_id), before)
        ]
        transaction.executemany("DELETE FROM screening_request WHERE request_id = :request_id", gone)
        transaction.executemany("DELETE FROM screening_unrecorded WHERE request_id = :request_id", gone)
        return len(gone)

    def _is_over(self, transaction: Transaction, request_id: str, before: datetime) -> bool:
        try:
            state, _ = self.load(transaction, request_id)
        except RejectedError:
            return False  # damage is told of when a message touches the row; nobody tidies evidence away
        return all(one.received_at < before for one in state.opened)

    # ------------------------------------------------------------ checkpoints

    def recorded(self, transaction: Transaction, event_id: str, *, request_id: str) -> bool:
        """Return whether a checkpoint listed this event; where none did yet, remember whose it is."""
        listed = transaction.execute("SELECT 1 FROM screening_recorded WHERE event_id = :event_id", event_id=event_id)
        if not listed:
            transaction.execute(
                """INSERT INTO screening_unrecorded (event_id, request_id) VALUES (:event_id, :request_id)
                ON CONFLICT (event_id) DO NOTHING""",
                event_id=event_id,
                request_id=request_id,
            )
        return bool(listed)

    def list_recorded(self, transaction: Transaction, event_ids: Sequence[str], *, now: datetime) -> tuple[str, ...]:
        """Remember what a checkpoint lists, forget what is too old to matter, and return the requests it touches."""
        transaction.executemany(
            """INSERT INTO screening_recorded (event_id, seen_at) VALUES (:event_id, :now)
            ON CONFLICT (event_id) DO NOTHING""",
            [{"event_id": event_id, "now": now.isoformat()} for event_id in event_ids],
        )
        touched = [
            str(row[0])
            for event_id in event_ids
            for row in transaction.execute(
                "DELETE FROM screening_unrecorded WHERE event_id = :event_id RETURNING request_id", event_id=event_id
            )
        ]
        transaction.execute("DELETE FROM screening_recorded WHERE seen_at < :before", before=(now - MEMORY).isoformat())
        return tuple(dict.fromkeys(touched))

    def frontier(self, transaction: Transaction, ledger: str) -> Frontier:
        """Return the ledger as far as its checkpoints were followed."""
        rows = transaction.execute("SELECT size, edge FROM screening_ledger WHERE ledger = :ledger", ledger=ledger)
        if not rows:
            return Frontier()
        edge = bytes(rows[0][1])
        hashes = tuple(edge[at : at + HASH_BYTES] for at in range(0, len(edge), HASH_BYTES))
        return Frontier(size=int(rows[0][0]), edge=hashes)

    def save_frontier(self, transaction: Transaction, ledger: str, frontier: Frontier) -> None:
        """Keep how far the ledger's checkpoints were followed."""
        transaction.execute(
            """INSERT INTO screening_ledger (ledger, size, edge) VALUES (:ledger, :size, :edge)
            ON CONFLICT (ledger) DO UPDATE SET size = :size, edge = :edge""",
            ledger=ledger,
            size=frontier.size,
            edge=b"".join(frontier.edge),
        )

    # ------------------------------------------------------------ quarantined

    def count(self, transaction: Transaction, reason: str) -> None:
        """Count one message, or answer, that was quarantined."""
        transaction.execute(
            """INSERT INTO screening_quarantined (reason, many) VALUES (:reason, 1)
            ON CONFLICT (reason) DO UPDATE SET many = screening_quarantined.many + 1""",
            reason=reason,
        )

    def quarantined(self) -> dict[str, int]:
        """Return how many were quarantined, by reason."""
        with self._database.transaction() as transaction:
            rows = transaction.execute("SELECT reason, many FROM screening_quarantined ORDER BY reason")
        return {str(reason): int(many) for reason, many in rows}


def _context(request_id: str) -> bytes:
    return f"screening/{request_id}".encode()


def _clock(due_at: datetime | None) -> str:
    return NO_CLOCK if due_at is None else due_at.isoformat()
