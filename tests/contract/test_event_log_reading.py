"""Topics, and reading them with a position of one's own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from broker.errors import RejectedError, UsageError
from broker.ports import CommittedOffset


async def test_read_starts_at_the_offset_and_takes_no_more_than_asked(log_factory, tools):
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 1})
    await tools.append(log, topic, b"1", b"2", b"3", b"4")
    everything = await tools.visible(log, topic)
    second = everything[1].place.offset
    some = await log.read(topic, 0, offset=second, most=2, wait=tools.long)
    assert tools.values_of(some) == [b"2", b"3"]


async def test_an_offset_below_the_earliest_starts_at_the_earliest(log_factory, tools):
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 1})
    await tools.append(log, topic, b"1")
    assert tools.values_of(await log.read(topic, 0, offset=0, most=9, wait=tools.long)) == [b"1"]


async def test_a_follower_gets_what_another_instance_publishes(log_factory, tools):
    topic = tools.name("topic")
    log, other = await log_factory.make(**{topic: 1}), await log_factory.make()
    offset = 0
    for value in (b"1", b"2", b"3"):
        waiting = asyncio.create_task(log.read(topic, 0, offset=offset, most=9, wait=tools.long))
        await tools.append(other, topic, value)
        found = await waiting
        assert tools.values_of(found) == [value]
        offset = found[-1].place.offset + 1


async def test_a_follower_gets_what_its_own_instance_publishes(log_factory, tools):
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 1})
    waiting = asyncio.create_task(log.read(topic, 0, offset=0, most=9, wait=tools.long))
    await asyncio.sleep(0.05)
    await tools.append(log, topic, b"1")
    assert tools.values_of(await waiting) == [b"1"]


async def test_several_followers_of_one_instance_all_wake_up(log_factory, tools):
    topics = [tools.name("topic") for _ in range(3)]
    log, other = await log_factory.make(**dict.fromkeys(topics, 1)), await log_factory.make()
    reads = [asyncio.create_task(log.read(topic, 0, offset=0, most=9, wait=tools.long)) for topic in topics]
    for topic in reversed(topics):
        await tools.append(other, topic, topic.encode())
    for topic, read in zip(topics, reads, strict=True):
        assert tools.values_of(await read) == [topic.encode()]


async def test_read_gives_nothing_when_the_time_is_over(log_factory, tools):
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 1})
    assert await log.read(topic, 0, offset=0, most=9, wait=timedelta(milliseconds=30)) == ()
    assert await log.read(topic, 0, offset=0, most=9, wait=tools.at_once) == ()


async def test_a_reader_never_sees_half_of_a_batch(log_factory, tools):
    """Every read ends at the end of a batch, although the batches of two writers are mixed."""
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 1})

    async def write(name: bytes) -> None:
        writer = await tools.writer(await log_factory.make())
        for number in range(20):
            batch = tools.outgoing(topic, *(b"%s %d %d" % (name, number, part) for part in range(5)))
            await writer.publish(batch, position=CommittedOffset(offset=number))

    writers = asyncio.gather(write(b"one"), write(b"two"))
    seen: list[bytes] = []
    offset = 0
    while len(seen) < 200:
        found = await log.read(topic, 0, offset=offset, most=1000, wait=tools.long)
        seen += tools.values_of(found)
        offset = found[-1].place.offset + 1
        assert seen[-1].endswith(b" 4")
    await writers
    assert len(set(seen)) == 200


async def test_end_is_where_the_next_message_may_stand(log_factory, tools):
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 1})
    before = await log.end(topic, 0)
    await tools.append(log, topic, b"1", b"2")
    messages = await tools.visible(log, topic)
    assert before <= messages[0].place.offset
    assert await log.end(topic, 0) > messages[-1].place.offset


async def test_creating_topics_again_changes_nothing(log_factory, tools):
    topic, further = tools.name("topic"), tools.name("further")
    log = await log_factory.make(**{topic: 3})
    await tools.append(log, topic, b"1")
    other = await log_factory.make(**{topic: 3, further: 2})
    assert await log.partitions(topic) == 3
    assert await log.partitions(further) == 2
    assert [value for number in range(3) for value in await tools.values(other, topic, number)] == [b"1"]


async def test_another_number_of_partitions_is_refused(log_factory, tools):
    """Keys would move to other partitions and lose their order."""
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 3})
    with pytest.raises(UsageError):
        await log.create_topics({topic: 4})
    assert await log.partitions(topic) == 3


async def test_an_unknown_topic_is_rejected_everywhere(log_factory, tools):
    log, absent = await log_factory.make(), tools.name("absent")
    calls = [
        log.partitions(absent),
        log.wait_for_assignment(absent, group="g"),
        log.claim(absent, 0, group="g"),
        log.committed(absent, 0, group="g"),
        log.read(absent, 0, offset=0, most=1, wait=tools.at_once),
        log.end(absent, 0),
    ]
    for call in calls:
        with pytest.raises(RejectedError) as caught:
            await call
        assert caught.value.reason == "UNKNOWN_TOPIC"


async def test_a_partition_that_a_topic_has_not_is_rejected(log_factory, tools):
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 2})
    with pytest.raises(RejectedError) as caught:
        await log.claim(topic, 2, group="g")
    assert caught.value.reason == "UNKNOWN_TOPIC"


async def test_a_log_says_in_words_why_it_cannot_be_used(log_factory):
    """Of one that works as well: a person who asks has met a fault a moment ago."""
    words = await (await log_factory.make()).why_unavailable()
    assert words
    assert "\n" not in words
