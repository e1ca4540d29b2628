"""The screening consumer on a real log and a real database: what it publishes, accounts for, and quarantines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.exchange.envelope import derived_id, part_hash, sha256
from consumers.screening.join import NOT_ASKED, OLDER_REVISION, WRONG_REQUEST
from schemas.answer import Answer
from schemas.vocabulary import EventKind, Kind, Status
from tests.screening_world import CANARY, DUE, World, an_item


def shown(body: Any) -> list[tuple[str, str | None, int, bool, bool]]:
    return [
        (
            one.organisation,
            one.answer.status.status.value if one.answer else None,
            one.answer.status.revision if one.answer else 0,
            one.late,
            one.recorded,
        )
        for one in body.answers
    ]


# ---------------------------------------------------------------- the path


async def test_answers_are_joined_by_their_dispatch_and_published_each_time_they_change(world: World) -> None:
    request = world.request()
    await world.run(world.dispatch(request))
    await world.run(world.answer(request, "police", revision=0, status=Status.AWAITED))
    await world.run(world.answer(request, "police", items=(an_item(),)))
    await world.run(world.answer(request, "health", status=Status.NO_TRACE))
    await world.run(world.checkpoint(request.event_id("police"), request.event_id("health")))
    bodies = await world.summaries(request)
    assert [body.version for body in bodies] == [1, 2, 3, 4, 5, 6][: len(bodies)]
    assert [(body.version, body.complete) for body in bodies[:4]] == [(1, False), (2, False), (3, False), (4, True)]
    assert shown(bodies[0]) == [("police", None, 0, False, False), ("health", None, 0, False, False)]
    assert shown(bodies[1]) == [("police", "AWAITED", 0, False, False), ("health", None, 0, False, False)]
    assert shown(bodies[3]) == [("police", "SUMMARY", 1, False, False), ("health", "NO_TRACE", 1, False, False)]
    assert shown(bodies[-1]) == [("police", "SUMMARY", 1, False, True), ("health", "NO_TRACE", 1, False, True)]
    assert len(bodies) == 5  # one checkpoint, one request: one summary
    assert bodies[-1].answers[0].answer.body.items[0].text == CANARY
    assert world.alarms == []


async def test_each_opened_answer_is_accounted_for_once_and_densely(world: World) -> None:
    request, other = world.request(), world.request()
    answers = [
        world.answer(request, "police", revision=0, status=Status.AWAITED),
        world.answer(request, "police"),
        world.answer(other, "health"),
    ]
    await world.run(
        world.dispatch(request), *answers, world.dispatch(other), world.checkpoint(request.event_id("police"))
    )
    events = await world.events()
    assert [(event.header.stream, event.header.sequence) for event in events] == [
        ("hub-screening.opened", number) for number in (1, 2, 3)
    ]
    accounts = {event.record.skeleton.answer_id: event.record.skeleton for event in events}
    assert len(accounts) == 3
    skeleton = accounts[derived_id(Kind.ANSWER, request.digest("police"), "police", 1)]
    assert (skeleton.event, skeleton.organisation, skeleton.service) == (EventKind.OPENED, "hub", "hub-screening")
    assert (skeleton.status, skeleton.revision, skeleton.request_id) == (Status.SUMMARY, 1, request.request_id)
    assert skeleton.consumed.topic == answers[1].topic
    assert skeleton.answer_digest == skeleton.consumed.digest == world.verified(answers[1], Answer).digest
    assert all(event.record.personal.case_ref is None for event in events)
    opened = {event.record.skeleton.answer_id: event.record.personal for event in events}
    personal, sent = opened[skeleton.answer_id], world.verified(answers[1], Answer)
    assert part_hash(0, personal.status_salt, personal.status_block) == sent.header.parts[0]
    assert {event.header.answers for event in events} == {one.answer_digest for one in accounts.values()}


async def test_summary_of_an_opened_answer_carries_the_number_of_its_event(world: World) -> None:
    request = world.request()
    await world.run(world.dispatch(request), world.answer(request, "police"))
    by_version = {one.record.body.version: one.header for one in await world.summary_messages()}
    [event] = await world.events()
    audited = [header for header in by_version.values() if header.stream == event.header.stream]
    quiet = [header for header in by_version.values() if header.stream != event.header.stream]
    assert [(header.sequence, header.event_id) for header in audited] == [(1, event.header.event_id)]
    assert {header.stream for header in quiet} == {"hub-screening.summaries"}
    assert all(header.event_id == header.message_id for header in quiet)
    ids = {derived_id(Kind.SUMMARY, sha256(request.request_id.encode()), "hub-screening", one) for one in by_version}
    assert {header.message_id for header in by_version.values()} == ids


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 2, 3, 0), (2, 0, 3, 1)])
async def test_whatever_comes_first_the_end_is_the_same(world: World, order: tuple[int, ...]) -> None:
    """Each step is read by a service of its own, so the order is certain and every step survives a restart."""
    request = world.request()
    messages = [
        world.dispatch(request),
        world.answer(request, "police"),
        world.answer(request, "health", status=Status.HELD_WITHHELD),
        world.checkpoint(request.event_id("police"), request.event_id("health")),
    ]
    for index in order:
        await world.run(messages[index])
    assert shown((await world.summaries(request))[-1]) == [
        ("police", "SUMMARY", 1, False, True),
        ("health", "HELD_WITHHELD", 1, False, True),
    ]
    assert len(await world.events()) == 2
    assert world.alarms == []


async def test_answer_after_its_clock_is_late(world: World) -> None:
    request = world.request()
    await world.run(world.dispatch(request))
    world.late_by = DUE + timedelta(minutes=1)
    await world.run(world.answer(request, "police"))
    assert shown((await world.summaries(request))[-1])[0] == ("police", "SUMMARY", 1, True, False)


async def test_new_revision_is_unrecorded_until_its_own_event_is_listed(world: World) -> None:
    request = world.request(asked=("police",))
    await world.run(world.dispatch(request))
    await world.run(world.answer(request, "police"))
    await world.run(world.checkpoint(request.event_id("police", 1)))
    await world.run(world.answer(request, "police", revision=2, status=Status.PARTIAL))
    assert shown((await world.summaries(request))[-1]) == [("police", "PARTIAL", 2, False, False)]
    await world.run(world.checkpoint(request.event_id("police", 2)))
    assert shown((await world.summaries(request))[-1]) == [("police", "PARTIAL", 2, False, True)]


# ---------------------------------------------------------------- quarantined


async def test_answer_of_somebody_who_was_not_asked_is_opened_accounted_for_and_quarantined(world: World) -> None:
    request = world.request(asked=("police",))
    await world.run(world.dispatch(request))
    await world.run(world.answer(request, "health"))
    assert [body.version for body in await world.summaries(request)] == [1]
    [event] = await world.events()
    assert event.record.skeleton.reason == NOT_ASKED
    assert (world.quarantined(), world.alarms) == ({NOT_ASKED: 1}, [NOT_ASKED])


async def test_answer_to_another_envelope_is_quarantined(world: World) -> None:
    """Attack: splice an answer into a request that the organisation was sent under another envelope."""
    request = world.request()
    await world.run(world.dispatch(request))
    await world.run(world.answer(request, "police", answers=request.digest("health")))
    assert world.quarantined() == {WRONG_REQUEST: 1}
    assert shown((await world.summaries(request))[-1])[0] == ("police", None, 0, False, False)


async def test_duplicate_is_dropped(world: World) -> None:
    """The same envelope at another place is a replay; another under the same id, a second story."""
    request = world.request()
    answer, second = world.answer(request, "police"), world.answer(request, "police", status=Status.NO_TRACE)
    await world.run(world.dispatch(request), answer, answer, second)
    assert world.quarantined() == {"DUPLICATE_ANSWER": 1, "REPLAYED": 1}
    assert len(await world.events()) == 1
    assert shown((await world.summaries(request))[-1])[0] == ("police", "SUMMARY", 1, False, False)


async def test_older_revision_is_opened_accounted_for_and_changes_nothing(world: World) -> None:
    request = world.request()
    await world.run(world.dispatch(request), world.answer(request, "police", revision=2))
    before = await world.summaries(request)
    await world.run(world.answer(request, "police", revision=1, status=Status.NO_TRACE))
    assert await world.summaries(request) == before
    assert world.quarantined() == {OLDER_REVISION: 1}
    assert [event.record.skeleton.reason for event in await world.events()] == [None, OLDER_REVISION]


async def test_no_organisation_can_take_anothers_answer_id(world: World) -> None:
    """Attack: health sends something under the id that the police's answer will have, to have the true one refused."""
    request = world.request()
    stolen = derived_id(Kind.ANSWER, request.digest("police"), "police", 1)
    await world.run(world.dispatch(request))
    await world.run(world.answer(request, "health", message_id=stolen))
    await world.run(world.answer(request, "police"))
    assert shown((await world.summaries(request))[-1])[0] == ("police", "SUMMARY", 1, False, False)


async def test_bytes_that_nobody_signed_block_nothing(world: World) -> None:
    request = world.request()
    answer = world.answer(request, "police")
    altered = answer.value[:-1] + bytes([answer.value[-1] ^ 1])
    forged = [replace(answer, value=b"not an envelope"), replace(answer, value=altered)]
    await world.run(world.dispatch(request), *forged, answer)
    assert world.quarantined() == {"BAD_SIGNATURE": 1, "MALFORMED": 1}
    assert shown((await world.summaries(request))[-1])[0] == ("police", "SUMMARY", 1, False, False)


async def test_second_dispatch_of_a_request_changes_nothing(world: World) -> None:
    """The first one stands: who was asked, and until when, is not to be rewritten."""
    request = world.request()
    await world.run(world.dispatch(request))
    await world.run(world.dispatch(request, due_at=request.now + timedelta(days=30)))
    assert [body.due_at for body in await world.summaries(request)] == [request.now + DUE]
    assert world.quarantined() == {"EQUIVOCATION": 1}


@pytest.mark.parametrize(("days", "marked"), [(0, False), (8, True)])
async def test_answer_under_an_expired_directory_is_marked_in_summary_and_account(
    world: Any, days: int, marked: bool
) -> None:
    world.late_by = timedelta(days=days)
    request = world.request(asked=("police",))
    await world.run(world.dispatch(request), world.answer(request, "police"))
    assert [event.record.skeleton.directory_expired for event in await world.events()] == [marked]
    assert (await world.summaries(request))[-1].answers[0].directory_expired is marked
