"""The commit of the embedded log fails before and after it took effect: an error, kill -9, a full disk."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from broker.adapters.embedded import EmbeddedLog
from broker.errors import OutcomeUnknown, UnavailableError
from broker.ports import CommittedOffset, Outgoing

TOPICS = {"work": 1, "out": 1, "audit": 1}
BATCH = [Outgoing(topic=topic, key=b"key", value=b"value") for topic in ("out", "out", "audit")]
MOVED = CommittedOffset(offset=5, metadata="5")

# Publishes BATCH and dies inside the commit; arguments: the file, and whether the commit takes effect first.
DYING = """
import asyncio, os, signal, sys
from pathlib import Path
from broker.adapters.embedded import EmbeddedLog
from broker.ports import Outgoing, CommittedOffset

class Dying(EmbeddedLog):
    def _commit(self, connection):
        if sys.argv[2] == "after":
            super()._commit(connection)
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    claim = await Dying(Path(sys.argv[1])).claim("work", 0, group="g")
    batch = [Outgoing(topic=topic, key=b"key", value=b"value") for topic in ("out", "out", "audit")]
    await claim.publish(batch, position=CommittedOffset(offset=5, metadata="5"))

asyncio.run(main())
"""


async def seen(path: Path) -> tuple[int, int, CommittedOffset]:
    """What another instance finds in the file: how many messages of each topic, and the position."""
    log = EmbeddedLog(path)
    counts = [len(await log.read(topic, 0, offset=0, most=100, wait=timedelta(0))) for topic in ("out", "audit")]
    position = (await log.claim("work", 0, group="g")).position
    await log.close()
    return counts[0], counts[1], position


class Failing(EmbeddedLog):
    """Each publish fails at its commit: before it, after it, or by leaving the transaction to its fate."""

    when = ""

    def _commit(self, connection: sqlite3.Connection) -> None:
        if self.when == "after":
            super()._commit(connection)
        if self.when == "fatal":
            connection.close()  # rolling back fails as well
        raise sqlite3.OperationalError("disk I/O error")


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("before", (0, 0, CommittedOffset(offset=0))),
        ("after", (2, 1, MOVED)),
        ("fatal", (0, 0, CommittedOffset(offset=0))),
    ],
)
async def test_a_failing_commit_is_unknown_and_whole(
    tmp_path: Path, when: str, expected: tuple[int, int, CommittedOffset]
) -> None:
    log = Failing(tmp_path / "log.sqlite")
    log.when = when
    await log.create_topics(TOPICS)
    claim = await log.claim("work", 0, group="g")
    with pytest.raises(OutcomeUnknown):
        await claim.publish(BATCH, position=MOVED)
    assert await seen(tmp_path / "log.sqlite") == expected
    assert (await log.claim("work", 0, group="g")).position == expected[2], "the instance goes on"
    await log.close()


@pytest.mark.parametrize(
    ("when", "expected"), [("before", (0, 0, CommittedOffset(offset=0))), ("after", (2, 1, MOVED))]
)
async def test_kill_9_inside_the_commit_leaves_all_or_nothing(
    tmp_path: Path, when: str, expected: tuple[int, int, CommittedOffset]
) -> None:
    path = tmp_path / "log.sqlite"
    log = EmbeddedLog(path)
    await log.create_topics(TOPICS)
    root = str(Path(__file__).parents[5])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DYING, str(path), when, env={**os.environ, "PYTHONPATH": root}
    )
    assert await process.wait() == -signal.SIGKILL
    assert await seen(path) == expected
    await log.close()


async def test_a_full_disk_shows_nothing_and_passes(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    log = EmbeddedLog(path)
    await log.create_topics(TOPICS)
    claim = await log.claim("work", 0, group="g")
    big = Outgoing(topic="out", key=b"key", value=bytes(900_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(UnavailableError):
            await claim.publish([*BATCH, big], position=MOVED)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert await seen(path) == (0, 0, CommittedOffset(offset=0))
    again = await log.claim("work", 0, group="g")
    await again.publish(BATCH, position=MOVED)
    assert await seen(path) == (2, 1, MOVED)
    await log.close()
