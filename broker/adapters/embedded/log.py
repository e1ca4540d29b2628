"""The event log on one SQLite file: the default for one machine (a demonstration, tests, a pilot).

Promise: the contract of `EventLog`, for any number of processes that share the file and of instances in one
process. No operation blocks the event loop; a cancelled one leaves the file whole.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Final

from broker.adapters.embedded import messages, ownership
from broker.adapters.embedded.changes import Changes
from broker.adapters.embedded.claim import EmbeddedClaim
from broker.adapters.embedded.leases import Leases
from broker.adapters.embedded.store import Store, commit
from broker.ports import Claim, CommittedOffset, EventLog, LogOffset, Message

_RECHECK: Final = timedelta(milliseconds=250)
"""How often `wait_for_assignment` looks for a lapsed lease: an owner's death changes nothing in the file."""


class EmbeddedLog(EventLog):
    """One instance's view of the file at `path`, which is made (mode 0600) at the first use.

    `lease` is how long a silent owner keeps its partition; `poll` is how often the file is checked for changes while a
    reader waits. Every operation may raise UnavailableError (the file is locked
    or away, or this instance is closed) and RejectedError `DATABASE_DAMAGED`.
    """

    remote = False
    provisioned_by = None

    def __init__(
        self,
        path: Path,
        *,
        lease: timedelta = timedelta(seconds=3),
        poll: timedelta = timedelta(milliseconds=3),
    ) -> None:
        self._store = Store(path, poll=poll)
        self._changes = Changes(self._store)
        self._leases = Leases(self._store, length=lease)

    async def create_topics(self, partitions: dict[str, int]) -> None:
        wanted = dict(partitions)
        await self._store.write(lambda connection: messages.create_topics(connection, wanted))

    async def partitions(self, topic: str) -> int:
        return len(await self._store.read(lambda connection: messages.heads_of(connection, topic)))

    async def wait_for_assignment(self, topic: str, *, group: str) -> int:
        while True:
            offered = await self._changes.first(lambda: self._offer(topic, group), within=_RECHECK)
            if offered:
                return offered[0]

    async def claim(self, topic: str, partition: int, *, group: str) -> Claim:
        held, position = await self._store.write(
            lambda connection: ownership.take(connection, topic, partition, group, term=self._leases.term())
        )
        return EmbeddedClaim(
            self._store, self._changes, self._leases, held=held, position=position, commit=self._commit
        )

    async def committed(self, topic: str, partition: int, *, group: str) -> CommittedOffset:
        return await self._store.read(lambda connection: ownership.committed(connection, topic, partition, group))

    async def read(self, topic: str, partition: int, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        place = LogOffset(topic=topic, partition=partition, offset=offset)

        def look(connection: sqlite3.Connection) -> tuple[Message, ...]:
            return messages.read(connection, place, most=most)

        return await self._changes.first(lambda: self._store.read(look), within=wait)

    async def end(self, topic: str, partition: int) -> int:
        return await self._store.read(lambda connection: messages.end(connection, topic, partition))

    async def why_unavailable(self) -> str:
        return "its file is locked or away"

    async def close(self) -> None:
        try:
            await self._leases.stop()
        finally:
            await self._store.close()
            self._changes.wake()

    def _commit(self, connection: sqlite3.Connection) -> None:
        """Commit the open transaction; tests override this step to fail before or after it took effect."""
        commit(connection)

    async def _offer(self, topic: str, group: str) -> tuple[int, ...]:
        """Return a free partition as a tuple of one, or an empty one. Reads first: waiting takes no write lock."""
        free = await self._store.read(
            lambda connection: ownership.first_free(connection, topic, group, now=self._leases.term().start)
        )
        if free is None:
            return ()
        offered = await self._store.write(
            lambda connection: ownership.offer(connection, topic, group, term=self._leases.term())
        )
        return () if offered is None else (offered,)
