"""Instances of the embedded log on one file, and short ways to use them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from broker.adapters.embedded import EmbeddedLog
from broker.ports import CommittedOffset, EventLog, Outgoing


class Bench:
    """One file, any number of instances, the topics `work` and `out`."""

    long = timedelta(hours=1)
    """So long that nothing comes only because the time was over."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.sqlite"
        self._logs: list[EmbeddedLog] = []

    def open(self, *, lease: timedelta = timedelta(milliseconds=300)) -> EmbeddedLog:
        """Return a new instance; the fixture closes it."""
        self._logs.append(EmbeddedLog(self.path, lease=lease))
        return self._logs[-1]

    async def make(self) -> EmbeddedLog:
        """Return a new instance, with the topics."""
        log = self.open()
        await log.create_topics({"work": 1, "out": 1})
        return log

    async def publish(self, log: EventLog, *values: bytes) -> None:
        """Claim and publish the values."""
        claim = await log.claim("work", 0, group="g")
        await claim.publish(self.out(*values), position=CommittedOffset(offset=1))

    @staticmethod
    def out(*values: bytes) -> list[Outgoing]:
        """Return a message to `out` for each value."""
        return [Outgoing(topic="out", key=b"key", value=value) for value in values]

    @staticmethod
    async def values(log: EventLog) -> list[bytes]:
        """Return every value in `out`."""
        found = await log.read("out", 0, offset=0, most=1000, wait=timedelta(0))
        return [message.value for message in found]

    @staticmethod
    def soon() -> asyncio.Timeout:
        """Bound a wait for what must happen."""
        return asyncio.timeout(30)

    async def close(self) -> None:
        """Close every instance."""
        for log in self._logs:
            await log.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    await made.close()
