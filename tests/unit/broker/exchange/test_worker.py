"""The worker: every message ends once, in order and numbered, whatever happens to the process or the log."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from broker.errors import Fenced, InvariantError, OutcomeUnknown, RejectedError, UnavailableError
from broker.exchange import worker as worker_module
from broker.exchange.worker import Delivery
from broker.ports import MAX_VALUE_BYTES, CommittedOffset, Message
from tests.dying_world import GROUP, WORK, Cue, DyingLog, ending, failing

SHORT = timedelta(milliseconds=200)
"""A turn that leads to no claim keeps the partition for one lease."""


def numbered(*values: str) -> list[tuple[str, int, int]]:
    return [(value, index, 0) for index, value in enumerate(values, start=1)]


async def test_messages_end_in_order_under_dense_numbers(desk):
    await desk.given("a", "b", "c")
    async with desk.at_work(desk.worker()):
        await desk.ended()
    assert await desk.told() == numbered("a", "b", "c")


async def test_a_worker_without_work_waits_for_some(desk):
    await desk.given("a")
    async with desk.at_work(desk.worker()) as running:
        await desk.ended()
        await asyncio.wait({running}, timeout=0.1)  # several idle times
        await desk.given("b")
        await desk.ended()
    assert await desk.told() == numbered("a", "b")


async def test_numbers_go_on_where_the_last_process_stopped(desk):
    for value in "abc":
        await desk.given(value)
        async with desk.at_work(desk.worker()):
            await desk.ended()
    assert await desk.told() == numbered("a", "b", "c")


async def test_what_waits_is_worked_on_side_by_side_and_ends_in_one_transaction(desk):
    await desk.given("a", "b", "c")
    together = asyncio.Barrier(3)

    async def all_at_once(message: Message, delivery: Delivery):
        await together.wait()  # passed only when all three are in hand
        return ending(message, delivery)

    worker = desk.worker(all_at_once)
    async with desk.at_work(worker):
        await desk.ended()
    assert [len(batch) for batch in worker.log.published] == [3]
    assert await desk.told() == numbered("a", "b", "c")


async def test_what_is_said_about_one_request_is_said_one_thing_after_the_other(desk):
    await desk.given("a", "b", key="one request")
    in_hand: list[bytes] = []

    async def alone(message: Message, delivery: Delivery):
        in_hand.append(message.value)
        await asyncio.sleep(0)
        assert len(in_hand) == 1
        in_hand.clear()
        return ending(message, delivery)

    async with desk.at_work(desk.worker(alone)):
        await desk.ended()
    assert await desk.told() == numbered("a", "b")


async def test_what_was_said_is_in_the_journal_before_it_is_in_the_log(desk):
    await desk.given("a", "b")
    cue = Cue()
    async with desk.at_work(desk.worker(cue=cue)):
        await desk.ended()
    assert cue.steps.index("record, written") < cue.steps.index("publish, not written")
    assert desk.rows("SELECT event_id, stream, sequence, attempts FROM journal ORDER BY position") == [
        ("event-0", "work.0", 1, 0),
        ("event-1", "work.0", 2, 0),
    ]


async def test_stopping_finishes_the_batch_in_hand(desk):
    await desk.given("a", "b")
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def slow(message: Message, delivery: Delivery):
        in_hand.set()
        await go_on.wait()
        return ending(message, delivery)

    worker = desk.worker(slow)
    async with desk.at_work(worker):
        await in_hand.wait()
        worker.stop.set()
        go_on.set()
    assert await desk.told() == numbered("a", "b")


async def test_stopping_leaves_what_is_not_in_hand_to_the_next_process(desk):
    await desk.given("a", "b", key="one request")  # one after the other: "b" is fetched and waits

    async def last_one(message: Message, delivery: Delivery):
        worker.stop.set()
        return ending(message, delivery)

    worker = desk.worker(last_one)
    async with desk.at_work(worker) as running:
        await running
    assert await desk.told() == numbered("a")
    async with desk.at_work(desk.worker()):
        await desk.ended()
    assert await desk.told() == numbered("a", "b")


async def test_a_fenced_worker_shows_nothing_and_waits_for_another_turn(desk):
    await desk.given("a")
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def slow(message: Message, delivery: Delivery):
        in_hand.set()
        await go_on.wait()
        return ending(message, delivery, value=b"a 99 99")

    zombie = desk.worker(slow)
    async with desk.at_work(zombie) as running:
        await in_hand.wait()
        assert await desk.told() == []  # what is in hand cannot be seen
        other = await desk.log().claim(WORK, 0, group=GROUP)
        [message] = await other.fetch(most=10, wait=worker_module.IDLE)
        delivery = Delivery(stream="work.0", sequence=1, attempts=0, now=zombie.clock())
        await other.publish(ending(message, delivery).outgoing, position=CommittedOffset(offset=1, metadata="2"))
        go_on.set()
        await desk.given("b")
        assert not running.done()
    assert await desk.told() == numbered("a")  # "b" belongs to the owner, who lives


@pytest.mark.parametrize("step", ["publish, not written", "publish, written"])
async def test_a_commit_whose_answer_was_lost_is_neither_lost_nor_doubled(desk, step):
    await desk.given("a", "b")
    async with desk.at_work(desk.worker(cue=failing(step, OutcomeUnknown("lost")))):
        await desk.ended()
        await desk.given("c")
        await desk.ended()
    assert await desk.told() == numbered("a", "b", "c")


# ---------------------------------------------------------------- trouble


class Flaky:
    """Raises the faults it was given, one a call, and then nothing more."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)

    def __call__(self) -> None:
        if self.faults:
            raise self.faults.pop(0)


@pytest.mark.parametrize("fault", [UnavailableError("away"), Fenced("somebody else's")])
async def test_a_claim_that_fails_is_tried_again(desk, fault):
    await desk.given("a")
    desk.lease = SHORT
    log = DyingLog(desk.log(), Cue(), claiming=Flaky(fault, fault))
    async with desk.at_work(desk.worker(log=log)):
        await desk.ended()
    assert await desk.told() == numbered("a")


async def test_an_outage_is_waited_out_and_makes_no_poison(desk):
    await desk.given("a", "b")
    away = Flaky(*[UnavailableError("the store is away")] * 5)

    async def needs_the_store(message: Message, delivery: Delivery):
        away()
        return ending(message, delivery)

    async with desk.at_work(desk.worker(needs_the_store)):
        await desk.ended()
    assert await desk.told() == numbered("a", "b")  # no attempt counted: nobody died of them


@pytest.mark.parametrize("fault", [UnavailableError("nothing was shown"), OutcomeUnknown("lost")])
async def test_a_batch_that_failed_is_taken_again_one_by_one(desk, fault):
    await desk.given("a", "b", "c")
    worker = desk.worker(cue=failing("publish, not written", fault))
    troubles: list[str] = []
    worker.troubled = troubles.append
    async with desk.at_work(worker):
        await desk.ended()
        await desk.given("d", "e")
        await desk.ended()
    assert [len(batch) for batch in worker.log.published] == [1, 1, 1, 2], "and then together again"
    assert await desk.told() == numbered("a", "b", "c", "d", "e")
    assert troubles == [type(fault).__name__]


async def test_a_message_that_cannot_be_ended_now_does_not_keep_those_before_it(desk):
    await desk.given("a", "away", "c")
    away = Flaky(*[UnavailableError("its store is away")] * 3)

    async def needs_the_store(message: Message, delivery: Delivery):
        if message.value == b"away":
            away()
        return ending(message, delivery)

    worker = desk.worker(needs_the_store)
    async with desk.at_work(worker):
        await desk.ended()
    assert [len(batch) for batch in worker.log.published] == [1, 1, 1]
    assert await desk.told() == numbered("a", "away", "c")


async def test_a_message_that_never_ends_ends_its_process_and_is_quarantined_the_third_time(desk, monkeypatch):
    monkeypatch.setattr(worker_module, "LONGEST_BATCH", timedelta(milliseconds=50))
    desk.lease = SHORT
    await desk.given("a", "endless", "c")

    async def handle(message: Message, delivery: Delivery):
        if message.value == b"endless" and delivery.attempts < 2:
            await asyncio.sleep(3600)
        return ending(message, delivery)

    for _ in range(2):
        worker = desk.worker(handle)
        with pytest.raises(ExceptionGroup) as raised:
            async with desk.at_work(worker) as running:
                await running
        assert raised.group_contains(InvariantError)
        await worker.log.close()
    async with desk.at_work(desk.worker(handle)):
        await desk.ended()
    assert await desk.told() == [("a", 1, 1), ("endless", 2, 2), ("c", 3, 1)]


async def test_never_more_than_a_batch_is_in_hand_however_much_waits(desk, monkeypatch):
    monkeypatch.setattr(worker_module, "MOST_AT_ONCE", 4)
    await desk.given(*(f"m{number}" for number in range(50)))
    in_hand: set[bytes] = set()
    most = 0

    async def slow(message: Message, delivery: Delivery):
        nonlocal most
        in_hand.add(message.value)
        most = max(most, len(in_hand))
        await asyncio.sleep(0.001)
        in_hand.discard(message.value)
        return ending(message, delivery)

    async with desk.at_work(desk.worker(slow)):
        await desk.ended()
    assert most == 4
    assert len(await desk.told()) == 50


async def test_a_broken_invariant_stops_the_worker_and_all_that_it_has_in_hand(desk):
    await desk.given("a", "b")
    ended: list[str] = []
    beside = asyncio.Event()

    async def broken(message: Message, delivery: Delivery):
        if message.value == b"a":
            await beside.wait()
            raise InvariantError("must always hold")
        try:
            beside.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.02)  # what must be put away is put away before anybody else may own the partition
            ended.append("b")

    with pytest.raises(ExceptionGroup) as raised:
        async with desk.at_work(desk.worker(broken)) as running:
            await running
    assert raised.group_contains(InvariantError)
    assert ended == ["b"]  # cancelled: it does not go on beside the next owner
    assert await desk.told() == []


async def test_what_the_log_will_not_take_is_handed_over_as_poison_and_blocks_nobody(desk):
    desk.lease = SHORT
    await desk.given("a", "too-large", "c")

    async def handle(message: Message, delivery: Delivery):
        large = message.value == b"too-large" and delivery.attempts < 2
        return ending(message, delivery, value=b"x" * (MAX_VALUE_BYTES + 1) if large else None)

    for _ in range(2):  # each time the process ends, and its supervisor starts another
        worker = desk.worker(handle)
        with pytest.raises(ExceptionGroup) as raised:
            async with desk.at_work(worker) as running:
                await running
        assert raised.group_contains(RejectedError)
        await worker.log.close()
    async with desk.at_work(desk.worker(handle)):
        await desk.ended()
    assert await desk.told() == [("a", 1, 1), ("too-large", 2, 2), ("c", 3, 1)]


async def test_a_log_that_is_away_when_a_turn_is_asked_for_is_asked_again(desk):
    await desk.given("a")
    away = Flaky(UnavailableError("away"))

    class Away(DyingLog):
        async def wait_for_assignment(self, topic: str, *, group: str) -> int:
            away()
            return await super().wait_for_assignment(topic, group=group)

    async with desk.at_work(desk.worker(log=Away(desk.log(), Cue()))):
        await desk.ended()
    assert await desk.told() == numbered("a")


async def test_another_worker_takes_over_when_one_stops(desk):
    await desk.given("a")
    first, second = desk.worker(), desk.worker()
    async with desk.at_work(second):
        async with desk.at_work(first):
            await desk.ended()
        await desk.given("b")
        await desk.ended()
    assert await desk.told() == numbered("a", "b")


async def test_owning_a_partition_is_told(desk):
    await desk.given("a")
    owned: list[str] = []
    worker = desk.worker()
    worker.claimed = lambda: owned.append("now")
    async with desk.at_work(worker):
        await desk.ended()
    assert owned == ["now"]
