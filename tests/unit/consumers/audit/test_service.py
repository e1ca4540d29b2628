"""The service: every event recorded once, a checkpoint at once, nothing in its way, and stopping loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from broker.adapters.crypto import FileSigner
from broker.adapters.sql import SqlDatabase
from broker.errors import InvariantError, OutcomeUnknown, RejectedError, UnavailableError
from broker.exchange import early as early_module
from broker.exchange import follower
from broker.ports import EventLog, Outgoing
from broker.transparency.follow import open_own
from consumers.audit.verification.log_view import read_log


@dataclass
class Running:
    audit: Any
    log: EventLog
    database: SqlDatabase
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def until(self, wanted: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while not wanted():  # noqa: ASYNC110 a database tells nobody
                await asyncio.sleep(0.005)

    def head(self) -> tuple[int, int, int]:
        with self.database.transaction() as transaction:
            rows = transaction.execute("SELECT size, position, refused FROM ledger_head")
        return rows[0] if rows else (0, 0, 0)  # type: ignore[return-value]

    async def recorded(self, size: int) -> None:
        await self.until(lambda: self.head()[0] >= size)

    async def published(self) -> list[int]:
        view = await read_log(self.log, self.audit.name)
        return [int(value.split(b"\n")[1]) for value in view.checkpoints]

    async def shown(self, size: int) -> None:
        async with asyncio.timeout(20):
            while size not in await self.published():  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@asynccontextmanager
async def at_rest(audit: Any) -> AsyncIterator[Running]:
    log = audit.log()
    await audit.topics(log)
    try:
        with closing(audit.open()) as database:
            yield Running(audit, log, database)
    finally:
        await log.close()


@asynccontextmanager
async def running(audit: Any, **changes: Any) -> AsyncIterator[Running]:
    async with at_rest(audit) as one, started(one, **changes):
        yield one


@asynccontextmanager
async def started(one: Running, **changes: Any) -> AsyncIterator[None]:
    changes.setdefault("observe", lambda word, counts: one.told.append((word, counts)))
    changes.setdefault("log", one.log)
    log = changes.pop("log")
    service = one.audit.service(log, changes.pop("database", one.database), one.stop, **changes)
    task = asyncio.create_task(service.run())
    try:
        yield
    finally:
        one.stop.set()
        async with asyncio.timeout(20):
            await task


async def test_event_is_recorded_and_its_checkpoint_published(audit: Any) -> None:
    async with running(audit) as one:
        event = audit.event()
        await audit.publish(one.log, event)
        await one.shown(1)
        view = await read_log(one.log, audit.name)
        checkpoint = open_own(
            view.checkpoints[0],
            origin=audit.origin,
            public_keys=[audit.partnership.signers["hub-audit"].public_key],
            crypto=audit.partnership.crypto,
        )
    assert [leaf.event_id for leaf in checkpoint.leaves] == [event.key.decode()]
    assert one.told == [
        ("audit_recorded", {"leaves": 1, "copies": 0, "refused": 0, "size": 1}),
        ("checkpoints_published", {"count": 1}),
    ]
    assert audit.check(log=view).problems == ()


async def test_backlog_is_worked_off_and_restarts_go_on_where_they_stopped(audit: Any) -> None:
    async with at_rest(audit) as one:
        events = [audit.event(("police", "health", "hub")[number % 3]) for number in range(30)]
        for start in range(3):
            await audit.publish(one.log, *events[10 * start : 10 * start + 10])
            one.stop = asyncio.Event()
            async with started(one):
                await one.shown(10 * start + 10)
        assert one.head() == (30, 30, 0)
        assert await one.published() == [10, 20, 30]
        assert audit.check(log=await read_log(one.log, audit.name)).problems == ()


async def test_junk_stops_nothing_behind_it(audit: Any) -> None:
    async with running(audit) as one:
        junk = Outgoing(topic=audit.topic, key=b"junk", value=b"junk")
        await audit.publish(one.log, junk, audit.event(), junk, audit.event(), junk)
        await one.shown(2)
        await one.until(lambda: one.head() == (2, 5, 3))


async def test_batch_of_junk_moves_on_without_a_checkpoint(audit: Any) -> None:
    async with running(audit) as one:
        await audit.publish(one.log, Outgoing(topic=audit.topic, key=b"junk", value=b"junk"))
        await one.until(lambda: one.head() == (0, 1, 1))
        assert await one.published() == []


async def test_event_waits_for_the_directory_that_it_names(audit: Any) -> None:
    """Directories are renewed every few days: what was sealed in the seconds before it arrives must not be lost."""
    partnership = audit.partnership
    old = partnership.trusted
    partnership.trusted = partnership.trust(partnership.signed(partnership.directory(version=2)))
    known = {1: old.digest}
    current = [old]
    async with running(audit, directory=lambda: current[0], known_version=known.get) as one:
        await audit.publish(one.log, audit.event())
        await asyncio.sleep(0.05)
        known[2] = partnership.trusted.digest
        current[0] = partnership.trusted
        await one.shown(1)
        assert one.head() == (1, 1, 0)


async def test_event_under_a_key_of_the_next_directory_is_not_lost(audit: Any) -> None:
    """An organisation with a new key speaks before the ledger has the directory that names it."""
    partnership = audit.partnership
    old = partnership.trusted
    partnership.signers["police"] = FileSigner(bytes(range(32)))
    partnership.trusted = partnership.trust(partnership.signed(partnership.directory(version=2)))
    known = {1: old.digest}
    current = [old]
    async with running(audit, directory=lambda: current[0], known_version=known.get) as one:
        await audit.publish(one.log, audit.event())
        await asyncio.sleep(0.05)
        known[2] = partnership.trusted.digest
        current[0] = partnership.trusted
        await one.shown(1)
        assert one.head() == (1, 1, 0)


async def test_event_whose_directory_never_comes_is_refused(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early_module, "PATIENCE", timedelta(milliseconds=50))
    partnership = audit.partnership
    old = partnership.trusted
    partnership.trusted = partnership.trust(partnership.signed(partnership.directory(version=2)))
    early = audit.event()
    partnership.trusted = old
    async with running(audit, known_version={1: old.digest}.get) as one:
        await audit.publish(one.log, early, audit.event("health"))
        await one.until(lambda: one.head() == (1, 2, 1))


async def test_stopping_while_an_event_waits_for_its_directory_loses_nothing(audit: Any) -> None:
    partnership = audit.partnership
    old = partnership.trusted
    partnership.trusted = partnership.trust(partnership.signed(partnership.directory(version=2)))
    early = audit.event()
    async with at_rest(audit) as one:
        await audit.publish(one.log, early, audit.event("health"))
        async with started(one, directory=lambda: old, known_version={1: old.digest}.get):
            await one.until(lambda: one.head() == (0, 0, 0))
            await asyncio.sleep(0.05)
        assert one.head() == (0, 0, 0)
        one.stop = asyncio.Event()
        async with started(one):
            await one.shown(2)
        assert one.head() == (2, 2, 0)


# ---------------------------------------------------------------- what stops it, and what does not


async def test_foreign_signing_key_is_refused_at_the_start(audit: Any) -> None:
    """Checkpoints that nobody can check are worse than none: all would wait for them in vain."""
    keys = replace(audit.partnership.keys("hub-audit"), signer=FileSigner(bytes(range(32))))
    async with at_rest(audit) as one:
        with pytest.raises(InvariantError, match="signing key"):
            await audit.service(one.log, one.database, one.stop, keys=keys).run()
        with pytest.raises(InvariantError, match="signing key"):
            await audit.service(one.log, one.database, one.stop, keys=audit.partnership.keys("police")).run()


async def test_audit_topic_of_two_partitions_is_refused(audit: Any) -> None:
    log = audit.log()
    await log.create_topics({audit.topic: 2, audit.checkpoints_topic: 1})
    with closing(audit.open()) as database, pytest.raises(InvariantError, match="one partition"):
        await audit.service(log, database, asyncio.Event()).run()
    await log.close()


async def test_missing_topic_is_told(audit: Any) -> None:
    log = audit.log()
    await log.create_topics({"other": 1})
    with closing(audit.open()) as database, pytest.raises(RejectedError, match="UNKNOWN_TOPIC"):
        await audit.service(log, database, asyncio.Event()).run()
    await log.close()


@pytest.mark.parametrize(
    "sql", ["DELETE FROM ledger_node", "UPDATE ledger_head SET size = 1", "DELETE FROM ledger_checkpoint"]
)
async def test_altered_ledger_stops_it_at_the_start(audit: Any, sql: str) -> None:
    audit.filled(2)
    async with at_rest(audit) as one:
        with one.database.transaction() as transaction:
            transaction.execute(sql)
        with pytest.raises(InvariantError):
            await audit.service(one.log, one.database, one.stop).run()


class Flaky:
    """A database whose transactions fail for a while, before they begin or after they were committed."""

    def __init__(self, database: SqlDatabase, *, fault: Exception, times: int) -> None:
        self.database, self.fault, self.times = database, fault, times

    def transaction(self) -> Any:
        if self.times:
            self.times -= 1
            raise self.fault
        return self.database.transaction()

    def close(self) -> None:
        self.database.close()


async def test_database_that_is_away_is_tried_again(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "PAUSE_AFTER_TROUBLE_SECONDS", 0.001)
    async with at_rest(audit) as one:
        flaky = Flaky(one.database, fault=UnavailableError("locked"), times=3)
        async with started(one, database=flaky):
            await audit.publish(one.log, audit.event())
            await one.shown(1)
            flaky.fault, flaky.times = OutcomeUnknown("lost"), 4
            await audit.publish(one.log, audit.event())
            await one.shown(2)
        assert [word for word, _ in one.told].count("audit_waits") >= 2
        assert await one.published() == [1, 2]


async def test_damaged_database_stops_it(audit: Any) -> None:
    async with at_rest(audit) as one:
        flaky = Flaky(one.database, fault=RejectedError("DATABASE_DAMAGED", "ledger.sqlite"), times=0)
        service = audit.service(one.log, flaky, one.stop)
        task = asyncio.create_task(service.run())
        await audit.publish(one.log, audit.event())
        await one.shown(1)
        flaky.times = 1000
        await audit.publish(one.log, audit.event())
        with pytest.raises(RejectedError, match="DATABASE_DAMAGED"):
            async with asyncio.timeout(20):
                await task
        assert one.head()[0] == 1


async def test_stop_ends_it_although_the_log_is_away(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "PAUSE_AFTER_TROUBLE_SECONDS", 0.001)
    async with at_rest(audit) as one:

        async def away(*args: Any, **kwargs: Any) -> Any:
            raise UnavailableError("away")

        one.log.partitions = away  # type: ignore[method-assign]
        async with started(one):
            await one.until(lambda: len(one.told) > 2)
        assert {word for word, _ in one.told} == {"audit_waits"}


async def test_what_is_told_holds_counts_only(audit: Any) -> None:
    async with running(audit) as one:
        await audit.publish(one.log, audit.event(), audit.event())
        await one.shown(2)
    assert all(isinstance(value, int) for _, counts in one.told for value in counts.values())


async def test_idle_service_stops_soon(audit: Any) -> None:
    async with running(audit) as one:
        await one.until(lambda: one.head() == (0, 0, 0))
        await asyncio.sleep(timedelta(milliseconds=20).total_seconds())
