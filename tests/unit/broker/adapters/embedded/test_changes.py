"""Waiting for news never misses any, and looks again rather once too often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from broker.adapters.embedded.changes import Changes


class SilentStore:
    """Never tells any news itself."""

    def watch(self, news: Callable[[], None]) -> None:
        pass


async def test_news_that_comes_while_looking_is_not_missed(bench):
    changes = Changes(SilentStore())
    answers = [(), ("found",)]

    async def look() -> tuple[str, ...]:
        answer = answers.pop(0)
        changes.wake()
        return answer

    async with bench.soon():
        assert await changes.first(look, within=bench.long) == ("found",)


async def test_everybody_who_waits_is_woken(bench):
    changes = Changes(SilentStore())
    found: tuple[str, ...] = ()

    async def look() -> tuple[str, ...]:
        return found

    waiting = [asyncio.create_task(changes.first(look, within=bench.long)) for _ in range(3)]
    await asyncio.sleep(0)
    found = ("found",)
    changes.wake()
    async with bench.soon():
        assert await asyncio.gather(*waiting) == [("found",)] * 3


async def test_the_last_look_is_when_the_time_is_over():
    changes = Changes(SilentStore())
    answers = [(), ("late",)]

    async def look() -> tuple[str, ...]:
        return answers.pop(0)

    assert await changes.first(look, within=timedelta(milliseconds=5)) == ("late",)
