"""Reading one partition from the caller's offset, committed messages only.

Promise: messages are returned in order, from the offset on, and committed. After a seek, or without a wait, an empty
result means that the partition's last stable offset has been reached: nothing more was committed. After any fault the
consumer is replaced.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from broker.adapters.kafka.faults import translated
from broker.adapters.kafka.settings import Settings, milliseconds
from broker.adapters.kafka.teardown import stop_consumer
from broker.adapters.kafka.watchdog import Watchdog
from broker.errors import UnavailableError
from broker.exchange.trace import HEADER, received
from broker.ports import MALFORMED_TRACE, LogOffset, Message

_GLANCE: Final = 0.1
"""Seconds. A shorter wait is a question for what is committed now, so the stable end is fetched and read up to."""
_SLICE: Final = 0.05
"""Seconds of one poll on the way to the stable end, past the caller's wait."""


class Reader:
    """One consumer on one partition, for one read at a time. The first read creates the consumer."""

    def __init__(self, settings: Settings, topic: str, partition: int) -> None:
        self._settings = settings
        self._where = TopicPartition(topic, partition)
        self._watched: Watchdog | None = None
        self._next: int | None = None
        self._closed = False

    @property
    def next_offset(self) -> int | None:
        """The offset at which the next read needs no seek."""
        return self._next

    async def read(self, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        """Return messages from `offset` on as soon as there are some, and none after `wait`.

        Raises: UnavailableError.
        """
        async with self._at_work() as watched:
            moved = self._next != offset
            if moved:
                watched.consumer.seek(self._where, offset)
                watched.restart()
            # Cancelled below, the consumer's position is unknown: the next read seeks.
            self._next = None
            found = await self._read(watched, offset, most, wait.total_seconds(), moved=moved)
            self._next = found[-1].place.offset + 1 if found else offset
            return found

    async def end(self) -> int:
        """Return the offset that the next committed message will at least have. Raises: UnavailableError."""
        async with self._at_work() as watched:
            return await self._stable_end(watched)

    async def close(self) -> None:
        """Stop the consumer; a read in progress raises UnavailableError. Safe to call twice."""
        self._closed = True
        await self._drop()

    async def _read(
        self, watched: Watchdog, offset: int, most: int, seconds: float, *, moved: bool
    ) -> tuple[Message, ...]:
        deadline = _now() + seconds
        wanted = await self._stable_end(watched) if moved or seconds < _GLANCE else 0
        while True:
            behind = wanted > offset and await watched.consumer.position(self._where) < wanted
            least = _SLICE if behind else 0.0
            if found := await self._poll(watched, offset, most, max(deadline - _now(), least)):
                return found
            if deadline <= _now() and not behind:
                return ()  # only transaction markers and aborted messages are left before the stable end

    async def _poll(self, watched: Watchdog, offset: int, most: int, seconds: float) -> tuple[Message, ...]:
        try:
            wait = milliseconds(timedelta(seconds=seconds))
            records = await watched.consumer.getmany(self._where, timeout_ms=wait, max_records=most)
        except OffsetOutOfRangeError:
            await self._step_into_range(watched, offset, seconds)
            return ()
        self._check_open()
        found = tuple(
            Message(
                place=LogOffset(topic=record.topic, partition=record.partition, offset=record.offset),
                key=record.key or b"",
                value=record.value or b"",
                trace=_trace(record.headers),
            )
            for record in records.get(self._where, ())
        )
        await watched.look(found=bool(found))
        return found

    async def _step_into_range(self, watched: Watchdog, offset: int, seconds: float) -> None:
        """Seek to the earliest offset, or wait where the asked one lies after the end."""
        earliest = (await watched.consumer.beginning_offsets([self._where]))[self._where]
        if offset > earliest:
            await asyncio.sleep(min(seconds, _GLANCE))
        watched.consumer.seek(self._where, max(offset, earliest))

    async def _stable_end(self, watched: Watchdog) -> int:
        end: int = (await watched.consumer.end_offsets([self._where]))[self._where]
        return end

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[Watchdog]:
        """Lend the consumer, created if need be; after any fault it is dropped, and the next use creates another."""
        try:
            with translated():
                if self._watched is None:
                    self._watched = await self._made()
                yield self._watched
        except UnavailableError:
            await self._drop()
            raise

    async def _made(self) -> Watchdog:
        self._check_open()
        consumer = AIOKafkaConsumer(**self._settings.reader())
        try:
            await consumer.start()
            consumer.assign([self._where])
            self._check_open()
        except BaseException:
            await stop_consumer(consumer)
            raise
        return Watchdog(consumer, self._where)

    async def _drop(self) -> None:
        watched, self._watched, self._next = self._watched, None, None
        if watched is not None:
            await stop_consumer(watched.consumer)

    def _check_open(self) -> None:
        if self._closed:
            raise UnavailableError("the event log is closed")


class Readers:
    """The readers of one instance: one for each partition, and more for reads of a partition at the same time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: dict[tuple[str, int], list[Reader]] = {}
        self._busy: set[Reader] = set()

    async def read(self, topic: str, partition: int, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        """Read with an idle reader, one that stands at the offset if there is one. Raises: UnavailableError."""
        reader = self._take(topic, partition, offset)
        try:
            return await reader.read(offset=offset, most=most, wait=wait)
        finally:
            self._give_back(topic, partition, reader)

    async def end(self, topic: str, partition: int) -> int:
        """Return the partition's last stable offset. Raises: UnavailableError."""
        reader = self._take(topic, partition, None)
        try:
            return await reader.end()
        finally:
            self._give_back(topic, partition, reader)

    async def close(self) -> None:
        """Stop every reader. Safe to call twice."""
        readers = [*self._busy, *(reader for idle in self._idle.values() for reader in idle)]
        self._idle.clear()
        await asyncio.gather(*(reader.close() for reader in readers))

    def _take(self, topic: str, partition: int, offset: int | None) -> Reader:
        idle = self._idle.setdefault((topic, partition), [])
        idle.sort(key=lambda reader: reader.next_offset == offset)
        reader = idle.pop() if idle else Reader(self._settings, topic, partition)
        self._busy.add(reader)
        return reader

    def _give_back(self, topic: str, partition: int, reader: Reader) -> None:
        self._busy.discard(reader)
        self._idle.setdefault((topic, partition), []).append(reader)


def _trace(headers: Sequence[tuple[str, bytes]]) -> str:
    found = [value for name, value in headers if name == HEADER]
    # A header that stands twice, or has no value, is no traceparent.
    if len(found) > 1 or None in found or b"" in found:
        return MALFORMED_TRACE
    return received(found[0]) if found else ""


def _now() -> float:
    return asyncio.get_running_loop().time()
