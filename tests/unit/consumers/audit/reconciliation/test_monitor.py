"""The watch over a real ledger: it reads really sealed events, says each alarm once, and waits for a backlog."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from broker.ports import Outgoing
from consumers.audit.reconciliation.monitor import LedgerReader, Monitor
from schemas.audit import AuditEvent, Consumed, Personal, Skeleton
from schemas.vocabulary import EventKind, Status
from tests.audit_world import SECRET_CASE

DIGEST = b"\x02" * 32


class Bench:
    """An audit world with its log, and a watch on it whose clock a test moves."""

    def __init__(self, audit: Any, log: Any, database: Any) -> None:
        self.audit, self.log, self.database = audit, log, database
        self.late_by = timedelta(0)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.stop = asyncio.Event()
        self.watch = self.new_watch()

    def new_watch(self, **changes: Any) -> Monitor:
        reader = LedgerReader(
            database=self.database, vault=self.audit.vault(), directory=lambda: self.audit.partnership.trusted
        )
        parts: dict[str, Any] = {
            "log": self.log,
            "partnership": self.audit.name,
            "clock": lambda: self.audit.partnership.now + self.late_by,
            "stop": self.stop,
            "observe": lambda word, facts: self.told.append((word, dict(facts))),
        }
        return Monitor(reader, **(parts | changes))

    async def publish(self, *events: Outgoing) -> None:
        await self.audit.publish(self.log, *events)

    async def record(self) -> None:
        """Let the audit service take in what is in the topic."""
        stop = asyncio.Event()
        task = asyncio.create_task(self.audit.service(self.log, self.database, stop).run())
        end = await self.log.end(self.audit.topic, 0)
        async with asyncio.timeout(20):
            while self._position() < end:  # noqa: ASYNC110 a database tells nobody
                await asyncio.sleep(0.005)
            stop.set()
            await task

    async def looks(self) -> list[str]:
        """Look twice (the second look judges as of the first), and return what was told."""
        self.told.clear()
        await self.watch.look()
        await self.watch.look()
        assert all(word == "alarm" for word, _ in self.told)
        return [facts["reason"] for _, facts in self.told]

    def _position(self) -> int:
        with self.database.transaction() as transaction:
            rows = transaction.execute("SELECT position FROM ledger_head")
        return rows[0][0] if rows else 0

    def account(self, sender: str, kind: EventKind, number: int, **about: Any) -> Outgoing:
        event_id = str(UUID(int=number, version=4))
        skeleton = Skeleton(
            event_id=event_id,
            event=kind,
            occurred_at=self.audit.partnership.now,
            organisation=sender,
            service=sender,
            answer_digest=DIGEST,
            status=Status.NO_TRACE,
            build="test",
            **about,
        )
        record = AuditEvent(skeleton=skeleton, personal=Personal(case_ref=SECRET_CASE))
        event: Outgoing = self.audit.event(sender, record=record, event_id=event_id, message_id=event_id)
        return event

    def opened(self, number: int, organisation: str = "police") -> Outgoing:
        topic = f"mash.northants.answers.hub.{organisation}.v1"
        consumed = Consumed(topic=topic, partition=0, offset=0, digest=DIGEST)
        return self.account("hub-screening", EventKind.OPENED, number, consumed=consumed)


@pytest.fixture
async def bench(audit: Any) -> Any:
    log = audit.log()
    await audit.topics(log)
    with closing(audit.open()) as database:
        yield Bench(audit, log, database)
    await log.close()


async def test_an_alarm_is_told_once_with_its_place_and_nobody(bench: Bench) -> None:
    await bench.publish(bench.opened(1))
    await bench.record()
    assert await bench.looks() == []
    bench.late_by = timedelta(seconds=16)
    assert await bench.looks() == ["ANSWER_NOT_AUDITED"]
    [(_, facts)] = bench.told
    assert facts == {
        "reason": "ANSWER_NOT_AUDITED",
        "count": 1,
        "index": 0,
        "organisation": "police",
        "event_id": str(UUID(int=1, version=4)),
    }
    assert await bench.looks() == []


async def test_an_answer_with_its_event_raises_nothing(bench: Bench) -> None:
    await bench.publish(bench.account("police", EventKind.ANSWERED, 2), bench.opened(1))
    await bench.record()
    bench.late_by = timedelta(seconds=16)
    assert await bench.looks() == []


async def test_another_organisations_recorded_event_does_not_cover_an_answer(bench: Bench) -> None:
    """Attack: health answers under the event id of the police; screening says recorded, the reconciler does not."""
    await bench.publish(bench.account("police", EventKind.ANSWERED, 2), bench.opened(1), bench.opened(3, "health"))
    await bench.record()
    bench.late_by = timedelta(seconds=16)
    assert await bench.looks() == ["ANSWER_NOT_AUDITED"]
    assert bench.told[0][1]["organisation"] == "health"


async def test_what_is_still_in_the_topic_is_waited_for(bench: Bench) -> None:
    """After a pause of the ledger its backlog holds the other half: nothing is missing yet."""
    await bench.publish(bench.account("police", EventKind.ANSWERED, 2))
    await bench.record()
    bench.late_by = timedelta(hours=2)
    await bench.publish(bench.opened(1))
    assert await bench.looks() == []
    await bench.record()
    assert await bench.looks() == []


async def test_a_restart_reads_again_and_says_again_what_is_still_amiss(bench: Bench) -> None:
    first, _skipped, third = (bench.audit.event() for _ in range(3))
    await bench.publish(first, third)
    await bench.record()
    bench.late_by = timedelta(seconds=16)
    assert await bench.looks() == ["SEQUENCE_GAP"]
    bench.watch = bench.new_watch()
    assert await bench.looks() == ["SEQUENCE_GAP"]
    fourth = bench.audit.event()
    await bench.publish(fourth)
    await bench.record()
    assert await bench.looks() == []


async def test_a_damaged_leaf_is_an_alarm_and_the_others_are_compared(bench: Bench) -> None:
    await bench.publish(bench.audit.event("health"), bench.opened(1), bench.audit.event("health"))
    await bench.record()
    with closing(sqlite3.connect(bench.audit.path)) as raw, raw:
        raw.execute("UPDATE ledger_leaf SET skeleton = zeroblob(length(skeleton)) WHERE idx = 0")
        raw.execute("DELETE FROM ledger_leaf WHERE idx = 2")
    bench.late_by = timedelta(seconds=16)
    assert await bench.looks() == ["LEAF_UNREADABLE", "LEAF_UNREADABLE", "ANSWER_NOT_AUDITED"]


async def test_it_looks_again_by_itself_until_it_is_stopped(bench: Bench) -> None:
    bench.watch = bench.new_watch(every_seconds=0.01)
    bench.late_by = timedelta(seconds=16)
    task = asyncio.create_task(bench.watch.run())
    await bench.publish(bench.opened(1))
    await bench.record()
    async with asyncio.timeout(20):
        while not bench.told:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        bench.stop.set()
        await task
