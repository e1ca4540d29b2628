"""A disk that is full: what was in hand waits, nothing is lost or numbered twice, and it goes on when there is room."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from broker.exchange import worker
from broker.exchange.worker import Delivery
from broker.ports import Message
from tests.dying_world import Desk, ending

GIVEN = [f"m{number}" for number in range(40)]


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(worker, "IDLE", timedelta(milliseconds=20))
    monkeypatch.setattr(worker, "PAUSE_AFTER_TROUBLE_SECONDS", 0.05)
    monkeypatch.setattr(worker, "MOST_AT_ONCE", 4)
    made = Desk(folder=tmp_path, lease=timedelta(milliseconds=300))
    yield made
    await made.close()


@contextmanager
def no_room(*paths: Path) -> Iterator[None]:
    """Let no file of this process grow beyond the largest of these, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(path.stat().st_size for path in paths), limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("full", ["journal.sqlite-wal", "log.sqlite-wal"])
async def test_a_full_disk_is_waited_out_by_the_worker(desk: Desk, full: str) -> None:
    await desk.given(*GIVEN)
    in_hand, troubled = asyncio.Event(), asyncio.Event()

    async def handle(message: Message, delivery: Delivery):
        if message.value == b"m8":
            in_hand.set()
            await go_on.wait()
        # Each ending writes more than is left.
        return ending(message, delivery)

    go_on = asyncio.Event()
    one = desk.worker(handle)
    one.troubled = lambda _: troubled.set()
    async with desk.at_work(one):
        await in_hand.wait()
        with no_room(desk.folder / full):
            go_on.set()
            await troubled.wait()
            before = len(await desk.told())
            await asyncio.sleep(0.3)  # several tries
            assert len(await desk.told()) == before < len(GIVEN)
        await desk.ended()
    told = await desk.told()
    assert [(text, sequence) for text, sequence, _ in told] == [(text, index + 1) for index, text in enumerate(GIVEN)]
    assert {attempts for _, _, attempts in told} == {0}, "no message was made poison by it"
