"""The exchange under a process that dies just before or just after any of its writes took effect.

Afterwards a reader of committed messages sees every message ended exactly once, under dense numbers, nothing lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from broker.adapters.sql import SqlDatabase
from broker.errors import OutcomeUnknown
from broker.exchange import outbox as outbox_store
from broker.exchange import worker
from broker.exchange.outbox import Outbox
from broker.exchange.worker import Delivery
from broker.ports import EventLog, Message, Outgoing
from tests.dying_world import OUT, Cue, Desk, DyingLog, Killed, ending, failing

GIVEN = ["a", "b", "c", "d", "e"]
STEPS_OF_ONE_BATCH = [
    "count, not written",
    "count, written",
    "record, not written",
    "record, written",
    "publish, not written",
    "publish, written",
]


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(worker, "IDLE", timedelta(milliseconds=20))
    monkeypatch.setattr(worker, "PAUSE_AFTER_TROUBLE_SECONDS", 0.01)
    monkeypatch.setattr(worker, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(outbox_store, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(outbox_store, "MOST_ENDINGS_AT_ONCE", 2)
    # A process that died leaves its partition to the next one when its lease is over.
    made = Desk(folder=tmp_path, lease=timedelta(milliseconds=100))
    yield made
    await made.close()


# ---------------------------------------------------------------- the worker


@pytest.mark.parametrize("at", range(len(STEPS_OF_ONE_BATCH) * 3))
async def test_a_worker_killed_at_any_write_loses_and_doubles_nothing(desk: Desk, at: int) -> None:
    await desk.given(*GIVEN)
    cue = Cue(at=at)
    assert await desk.until_dead(desk.worker(cue=cue))
    assert cue.steps == (STEPS_OF_ONE_BATCH * 3)[: at + 1]
    assert not await desk.until_dead(desk.worker())
    told = await desk.told()
    assert [(text, sequence) for text, sequence, _ in told] == [(text, index + 1) for index, text in enumerate(GIVEN)]
    entry = desk.rows("SELECT position, event_id, sequence, attempts FROM journal ORDER BY position")
    assert entry == [(index, f"event-{index}", index + 1, 0) for index in range(len(GIVEN))]


@pytest.mark.parametrize("first", range(len(STEPS_OF_ONE_BATCH)))
@pytest.mark.parametrize("second", [1, 3, 4])
async def test_a_worker_killed_twice_in_a_row_loses_and_doubles_nothing(desk: Desk, first: int, second: int) -> None:
    await desk.given("a", "b")
    assert await desk.until_dead(desk.worker(cue=Cue(at=first)))
    await desk.until_dead(desk.worker(cue=Cue(at=second)))  # the first commit may have left nothing to die of
    await desk.until_dead(desk.worker())
    assert [(text, sequence) for text, sequence, _ in await desk.told()] == [("a", 1), ("b", 2)]


async def test_a_message_that_kills_its_process_is_tried_alone_and_then_handed_over_as_poison(desk: Desk) -> None:
    await desk.given("a", "deadly")
    seen: list[tuple[str, int]] = []

    async def handle(message: Message, delivery: Delivery):
        seen.append((message.value.decode(), delivery.attempts))
        if message.value == b"deadly" and delivery.attempts < 2:
            raise Killed("in the handler")
        return ending(message, delivery)

    assert await desk.until_dead(desk.worker(handle))
    alone = desk.worker(handle)
    assert await desk.until_dead(alone)
    assert [len(batch) for batch in alone.log.published] == [1]  # "a" was ended by itself, and is out of danger
    assert not await desk.until_dead(desk.worker(handle))
    assert seen == [("a", 0), ("deadly", 0), ("a", 1), ("deadly", 1), ("deadly", 2)]
    assert await desk.told() == [("a", 1, 1), ("deadly", 2, 2)]


# ---------------------------------------------------------------- the outbox


STREAM = "hub.asks"
SCHEMA = (*outbox_store.SCHEMA, "CREATE TABLE IF NOT EXISTS state (said TEXT NOT NULL)")


class DyingDatabase:
    """The hub's database, whose commits may die before or after they took effect."""

    def __init__(self, database: SqlDatabase, cue: Cue) -> None:
        self._database = database
        self._cue = cue

    @contextmanager
    def transaction(self) -> Iterator[object]:
        with self._database.transaction() as transaction:
            yield transaction
            self._cue("commit, not written")
        self._cue("commit, written")

    @contextmanager
    def snapshot(self) -> Iterator[object]:
        with self._database.snapshot() as transaction:
            yield transaction
        self._cue("read")

    def close(self) -> None:
        self._database.close()


class Hub:
    """One process of the hub: its state, its outbox, its view of the log."""

    def __init__(self, desk: Desk, cue: Cue) -> None:
        self._database = DyingDatabase(desk.database("hub", SCHEMA), cue)
        self._outbox = Outbox(self._database, stream=STREAM, anchor="source")
        self._log = DyingLog(desk.log(), cue)

    def ask(self, text: str) -> None:
        """Change the state and store what goes out, in one transaction."""
        with self._database.transaction() as transaction:
            transaction.execute("INSERT INTO state (said) VALUES (:text)", text=text)
            sequence = self._outbox.take_sequence(transaction)
            value = f"{text} {sequence} 0".encode()
            self._outbox.put(transaction, sequence, [Outgoing(topic=OUT, key=b"k", value=value)] * 2)

    async def drain(self, log: EventLog | None = None) -> None:
        await self._outbox.drain(log or self._log)

    async def ask_and_drain(self, text: str) -> None:
        self.ask(text)
        await self.drain()


async def made(desk: Desk) -> None:
    await desk.log().create_topics({OUT: 1, "source": 1})


def state(desk: Desk) -> list[str]:
    with desk.database("hub", SCHEMA).transaction() as transaction:
        return [text for (text,) in transaction.execute("SELECT said FROM state")]


async def test_an_outbox_killed_at_any_write_publishes_what_the_state_holds_exactly_once(desk: Desk) -> None:
    await made(desk)
    died, at = 0, 0
    while died == at:  # until a run comes to its end without having met its step
        try:
            await Hub(desk, Cue(at=at)).ask_and_drain(f"request-{at}")
        except Killed:
            died += 1
        at += 1
    assert died > 8
    # Before it was committed nothing was asked; after it, everything goes out with the next command.
    kept = [f"request-{index}" for index in range(1, at)]
    assert state(desk) == kept
    told = [(text, sequence) for text, sequence, _ in await desk.told()]
    assert told == [(text, index) for index, text in enumerate(kept, start=1) for _ in range(2)]


@pytest.mark.parametrize("step", ["publish, not written", "publish, written"])
async def test_an_outbox_that_loses_the_answer_of_a_commit_looks_how_far_it_came(desk: Desk, step: str) -> None:
    await made(desk)
    hub = Hub(desk, Cue())
    for text in GIVEN:
        hub.ask(text)
    await hub.drain(DyingLog(desk.log(), failing(step, OutcomeUnknown("lost"), times=2)))
    told = [(text, sequence) for text, sequence, _ in await desk.told()]
    assert told == [(text, index) for index, text in enumerate(GIVEN, start=1) for _ in range(2)]


async def test_two_commands_that_drain_at_once_publish_once(desk: Desk) -> None:
    await made(desk)
    hubs = [Hub(desk, Cue()) for _ in range(3)]
    for index, text in enumerate(GIVEN * 4):
        hubs[index % 3].ask(text)
    async with asyncio.timeout(30):
        await asyncio.gather(*(hub.drain() for hub in hubs))
    told = [(text, sequence) for text, sequence, _ in await desk.told()]
    assert told == [(text, index) for index, text in enumerate(GIVEN * 4, start=1) for _ in range(2)]
