"""Publishing: all or nothing, to the partition that Kafka would choose, within the limits."""

from __future__ import annotations

import pytest

from broker.adapters.partitioner import partition_for
from broker.errors import OutcomeUnknown, RejectedError
from broker.ports import MAX_POSITION_METADATA_BYTES, MAX_VALUE_BYTES, CommittedOffset, Outgoing


async def test_messages_and_position_are_shown_together(log_factory, tools):
    first, second, work = tools.name("first"), tools.name("second"), tools.name("work")
    log = await log_factory.make(**{first: 1, second: 1, work: 1})
    claim = await log.claim(work, 0, group=work)

    messages = tools.outgoing(first, b"1", b"2") + tools.outgoing(second, b"3")
    await claim.publish(messages, position=CommittedOffset(offset=7, metadata="seq 12"))

    other = await log_factory.make()
    assert await tools.values(other, first) == [b"1", b"2"]
    assert await tools.values(other, second) == [b"3"]
    assert await other.committed(work, 0, group=work) == CommittedOffset(offset=7, metadata="seq 12")


async def test_the_position_moves_without_any_message(log_factory, tools):
    work = tools.name("work")
    log = await log_factory.make(**{work: 1})
    await (await log.claim(work, 0, group=work)).publish([], position=CommittedOffset(offset=3))
    assert await log.committed(work, 0, group=work) == CommittedOffset(offset=3)


async def test_an_unknown_topic_shows_nothing_of_the_batch(log_factory, tools):
    good, work = tools.name("good"), tools.name("work")
    log = await log_factory.make(**{good: 1, work: 1})
    claim = await log.claim(work, 0, group=work)

    messages = tools.outgoing(good, b"1") + tools.outgoing(tools.name("absent"), b"2")
    with pytest.raises(RejectedError) as caught:
        await claim.publish(messages, position=CommittedOffset(offset=5))

    assert caught.value.reason == "UNKNOWN_TOPIC"
    assert await tools.values(log, good) == []
    assert await log.committed(work, 0, group=work) == CommittedOffset(offset=0)
    await claim.publish(tools.outgoing(good, b"3"), position=CommittedOffset(offset=6))
    assert await tools.values(log, good) == [b"3"], "the claim goes on after a rejected batch"


async def test_a_value_of_the_greatest_size_goes_through(log_factory, tools):
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 1})
    await tools.append(log, topic, bytes(MAX_VALUE_BYTES))
    assert [len(value) for value in await tools.values(log, topic)] == [MAX_VALUE_BYTES]


async def test_a_value_that_is_too_large_shows_nothing_of_the_batch(log_factory, tools):
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 1})
    with pytest.raises(RejectedError) as caught:
        await tools.append(log, topic, b"small", bytes(MAX_VALUE_BYTES + 1))
    assert caught.value.reason == "TOO_LARGE"
    assert await tools.values(log, topic) == []


async def test_metadata_is_limited_in_bytes_not_characters(log_factory, tools):
    work, topic = tools.name("work"), tools.name("topic")
    log = await log_factory.make(**{work: 1, topic: 1})
    claim = await log.claim(work, 0, group=work)
    longest = "é" * (MAX_POSITION_METADATA_BYTES // 2)
    await claim.publish([], position=CommittedOffset(offset=1, metadata=longest))

    with pytest.raises(RejectedError) as caught:
        await claim.publish(tools.outgoing(topic, b"1"), position=CommittedOffset(offset=2, metadata=longest + "e"))

    assert caught.value.reason == "METADATA_TOO_LONG"
    assert await log.committed(work, 0, group=work) == CommittedOffset(offset=1, metadata=longest)
    assert await tools.values(log, topic) == []


async def test_keys_go_to_the_partition_that_kafka_chooses(log_factory, tools):
    topic = tools.name("topic")
    log = await log_factory.make(**{topic: 5})
    keys = [b"request-%d" % number for number in range(40)]
    writer = await tools.writer(log)
    messages = [Outgoing(topic=topic, key=key, value=b"of " + key) for key in keys]
    await writer.publish(messages, position=CommittedOffset(offset=0))

    for partition in range(5):
        here = await tools.visible(log, topic, partition)
        expected = [key for key in keys if partition_for(key, partitions=5) == partition]
        assert [message.key for message in here] == expected
        assert all(message.value == b"of " + message.key for message in here)
        assert all((m.place.topic, m.place.partition) == (topic, partition) for m in here)


async def test_offsets_rise_over_instances_and_restarts(log_factory, tools):
    topic = tools.name("topic")
    await log_factory.make(**{topic: 1})
    offsets: list[int] = []
    for _ in range(3):
        log = await log_factory.make()
        end = await log.end(topic, 0)
        await tools.append(log, topic, b"1", b"2")
        new = await log.read(topic, 0, offset=end, most=9, wait=tools.long)
        offsets += [message.place.offset for message in new]
        await log.close()
    assert len(offsets) == 6
    assert offsets == sorted(set(offsets))


async def test_a_claim_tells_that_a_lost_commit_took_effect(log_factory, tools):
    work, topic = tools.name("work"), tools.name("topic")
    await log_factory.make(**{work: 1, topic: 1})
    log = await log_factory.make_losing(took_effect=True)
    claim = await log.claim(work, 0, group=work)

    with pytest.raises(OutcomeUnknown):
        await claim.publish(tools.outgoing(topic, b"1", b"2"), position=CommittedOffset(offset=2, metadata="2"))

    again = await log.claim(work, 0, group=work)
    assert again.position == CommittedOffset(offset=2, metadata="2")
    assert await tools.values(log, topic) == [b"1", b"2"]


async def test_a_claim_tells_that_a_lost_commit_did_not_take_effect(log_factory, tools):
    work, topic = tools.name("work"), tools.name("topic")
    await log_factory.make(**{work: 1, topic: 1})
    log = await log_factory.make_losing(took_effect=False)
    claim = await log.claim(work, 0, group=work)

    with pytest.raises(OutcomeUnknown):
        await claim.publish(tools.outgoing(topic, b"1", b"2"), position=CommittedOffset(offset=2, metadata="2"))

    again = await log.claim(work, 0, group=work)
    assert again.position == CommittedOffset(offset=0)
    await again.publish(tools.outgoing(topic, b"1", b"2"), position=CommittedOffset(offset=2, metadata="2"))
    assert await tools.values(log, topic) == [b"1", b"2"]
