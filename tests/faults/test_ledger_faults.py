"""The audit service dies, or does not learn what became of it, before and after every single write that it makes.

Whatever happens: no event is lost, none stands twice, the published checkpoints have no hole and no copy, and none was
ever published that was not stored before.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest

from broker.adapters.embedded import EmbeddedLog
from broker.adapters.sql import SqlDatabase
from broker.errors import OutcomeUnknown, UnavailableError
from broker.exchange import follower
from broker.ports import Claim, CommittedOffset, Message, Outgoing
from consumers.audit.tables import SCHEMA
from consumers.audit.verification.log_view import read_log
from tests.audit_world import Audit

EVENTS: Final = 5
MOST_WRITES: Final = 200
"""More than one run makes: the loop ends by itself, when a run makes fewer writes than the one that fails."""


class _Died(BaseException):
    """The process is gone: nobody may catch this."""


class _Fault:
    """What goes wrong at which commit, and whether that commit still took effect."""

    at: ClassVar[int] = 0
    raises: ClassVar[type[BaseException]] = _Died
    after_effect: ClassVar[bool] = False
    commits: ClassVar[int] = 0

    @classmethod
    def plan(cls, at: int, raises: type[BaseException], *, after_effect: bool) -> None:
        cls.at, cls.raises, cls.after_effect, cls.commits = at, raises, after_effect, 0

    @classmethod
    def meet(cls, commit: Callable[[], None]) -> None:
        cls.commits += 1
        if cls.commits > cls.at and cls.raises is _Died:
            raise _Died  # a dead process commits nothing more, whichever of its threads tries
        if cls.commits != cls.at or cls.after_effect:
            commit()
        if cls.commits == cls.at:
            raise cls.raises


class FaultyDatabase(SqlDatabase):
    def _commit(self, connection: sqlite3.Connection) -> None:
        _Fault.meet(lambda: super(FaultyDatabase, self)._commit(connection))


class _WatchedClaim(Claim):
    """Looks, as another process would, whether what is published was stored before."""

    def __init__(self, claim: Claim, ledger: Path) -> None:
        self.position = claim.position
        self._claim, self._ledger = claim, ledger

    async def fetch(self, *, most: int, wait: timedelta) -> tuple[Message, ...]:
        return await self._claim.fetch(most=most, wait=wait)

    async def publish(self, messages: Any, *, position: CommittedOffset) -> None:
        with closing(sqlite3.connect(self._ledger)) as connection:
            stored = {note for (note,) in connection.execute("SELECT note FROM ledger_checkpoint")}
        assert all(message.value in stored for message in messages), "published before it was stored"
        await self._claim.publish(messages, position=position)

    async def release(self) -> None:
        await self._claim.release()


class WatchedLog(EmbeddedLog):
    ledger: Path

    async def claim(self, topic: str, partition: int, *, group: str) -> Claim:
        return _WatchedClaim(await super().claim(topic, partition, group=group), self.ledger)


class FaultyLog(WatchedLog):
    def _commit(self, connection: sqlite3.Connection) -> None:
        _Fault.meet(lambda: super(FaultyLog, self)._commit(connection))


@pytest.fixture
def audit(make_partnership: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Audit:
    monkeypatch.setattr(follower, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(follower, "IDLE", timedelta(milliseconds=10))
    monkeypatch.setattr(follower, "PAUSE_AFTER_TROUBLE_SECONDS", 0.005)
    folder = tmp_path / "template"
    folder.mkdir()
    return Audit(partnership=make_partnership(), folder=folder)


async def publish(audit: Audit, count: int = EVENTS) -> list[Outgoing]:
    log = EmbeddedLog(audit.folder / "log.sqlite")
    audit.expected = count
    await audit.topics(log)
    events = [audit.event(("police", "health")[number % 2]) for number in range(count)]
    junk = Outgoing(topic=audit.topic, key=b"junk", value=b"junk")
    copy = events[0]
    await audit.publish(log, *events[:2], junk, copy, *events[2:])
    await log.close()
    return events


def size_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.Error):
        rows = connection.execute("SELECT size FROM ledger_head").fetchall()
        return int(rows[0][0]) if rows else 0
    return 0


async def run(
    audit: Audit, *, database_type: type[SqlDatabase] = SqlDatabase, log_type: type[WatchedLog] = WatchedLog
) -> None:
    """Run one process until all is published, or until it dies."""
    log = log_type(audit.folder / "log.sqlite")
    log.ledger = audit.path
    watcher = EmbeddedLog(audit.folder / "log.sqlite")
    stop = asyncio.Event()
    database: SqlDatabase | None = None
    task: asyncio.Task[None] | None = None
    try:
        with suppress(_Died):
            database = database_type.open(audit.path, schema=SCHEMA)
            task = asyncio.create_task(audit.service(log, database, stop).run())
            async with asyncio.timeout(20):
                while not task.done() and not await all_published(audit, watcher):  # noqa: ASYNC110
                    await asyncio.sleep(0.003)
                stop.set()
                await task
    finally:
        for close in (log.close, watcher.close):
            with suppress(_Died, UnavailableError):
                await close()
        if database is not None:
            database.close()


async def all_published(audit: Audit, log: EmbeddedLog) -> bool:
    view = await read_log(log, audit.name)
    return any(value.split(b"\n")[1] == b"%d" % audit.expected for value in view.checkpoints)


async def check(audit: Audit, events: list[Outgoing]) -> None:
    log = EmbeddedLog(audit.folder / "log.sqlite")
    view = await read_log(log, audit.name)
    await log.close()
    sizes = [int(value.split(b"\n")[1]) for value in view.checkpoints]
    assert sizes == sorted(set(sizes)), "a checkpoint was published twice, or out of order"
    starts = [int(value.split(b"\n")[3].removeprefix(b"previous ")) for value in view.checkpoints]
    assert starts == [0, *sizes[:-1]], "a checkpoint is missing"
    report = audit.check(log=view)
    assert (report.size, report.verified) == (len(events), True), report.problems
    assert [problem.detail for problem in report.problems] == ["1 refused as MALFORMED, the first at offset 2"]
    with closing(sqlite3.connect(audit.path)) as connection:
        stored = connection.execute("SELECT event_id FROM ledger_leaf ORDER BY idx").fetchall()
        notes = connection.execute("SELECT note FROM ledger_checkpoint ORDER BY number").fetchall()
    assert [event_id for (event_id,) in stored] == [event.key.decode() for event in events]
    assert tuple(note for (note,) in notes) == view.checkpoints


@pytest.mark.parametrize("after_effect", [False, True], ids=["before-it-took-effect", "after-it-took-effect"])
@pytest.mark.parametrize("raises", [_Died, OutcomeUnknown], ids=["death", "unknown"])
@pytest.mark.parametrize("faulty", ["database", "log"])
async def test_fault_at_any_write_loses_nothing_and_doubles_nothing(
    audit: Audit, tmp_path: Path, faulty: str, raises: type[BaseException], after_effect: bool
) -> None:
    events = await publish(audit)
    SqlDatabase.open(audit.path, schema=SCHEMA).close()  # the tables are there before anything goes wrong
    template = audit.folder
    for write in range(1, MOST_WRITES):
        audit.folder = tmp_path / f"{write}"
        shutil.copytree(template, audit.folder)
        # The schema statements of opening are one commit, before the service runs.
        _Fault.plan(write + (faulty == "database"), raises, after_effect=after_effect)
        if faulty == "database":
            await run(audit, database_type=FaultyDatabase)
        else:
            await run(audit, log_type=FaultyLog)
        met = _Fault.commits >= _Fault.at
        await run(audit)
        await check(audit, events)
        if not met:
            assert write > 3
            return
    pytest.fail("the runs never got to an end")


def test_killed_again_and_again_it_loses_nothing_and_doubles_nothing(audit: Audit) -> None:
    """kill -9, at moments that nobody chose."""
    events = asyncio.run(publish(audit, 40))
    SqlDatabase.open(audit.path, schema=SCHEMA).close()
    chance = random.Random(20261123)
    sizes = []
    for _ in range(12):
        child = os.fork()
        if child == 0:
            with suppress(BaseException):
                asyncio.run(run(audit))
            os._exit(0)
        time.sleep(chance.uniform(0.005, 0.12))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        sizes.append(size_of(audit.path))
    asyncio.run(run(audit))
    asyncio.run(check(audit, events))
    assert sizes == sorted(sizes)


async def test_two_processes_on_one_ledger_record_each_event_once(audit: Audit) -> None:
    """It must not happen, and must do no harm: a supervisor starts one while the old one is still dying."""
    events = await publish(audit)
    SqlDatabase.open(audit.path, schema=SCHEMA).close()
    logs = [WatchedLog(audit.folder / "log.sqlite") for _ in range(2)]
    databases = [SqlDatabase.open(audit.path, schema=SCHEMA) for _ in range(2)]
    stop = asyncio.Event()
    tasks = []
    for log, database in zip(logs, databases, strict=True):
        log.ledger = audit.path
        tasks.append(asyncio.create_task(audit.service(log, database, stop).run()))
    watcher = EmbeddedLog(audit.folder / "log.sqlite")
    async with asyncio.timeout(20):
        while not await all_published(audit, watcher):  # noqa: ASYNC110 a file tells nobody
            await asyncio.sleep(0.005)
        stop.set()
        await asyncio.gather(*tasks)
    for each in (*logs, watcher):
        await each.close()
    for database in databases:
        database.close()
    await check(audit, events)
