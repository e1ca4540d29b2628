"""Turns by membership: who is offered what when instances come, go and share."""

from __future__ import annotations

import asyncio

import pytest

from broker.errors import Fenced
from broker.ports import CommittedOffset


async def test_a_second_instance_is_given_its_share_and_the_first_learns_of_it(bench):
    log = await bench.make(partitions=4)
    first = {number: await log.claim(bench.work, number, group=bench.group) for number in await _turns(bench, log, 4)}
    assert sorted(first) == [0, 1, 2, 3]

    other = await bench.make(partitions=4)
    moved = await _turns(bench, other, 2)
    second = [await other.claim(bench.work, number, group=bench.group) for number in moved]

    for number, claim in first.items():
        if number in moved:
            with pytest.raises(Fenced):
                await claim.publish([], position=CommittedOffset(offset=9))
        else:
            await claim.publish([], position=CommittedOffset(offset=1))
    for claim in second:
        await claim.publish([], position=CommittedOffset(offset=2))


async def test_what_a_leaving_instance_held_is_offered_to_the_one_that_stays(bench):
    log, other = await bench.make(partitions=2), await bench.make(partitions=2)
    kept = await bench.owner(log)
    gone = await bench.owner(other)
    assert {kept.owned.partition, gone.owned.partition} == {0, 1}
    await other.close()
    async with bench.soon():
        assert await log.wait_for_assignment(bench.work, group=bench.group) == gone.owned.partition
    await kept.publish([], position=CommittedOffset(offset=1))


async def test_an_instance_that_stopped_asking_lets_others_have_what_it_does_not_hold(bench):
    log, other = await bench.make(partitions=2), await bench.make(partitions=2)
    kept = await bench.owner(log)
    async with bench.soon():
        assert await other.wait_for_assignment(bench.work, group=bench.group) == 1 - kept.owned.partition
    await kept.publish([], position=CommittedOffset(offset=1))


async def test_one_group_may_have_turns_on_several_topics(bench):
    log, other = await bench.make(), await bench.make()
    async with bench.soon():
        assert await log.wait_for_assignment(bench.work, group=bench.group) == 0
        claim = await log.claim(bench.work, 0, group=bench.group)
        assert await other.wait_for_assignment(bench.out, group=bench.group) == 0
        await other.claim(bench.out, 0, group=bench.group)
    await claim.publish([], position=CommittedOffset(offset=1))


async def test_a_turn_that_nobody_used_comes_again(bench):
    log = await bench.make()
    async with bench.soon():
        assert await log.wait_for_assignment(bench.work, group=bench.group) == 0
        assert await log.wait_for_assignment(bench.work, group=bench.group) == 0


async def test_a_released_partition_is_offered_to_the_same_instance_again(bench):
    """The worker waits for its next turn all the time, also while it gives a partition up."""
    log = await bench.make()
    claim = await bench.owner(log)
    waiting = asyncio.create_task(log.wait_for_assignment(bench.work, group=bench.group))
    await asyncio.sleep(0.05)
    await claim.release()
    async with bench.soon():
        assert await waiting == 0
    again = await log.claim(bench.work, 0, group=bench.group)
    await again.publish([], position=CommittedOffset(offset=1))


async def test_a_position_that_is_no_offset_of_the_topic_is_kept(bench):
    """Outboxes and checkpoints count in the position of a topic that may be empty."""
    log = await bench.make()
    claim = await log.claim(bench.work, 0, group=bench.group)
    await claim.publish(bench.outgoing(b"1"), position=CommittedOffset(offset=5000))
    await claim.release()
    async with bench.soon():
        again = await bench.owner(log)
    assert again.position == CommittedOffset(offset=5000)
    await again.publish(bench.outgoing(b"2"), position=CommittedOffset(offset=5001))


async def _turns(bench, log, count: int) -> list[int]:
    """Return so many partitions, each claimed by nobody in between: they are quarantined one after the other."""
    async with bench.soon():
        return [await log.wait_for_assignment(bench.work, group=bench.group) for _ in range(count)]
