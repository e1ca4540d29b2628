"""The broker goes away: nothing is lost, nothing is doubled, nobody waits for ever, and nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from broker.errors import UnavailableError
from broker.ports import Outgoing, Position


def _started(nodes: list[Any]) -> Iterator[list[Any]]:
    for node in nodes:
        node.start()
    for node in nodes:
        asyncio.run(node.ready())
    yield nodes
    for node in nodes:
        node.kill()


@pytest.fixture
def three_nodes(node_parts: ModuleType, tmp_path: Path) -> Iterator[list[Any]]:
    """A cluster of the test's own, that soon misses a node."""
    soon = {"broker.session.timeout.ms": "4000", "broker.heartbeat.interval.ms": "1000"}
    yield from _started(node_parts.cluster(tmp_path, nodes=3, further=soon))


@pytest.fixture
def own_node(node_parts: ModuleType, tmp_path: Path) -> Iterator[Any]:
    """A node of the test's own."""
    for [node] in _started(node_parts.cluster(tmp_path)):
        yield node


@pytest.mark.timeout(300)
async def test_a_broker_killed_and_started_again_in_mid_run_loses_and_doubles_nothing(three_nodes, make_bench):
    bench = make_bench(",".join(node.bootstrap for node in three_nodes))
    count, asking = 150, await bench.make()
    serving = asyncio.create_task(bench.serve(await bench.make(), until=count))
    asked = asyncio.create_task(_ask_one_by_one(bench, asking, count))
    for node in three_nodes[:2]:
        seen = len(await bench.answers(asking, count=10))
        node.kill()
        async with asyncio.timeout(120):
            await bench.answers(bench.open(), count=min(seen + 20, count))
        node.start()
        await node.ready()
    async with asyncio.timeout(120):
        await asyncio.gather(asked, serving)

    log = bench.open()
    assert bench.numbers(await bench.answers(log, count=count)) == list(range(count))
    assert (await log.committed(bench.work, 0, group=bench.group)).metadata == str(count)


async def _ask_one_by_one(bench, log, count: int) -> None:
    """Publish as an outbox does: the position says how many of the requests are out."""
    out = 0
    while out < count:
        try:
            claim = await log.claim(bench.out, 0, group="asking-" + bench.group)
            out = claim.position.offset
            while out < count:
                request = Outgoing(topic=bench.work, key=b"%d" % out, value=b"%d" % out)
                await claim.publish([request], position=Position(offset=out + 1))
                out += 1
        except UnavailableError:
            await asyncio.sleep(0.2)


async def test_while_the_broker_is_away_every_call_says_so_and_closing_leaves_nothing(own_node, make_bench):
    bench = make_bench(own_node.bootstrap)
    before = asyncio.all_tasks()
    log = await bench.make()
    claim = await bench.owner(log)
    await claim.publish(bench.outgoing(b"1"), position=Position(offset=1))
    await log.read(bench.out, 0, offset=0, most=1, wait=timedelta(0))
    own_node.kill()

    calls = [
        claim.publish(bench.outgoing(b"2"), position=Position(offset=2)),
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


async def test_closing_leaves_no_task_and_whoever_waits_learns_of_it(bench):
    before = asyncio.all_tasks()
    log = await bench.make()
    claim = await bench.owner(log)
    waiting = [
        asyncio.create_task(log.read(bench.out, 0, offset=0, most=1, wait=bench.long)),
        asyncio.create_task(log.turn(bench.work, group=bench.group)),
        asyncio.create_task(claim.fetch(most=1, wait=bench.long)),
    ]
    await asyncio.sleep(0.3)
    await log.close()
    async with bench.soon():
        ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(end) for end in ends] == [UnavailableError] * 3
    for call in (log.end(bench.out, 0), log.claim(bench.work, 0, group="g"), log.turn(bench.work, group="g")):
        with pytest.raises(UnavailableError):
            await call
    assert asyncio.all_tasks() == before
