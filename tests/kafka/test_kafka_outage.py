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


@pytest.fixture
def node(node_parts: ModuleType, tmp_path: Path) -> Iterator[Any]:
    """A node of the test's own, to be killed."""
    made = node_parts.Node(tmp_path / "kafka")
    made.start()
    asyncio.run(made.ready())
    yield made
    made.kill()


@pytest.fixture
def own_bench(node: Any, bench: Any) -> Any:
    bench.bootstrap = node.bootstrap
    return bench


async def test_a_broker_killed_and_started_again_in_mid_run_loses_and_doubles_nothing(node, own_bench):
    count, asking = 120, await own_bench.make()
    serving = asyncio.create_task(own_bench.serve(await own_bench.make(), until=count))
    asked = asyncio.create_task(_ask_one_by_one(own_bench, asking, count))
    async with own_bench.soon():
        await own_bench.answers(asking, count=20)
    node.kill()
    await asyncio.sleep(0.5)
    node.start()
    async with own_bench.soon():
        await asyncio.gather(asked, serving)

    log = own_bench.open()
    requests = await log.read(own_bench.work, 0, offset=0, most=500, wait=timedelta(seconds=1))
    import os
    os.write(2, repr([(m.place.offset, int(m.value)) for m in requests]).encode()+b"\n")
    os.write(2, repr([(m.place.offset, int(m.value)) for m in await log.read(own_bench.out, 0, offset=0, most=500, wait=timedelta(seconds=1))]).encode()+b"\n")
    assert own_bench.numbers(await own_bench.answers(log, count=count)) == list(range(count))
    assert (await log.committed(own_bench.work, 0, group=own_bench.group)).metadata == str(count)


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


async def test_while_the_broker_is_away_every_call_says_so_and_closing_leaves_nothing(node, own_bench):
    before = asyncio.all_tasks()
    log = await own_bench.make()
    claim = await own_bench.owner(log)
    await claim.publish(own_bench.outgoing(b"1"), position=Position(offset=1))
    await log.read(own_bench.out, 0, offset=0, most=1, wait=timedelta(0))
    node.kill()

    calls = [
        claim.publish(own_bench.outgoing(b"2"), position=Position(offset=2)),
        claim.fetch(most=1, wait=own_bench.long),
        log.read(own_bench.out, 0, offset=10, most=1, wait=own_bench.long),
        log.end(own_bench.out, 0),
        log.committed(own_bench.work, 0, group="g"),
        log.claim(own_bench.work, 0, group="g"),
        log.partitions("never-asked-before"),
    ]
    async with own_bench.soon():
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
