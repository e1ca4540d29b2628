"""What the contract suite needs of an adapter: instances onto one log, other processes, and a lost answer.

A further adapter plugs in with one subclass of `LogFactory`, its name among the fixture's parameters, and its opening
in `child.py`. An owner here has waited for an assignment: on Kafka a claim without one leaves the partition to be
assigned to others.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from broker.adapters.embedded import EmbeddedLog
from broker.adapters.kafka import KafkaLog
from broker.ports import Claim, CommittedOffset, EventLog, LogReader, Message, Outgoing

PATIENCE_SECONDS = 30
"""How long a test waits for what must happen; reached only when it does not happen."""


class Child:
    """Another process on the same log, running one role of `child.py`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> str:
        """Wait for the next line that the child prints."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await self._process.stdout.readline()
        assert line, "the child ended before it said anything"
        return line.decode().strip()

    async def tell(self) -> None:
        """Send the child its signal to go on."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        await self._process.stdin.drain()

    async def kill(self) -> None:
        """Kill it with signal 9, if it has not ended, and wait until it is gone."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()

    async def ended(self) -> int:
        """Wait for its end and return its exit code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._process.communicate()
        return await self._process.wait()


class LogFactory(ABC):
    """One event log per test; each `make` is one more instance onto it."""

    session: timedelta
    """How long a dead owner keeps its partition at most."""
    quiet: timedelta
    """A reader that gets nothing for so long has seen everything committed before."""
    kill_rounds = int(os.environ.get("MASH_KILL_ROUNDS", "10"))
    """How often a worker is killed; where only its session's end frees the partition, a round lasts as long."""
    requests_a_round = 300
    """More than a worker answers before it is killed."""

    def __init__(self) -> None:
        self._logs: list[EventLog] = []
        self._children: list[Child] = []

    @abstractmethod
    def open(self) -> EventLog:
        """Return a new instance."""

    @abstractmethod
    def open_losing(self, *, took_effect: bool) -> EventLog:
        """Return an instance whose first publish loses the answer to its commit (took effect or not)."""

    @abstractmethod
    def description(self) -> dict[str, object]:
        """Say how another process opens this log (see `child.py`)."""

    async def make(self, **topics: int) -> EventLog:
        """Return a new instance, with these topics (name to number of partitions)."""
        return await self._made(self.open(), topics)

    async def make_losing(self, *, took_effect: bool) -> EventLog:
        """Return a new instance that loses the answer to its first publish."""
        return await self._made(self.open_losing(took_effect=took_effect), {})

    async def child(self, role: str, **arguments: object) -> Child:
        """Start another process in this role."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-Werror",
            str(Path(__file__).with_name("child.py")),
            json.dumps(self.description()),
            role,
            json.dumps(arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        self._children.append(Child(process))
        return self._children[-1]

    async def close(self) -> None:
        """Close every instance and kill every child."""
        for child in self._children:
            await child.kill()
        for log in self._logs:
            await log.close()

    async def _made(self, log: EventLog, topics: dict[str, int]) -> EventLog:
        self._logs.append(log)
        await log.create_topics(topics)
        return log


class LosingEmbeddedLog(EmbeddedLog):
    """Fails its first publish at the commit, before or after it took effect."""

    took_effect: bool | None = None

    def _commit(self, connection: sqlite3.Connection) -> None:
        took_effect, self.took_effect = self.took_effect, None
        if took_effect is not False:
            super()._commit(connection)
        if took_effect is not None:
            raise sqlite3.OperationalError("disk I/O error")


class EmbeddedFactory(LogFactory):
    """The embedded log: one file in the test's folder."""

    session = timedelta(seconds=1)
    quiet = timedelta(milliseconds=20)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._path = folder / "log.sqlite"

    def open(self) -> EventLog:
        return EmbeddedLog(self._path, lease=self.session)

    def open_losing(self, *, took_effect: bool) -> EventLog:
        log = LosingEmbeddedLog(self._path, lease=self.session)
        log.took_effect = took_effect
        return log

    def description(self) -> dict[str, object]:
        session = self.session.total_seconds()
        return {"adapter": "embedded", "path": str(self._path), "session_seconds": session}


class LosingKafkaLog(KafkaLog):
    """Fails its first publish at the commit, before or after it took effect."""

    took_effect: bool | None = None

    async def _commit(self, producer: AIOKafkaProducer) -> None:
        took_effect, self.took_effect = self.took_effect, None
        if took_effect is not False:
            await super()._commit(producer)
        if took_effect is not None:
            raise KafkaConnectionError("the connection was lost")


class KafkaFactory(LogFactory):
    """A real Kafka node, one for the whole test session."""

    session = timedelta(seconds=1.5)
    quiet = timedelta(milliseconds=250)
    kill_rounds = int(os.environ.get("MASH_KILL_ROUNDS", "4"))
    requests_a_round = 90

    def __init__(self, bootstrap: str) -> None:
        super().__init__()
        self._bootstrap = bootstrap

    def open(self) -> EventLog:
        return KafkaLog(self._bootstrap, client_id="contract", session=self.session)

    def open_losing(self, *, took_effect: bool) -> EventLog:
        log = LosingKafkaLog(self._bootstrap, client_id="contract", session=self.session)
        log.took_effect = took_effect
        return log

    def description(self) -> dict[str, object]:
        session = self.session.total_seconds()
        return {"adapter": "kafka", "bootstrap": self._bootstrap, "session_seconds": session}


@pytest.fixture(params=["embedded", "kafka"])
def new_factory(request: pytest.FixtureRequest, tmp_path: Path) -> LogFactory:
    if request.param == "embedded":
        return EmbeddedFactory(tmp_path)
    return KafkaFactory(request.getfixturevalue("kafka_bootstrap"))


@pytest.fixture
async def log_factory(new_factory: LogFactory) -> AsyncIterator[LogFactory]:
    yield new_factory
    await new_factory.close()


class Tools:
    """Steps that many tests take, on any adapter."""

    def __init__(self, factory: LogFactory) -> None:
        self._factory = factory
        self._writer = self.name("writer")
        self.long = timedelta(hours=1)  # so long that nothing comes only because the time was over
        self.at_once = timedelta(0)

    @staticmethod
    def soon() -> asyncio.Timeout:
        """Bound a wait for what must happen."""
        return asyncio.timeout(PATIENCE_SECONDS)

    @staticmethod
    def name(stem: str) -> str:
        """Return a topic or group name that no other test uses: a log may outlive the test."""
        return f"{stem}-{uuid.uuid4().hex[:12]}"

    @staticmethod
    def outgoing(topic: str, *values: bytes, key: bytes = b"key") -> list[Outgoing]:
        """Return one message a value."""
        return [Outgoing(topic=topic, key=key, value=value) for value in values]

    async def writer(self, log: EventLog) -> Claim:
        """Return a claim to publish with, in a group of its own."""
        await log.create_topics({self._writer: 1})
        return await log.claim(self._writer, 0, group=self.name("writers"))

    async def append(self, log: EventLog, topic: str, *values: bytes, key: bytes = b"key") -> None:
        """Publish the values in one transaction."""
        writer = await self.writer(log)
        await writer.publish(self.outgoing(topic, *values, key=key), position=CommittedOffset(offset=0))
        await writer.release()

    async def visible(self, log: LogReader, topic: str, partition: int = 0) -> list[Message]:
        """Return every committed message of the partition."""
        found: list[Message] = []
        offset = 0
        while batch := await log.read(topic, partition, offset=offset, most=500, wait=self._factory.quiet):
            found.extend(batch)
            offset = batch[-1].place.offset + 1
        return found

    async def values(self, log: LogReader, topic: str, partition: int = 0) -> list[bytes]:
        """Return every committed value of the partition."""
        return values_of(await self.visible(log, topic, partition))

    @staticmethod
    def values_of(messages: Sequence[Message]) -> list[bytes]:
        """Return the messages' values."""
        return values_of(messages)


def values_of(messages: Sequence[Message]) -> list[bytes]:
    return [message.value for message in messages]


@pytest.fixture
def tools(log_factory: LogFactory) -> Tools:
    return Tools(log_factory)
