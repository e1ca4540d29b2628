"""Reading one partition from an offset of the caller's, committed messages only.

Promise: what is returned is in order, starts at the offset or later, and is committed. An empty answer to whoever
starts here, or does not wait, means that nothing had been committed: the partition's stable end has been reached.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from broker.adapters.kafka.endings import stop_consumer
from broker.adapters.kafka.faults import translated
from broker.adapters.kafka.settings import Settings, milliseconds
from broker.errors import UnavailableError
from broker.ports import Message, Place

_GLANCE: Final = 0.1
"""Seconds; whoever waits for less is told what there is at this moment."""
_SLICE: Final = 0.05
_SILENCE: Final = 5.0
"""Seconds. A broker answers an idle fetch every half a second; the client is silent when it does not."""


class Reader:
    """One consumer on one partition, for one reader at a time. Made at the first read."""

    def __init__(self, settings: Settings, topic: str, partition: int) -> None:
        self._settings = settings
        self._where = TopicPartition(topic, partition)
        self._consumer: AIOKafkaConsumer | None = None
        self._next: int | None = None
        self._polled: int | None = None
        self._heard = 0.0
        self._closed = False

    @property
    def next_offset(self) -> int | None:
        """Where the next read costs least: after what was returned last."""
        return self._next

    async def read(self, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        """Return messages from `offset` on as soon as there are some, and none after `wait`.

        Raises: UnavailableError.
        """
        with translated():
            consumer = await self._at_work()
            moved = self._next != offset
            if moved:
                consumer.seek(self._where, offset)
                self._heard = _now()
            # Crash or cancellation below: the place is not known any more, and the next read seeks.
            self._next = None
            found = await self._read(consumer, offset, most, wait.total_seconds(), moved=moved)
            self._next = found[-1].place.offset + 1 if found else offset
            return found

    async def end(self) -> int:
        """Return the offset that the next committed message will at least have. Raises: UnavailableError."""
        with translated():
            return await self._stable_end(await self._at_work())

    async def close(self) -> None:
        """Stop; whoever reads meets UnavailableError. Safe to call twice."""
        self._closed = True
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await stop_consumer(consumer)

    async def _read(
        self, consumer: AIOKafkaConsumer, offset: int, most: int, seconds: float, *, moved: bool
    ) -> tuple[Message, ...]:
        deadline = _now() + seconds
        wanted = await self._stable_end(consumer) if moved or seconds < _GLANCE else 0
        while True:
            behind = wanted > offset and await consumer.position(self._where) < wanted
            least = _SLICE if behind else 0.0
            if found := await self._poll(consumer, offset, most, max(deadline - _now(), least)):
                return found
            if deadline <= _now() and not behind:
                return ()  # below the stable end only markers and aborted messages are left

    async def _poll(self, consumer: AIOKafkaConsumer, offset: int, most: int, seconds: float) -> tuple[Message, ...]:
        try:
            wait = milliseconds(timedelta(seconds=seconds))
            records = await consumer.getmany(self._where, timeout_ms=wait, max_records=most)
        except OffsetOutOfRangeError:
            await self._step_into_range(consumer, offset, seconds)
            return ()
        if self._closed:
            raise UnavailableError("the event log is closed")
        found = tuple(
            Message(
                place=Place(topic=record.topic, partition=record.partition, offset=record.offset),
                key=record.key or b"",
                value=record.value or b"",
            )
            for record in records.get(self._where, ())
        )
        self._check_answered(consumer, answered=bool(found))
        return found

    async def _step_into_range(self, consumer: AIOKafkaConsumer, offset: int, seconds: float) -> None:
        """Start at the earliest where the offset lies before it; wait where it lies after the end."""
        earliest = (await consumer.beginning_offsets([self._where]))[self._where]
        if offset > earliest:
            await asyncio.sleep(min(seconds, _GLANCE))
        consumer.seek(self._where, max(offset, earliest))

    def _check_answered(self, consumer: AIOKafkaConsumer, *, answered: bool) -> None:
        polled = consumer.last_poll_timestamp(self._where)
        if answered or polled != self._polled:
            self._polled, self._heard = polled, _now()
        elif _now() - self._heard > _SILENCE:
            # The client keeps trying and says nothing: to its reader an outage looks like an idle topic.
            raise UnavailableError(f"nothing is heard of {self._where.topic} any more")

    async def _stable_end(self, consumer: AIOKafkaConsumer) -> int:
        end: int = (await consumer.end_offsets([self._where]))[self._where]
        return end

    async def _at_work(self) -> AIOKafkaConsumer:
        if self._closed:
            raise UnavailableError("the event log is closed")
        if self._consumer is None:
            consumer = AIOKafkaConsumer(**self._settings.reader())
            try:
                await consumer.start()
                consumer.assign([self._where])
            except BaseException:
                await stop_consumer(consumer)
                raise
            if self._closed:
                await stop_consumer(consumer)
                raise UnavailableError("the event log is closed")
            self._consumer = consumer
        return self._consumer


class Readers:
    """The readers of one instance: one for each partition, or for each of several reads at the same time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: dict[tuple[str, int], list[Reader]] = {}
        self._busy: set[Reader] = set()

    async def read(self, topic: str, partition: int, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        """Read with the reader that is nearest to the offset. Raises: UnavailableError."""
        reader = self._take(topic, partition, offset)
        try:
            return await reader.read(offset=offset, most=most, wait=wait)
        finally:
            self._give_back(topic, partition, reader)

    async def end(self, topic: str, partition: int) -> int:
        """Return the partition's stable end. Raises: UnavailableError."""
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


def _now() -> float:
    return asyncio.get_running_loop().time()
