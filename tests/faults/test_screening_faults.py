"""The process dies, or does not learn what became of it, before and after every single commit that screening makes.

Whatever happens: nothing is lost, nothing is published twice, every opened answer is accounted for exactly once, and
the numbers of the audit events have no gap.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest

from broker.adapters.embedded import EmbeddedLog
from broker.adapters.sql import SqlDatabase
from broker.errors import OutcomeUnknown
from broker.exchange import follower, outbox
from consumers.screening import service
from schemas.vocabulary import Status
from tests.screening_world import Request, World, an_item

MOST_COMMITS: Final = 200
"""More than one run makes: the loop ends by itself, when a run makes fewer commits than the one that fails."""


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
            raise _Died  # a dead process commits nothing more, whichever of its tasks tries
        if cls.commits != cls.at or cls.after_effect:
            commit()
        if cls.commits == cls.at:
            raise cls.raises


class FaultyDatabase(SqlDatabase):
    def _commit(self, connection: sqlite3.Connection) -> None:
        _Fault.meet(lambda: super(FaultyDatabase, self)._commit(connection))


class FaultyLog(EmbeddedLog):
    def _commit(self, connection: sqlite3.Connection) -> None:
        _Fault.meet(lambda: super(FaultyLog, self)._commit(connection))


@pytest.fixture
def world(make_partnership: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(follower, "IDLE", timedelta(milliseconds=10))
    monkeypatch.setattr(service, "LOOK_AGAIN", timedelta(milliseconds=10))
    monkeypatch.setattr(follower, "PAUSE_AFTER_TROUBLE_SECONDS", 0.005)
    monkeypatch.setattr(outbox, "PAUSE_SECONDS", 0.005)
    folder = tmp_path / "before"
    folder.mkdir(mode=0o700)
    return World(partnership=make_partnership(), folder=folder)


async def _run(world: World) -> None:
    """Run until the planned death, or to the end."""
    with suppress(_Died):
        try:
            await world.run()
        except BaseExceptionGroup as group:
            if group.subgroup(_Died) is None:
                raise


async def _check(world: World, request: Request) -> None:
    bodies = await world.summaries(request)
    assert [body.version for body in bodies] == list(range(1, len(bodies) + 1))  # none lost, none twice, in order
    assert bodies[-1].complete
    assert [one.recorded for one in bodies[-1].answers] == [True, True]
    assert [one.answer.status.status for one in bodies[-1].answers if one.answer] == [Status.SUMMARY, Status.NO_TRACE]
    events = await world.events()
    assert [event.header.sequence for event in events] == [1, 2, 3]
    assert len({event.record.skeleton.answer_digest for event in events}) == 3
    assert (world.quarantined(), world.alarms) == ({}, [])


@pytest.mark.parametrize("after_effect", [False, True], ids=["before-it-took-effect", "after-it-took-effect"])
@pytest.mark.parametrize("raises", [_Died, OutcomeUnknown], ids=["death", "unknown"])
@pytest.mark.parametrize("faulty", ["database", "log"])
async def test_fault_at_any_commit_loses_nothing_and_publishes_nothing_twice(
    world: World, tmp_path: Path, faulty: str, raises: type[BaseException], after_effect: bool
) -> None:
    request = world.request()
    await world.publish(
        world.answer(request, "police", revision=0, status=Status.AWAITED),
        world.dispatch(request),
        world.answer(request, "police", items=(an_item(),)),
        world.answer(request, "health", status=Status.NO_TRACE),
        world.checkpoint(request.event_id("police"), request.event_id("health")),
    )
    world.database().close()  # the tables are there before anything goes wrong
    template = world.folder
    for commit in range(1, MOST_COMMITS):
        world.folder = tmp_path / f"{commit}"
        shutil.copytree(template, world.folder)
        world.database_type = FaultyDatabase if faulty == "database" else SqlDatabase
        world.log_type = FaultyLog if faulty == "log" else EmbeddedLog
        # The schema statements of opening are one commit, before the service runs.
        _Fault.plan(commit + (faulty == "database"), raises, after_effect=after_effect)
        await _run(world)
        met = _Fault.commits >= _Fault.at
        world.database_type, world.log_type = SqlDatabase, EmbeddedLog
        await world.run()
        await _check(world, request)
        if not met:
            return
    pytest.fail("the runs never got to an end")
