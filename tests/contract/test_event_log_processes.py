"""Several processes on one log: killed, stopped, side by side."""

from __future__ import annotations

import asyncio
import random

import pytest

from broker.ports import CommittedOffset, LogReader


async def _check_whole(log: LogReader, tools, work: str, outputs: dict[str, int], position: CommittedOffset) -> None:
    """Exactly the messages before the position have been answered, each once on each output topic."""
    inputs = [message.place.offset for message in await tools.visible(log, work)]
    handled = [offset for offset in inputs if offset < position.offset]
    for topic, partitions in outputs.items():
        answers = [value for number in range(partitions) for value in await tools.values(log, topic, number)]
        assert sorted(int(value) for value in answers) == handled
    assert int(position.metadata or "0") == len(handled)


async def test_kill_9_at_any_moment_neither_tears_nor_loses_nor_repeats(log_factory, tools):
    work, group, rounds = tools.name("work"), tools.name("group"), log_factory.kill_rounds
    count = rounds * log_factory.requests_a_round
    outputs = {tools.name("answers"): 3, tools.name("audit"): 1}
    log = await log_factory.make(**{work: 1, **outputs})
    await tools.append(log, work, *(b"request-%d" % number for number in range(count)))

    for _ in range(rounds):
        child = await log_factory.child("work", topic=work, group=group, outputs=list(outputs), total=count)
        await child.line()
        await asyncio.sleep(random.uniform(0, 0.06))
        await child.kill()
        claim = await log.claim(work, 0, group=group)
        await _check_whole(log, tools, work, outputs, claim.position)
        await claim.release()

    last = await log_factory.child("work", topic=work, group=group, outputs=list(outputs), total=count)
    assert await last.ended() == 0
    position = await log.committed(work, 0, group=group)
    assert position.metadata == str(count)
    await _check_whole(log, tools, work, outputs, position)


async def test_the_partition_of_a_killed_owner_is_offered(log_factory, tools):
    work, group = tools.name("work"), tools.name("group")
    log = await log_factory.make(**{work: 1})
    child = await log_factory.child("own", topic=work, group=group)
    assert await child.line() == "claimed"
    await child.kill()
    async with tools.soon():
        assert await log.wait_for_assignment(work, group=group) == 0


async def test_the_partition_of_a_living_process_is_not_offered(log_factory, tools):
    work, group = tools.name("work"), tools.name("group")
    log = await log_factory.make(**{work: 1})
    child = await log_factory.child("own", topic=work, group=group)
    assert await child.line() == "claimed"
    assignment = asyncio.create_task(log.wait_for_assignment(work, group=group))
    done, _ = await asyncio.wait([assignment], timeout=2 * log_factory.session.total_seconds())
    assert not done
    await child.tell()
    assert await child.ended() == 0
    async with tools.soon():
        assert await assignment == 0


async def test_a_zombie_that_wakes_up_shows_nothing(log_factory, tools):
    """A suspended owner loses its partition; what it publishes on waking must not join its successor's."""
    work, output, group = tools.name("work"), tools.name("output"), tools.name("group")
    log = await log_factory.make(**{work: 1, output: 1})
    zombie = await log_factory.child("zombie", topic=work, group=group, output=output)
    assert await zombie.line() == "claimed"

    async with tools.soon():
        claim = await log.claim(work, await log.wait_for_assignment(work, group=group), group=group)
    await claim.publish(tools.outgoing(output, b"in time"), position=CommittedOffset(offset=1))
    await zombie.tell()

    assert await zombie.line() == "fenced"
    assert await tools.values(log, output) == [b"in time"]
    assert await log.committed(work, 0, group=group) == CommittedOffset(offset=1)
    assert await zombie.ended() == 0
    third = await log_factory.make()
    with pytest.raises(TimeoutError):  # what the zombie gave up on its way out was not its own any more
        await asyncio.wait_for(third.wait_for_assignment(work, group=group), log_factory.session.total_seconds() / 2)
    await claim.publish([], position=CommittedOffset(offset=2))


async def test_processes_that_append_side_by_side_starve_nobody_and_lose_nothing(log_factory, tools):
    topic = tools.name("topic")
    writers = {"one": tools.name("writer"), "two": tools.name("writer"), "three": tools.name("writer")}
    log = await log_factory.make(**{topic: 1}, **dict.fromkeys(writers.values(), 1))
    children = [
        await log_factory.child("append", topic=topic, writer=writer, name=name) for name, writer in writers.items()
    ]
    for child in children:
        assert await child.line() == "started"

    await _until_each_has(log, tools, topic, names=list(writers), count=50)
    for child in children:
        await child.tell()
    counts = [int(await child.line()) for child in children]

    values = await tools.values(log, topic)
    for name, count in zip(writers, counts, strict=True):
        expected = [f"{name} {number}".encode() for number in range(count)]
        assert [value for value in values if value.startswith(name.encode() + b" ")] == expected
    assert len(values) == sum(counts)


async def _until_each_has(log: LogReader, tools, topic: str, *, names: list[str], count: int) -> None:
    """From now on, wait until every writer has appended `count` more while the others go on."""
    offset = await log.end(topic, 0)
    more = dict.fromkeys(names, 0)
    async with tools.soon():
        while min(more.values()) < count:
            for message in await log.read(topic, 0, offset=offset, most=500, wait=tools.long):
                more[message.value.decode().split()[0]] += 1
                offset = message.place.offset + 1


async def test_every_follower_sees_the_same_order(log_factory, tools):
    topic = tools.name("topic")
    await log_factory.make(**{topic: 1})
    followers = [await log_factory.child("follow", topic=topic, count=200) for _ in range(3)]

    async def write(name: bytes) -> None:
        writer = await tools.writer(await log_factory.make())
        for number in range(100):
            batch = tools.outgoing(topic, b"%s %d" % (name, number))
            await writer.publish(batch, position=CommittedOffset(offset=number))

    await asyncio.gather(write(b"one"), write(b"two"))
    assert len({await follower.line() for follower in followers}) == 1
