"""What the command line reads: the newest summary that the requester's own screening signed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.errors import RejectedError
from broker.exchange.verify import Verifier
from broker.ports import Outgoing
from consumers.screening.join import RequestState, summary_of, with_dispatch
from consumers.screening.reader import SummaryReader, latest_summary
from schemas.summary import Summary
from schemas.vocabulary import Kind
from tests.screening_world import Request, World


def signed(world: World, request: Request, version: int, *, by: str = "hub-screening") -> Outgoing:
    state, _ = with_dispatch(RequestState(request_id=request.request_id), request.dispatch())
    body = summary_of(state, request.dispatch(), version=version)
    message_id = f"019ab000-0000-7000-8000-{version:012d}"
    return world.seal(by, Summary(body=body), Kind.SUMMARY, world.topic_of_summaries, message_id=message_id)


def verifier(world: World) -> Verifier:
    made: Verifier = world.partnership.verifier("hub")
    return made


async def latest(world: World, request: Request) -> int | None:
    async with world.log() as log:
        body = await latest_summary(
            log, request_id=request.request_id, requester="hub", verifier=verifier(world), clock=lambda: world.now
        )
    return body.version if body else None


async def test_newest_version_of_this_request_is_read(world: World) -> None:
    request, other = world.request(), world.request()
    await world.publish(signed(world, request, 1), signed(world, request, 3), signed(world, request, 2))
    await world.publish(signed(world, other, 9))
    assert await latest(world, request) == 3
    assert await latest(world, request) == 3  # asking again is a redelivery


async def test_request_without_a_summary_reads_as_none(world: World) -> None:
    await world.publish(signed(world, world.request(), 1))
    assert await latest(world, world.request()) is None


async def test_summary_of_another_request_is_never_opened(world: World) -> None:
    request, other = world.request(), world.request()
    await world.publish(signed(world, request, 1), signed(world, other, 1))

    def open_nothing_else(version: int) -> bytes | None:
        opened.append(version)
        return bytes(world.partnership.trusted.digest)

    opened: list[int] = []
    async with world.log() as log:
        await latest_summary(
            log,
            request_id=request.request_id,
            requester="hub",
            verifier=replace(verifier(world), known_version=open_nothing_else),
            clock=lambda: world.now,
        )
    assert len(opened) == 1


async def test_forged_summary_hides_no_true_one(world: World) -> None:
    """Attack: put a newer summary under the request's key, altered, or moved from another topic's place."""
    request = world.request()
    true, newer = signed(world, request, 1), signed(world, request, 2)
    altered = replace(newer, value=newer.value[:-1] + bytes([newer.value[-1] ^ 1]))
    await world.publish(true, altered, replace(true, value=b""))
    async with world.log() as log:
        reader = SummaryReader(
            log,
            request_id=request.request_id,
            requester="hub",
            verifier=verifier(world),
            clock=lambda: world.now,
        )
        body = await reader.latest()
    assert body is not None
    assert body.version == 1
    assert reader.rejected == ("BAD_SIGNATURE", "MALFORMED")


async def test_summary_by_another_requesters_screening_is_refused(world: World) -> None:
    """Attack: a second hub's screening writes into the first one's topic."""
    request = world.request()
    await world.publish(signed(world, request, 1))
    trusted = world.partnership.trusted
    principals = {
        name: one.model_copy(update={"acts_for": "other-hub"}) if name == "hub-screening" else one
        for name, one in trusted.principals.items()
    }
    stranger = replace(verifier(world), directory=lambda: replace(trusted, principals=principals))
    async with world.log() as log:
        reader = SummaryReader(
            log, request_id=request.request_id, requester="hub", verifier=stranger, clock=lambda: world.now
        )
        assert await reader.latest() is None
    assert reader.rejected == ("WRONG_TOPIC",)


async def test_reader_that_waits_sees_what_comes(world: World) -> None:
    request = world.request()
    await world.publish(signed(world, request, 1))
    async with world.log() as log:
        reader = SummaryReader(
            log, request_id=request.request_id, requester="hub", verifier=verifier(world), clock=lambda: world.now
        )
        first = await reader.latest()
        waiting = asyncio.create_task(reader.latest(wait=timedelta(seconds=30)))
        await world.publish(signed(world, request, 2))
        second = await waiting
    assert [body.version for body in (first, second) if body] == [1, 2]


async def test_topic_that_does_not_exist_is_said_so(world: World) -> None:
    async with world.log() as log:
        reader: Any = SummaryReader(
            log, request_id="x", requester="nobody", verifier=verifier(world), clock=lambda: world.now
        )
        with pytest.raises(RejectedError, match="UNKNOWN_TOPIC"):
            await reader.latest()
