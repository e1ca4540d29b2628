"""Writers of the embedded log wait for each other no longer than they must, and leave nothing half done."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from broker.adapters.embedded import EmbeddedLog, schema
from broker.adapters.embedded.lock import WriteLock
from broker.errors import OutcomeUnknown, UnavailableError
from broker.ports import CommittedOffset


def test_a_writer_that_does_not_let_go_makes_the_log_unavailable(tmp_path):
    """A process suspended inside its write must not hang all the others for ever."""
    stopped = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(stopped, fcntl.LOCK_EX)
    lock = WriteLock(tmp_path / "lock", patience=timedelta(milliseconds=20))
    with pytest.raises(UnavailableError), lock:
        pass
    os.close(stopped)
    with lock:
        pass
    lock.close()


async def test_a_foreign_transaction_makes_the_log_unavailable_and_shows_nothing(bench, monkeypatch):
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.05)
    log = await bench.make()
    claim = await log.claim("work", 0, group="g")
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError) as caught:
            await claim.publish(bench.out(b"1"), position=CommittedOffset(offset=1))
        foreign.execute("ROLLBACK")
    assert not isinstance(caught.value, OutcomeUnknown)
    assert await bench.values(log) == []
    await claim.publish(bench.out(b"2"), position=CommittedOffset(offset=1))
    assert await bench.values(log) == [b"2"]


async def test_instances_that_open_and_close_at_once_do_not_disturb_each_other(bench):
    async def once(number: int) -> None:
        log = await bench.make()
        claim = await log.claim("work", 0, group=f"g{number}")
        await claim.publish(bench.out(b"%d" % number), position=CommittedOffset(offset=1))
        await log.close()

    for start in range(0, 24, 6):
        await asyncio.gather(*(once(number) for number in range(start, start + 6)))
    assert sorted(int(value) for value in await bench.values(bench.open())) == list(range(24))


async def test_a_cancelled_publish_is_in_the_file_wholly_or_not_at_all(bench):
    log = await bench.make()
    for number in range(1, 40):
        claim = await log.claim("work", 0, group="g")
        before = len(await bench.values(log))
        publishing = claim.publish(bench.out(b"1", b"2", b"3"), position=CommittedOffset(offset=number))
        task = asyncio.create_task(publishing)
        await asyncio.sleep(number / 20_000)
        task.cancel()
        await asyncio.wait([task])
        after = await log.claim("work", 0, group="g")
        moved = after.position.offset == number
        assert len(await bench.values(log)) - before == (3 if moved else 0)


async def test_what_a_cancelled_publish_left_in_the_file_wakes_who_waits(bench):
    """The database does not count its own connection's commits: the waiter must hear of them all the same."""
    loop, cancelled = asyncio.get_running_loop(), threading.Event()

    class CancelledAfterCommit(EmbeddedLog):
        def _commit(self, connection: sqlite3.Connection) -> None:
            super()._commit(connection)
            loop.call_soon_threadsafe(cancel)
            cancelled.wait(timeout=30)

    def cancel() -> None:
        publishing.cancel()
        cancelled.set()

    await bench.make()
    log = CancelledAfterCommit(bench.path)
    claim = await log.claim("work", 0, group="g")
    waiting = asyncio.create_task(log.read("out", 0, offset=0, most=1, wait=bench.long))
    await asyncio.sleep(0.05)
    publishing = asyncio.create_task(claim.publish(bench.out(b"1"), position=CommittedOffset(offset=1)))
    async with bench.soon():
        assert [message.value for message in await waiting] == [b"1"]
    assert publishing.cancelled()
    await log.close()
