"""The network between an agent and its cluster fails: nothing is lost or doubled, and nobody waits for ever.

The agent has proxies between itself and every node; whoever asks and whoever reads has a way of its own.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from broker.errors import UnavailableError
from broker.ports import CommittedOffset
from tests.kafka.proxy import TO_AGENT

COUNT = 60
AWAY_SECONDS = 4.0
"""Longer than the session, so that the group gives the partition to another."""
FAULTS = {"cut": ("cut",), "held": ("hold",), "answers held": ("hold", TO_AGENT)}


@pytest.mark.parametrize(("fault", "standby"), [("cut", False), ("answers held", False), ("held", True)])
async def test_a_partition_between_agent_and_cluster_loses_and_doubles_nothing(
    network, three_nodes, make_bench, report, fault, standby
):
    """A standby has a way of its own: it takes over, and the first shows nothing when it is back."""
    bench = make_bench(",".join(node.bootstrap for node in three_nodes))
    asking = await bench.make()
    asked = asyncio.create_task(bench.ask_one_by_one(asking, COUNT))
    serving = [asyncio.create_task(bench.serve(bench.open(by=network.bootstrap), until=COUNT))]
    clock = asyncio.get_running_loop().time
    async with bench.soon():
        await bench.answers(asking, count=5)
        if standby:
            serving.append(asyncio.create_task(bench.serve(bench.open(), until=COUNT)))
        network(*FAULTS[fault])
        begun, seen = clock(), len(await bench.answers(asking, count=1))
        if not standby:
            await asyncio.sleep(AWAY_SECONDS)
            network("heal")
        await bench.answers(asking, count=min(seen + 1, COUNT))
        report(f"{fault}{', with a standby' if standby else ''}: an answer {clock() - begun:.1f} s after it began")
        network("heal")
        await asyncio.gather(asked, *serving)

    assert bench.numbers(await bench.answers(asking, count=COUNT)) == list(range(COUNT))
    assert (await asking.committed(bench.work, 0, group=bench.group)).metadata == str(COUNT)


async def test_while_nothing_comes_through_every_call_says_so_and_closing_leaves_nothing(
    network, three_nodes, make_bench
):
    bench = make_bench(",".join(node.bootstrap for node in three_nodes))
    await bench.make()
    before = asyncio.all_tasks()
    log = bench.open(by=network.bootstrap)
    claim = await bench.owner(log)
    await claim.publish(bench.outgoing(b"1"), position=CommittedOffset(offset=1))
    await log.read(bench.out, 0, offset=0, most=1, wait=timedelta(0))
    network("hold")
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
        await claim.release()
        await log.close()
    assert [isinstance(end, UnavailableError) for end in ends] == [True] * len(calls), ends
    network("heal")
    network("cut")
    await asyncio.sleep(0.1)
    assert {task for task in asyncio.all_tasks() - before if "_accept" not in repr(task)} == set()
