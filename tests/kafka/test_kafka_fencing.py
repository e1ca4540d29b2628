"""Who may write: fenced owners, lost answers, and processes killed between any two steps of a publish."""

from __future__ import annotations

import asyncio
import signal
import uuid
from contextlib import suppress
from dataclasses import fields
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaProducer

from broker.adapters.kafka import KafkaLog
from broker.adapters.kafka.admin import Admin
from broker.adapters.kafka.settings import Options, Settings
from broker.adapters.kafka.writer import Writer
from broker.errors import Fenced, OutcomeUnknown
from broker.ports import CommittedOffset

# Answers the requests and dies at one step of its second publish; arguments: bootstrap, work, out, group, the step.
DYING = """
import asyncio, os, signal, sys
from datetime import timedelta
from aiokafka import AIOKafkaProducer
from broker.adapters.kafka import KafkaLog
from broker.adapters.kafka.writer import Writer
from broker.ports import Outgoing, CommittedOffset

bootstrap, work, out, group, step = sys.argv[1:]

async def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

class Dying(KafkaLog):
    async def _commit(self, producer):
        if not armed or step == "after the commit":
            await super()._commit(producer)
        if armed and step.endswith("the commit"):
            await die()

def arm():
    armed.append(True)
    if step == "before a send":
        Writer._send = die
    if step == "after the sends":
        AIOKafkaProducer.send_offsets_to_transaction = die

armed = []

async def main():
    log = Dying(bootstrap, client_id="dying", session=timedelta(seconds=1.5))
    claim = await log.claim(work, await log.wait_for_assignment(work, group=group), group=group)
    for answered in (3, 6):
        batch = await claim.fetch(most=3, wait=timedelta(hours=1))
        answers = [Outgoing(topic=out, key=b"key", value=message.value) for message in batch]
        moved = CommittedOffset(offset=batch[-1].place.offset + 1, metadata=str(answered))
        await claim.publish(answers, position=moved)
        arm()

asyncio.run(main())
"""
STEPS = ["before a send", "after the sends", "before the commit", "after the commit"]


@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_killed_between_any_two_steps_leaves_each_request_answered_once(bench, step):
    log = await bench.make()
    await bench.ask(log, *range(12))
    child = await bench.child(DYING, bench.bootstrap, bench.work, bench.out, bench.group, step)
    async with bench.soon():
        assert await child.wait() == -signal.SIGKILL

    async with bench.soon():
        await bench.serve(log, until=12)

    assert bench.numbers(await bench.answers(log, count=12)) == list(range(12))
    position = await log.committed(bench.work, 0, group=bench.group)
    assert position.metadata == "12", "the sequence has neither a hole nor a number too many"


# ---------------------------------------------------------------- two traps, each with its defence


class PerWorkerSettings(Settings):
    """The trap: a transactional id for each worker, as most examples have it."""

    def writer(self, transactional_id: str) -> Options:
        return super().writer(f"{transactional_id}-{uuid.uuid4().hex}")


class PerWorker(KafkaLog):
    """What the product would be with a transactional id for each worker."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        values = {field.name: getattr(self._settings, field.name) for field in fields(self._settings)}
        self._settings = PerWorkerSettings(**values)


async def a_zombie_wakes(bench, kind: type[KafkaLog]) -> tuple[str, list[bytes]]:
    """Let a worker stall with a request in hand until another has answered it; say what it met, and what is shown."""
    await bench.ask(log := await bench.make(kind), 0)
    zombie = await log.claim(bench.work, 0, group=bench.group)
    [message] = await zombie.fetch(most=5, wait=bench.long)

    new = await bench.open(kind).claim(bench.work, 0, group=bench.group)
    assert await new.fetch(most=5, wait=bench.long) == (message,)
    await new.publish(bench.outgoing(b"in time"), position=CommittedOffset(offset=message.place.offset + 1))
    met = "nothing"
    try:
        await zombie.publish(bench.outgoing(b"late"), position=CommittedOffset(offset=message.place.offset + 1))
    except Fenced:
        met = "Fenced"
    return met, await bench.answers(bench.open(), count=1)


async def test_a_zombie_that_wakes_after_its_partition_moved_shows_nothing(bench):
    assert await a_zombie_wakes(bench, KafkaLog) == ("Fenced", [b"in time"])


async def test_with_a_transactional_id_for_each_worker_the_zombie_answers_a_second_time(bench):
    """The trap that the test above defends against: were this no trap any more, that one would show nothing."""
    assert await a_zombie_wakes(bench, PerWorker) == ("nothing", [b"in time", b"late"])


async def a_partition_moves(bench, monkeypatch, *, read_first: bool) -> list[bytes]:
    """Let the old owner answer while the new one is between the two steps of its claim; return what is shown."""
    await bench.ask(log := await bench.make(), 0)
    old = await log.claim(bench.work, 0, group=bench.group)
    [message] = await old.fetch(most=5, wait=bench.long)
    moved = CommittedOffset(offset=message.place.offset + 1)
    fence, committed, fencing = Writer.fence, Admin.committed, []

    async def answer() -> None:
        with suppress(Fenced):
            await old.publish(bench.outgoing(b"by the old owner"), position=moved)

    async def first(writer: Writer) -> None:
        fencing.append(writer)
        if not read_first:
            await answer()
            await fence(writer)

    async def second(admin: Admin, topic: str, partition: int, *, group: str) -> CommittedOffset:
        position = await committed(admin, topic, partition, group=group)
        if read_first:
            await answer()
            await fence(*fencing)
        return position

    monkeypatch.setattr(Writer, "fence", first)
    monkeypatch.setattr(Admin, "committed", second)
    new = await bench.open().claim(bench.work, 0, group=bench.group)
    monkeypatch.undo()
    if await new.fetch(most=5, wait=timedelta(milliseconds=500)):
        await new.publish(bench.outgoing(b"by the new owner"), position=moved)
    return await bench.answers(log, count=1)


async def test_what_the_old_owner_answers_while_it_is_being_fenced_is_not_answered_again(bench, monkeypatch):
    assert await a_partition_moves(bench, monkeypatch, read_first=False) == [b"by the old owner"]


async def test_with_the_position_read_before_the_fence_the_request_is_answered_twice(bench, monkeypatch):
    """The trap that the test above defends against."""
    answers = await a_partition_moves(bench, monkeypatch, read_first=True)
    assert answers == [b"by the old owner", b"by the new owner"]


class Slow(KafkaLog):
    """Waits before its commit, when everything has been sent, until it is let go."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.sent, self.go = asyncio.Event(), asyncio.Event()

    async def _commit(self, producer: AIOKafkaProducer) -> None:
        self.sent.set()
        await self.go.wait()
        await super()._commit(producer)


async def test_an_owner_that_is_fenced_with_everything_sent_shows_nothing(bench):
    """A worker that stalls right before its commit, and wakes up when its partition has moved."""
    slow = await bench.make(Slow)
    claim = await slow.claim(bench.work, 0, group=bench.group)
    stalled = asyncio.create_task(
        claim.publish(bench.outgoing(b"late"), position=CommittedOffset(offset=1, metadata="1"))
    )
    await slow.sent.wait()

    new = await bench.open().claim(bench.work, 0, group=bench.group)
    await new.publish(bench.outgoing(b"in time"), position=CommittedOffset(offset=1, metadata="1"))
    slow.go.set()

    with pytest.raises(OutcomeUnknown):
        await stalled
    assert new.position == CommittedOffset(offset=0)
    assert await bench.answers(bench.open(), count=1) == [b"in time"]
    await new.publish(bench.outgoing(b"next"), position=CommittedOffset(offset=2, metadata="2"))


async def test_a_dead_writer_s_open_transaction_does_not_hide_the_others_for_long(bench):
    """Nobody takes its partition over: the broker's own clock ends the transaction (69 s by default, 5 to 6 here)."""
    log = await bench.make()
    await bench.ask(log, *range(6))
    child = await bench.child(DYING, bench.bootstrap, bench.work, bench.out, bench.group, "before the commit")
    async with bench.soon():
        await child.wait()
    other = await log.claim(bench.work, 0, group=bench.group + "-other")
    await other.publish(bench.outgoing(b"7"), position=CommittedOffset(offset=1))
    async with asyncio.timeout(20):
        assert bench.numbers(await bench.answers(log, count=4)) == [0, 1, 2, 7]


async def test_a_cancelled_publish_shows_nothing_and_a_new_claim_goes_on(bench):
    slow = await bench.make(Slow)
    claim = await slow.claim(bench.work, 0, group=bench.group)
    cut_short = asyncio.create_task(claim.publish(bench.outgoing(b"cut"), position=CommittedOffset(offset=1)))
    await slow.sent.wait()
    cut_short.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut_short
    await claim.release()

    again = await (log := bench.open()).claim(bench.work, 0, group=bench.group)
    assert again.position == CommittedOffset(offset=0)
    await again.publish(bench.outgoing(b"whole"), position=CommittedOffset(offset=1))
    assert await bench.answers(log, count=1) == [b"whole"]
