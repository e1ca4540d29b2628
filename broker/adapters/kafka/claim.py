"""One partition, owned by one instance through its transactional producer.

Promise: `publish` commits all of its messages and the position in one transaction, or nothing; and nothing once another
instance has claimed the partition, because the brokers refuse an older producer epoch. An owner that only fetches
learns of it too: once a session it proves with an aborted transaction that its epoch still stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import final

from broker.adapters.kafka.assignment import Fence
from broker.adapters.kafka.reader import Reader
from broker.adapters.kafka.writer import Writer
from broker.errors import Fenced, MashError, RejectedError, UnavailableError
from broker.ports import (
    MAX_POSITION_METADATA_BYTES,
    MAX_VALUE_BYTES,
    Claim,
    CommittedOffset,
    Message,
    Outgoing,
)

Addressed = tuple[Outgoing, int]
"""A message and the partition of its key."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """The claimed partition and the group that claims it."""

    topic: str
    partition: int
    group: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCallbacks:
    """The calls from a claim to the log that made it."""

    address: Callable[[Sequence[Outgoing]], Awaitable[list[Addressed]]]
    fenced: Callable[[KafkaClaim], None]
    released: Callable[[KafkaClaim], Awaitable[None]]


@final
class KafkaClaim(Claim):
    """A claim on Kafka; made by `KafkaLog.claim` alone, after the producer has fenced and the position has been
    read."""

    def __init__(
        self,
        owned: Owned,
        writer: Writer,
        reader: Reader,
        *,
        position: CommittedOffset,
        session: timedelta,
        callbacks: ClaimCallbacks,
    ) -> None:
        self.position = position
        self.owned = owned
        self._writer = writer
        self._reader = reader
        self._session = session.total_seconds()
        self._callbacks = callbacks
        self._cursor = position.offset
        self._moved = position
        self._proved = _now()
        """When the brokers last accepted this claim's epoch."""
        self._over: MashError | None = None
        self._reading = asyncio.Lock()

    @property
    def fencing(self) -> Fence:
        """The producer id and epoch of this claim: of two claims on a partition the higher is the later."""
        return self._writer.fencing

    @property
    def over(self) -> bool:
        """Whether this claim has been fenced, taken back or released."""
        return self._over is not None

    def end(self, why: MashError) -> None:
        """End the claim: every later call raises `why`; the first reason stands."""
        self._over = self._over or why

    async def fetch(self, *, most: int, wait: timedelta) -> tuple[Message, ...]:
        deadline = _now() + wait.total_seconds()
        async with self._reading:
            while True:
                self._check()
                if _now() >= self._proved + self._session:
                    # Fetching alone never meets a fence: without this an owner that was replaced would wait for ever.
                    await self._prove()
                until = min(deadline, self._proved + self._session)
                found = await self._read(most, timedelta(seconds=max(0.0, until - _now())))
                if found or _now() >= deadline:
                    return found

    async def publish(self, messages: Sequence[Outgoing], *, position: CommittedOffset) -> None:
        self._check()
        _check_sizes(messages, position)
        addressed = await self._callbacks.address(messages)
        try:
            await self._writer.publish(addressed, position=position)
        except Fenced as fenced:
            self._end_fenced(fenced)
            raise
        self._moved, self._proved = position, _now()

    async def release(self) -> None:
        self.end(Fenced("this claim has been released"))
        # Crash here: the member stays in its group until its session is over, or its successor evicts it.
        await asyncio.gather(self._writer.stop(), self._reader.close())
        await self._callbacks.released(self)

    async def _read(self, most: int, wait: timedelta) -> tuple[Message, ...]:
        try:
            found = await self._reader.read(offset=self._cursor, most=most, wait=wait)
        except UnavailableError:
            self._check()  # released or closed meanwhile
            raise
        self._check()
        if found:
            self._cursor = found[-1].place.offset + 1
        return found

    async def _prove(self) -> None:
        try:
            await self._writer.prove(self._moved)
        except Fenced as fenced:
            self._end_fenced(fenced)
            raise
        self._proved = _now()

    def _end_fenced(self, fenced: Fenced) -> None:
        self.end(fenced)
        self._callbacks.fenced(self)

    def _check(self) -> None:
        if self._over is not None:
            raise self._over


def _check_sizes(messages: Sequence[Outgoing], position: CommittedOffset) -> None:
    for message in messages:
        if len(message.value) > MAX_VALUE_BYTES:
            raise RejectedError("TOO_LARGE", f"{len(message.value)} bytes for {message.topic}")
    if len(position.metadata.encode()) > MAX_POSITION_METADATA_BYTES:
        raise RejectedError("METADATA_TOO_LONG", f"more than {MAX_POSITION_METADATA_BYTES} bytes")


def _now() -> float:
    return asyncio.get_running_loop().time()
