"""The checkpoint follower: mark the events in an organisation's journal that a signed checkpoint covers as recorded.

(1) The audit service's own key signed the checkpoint; (2) it goes on from what was followed before and its leaves lead
to the root that it signs; only then (3) do its events count as recorded; (4) the place is kept in the organisation's
own database. A checkpoint that does not follow is an alarm and marks nothing: the journal shows what stays open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import final

from broker.errors import RejectedError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.follower import follow
from broker.exchange.journal import Journal
from broker.ports import Crypto, Database, LogOffset, LogReader, Message
from broker.transparency.follow import follow_on, open_ledgers
from broker.transparency.merkle import HASH_BYTES, Frontier
from schemas.topics import Family, topic_name

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS followed (
        topic TEXT PRIMARY KEY, following INTEGER NOT NULL, size INTEGER NOT NULL, edge BLOB NOT NULL)""",
)


@final
class CheckpointFollower:
    """One organisation's follower of the checkpoints topic."""

    def __init__(
        self,
        *,
        log: LogReader,
        partnership: str,
        database: Database,
        journal: Journal,
        directory: Callable[[], TrustedDirectory],
        crypto: Crypto,
        refused: Callable[[RejectedError, LogOffset], None],
        stop: asyncio.Event,
    ) -> None:
        """`refused` is told of each checkpoint that does not follow, and where it stands."""
        self._log = log
        self._topic = topic_name(partnership, Family.CHECKPOINTS)
        self._database = database
        self._journal = journal
        self._directory = directory
        self._crypto = crypto
        self._refused = refused
        self._stop = stop

    async def run(self) -> None:
        """Follow until `stop` is set. Raises: RejectedError `UNKNOWN_TOPIC`."""
        offset, frontier = self._place()
        async for messages in follow(self._log, self._topic, 0, offset=offset, stop=self._stop):
            for message in messages:
                frontier = self._mark(message, frontier)
            # Crash here: the same checkpoints are followed again, and mark the same rows.
            self._keep(messages[-1].place.offset + 1, frontier)  # (4)

    def _mark(self, message: Message, frontier: Frontier) -> Frontier:
        try:
            checkpoint = open_ledgers(message.value, directory=self._directory(), crypto=self._crypto)  # (1)
            after = follow_on(frontier, checkpoint)  # (2)
        except RejectedError as fault:
            self._refused(fault, message.place)
            return frontier
        if after.size > frontier.size:  # a repeat proves nothing new, whatever leaves it lists
            self._journal.mark_recorded([leaf.event_id for leaf in checkpoint.leaves])  # (3)
        return after

    def _place(self) -> tuple[int, Frontier]:
        with self._database.transaction() as transaction:
            rows = transaction.execute(
                "SELECT following, size, edge FROM followed WHERE topic = :topic", topic=self._topic
            )
        if not rows:
            return 0, Frontier()
        edge = bytes(rows[0][2])
        hashes = tuple(edge[at : at + HASH_BYTES] for at in range(0, len(edge), HASH_BYTES))
        return int(rows[0][0]), Frontier(size=int(rows[0][1]), edge=hashes)

    def _keep(self, following: int, frontier: Frontier) -> None:
        with self._database.transaction() as transaction:
            transaction.execute(
                """INSERT INTO followed (topic, following, size, edge) VALUES (:topic, :following, :size, :edge)
                ON CONFLICT (topic) DO UPDATE SET following = :following, size = :size, edge = :edge""",
                topic=self._topic,
                following=following,
                size=frontier.size,
                edge=b"".join(frontier.edge),
            )
