"""A claim between its writer and its reader."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from broker.adapters.kafka.claim import ClaimCallbacks, KafkaClaim, Owned
from broker.errors import Fenced, RejectedError, UnavailableError
from broker.ports import MAX_POSITION_METADATA_BYTES, MAX_VALUE_BYTES, CommittedOffset, LogOffset, Message, Outgoing

SESSION = timedelta(milliseconds=40)
LONG = timedelta(hours=1)


class Writer:
    """Counts; raises `fault` once it has one."""

    fencing = (1, 1)

    def __init__(self) -> None:
        self.published: list[CommittedOffset] = []
        self.proved: list[CommittedOffset] = []
        self.stopped = 0
        self.fault: Exception | None = None

    async def publish(self, messages: object, *, position: CommittedOffset) -> None:
        self._raise()
        self.published.append(position)

    async def prove(self, position: CommittedOffset) -> None:
        self.proved.append(position)
        self._raise()

    async def stop(self) -> None:
        self.stopped += 1

    def _raise(self) -> None:
        if self.fault is not None:
            raise self.fault


class Reader:
    """Has the messages it is given; waits for nothing else, until it is closed."""

    def __init__(self, *offsets: int) -> None:
        self.offsets = offsets
        self.closed = asyncio.Event()

    async def read(self, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        found = [number for number in self.offsets if number >= offset][:most]
        if not found:
            try:
                await asyncio.wait_for(self.closed.wait(), wait.total_seconds())
            except TimeoutError:
                return ()
            raise UnavailableError("closed")
        places = (LogOffset(topic="work", partition=0, offset=number) for number in found)
        return tuple(Message(place=place, key=b"key", value=b"value") for place in places)

    async def close(self) -> None:
        self.closed.set()


class Bench:
    def __init__(self, *offsets: int) -> None:
        self.writer, self.reader = Writer(), Reader(*offsets)
        self.fenced: list[KafkaClaim] = []
        self.released: list[KafkaClaim] = []
        self.claim = KafkaClaim(
            Owned(topic="work", partition=0, group="g"),
            self.writer,
            self.reader,
            position=CommittedOffset(offset=2, metadata="2"),
            session=SESSION,
            callbacks=ClaimCallbacks(address=self._address, fenced=self.fenced.append, released=self._release),
        )

    async def _address(self, messages: Sequence[Outgoing]) -> list[tuple[Outgoing, int]]:
        return [(message, 0) for message in messages]

    async def _release(self, claim: KafkaClaim) -> None:
        self.released.append(claim)


async def test_fetching_starts_at_the_position_and_moves_on():
    claim = Bench(0, 1, 2, 5, 6).claim
    assert [message.place.offset for message in await claim.fetch(most=2, wait=LONG)] == [2, 5]
    assert [message.place.offset for message in await claim.fetch(most=2, wait=LONG)] == [6]


async def test_an_owner_that_waits_proves_itself_with_the_position_that_stands():
    bench = Bench()
    await bench.claim.publish([], position=CommittedOffset(offset=4, metadata="4"))
    assert await bench.claim.fetch(most=1, wait=3 * SESSION) == ()
    assert bench.writer.proved
    assert set(bench.writer.proved) == {CommittedOffset(offset=4, metadata="4")}


async def test_an_owner_that_waits_finds_out_that_it_is_fenced():
    bench = Bench()
    bench.writer.fault = Fenced("another owns it")
    with pytest.raises(Fenced):
        await bench.claim.fetch(most=1, wait=LONG)
    assert bench.fenced == [bench.claim]
    assert bench.claim.over


async def test_an_owner_that_publishes_need_not_prove_itself():
    bench = Bench()
    for offset in range(5):
        await asyncio.sleep(SESSION.total_seconds() / 4)
        await bench.claim.publish([], position=CommittedOffset(offset=offset))
        await bench.claim.fetch(most=1, wait=timedelta(0))
    assert not bench.writer.proved


async def test_a_fenced_claim_does_nothing_more():
    bench = Bench(2)
    bench.writer.fault = Fenced("another owns it")
    for _ in range(2):
        with pytest.raises(Fenced):
            await bench.claim.publish([], position=CommittedOffset(offset=3))
    with pytest.raises(Fenced):
        await bench.claim.fetch(most=1, wait=LONG)
    assert bench.fenced == [bench.claim]


async def test_a_claim_that_was_given_to_another_instance_does_nothing_more():
    bench = Bench(2)
    bench.claim.end(Fenced("given to another"))
    with pytest.raises(Fenced):
        await bench.claim.publish([], position=CommittedOffset(offset=3))
    assert not bench.writer.published


async def test_releasing_wakes_whoever_waits_and_may_be_done_twice():
    bench = Bench()
    waiting = asyncio.create_task(bench.claim.fetch(most=1, wait=timedelta(milliseconds=30)))
    await asyncio.sleep(0.005)
    await bench.claim.release()
    await bench.claim.release()
    with pytest.raises(Fenced):
        await waiting
    assert set(bench.released) == {bench.claim}


async def test_an_outage_is_not_taken_for_the_end():
    bench = Bench()
    bench.reader.closed.set()
    with pytest.raises(UnavailableError):
        await bench.claim.fetch(most=1, wait=LONG)
    assert not bench.claim.over


@pytest.mark.parametrize(
    ("value", "metadata", "reason"),
    [
        (bytes(MAX_VALUE_BYTES + 1), "", "TOO_LARGE"),
        (b"", "é" * (MAX_POSITION_METADATA_BYTES // 2) + "e", "METADATA_TOO_LONG"),
    ],
)
async def test_what_is_too_large_is_refused_before_anything_is_sent(value: bytes, metadata: str, reason: str):
    bench = Bench()
    with pytest.raises(RejectedError) as caught:
        await bench.claim.publish(
            [Outgoing(topic="out", key=b"key", value=value)], position=CommittedOffset(offset=3, metadata=metadata)
        )
    assert caught.value.reason == reason
    assert not bench.writer.published
    await bench.claim.publish([], position=CommittedOffset(offset=3))
