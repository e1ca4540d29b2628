"""Closing the embedded log leaves no thread, no task and nobody waiting."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import timedelta

import pytest

from broker.adapters.embedded import EmbeddedLog
from broker.adapters.embedded.store import Store
from broker.errors import UnavailableError
from broker.ports import CommittedOffset


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "event-log"]


async def test_closing_ends_the_thread_and_every_task(bench):
    tasks = asyncio.all_tasks()
    log = await bench.make()
    await log.claim("work", 0, group="g")
    await log.read("out", 0, offset=0, most=1, wait=timedelta(milliseconds=10))
    assert threads()
    await log.close()
    await log.close()
    assert not threads()
    assert asyncio.all_tasks() == tasks


async def test_closing_what_was_never_used_makes_no_file(bench):
    await bench.open().close()
    assert not threads()
    assert [file.name for file in bench.path.parent.iterdir()] == []


async def test_a_cancelled_close_ends_the_thread_too(bench):
    log = await bench.make()
    await log.claim("work", 0, group="g")
    task = asyncio.create_task(log.close())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert not threads()


async def test_a_close_that_is_cancelled_before_its_turn_closes_the_file_too(bench):
    store = Store(bench.path, poll=timedelta(milliseconds=3))
    busy = asyncio.create_task(store.read(lambda _: time.sleep(0.1)))
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0.01)
    closing.cancel()
    await asyncio.wait([busy, closing])
    assert [file.name for file in bench.path.parent.iterdir() if file.name.endswith("-wal")] == []


async def test_a_closed_instance_is_unavailable(bench):
    log = await bench.make()
    claim = await log.claim("work", 0, group="g")
    await log.close()
    with pytest.raises(UnavailableError):
        await log.end("out", 0)
    with pytest.raises(UnavailableError):
        await log.claim("work", 0, group="g")
    with pytest.raises(UnavailableError):
        await claim.publish([], position=CommittedOffset(offset=1))


async def test_whoever_waits_learns_that_the_instance_is_closed(bench):
    log = await bench.make()
    claim = await log.claim("work", 0, group="g")
    waiting = [
        asyncio.create_task(log.read("out", 0, offset=0, most=1, wait=bench.long)),
        asyncio.create_task(log.wait_for_assignment("work", group="g")),
        asyncio.create_task(claim.fetch(most=1, wait=bench.long)),
    ]
    await asyncio.sleep(0.03)
    await log.close()
    async with bench.soon():
        results = await asyncio.gather(*waiting, return_exceptions=True)
    for result in results:
        assert isinstance(result, UnavailableError)


def test_an_instance_that_nobody_closed_does_not_hang_the_process(tmp_path):
    async def forgetful() -> None:
        log = EmbeddedLog(tmp_path / "log.sqlite")
        await log.create_topics({"out": 1})
        await log.read("out", 0, offset=0, most=1, wait=timedelta(milliseconds=10))

    asyncio.run(forgetful())
