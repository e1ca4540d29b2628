"""Reading one partition, on a consumer that holds what it is told to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from broker.adapters.kafka import reader as module
from broker.adapters.kafka import watchdog
from broker.adapters.kafka.reader import Reader, Readers
from broker.adapters.kafka.settings import Settings
from broker.errors import UnavailableError

SETTINGS = Settings(bootstrap="nowhere:1", client_id="test", session=timedelta(seconds=1), security=None)
WHERE = TopicPartition("work", 0)
AT_ONCE = timedelta(0)


@dataclass
class Record:
    offset: int
    topic: str = "work"
    partition: int = 0
    key: bytes | None = b"key"
    value: bytes | None = b"value"
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass
class Consumer:
    """A partition with messages at some offsets and only markers at others, up to a stable end."""

    offsets: list[int] = field(default_factory=list)
    stable_end: int = 0
    earliest: int = 0
    lag: int = 0
    """So many polls find nothing yet, as while a first fetch is on its way."""
    answers: bool = True
    stuck: bool = False
    """The brokers answer, and nothing comes of it."""
    polled: int = 0
    place: int | None = None
    seeks: list[int] = field(default_factory=list)
    stopped: bool = False

    async def start(self) -> None:
        """Nothing to connect to."""

    def assign(self, partitions: list[TopicPartition]) -> None:
        assert partitions == [WHERE]

    def seek(self, _: TopicPartition, offset: int) -> None:
        self.seeks.append(offset)
        self.place = offset

    async def getmany(self, _: TopicPartition, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
        await asyncio.sleep(min(timeout_ms, 60) / 1000)
        self.polled += self.answers
        assert self.place is not None
        if not self.earliest <= self.place <= max(self.stable_end, self.earliest):
            raise OffsetOutOfRangeError
        if self.lag or self.stuck:
            self.lag = max(0, self.lag - 1)
            return {}
        found = [Record(offset) for offset in self.offsets if self.place <= offset < self.stable_end][:max_records]
        self.place = found[-1].offset + 1 if found else self.stable_end
        return {WHERE: found} if found else {}

    async def position(self, _: TopicPartition) -> int | None:
        return self.place

    async def end_offsets(self, _: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {WHERE: self.stable_end}

    async def beginning_offsets(self, _: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {WHERE: self.earliest}

    def last_poll_timestamp(self, _: TopicPartition) -> int:
        return self.polled


@pytest.fixture
def consumer(monkeypatch: pytest.MonkeyPatch) -> Consumer:
    made = Consumer()
    monkeypatch.setattr(module, "AIOKafkaConsumer", lambda **_: made)

    async def stop(stopped: Consumer) -> None:
        stopped.stopped = True

    monkeypatch.setattr(module, "stop_consumer", stop)
    return made


async def read(reader: Reader, offset: int, *, most: int = 9, wait: timedelta = AT_ONCE) -> list[int]:
    return [message.place.offset for message in await reader.read(offset=offset, most=most, wait=wait)]


async def test_whoever_does_not_wait_is_told_what_there_is_although_a_first_fetch_takes_its_time(consumer):
    consumer.offsets, consumer.stable_end, consumer.lag = [0, 1], 3, 5
    assert await read(Reader(SETTINGS, "work", 0), 0) == [0, 1]


async def test_markers_alone_are_nothing(consumer):
    consumer.stable_end, consumer.lag = 4, 2
    assert await read(Reader(SETTINGS, "work", 0), 0) == []


async def test_reading_on_does_not_seek(consumer):
    """A seek drops what has been fetched ahead."""
    consumer.offsets, consumer.stable_end = [0, 2, 4], 6
    reader = Reader(SETTINGS, "work", 0)
    assert await read(reader, 0, most=2) == [0, 2]
    assert await read(reader, 3) == [4]
    assert await read(reader, 5) == []
    assert consumer.seeks == [0]


async def test_reading_again_seeks_back(consumer):
    consumer.offsets, consumer.stable_end = [0, 1], 2
    reader = Reader(SETTINGS, "work", 0)
    assert await read(reader, 0) == [0, 1]
    assert await read(reader, 0) == [0, 1]


async def test_a_cancelled_read_is_read_again(consumer):
    consumer.stable_end = 0
    reader = Reader(SETTINGS, "work", 0)
    waiting = asyncio.create_task(reader.read(offset=0, most=9, wait=timedelta(seconds=0.9)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait([waiting])
    consumer.offsets, consumer.stable_end = [0], 1
    assert await read(reader, 0) == [0]
    assert consumer.seeks == [0, 0]


async def test_what_is_no_longer_kept_starts_at_the_earliest(consumer):
    consumer.offsets, consumer.stable_end, consumer.earliest = [0, 7, 8], 9, 7
    assert await read(Reader(SETTINGS, "work", 0), 2) == [7, 8]


async def test_an_offset_after_the_end_waits_there_and_never_starts_again_from_the_beginning(consumer):
    consumer.offsets, consumer.stable_end = [0, 1], 2
    assert await read(Reader(SETTINGS, "work", 0), 50, wait=timedelta(milliseconds=20)) == []
    assert set(consumer.seeks) == {50}


async def test_a_silent_broker_is_an_outage_and_not_an_idle_topic(consumer, monkeypatch):
    monkeypatch.setattr(watchdog, "_SILENCE", 0.05)
    reader = Reader(SETTINGS, "work", 0)
    assert await read(reader, 0) == []
    consumer.answers = False
    with pytest.raises(UnavailableError):
        await read(reader, 0, wait=timedelta(seconds=5))


async def test_a_consumer_that_brings_nothing_though_there_is_more_is_built_anew(consumer, monkeypatch):
    monkeypatch.setattr(watchdog, "_STANDSTILL", 0.05)
    reader = Reader(SETTINGS, "work", 0)
    assert await read(reader, 0) == []
    consumer.offsets, consumer.stable_end, consumer.stuck = [0], 1, True
    with pytest.raises(UnavailableError, match="though there is more"):
        await read(reader, 0, wait=timedelta(seconds=5))
    assert consumer.stopped
    again = Consumer(offsets=[0], stable_end=1)
    monkeypatch.setattr(module, "AIOKafkaConsumer", lambda **_: again)
    assert await read(reader, 0) == [0]


async def test_an_idle_topic_is_not_a_standstill(consumer, monkeypatch):
    monkeypatch.setattr(watchdog, "_STANDSTILL", 0.02)
    consumer.offsets, consumer.stable_end = [0], 2  # a message and its marker
    reader = Reader(SETTINGS, "work", 0)
    assert await read(reader, 0) == [0]
    assert await read(reader, 1, wait=timedelta(milliseconds=400)) == []
    assert not consumer.stopped


async def test_a_closed_reader_says_so(consumer):
    reader = Reader(SETTINGS, "work", 0)
    await read(reader, 0)
    await reader.close()
    await reader.close()
    assert consumer.stopped
    with pytest.raises(UnavailableError):
        await read(reader, 0)


async def test_reads_of_one_partition_at_the_same_time_have_a_reader_each(consumer, monkeypatch):
    made: list[Consumer] = []
    monkeypatch.setattr(module, "AIOKafkaConsumer", lambda **_: made.append(Consumer()) or made[-1])
    readers = Readers(SETTINGS)
    wait = timedelta(milliseconds=150)
    await asyncio.gather(*(readers.read("work", 0, offset=0, most=1, wait=wait) for _ in range(2)))
    assert len(made) == 2
    await readers.read("work", 0, offset=0, most=1, wait=AT_ONCE)
    assert len(made) == 2, "and later ones use those"
    await readers.close()
    assert all(one.stopped for one in made)
