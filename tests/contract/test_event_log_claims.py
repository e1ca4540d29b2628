"""Claims: one owner a partition, fenced by the next, whose place is where the last one committed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from broker.errors import Fenced
from broker.ports import CommittedOffset


async def test_a_first_claim_starts_at_the_beginning(log_factory, tools):
    work = tools.name("work")
    log = await log_factory.make(**{work: 1})
    await tools.append(log, work, b"1", b"2")
    claim = await log.claim(work, 0, group=work)
    assert claim.position == CommittedOffset(offset=0, metadata="")
    assert tools.values_of(await claim.fetch(most=10, wait=tools.long)) == [b"1", b"2"]


async def test_a_claim_fences_the_owner_before_it(log_factory, tools):
    work, topic = tools.name("work"), tools.name("topic")
    log = await log_factory.make(**{work: 1, topic: 1})
    old = await log.claim(work, 0, group=work)
    await old.publish(tools.outgoing(topic, b"1"), position=CommittedOffset(offset=1, metadata="one"))

    new = await (await log_factory.make()).claim(work, 0, group=work)

    assert new.position == CommittedOffset(offset=1, metadata="one")
    with pytest.raises(Fenced):
        await old.publish(tools.outgoing(topic, b"late"), position=CommittedOffset(offset=2))
    with pytest.raises(Fenced):
        await old.fetch(most=1, wait=tools.at_once)
    assert await tools.values(log, topic) == [b"1"]
    assert await log.committed(work, 0, group=work) == CommittedOffset(offset=1, metadata="one")
    await new.publish(tools.outgoing(topic, b"2"), position=CommittedOffset(offset=2))
    assert await tools.values(log, topic) == [b"1", b"2"]


async def test_claiming_again_fences_the_same_instance_too(log_factory, tools):
    work = tools.name("work")
    log = await log_factory.make(**{work: 1})
    old = await log.claim(work, 0, group=work)
    new = await log.claim(work, 0, group=work)
    with pytest.raises(Fenced):
        await old.publish([], position=CommittedOffset(offset=1))
    await new.publish([], position=CommittedOffset(offset=2))


async def test_an_owner_that_waits_for_messages_learns_that_it_is_fenced(log_factory, tools):
    work = tools.name("work")
    log, other = await log_factory.make(**{work: 1}), await log_factory.make()
    claim = await log.claim(work, 0, group=work)
    waiting = asyncio.create_task(claim.fetch(most=1, wait=tools.long))
    await asyncio.sleep(0.05)
    await other.claim(work, 0, group=work)
    with pytest.raises(Fenced):
        await waiting


async def test_groups_do_not_disturb_each_other(log_factory, tools):
    work = tools.name("work")
    log = await log_factory.make(**{work: 1})
    await tools.append(log, work, b"1")
    one = await log.claim(work, 0, group="one")
    two = await log.claim(work, 0, group="two")
    await one.publish([], position=CommittedOffset(offset=1))
    assert two.position == CommittedOffset(offset=0)
    assert tools.values_of(await two.fetch(most=1, wait=tools.long)) == [b"1"]
    assert await log.committed(work, 0, group="two") == CommittedOffset(offset=0)


async def test_what_was_not_committed_comes_again_in_order(log_factory, tools):
    work = tools.name("work")
    log = await log_factory.make(**{work: 1})
    await tools.append(log, work, *(b"%d" % number for number in range(6)))
    old = await log.claim(work, 0, group=work)
    handled = await old.fetch(most=2, wait=tools.long)
    await old.publish([], position=CommittedOffset(offset=handled[-1].place.offset + 1))
    await old.fetch(most=3, wait=tools.long)

    new = await (await log_factory.make()).claim(work, 0, group=work)

    assert tools.values_of(await new.fetch(most=10, wait=tools.long)) == [b"2", b"3", b"4", b"5"]


async def test_fetch_moves_on_and_takes_no_more_than_asked(log_factory, tools):
    work = tools.name("work")
    log = await log_factory.make(**{work: 1})
    await tools.append(log, work, b"1", b"2", b"3")
    claim = await log.claim(work, 0, group=work)
    assert tools.values_of(await claim.fetch(most=2, wait=tools.long)) == [b"1", b"2"]
    assert tools.values_of(await claim.fetch(most=2, wait=tools.long)) == [b"3"]
    assert await claim.fetch(most=2, wait=timedelta(milliseconds=30)) == ()
    waiting = asyncio.create_task(claim.fetch(most=2, wait=tools.long))
    await tools.append(await log_factory.make(), work, b"4")
    assert tools.values_of(await waiting) == [b"4"]


async def test_a_cancelled_fetch_loses_no_message(log_factory, tools):
    work = tools.name("work")
    log = await log_factory.make(**{work: 1})
    claim = await log.claim(work, 0, group=work)
    waiting = asyncio.create_task(claim.fetch(most=1, wait=tools.long))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await tools.append(log, work, b"1")
    assert tools.values_of(await claim.fetch(most=1, wait=tools.long)) == [b"1"]


async def test_a_released_partition_is_offered_to_who_waits(log_factory, tools):
    work = tools.name("work")
    log, other = await log_factory.make(**{work: 1}), await log_factory.make()
    claim = await log.claim(work, await log.wait_for_assignment(work, group=work), group=work)
    waiting = asyncio.create_task(other.wait_for_assignment(work, group=work))
    await claim.release()
    await claim.release()
    async with tools.soon():
        assert await waiting == 0
    with pytest.raises(Fenced):
        await claim.publish([], position=CommittedOffset(offset=1))
    with pytest.raises(Fenced):
        await claim.fetch(most=1, wait=tools.at_once)


async def test_closing_an_instance_gives_its_partitions_up(log_factory, tools):
    work = tools.name("work")
    log, other = await log_factory.make(**{work: 1}), await log_factory.make()
    await log.claim(work, await log.wait_for_assignment(work, group=work), group=work)
    waiting = asyncio.create_task(other.wait_for_assignment(work, group=work))
    await asyncio.sleep(0.05)
    await log.close()
    await log.close()
    async with tools.soon():
        assert await waiting == 0


async def test_a_partition_whose_owner_lives_is_not_offered(log_factory, tools):
    """Longer than a session, so that only the owner's signs of life can keep the partition."""
    work = tools.name("work")
    log, other = await log_factory.make(**{work: 1}), await log_factory.make()
    claim = await log.claim(work, await log.wait_for_assignment(work, group=work), group=work)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(other.wait_for_assignment(work, group=work), 2 * log_factory.session.total_seconds())
    await claim.publish([], position=CommittedOffset(offset=1))


async def test_a_fenced_claim_cannot_give_up_what_a_later_one_holds(log_factory, tools):
    work = tools.name("work")
    log, other = await log_factory.make(**{work: 1}), await log_factory.make()
    old = await log.claim(work, await log.wait_for_assignment(work, group=work), group=work)
    new = await log.claim(work, 0, group=work)
    await old.release()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(other.wait_for_assignment(work, group=work), log_factory.session.total_seconds() / 2)
    await new.publish([], position=CommittedOffset(offset=1))


async def test_one_instance_alone_gets_every_partition(log_factory, tools):
    work = tools.name("work")
    log = await log_factory.make(**{work: 3})
    taken = set()
    for _ in range(3):
        partition = await log.wait_for_assignment(work, group=work)
        await log.claim(work, partition, group=work)
        taken.add(partition)
    assert taken == {0, 1, 2}
