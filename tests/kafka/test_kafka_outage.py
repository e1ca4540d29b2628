"""The broker goes away: nothing is lost, nothing is doubled, nobody waits for ever, and nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
from datetime import timedelta

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from broker.errors import UnavailableError
from broker.ports import CommittedOffset

COPIES = 3


async def _roles(bench) -> tuple[int, int]:
    """Wait until no copy is behind, and return which node coordinates the group and which leads its requests.

    A second loss before that is another fault: what stood on two nodes then stands on none.
    """
    client = AIOKafkaAdminClient(bootstrap_servers=bench.bootstrap)
    await client.start()
    try:
        while True:
            topics = await client.describe_topics([bench.work, bench.out, "__consumer_offsets", "__transaction_state"])
            if all(len(one["isr"]) == COPIES for topic in topics for one in topic["partitions"]):
                return await client.find_coordinator(bench.group), topics[0]["partitions"][0]["leader"]
            await asyncio.sleep(0.2)
    finally:
        await client.close()


@pytest.mark.timeout(300)
async def test_each_node_lost_in_turn_loses_and_doubles_nothing(three_nodes, make_bench, report):
    """The group's coordinator and the requests' leader by kill -9; the rest by SIGTERM, which moves what they lead."""
    bench = make_bench(",".join(node.bootstrap for node in three_nodes))
    count, asking = 150, await bench.make()
    serving = asyncio.create_task(bench.serve(await bench.make(), until=count))
    asked = asyncio.create_task(bench.ask_one_by_one(asking, count))
    left, clock = {node.number: node for node in three_nodes}, asyncio.get_running_loop().time
    while left:
        seen = len(await bench.answers(asking, count=10))
        coordinator, leader = await _roles(bench)
        number = coordinator if coordinator in left else leader if leader in left else next(iter(left))
        node, begun = left.pop(number), clock()
        await asyncio.to_thread(node.kill if number in (coordinator, leader) else node.stop)
        async with asyncio.timeout(120):
            await bench.answers(bench.open(), count=min(seen + 5, count))
        what = [role for role, one in (("coordinator", coordinator), ("leader", leader)) if one == number]
        report(f"node {number} ({' and '.join(what) or 'neither'}): five answers {clock() - begun:.1f} s after it fell")
        node.start()
        await node.ready()
    async with asyncio.timeout(120):
        await asyncio.gather(asked, serving)

    log = bench.open()
    assert bench.numbers(await bench.answers(log, count=count)) == list(range(count))
    assert (await log.committed(bench.work, 0, group=bench.group)).metadata == str(count)


async def test_while_the_broker_is_away_every_call_says_so_and_closing_leaves_nothing(own_node, make_bench, caplog):
    bench = make_bench(own_node.bootstrap)
    before = asyncio.all_tasks()
    log = await bench.make()
    claim = await bench.owner(log)
    await claim.publish(bench.outgoing(b"1"), position=CommittedOffset(offset=1))
    await log.read(bench.out, 0, offset=0, most=1, wait=timedelta(0))
    own_node.kill()
    caplog.clear()

    calls = [
        claim.publish(bench.outgoing(b"2"), position=CommittedOffset(offset=2)),
        claim.fetch(most=1, wait=bench.long),
        log.read(bench.out, 0, offset=10, most=1, wait=bench.long),
        log.end(bench.out, 0),
        log.committed(bench.work, 0, group="g"),
        log.claim(bench.work, 0, group="g"),
        log.partitions("never-asked-before"),
    ]
    async with bench.soon():
        ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ends] == [UnavailableError] * len(calls)
    await claim.release()
    await log.close()
    await log.close()
    assert asyncio.all_tasks() == before
    gc.collect()  # what was left open warns, and warnings are errors
    assert [one for one in caplog.records if one.name.startswith("aiokafka")] == [], "not a line a retry, for hours"


async def test_closing_leaves_no_task_and_whoever_waits_learns_of_it(bench):
    before = asyncio.all_tasks()
    log = await bench.make()
    claim = await bench.owner(log)
    waiting = [
        asyncio.create_task(log.read(bench.out, 0, offset=0, most=1, wait=bench.long)),
        asyncio.create_task(log.wait_for_assignment(bench.work, group=bench.group)),
        asyncio.create_task(claim.fetch(most=1, wait=bench.long)),
    ]
    await asyncio.sleep(0.3)
    await log.close()
    async with bench.soon():
        ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(end) for end in ends] == [UnavailableError] * 3
    for call in (
        log.end(bench.out, 0),
        log.claim(bench.work, 0, group="g"),
        log.wait_for_assignment(bench.work, group="g"),
    ):
        with pytest.raises(UnavailableError):
            await call
    assert asyncio.all_tasks() == before
