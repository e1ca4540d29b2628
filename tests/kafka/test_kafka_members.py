"""Instances of one agent that come, go, die and get stuck: each request ends once, and nobody waits longer than needed.

Here are real workers with one journal, as an organisation's instances have it.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from broker.adapters.kafka import member
from broker.adapters.sql import SqlDatabase
from broker.bootstrap.principal import utc_now
from broker.exchange import journal as journal_store
from broker.exchange.journal import Journal, JournalEntry
from broker.exchange.seal import SealedBatch
from broker.exchange.worker import Delivery, Worker
from broker.ports import Message, Outgoing

COUNT = 160
PARTITIONS = 4
LONG = timedelta(seconds=24)
"""A session that no test waits for: what comes sooner came for another reason."""
OWNING = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from broker.adapters.kafka import KafkaLog

bootstrap, work, group, slots = sys.argv[1:]

async def main():
    log = KafkaLog(bootstrap, client_id="dying", session=timedelta(seconds=24), slots=Path(slots))
    await log.claim(work, await log.wait_for_assignment(work, group=group), group=group)
    Path(slots, "owned").touch()
    await asyncio.sleep(3600)

asyncio.run(main())
"""


class Instances:
    """One organisation's instances, and what went wrong for them."""

    def __init__(self, bench, folder: Path) -> None:
        self.troubles: Counter[str] = Counter()
        self.moves = 0
        self._bench = bench
        self._journal = Journal(SqlDatabase.open(folder / "journal.sqlite", schema=journal_store.SCHEMA))
        self._running: list[tuple[Worker, asyncio.Task[None]]] = []

    async def start(self) -> None:
        """Start one more."""
        worker = Worker(
            log=self._bench.open(),
            topic=self._bench.work,
            group=self._bench.group,
            journal=self._journal,
            handle=self._end,
            clock=utc_now,
            stop=asyncio.Event(),
            troubled=lambda reason: self.troubles.update([reason]),
        )
        self._running.append((worker, asyncio.create_task(worker.run())))
        self.moves += 1

    async def stop(self, number: int) -> None:
        """Stop one as SIGTERM does: what it has in hand ends."""
        worker, task = self._running.pop(number)
        worker.stop.set()
        await task
        await worker.log.close()
        self.moves += 1

    async def stop_all(self) -> None:
        """Stop those that are left."""
        while self._running:
            await self.stop(0)

    async def _end(self, message: Message, delivery: Delivery) -> SealedBatch:
        await asyncio.sleep(random.uniform(0, 0.01))
        told = b"%s %s %d" % (message.value, delivery.stream.encode(), delivery.sequence)
        entry = JournalEntry(
            place=message.place,
            event_id=f"event-{message.place.partition}-{message.place.offset}",
            answer_id=None,
            answer_digest=None,
            stream=delivery.stream,
            sequence=delivery.sequence,
            reason=None,
        )
        return SealedBatch(outgoing=(Outgoing(topic=self._bench.out, key=b"key", value=told),), entry=entry)


@pytest.mark.parametrize("most", [2, 3])
async def test_instances_that_come_and_go_under_load_end_each_request_once(bench, tmp_path, report, most):
    asking = await bench.make(partitions=PARTITIONS)
    instances = Instances(bench, tmp_path)
    asked = asyncio.create_task(bench.ask_one_by_one(asking, COUNT))
    async with bench.soon():
        for number in range(most):
            await instances.start()
            await bench.answers(asking, count=5 * number + 5)  # the next takes a share from those that are at work
        for seen in range(30, COUNT, 40):
            await bench.answers(asking, count=seen)
            await instances.stop(0)
            await instances.start()
        await asked
        answers = [answer.decode().split() for answer in await bench.answers(asking, count=COUNT)]
        await instances.stop_all()

    assert sorted(int(request) for request, _, _ in answers) == list(range(COUNT))
    numbers: dict[str, list[int]] = {}
    for _, stream, sequence in answers:
        numbers.setdefault(stream, []).append(int(sequence))
    assert len(numbers) == PARTITIONS
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values()), "dense, and in order"
    report(f"{most} instances, {instances.moves} starts and stops, {COUNT} requests: {dict(instances.troubles)}")
    # Who is fenced waits for its turn. One that fences back is fenced again, with every request.
    assert instances.troubles["Fenced"] <= PARTITIONS * instances.moves


async def test_who_is_killed_and_started_again_has_its_partition_back_without_waiting_for_its_own_session(
    bench, tmp_path
):
    bench.session = LONG
    await bench.make()
    child = await bench.child(OWNING, bench.bootstrap, bench.work, bench.group, str(tmp_path))
    async with bench.soon():
        while not (tmp_path / "owned").exists():  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.02)
    child.kill()
    await child.wait()
    again = bench.open(slots=tmp_path)
    async with asyncio.timeout(LONG.total_seconds() / 2):
        await again.claim(bench.work, await again.wait_for_assignment(bench.work, group=bench.group), group=bench.group)


async def test_who_is_told_to_stop_hands_over_without_anybody_waiting_for_its_session(bench, tmp_path):
    bench.session = LONG
    await bench.make()
    going, standby = bench.open(slots=tmp_path), bench.open(slots=tmp_path)
    await bench.owner(going)
    waiting = asyncio.create_task(standby.wait_for_assignment(bench.work, group=bench.group))
    await asyncio.sleep(0.5)
    await going.close()
    async with asyncio.timeout(LONG.total_seconds() / 2):
        assert await waiting == 0


async def test_a_member_without_an_assignment_for_too_long_begins_again(bench, monkeypatch):
    """The client was told and lost it: to its owner it looks like a group that decides for ever."""
    monkeypatch.setattr(member, "_LOST", 1)
    given: list[Callable[..., None]] = []
    assign = member.Member._assign

    def lose_the_first(self: member.Member, assigned: object) -> None:
        given.append(assign)
        if len(given) > 1:
            assign(self, assigned)

    monkeypatch.setattr(member.Member, "_assign", lose_the_first)
    log = await bench.make()
    async with bench.soon():
        while True:
            try:
                assert await log.wait_for_assignment(bench.work, group=bench.group) == 0
                break
            except member.UnavailableError:
                await asyncio.sleep(0.1)
    assert len(given) == 2
