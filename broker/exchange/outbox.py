"""The transactional outbox: commands and followers, whose state is a database, publish exactly once and number densely.

(1) The database transaction that changes the state also takes the next sequence number and stores the sealed messages
under it. (2) `drain` claims the writer's own position in the log, which fences any other drain, keeps the claim until
it is fenced, and (3) publishes what the position has not reached yet, all or nothing with the position. A crash
anywhere leaves nothing lost, doubled or unnumbered: the committed position tells how far the last drain came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from broker.errors import Fenced, InvariantError, MashError, OutcomeUnknown, RejectedError, UnavailableError
from broker.exchange.trace import begun, traced
from broker.ports import MAX_VALUE_BYTES, Claim, CommittedOffset, Database, LogOwner, Outgoing, Transaction

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS outbox_stream (stream TEXT PRIMARY KEY, next_sequence INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS outbox (
        stream TEXT NOT NULL, sequence INTEGER NOT NULL, ordinal INTEGER NOT NULL,
        topic TEXT NOT NULL, message_key BLOB NOT NULL, value BLOB NOT NULL,
        PRIMARY KEY (stream, sequence, ordinal))""",
)
MOST_ENDINGS_AT_ONCE = 32
FIRST = 1
TRIES = 50
PAUSE_SECONDS = 0.1
"""Fifty tries with this pause wait out the restart of one broker, in five seconds or little more, before a command
tells its user that the log is away."""


class Outbox:
    """One writer's numbered stream. `anchor` is the topic whose committed position carries the stream's."""

    def __init__(self, database: Database, *, stream: str, anchor: str) -> None:
        self._database = database
        self._stream = stream
        self._anchor = anchor
        self._draining = asyncio.Lock()
        self._log: LogOwner | None = None
        self._claim: Claim | None = None
        self._following = FIRST

    @property
    def stream(self) -> str:
        """The name of the stream in message headers."""
        return self._stream

    def take_sequence(self, transaction: Transaction) -> int:
        """Take the next sequence number in this transaction; a roll-back gives it back (1)."""
        rows = transaction.execute(
            """INSERT INTO outbox_stream (stream, next_sequence) VALUES (:stream, 2)
            ON CONFLICT (stream) DO UPDATE SET next_sequence = outbox_stream.next_sequence + 1
            RETURNING next_sequence""",
            stream=self._stream,
        )
        return int(rows[0][0]) - 1

    def put(self, transaction: Transaction, sequence: int, messages: Sequence[Outgoing]) -> None:
        """Store the messages of one sequence number. Raises: RejectedError `TOO_LARGE`; roll back then."""
        if any(len(message.value) > MAX_VALUE_BYTES for message in messages):
            # Stored, it would be refused at each drain, and would hold up everything behind it for good.
            raise RejectedError("TOO_LARGE", f"more than {MAX_VALUE_BYTES} bytes")
        transaction.executemany(
            """INSERT INTO outbox (stream, sequence, ordinal, topic, message_key, value)
            VALUES (:stream, :sequence, :ordinal, :topic, :message_key, :value)""",
            [
                {
                    "stream": self._stream,
                    "sequence": sequence,
                    "ordinal": ordinal,
                    "topic": message.topic,
                    "message_key": message.key,
                    "value": message.value,
                }
                for ordinal, message in enumerate(messages)
            ],
        )

    def oldest(self) -> int | None:
        """Return the lowest sequence number that is stored and not known to be published; None where there is none."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute("SELECT min(sequence) FROM outbox WHERE stream = :stream", stream=self._stream)
        return None if rows[0][0] is None else int(rows[0][0])

    def waiting(self) -> int:
        """Return how many messages are stored and not known to be published."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute("SELECT count(*) FROM outbox WHERE stream = :stream", stream=self._stream)
        return int(rows[0][0])

    async def drain(self, log: LogOwner) -> None:
        """Publish every stored message that is not published yet.

        Raises: UnavailableError where the log stays away, InvariantError where this database is an older copy of
        itself.
        """
        async with self._draining:
            for _ in range(TRIES):
                if not self._stored(FIRST):
                    return
                try:
                    await self._publish_rest(await self._owned(log))
                except (Fenced, OutcomeUnknown, UnavailableError):
                    # Another command drains, or the log is away: the next claim's position tells what is left.
                    await self._let_go()
                    await asyncio.sleep(PAUSE_SECONDS)
                except MashError:
                    await self._let_go()
                    raise
                else:
                    return
        raise UnavailableError("the event log took nothing; what was asked is kept and goes out with the next command")

    async def _owned(self, log: LogOwner) -> Claim:
        """Return the claim, made at the first drain and kept: making one costs more than publishing (2)."""
        if self._claim is None or self._log is not log:
            self._log, self._claim = log, await log.claim(self._anchor, 0, group=self._stream)
            self._following = max(self._claim.position.offset, FIRST)
        return self._claim

    async def _let_go(self) -> None:
        claim, self._claim = self._claim, None
        if claim is not None:
            await claim.release()

    async def _publish_rest(self, claim: Claim) -> None:
        self._check_not_older(self._following)
        while endings := self._stored(self._following):
            last = endings[-1][0]
            await claim.publish(  # (3)
                [message for _, messages in endings for message in _under_one_trace(messages)],
                position=CommittedOffset(offset=last + 1),
            )
            self._following = last + 1
        # Crash here: the rows stay until the next drain, which skips them, because the position is behind them.
        self._forget_before(self._following)

    def _check_not_older(self, following: int) -> None:
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                "SELECT next_sequence FROM outbox_stream WHERE stream = :stream", stream=self._stream
            )
        # A database restored from a copy would give out numbers that stand in the log with another content, and its
        # rows under those numbers would be deleted unpublished.
        if following > (int(rows[0][0]) if rows else 1):
            raise InvariantError("the log holds more of this stream than this database ever numbered")

    def _stored(self, first: int) -> list[tuple[int, list[Outgoing]]]:
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                """SELECT sequence, topic, message_key, value FROM outbox
                WHERE stream = :stream AND sequence IN (
                    SELECT DISTINCT sequence FROM outbox WHERE stream = :stream AND sequence >= :first
                    ORDER BY sequence LIMIT :most)
                ORDER BY sequence, ordinal""",
                stream=self._stream,
                first=first,
                most=MOST_ENDINGS_AT_ONCE,
            )
        endings: dict[int, list[Outgoing]] = {}
        for sequence, topic, key, value in rows:
            endings.setdefault(int(sequence), []).append(Outgoing(topic=topic, key=bytes(key), value=bytes(value)))
        return list(endings.items())

    def _forget_before(self, sequence: int) -> None:
        with self._database.transaction() as transaction:
            transaction.execute(
                "DELETE FROM outbox WHERE stream = :stream AND sequence < :sequence",
                stream=self._stream,
                sequence=sequence,
            )


def _under_one_trace(messages: Sequence[Outgoing]) -> list[Outgoing]:
    """Give the messages of one sequence number one trace; published again after a crash, they get another one."""
    trace = begun()
    return [traced(message, trace) for message in messages]
