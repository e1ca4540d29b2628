"""The follower: every committed message once, in order, from the place that its reader remembers."""

from __future__ import annotations

import asyncio

import pytest

from broker.errors import RejectedError, UnavailableError
from broker.exchange import follower
from broker.exchange.follower import follow, insist
from broker.ports import CommittedOffset
from tests.dying_world import WORK, Cue, DyingLog


async def read(desk, *, count, offset=0, log=None):
    """Follow until so many messages came, then stop."""
    stop, found = asyncio.Event(), []
    async with asyncio.timeout(30):
        async for messages in follow(log or desk.log(), WORK, 0, offset=offset, stop=stop):
            found += [message.value.decode() for message in messages]
            if len(found) >= count:
                stop.set()
    return found


async def test_messages_come_in_order_from_the_offset_on(desk):
    await desk.given("a", "b", "c")
    assert await read(desk, count=3) == ["a", "b", "c"]
    assert await read(desk, count=2, offset=1) == ["b", "c"]


async def test_messages_that_come_later_are_followed(desk):
    await desk.given("a")
    reading = asyncio.create_task(read(desk, count=3))
    await desk.given("b")
    await desk.given("c")
    assert await reading == ["a", "b", "c"]


async def test_a_silence_gives_nothing_and_ends_nothing(desk):
    await desk.given("a")
    reads: list[int] = []

    class Counting(DyingLog):
        async def read(self, *args, **settings):
            found = await super().read(*args, **settings)
            reads.append(len(found))
            return found

    reading = asyncio.create_task(read(desk, count=2, log=Counting(desk.log(), Cue())))
    while reads.count(0) < 2:  # noqa: ASYNC110 - the reader goes on by itself
        await asyncio.sleep(0.005)
    await desk.given("b")
    assert await reading == ["a", "b"]


async def test_many_messages_come_in_batches_without_loss(desk, monkeypatch):
    monkeypatch.setattr(follower, "MOST_AT_ONCE", 3)
    await desk.given(*"abcdefgh")
    assert await read(desk, count=8) == list("abcdefgh")


async def test_a_log_that_is_away_is_waited_for(desk):
    await desk.given("a", "b")
    left = [3]

    class Away(DyingLog):
        async def read(self, *args, **settings):
            if left[0]:
                left[0] -= 1
                raise UnavailableError("away")
            return await super().read(*args, **settings)

    assert await read(desk, count=2, log=Away(desk.log(), Cue())) == ["a", "b"]


async def test_an_unknown_topic_is_an_error_and_no_silence(desk):
    await desk.given("a")
    with pytest.raises(RejectedError, match="UNKNOWN_TOPIC"):
        async for _ in follow(desk.log(), "nowhere", 0, offset=0, stop=asyncio.Event()):
            pass


async def test_a_follower_that_was_told_to_stop_gives_nothing(desk):
    await desk.given("a")
    stop = asyncio.Event()
    stop.set()
    assert [messages async for messages in follow(desk.log(), WORK, 0, offset=0, stop=stop)] == []


async def test_a_follower_takes_nothing_from_a_worker(desk):
    await desk.given("a")
    assert await read(desk, count=1) == ["a"]
    assert await desk.log().committed(WORK, 0, group="police") == CommittedOffset(offset=0)


async def test_insisting_takes_a_step_again_until_nothing_is_away(monkeypatch):
    monkeypatch.setattr(follower, "PAUSE_AFTER_TROUBLE_SECONDS", 0.001)
    tries, waits = [], []

    async def step():
        tries.append(1)
        if len(tries) < 4:
            raise UnavailableError("away")
        return "done"

    assert await insist(step, stop=asyncio.Event(), waits=lambda: waits.append(1)) == "done"
    assert (len(tries), len(waits)) == (4, 3)


async def test_insisting_ends_with_the_fault_once_the_process_stops():
    stop = asyncio.Event()
    stop.set()

    async def step():
        raise UnavailableError("away")

    with pytest.raises(UnavailableError):
        await insist(step, stop=stop)
