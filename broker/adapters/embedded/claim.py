"""A claim: one partition owned by one instance.

Promise: `publish` shows all of its messages and moves the position, or does neither; and neither once another
instance has claimed the partition, because the epoch is checked inside the transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from broker.adapters.embedded import messages as rows
from broker.adapters.embedded import ownership
from broker.adapters.embedded.changes import Changes
from broker.adapters.embedded.leases import Leases
from broker.adapters.embedded.ownership import Lease
from broker.adapters.embedded.store import Commit, Store
from broker.errors import Fenced, RejectedError
from broker.ports import (
    MAX_POSITION_METADATA_BYTES,
    MAX_VALUE_BYTES,
    Claim,
    CommittedOffset,
    LogOffset,
    Message,
    Outgoing,
)


class EmbeddedClaim(Claim):
    """A claim on the embedded log; made by `EmbeddedLog.claim` alone."""

    def __init__(
        self,
        store: Store,
        changes: Changes,
        leases: Leases,
        *,
        held: Lease,
        position: CommittedOffset,
        commit: Commit,
    ) -> None:
        self.position = position
        self._store = store
        self._changes = changes
        self._leases = leases
        self._held = held
        self._commit = commit
        self._cursor = position.offset
        self._released = False
        leases.keep(held)

    async def fetch(self, *, most: int, wait: timedelta) -> tuple[Message, ...]:
        place = LogOffset(topic=self._held.topic, partition=self._held.partition, offset=self._cursor)

        def look(connection: sqlite3.Connection) -> tuple[Message, ...]:
            ownership.check(connection, self._held)
            return rows.read(connection, place, most=most)

        with self._ours():
            found = await self._changes.first(lambda: self._store.read(look), within=wait)
        if found:
            self._cursor = found[-1].place.offset + 1
        return found

    async def publish(self, messages: Sequence[Outgoing], *, position: CommittedOffset) -> None:
        outgoing = tuple(messages)
        _check_sizes(outgoing, position)

        def work(connection: sqlite3.Connection) -> None:
            ownership.move(connection, self._held, position, term=self._leases.term())
            rows.append(connection, outgoing)

        with self._ours():
            await self._store.write(work, commit=self._commit)

    async def release(self) -> None:
        self._released = True
        await self._leases.give_up(self._held)  # where the file is away, the lease lapses instead

    @contextmanager
    def _ours(self) -> Iterator[None]:
        if self._released:
            raise Fenced("this claim has been released")
        try:
            yield
        except Fenced:
            self._leases.forget(self._held)
            raise


def _check_sizes(messages: Sequence[Outgoing], position: CommittedOffset) -> None:
    for message in messages:
        if len(message.value) > MAX_VALUE_BYTES:
            raise RejectedError("TOO_LARGE", f"{len(message.value)} bytes for {message.topic}")
    if len(position.metadata.encode()) > MAX_POSITION_METADATA_BYTES:
        raise RejectedError("METADATA_TOO_LONG", f"more than {MAX_POSITION_METADATA_BYTES} bytes")
