"""Leases and offers of the embedded log: what decides when a partition is offered to somebody else."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

from broker.adapters.embedded.leases import Leases
from broker.adapters.embedded.ownership import Lease
from broker.errors import UnavailableError
from broker.ports import CommittedOffset


async def test_instances_that_wait_side_by_side_are_offered_different_partitions(bench):
    """Else each would claim what the other has just claimed, and count an attempt at its messages."""
    one, two = bench.open(), bench.open()
    await one.create_topics({"pair": 2})
    deliveries = await asyncio.gather(
        one.wait_for_assignment("pair", group="g"), two.wait_for_assignment("pair", group="g")
    )
    assert set(deliveries) == {0, 1}


async def test_an_offer_that_nobody_took_up_is_made_again(bench):
    one, two = await bench.make(), bench.open()
    assert await one.wait_for_assignment("work", group="g") == 0
    async with bench.soon():
        assert await two.wait_for_assignment("work", group="g") == 0


async def test_a_lapsed_owner_goes_on_where_nobody_claimed(bench):
    """The lease decides what is offered; only an epoch decides what is fenced."""
    log = await bench.make()
    claim = await log.claim("work", 0, group="g")
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as connection:
        connection.execute("UPDATE claims SET live_until = live_from")
    await claim.publish(bench.out(b"1"), position=CommittedOffset(offset=1))
    assert await bench.values(log) == [b"1"]


async def test_a_lease_from_before_a_restart_of_the_machine_does_not_hold(bench):
    """The monotonic clock begins again; an old lease would hold for as long as the machine last ran."""
    log = await bench.make()
    await log.claim("work", 0, group="g")
    await log.close()
    with closing(sqlite3.connect(bench.path, isolation_level=None)) as connection:
        connection.execute("UPDATE claims SET live_from = 1e12, live_until = 1e12 + 3")
    async with bench.soon():
        assert await bench.open(lease=timedelta(hours=1)).wait_for_assignment("work", group="g") == 0


async def test_a_cancelled_claim_does_not_keep_its_partition(bench):
    """A claim that nobody holds must not be renewed for as long as its process lives."""
    one, two = await bench.make(), bench.open()
    task = asyncio.create_task(one.claim("work", 0, group="g"))
    await asyncio.sleep(0)
    task.cancel()
    async with bench.soon():
        assert await two.wait_for_assignment("work", group="g") == 0


async def test_renewing_goes_on_after_a_fault():
    renewed = asyncio.Event()

    class FailingOnce:
        calls = 0

        async def write(self, _job: Callable[[sqlite3.Connection], None]) -> None:
            self.calls += 1
            if self.calls == 1:
                raise UnavailableError("away")
            renewed.set()

    leases = Leases(FailingOnce(), length=timedelta(milliseconds=15))
    leases.keep(Lease(group="g", topic="work", partition=0, head=1, epoch=1))
    async with asyncio.timeout(30):
        await renewed.wait()
    await leases.stop()
