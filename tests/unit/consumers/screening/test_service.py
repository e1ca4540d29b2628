"""The screening consumer on a real log and a real database: what it publishes, accounts for, and quarantines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.errors import InvariantError, UnavailableError
from broker.exchange import early
from broker.exchange.envelope import derived_id, part_hash, sha256
from broker.ports import MAX_VALUE_BYTES, Message
from consumers.screening.handlers import Handlers
from consumers.screening.join import NOT_ASKED, OLDER_REVISION, WRONG_REQUEST
from consumers.screening.state import ScreeningState
from schemas.answer import Answer
from schemas.vocabulary import EventKind, Kind, PrincipalState, Status
from tests.screening_world import CANARY, CASE, DUE, World, an_item


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


# ---------------------------------------------------------------- recorded


async def test_unsigned_checkpoint_records_nothing(world: World) -> None:
    """Attack: whoever can write to the topic claims that an event is in the ledger."""
    request = world.request(asked=("police",))
    await world.run(world.dispatch(request), world.answer(request, "police"))
    await world.run(world.checkpoint(request.event_id("police"), signer="police"))
    assert shown((await world.summaries(request))[-1]) == [("police", "SUMMARY", 1, False, False)]
    assert list(world.quarantined().values()) == [1]


async def test_checkpoint_after_a_gap_records_nothing_until_the_gap_is_closed(world: World) -> None:
    request = world.request(asked=("police",))
    missing = world.checkpoint(request.event_id("health"))
    listing = world.checkpoint(request.event_id("police"))
    await world.run(world.dispatch(request), world.answer(request, "police"), listing)
    assert shown((await world.summaries(request))[-1]) == [("police", "SUMMARY", 1, False, False)]
    assert world.alarms == ["CHECKPOINT_GAP"]
    await world.run(missing, listing)
    assert shown((await world.summaries(request))[-1]) == [("police", "SUMMARY", 1, False, True)]


async def test_one_checkpoint_can_record_answers_of_many_requests(world: World) -> None:
    requests = [world.request(asked=("police",)) for _ in range(3)]
    for request in requests:
        await world.run(world.dispatch(request), world.answer(request, "police"))
    await world.run(world.checkpoint(*(request.event_id("police") for request in requests)))
    for request in requests:
        assert shown((await world.summaries(request))[-1]) == [("police", "SUMMARY", 1, False, True)]


# ---------------------------------------------------------------- at rest, in the open


async def test_nothing_of_a_case_stands_in_any_file_in_the_clear(world: World) -> None:
    request = world.request()
    await world.run(world.answer(request, "police", items=(an_item(),)))  # waits for its dispatch, at rest
    await world.run(world.dispatch(request), world.answer(request, "health", items=(an_item(),)))
    for path in world.folder.iterdir():
        content = path.read_bytes()
        for secret in (CANARY, CASE, "MISSING_EPISODE", "invented case system"):
            assert secret.encode() not in content, path.name
            assert secret.encode().hex().encode() not in content, path.name


async def test_alarm_names_a_place_and_no_person(world: World) -> None:
    request = world.request(asked=("police",))
    told: list[tuple[str, Any]] = []
    await world.run(world.dispatch(request))
    world.observe = lambda reason, place: told.append((reason, place))
    await world.run(world.answer(request, "health", items=(an_item(),)))
    [(reason, place)] = told
    assert (reason, place.topic, place.offset) == (NOT_ASKED, world.topic_of_answers("health"), 0)


async def test_altered_row_is_quarantined_and_the_others_go_on(world: World) -> None:
    """Attack: somebody with the file swaps one request's sealed row for another's."""
    damaged, sound = world.request(), world.request()
    await world.run(world.dispatch(damaged), world.dispatch(sound))
    database = world.database()
    with database.transaction() as transaction:
        transaction.execute(
            """UPDATE screening_request SET sealed = (SELECT sealed FROM screening_request WHERE request_id = :sound)
            WHERE request_id = :damaged""",
            sound=sound.request_id,
            damaged=damaged.request_id,
        )
    database.close()
    await world.run(world.answer(damaged, "police"), world.answer(sound, "police"))
    assert world.quarantined() == {"REST_ALTERED": 1}
    assert len(await world.events()) == 2  # both were opened
    assert shown((await world.summaries(sound))[-1])[0] == ("police", "SUMMARY", 1, False, False)


# ---------------------------------------------------------------- limits and faults of the neighbourhood


async def test_summary_too_large_for_the_log_goes_out_with_less_and_says_so(world: World) -> None:
    request = world.request()
    large = tuple(an_item(text=f"{number:05d}" + "x" * 19_000) for number in range(16))
    await world.run(world.dispatch(request))
    await world.run(world.answer(request, "police", items=large))
    await world.run(world.answer(request, "health", items=large))
    assert world.alarms == ["SUMMARY_TOO_LARGE"]
    last = (await world.summaries(request))[-1]
    assert sorted(len(one.answer.body.items) for one in last.answers) == [0, 16]
    assert any("do not fit" in one.answer.body.gaps for one in last.answers)
    values = await world.read(world.topic_of_summaries)
    assert max(len(message.value) for message in values) <= MAX_VALUE_BYTES


async def test_message_that_killed_the_process_twice_is_not_looked_at_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = world.request()
    await world.run(world.dispatch(request))
    poison, looked = world.answer(request, "police"), []
    answer = Handlers.answer

    def explode(self: Handlers, message: Message) -> Any:
        if message.value == poison.value:
            looked.append(message.place)
            raise ZeroDivisionError
        return answer(self, message)

    monkeypatch.setattr(Handlers, "answer", explode)
    for messages in ([poison], []):
        with pytest.raises(ExceptionGroup):
            await world.run(*messages)
    await world.run(world.answer(request, "police", revision=2))
    assert (len(looked), world.quarantined(), world.alarms) == (2, {"POISON": 1}, ["POISON"])
    assert shown((await world.summaries(request))[-1])[0] == ("police", "SUMMARY", 2, False, False)


async def test_fault_of_ours_never_makes_a_message_poison(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that does not let us write stops the process, again and again; no answer may be lost for that."""
    request = world.request()
    await world.run(world.dispatch(request))
    trusted = world.partnership.trusted
    principals = [
        one.model_copy(update={"state": PrincipalState.SUSPENDED}) if one.id == "hub-audit" else one
        for one in trusted.directory.principals
    ]
    world.partnership.trusted = world.directory(version=2, principals=tuple(principals))
    await world.publish(world.answer(request, "police"))
    for _ in range(3):
        with pytest.raises(ExceptionGroup) as caught:
            await world.run()
        assert caught.group_contains(InvariantError)
    world.partnership.trusted = trusted
    await world.run()
    assert world.quarantined() == {}
    assert shown((await world.summaries(request))[-1])[0] == ("police", "SUMMARY", 1, False, False)


async def test_database_that_is_away_for_a_while_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    request = world.request()
    save, failed = ScreeningState.save, []

    def fail_thrice(self: ScreeningState, *arguments: Any) -> None:
        if len(failed) < 3:
            failed.append(1)
            raise UnavailableError("away")
        save(self, *arguments)

    monkeypatch.setattr(ScreeningState, "save", fail_thrice)
    monkeypatch.setattr(early, "PAUSE_SECONDS", 0.01)
    await world.run(world.dispatch(request), world.answer(request, "police"))
    assert (len(failed), world.alarms) == (3, [])
    assert shown((await world.summaries(request))[-1])[0] == ("police", "SUMMARY", 1, False, False)


async def test_answer_sealed_under_a_directory_that_is_still_on_its_way_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early, "PAUSE_SECONDS", 0.01)
    request = world.request()
    await world.run(world.dispatch(request))
    old, new = world.partnership.trusted, world.directory(version=2)
    world.partnership.trusted = new
    await world.publish(world.answer(request, "police"))
    world.partnership.trusted = old
    asked: list[int] = []

    def known_version(version: int) -> bytes | None:
        asked.append(version)
        if asked.count(2) == 3:
            world.partnership.trusted = new
        return world.digests.get(version) if version <= world.partnership.trusted.directory.version else None

    monkeypatch.setattr(world, "known_version", known_version)
    await world.run()
    assert (asked.count(2), world.quarantined()) == (3, {})
    assert shown((await world.summaries(request))[-1])[0] == ("police", "SUMMARY", 1, False, False)


async def test_directory_that_never_comes_is_not_waited_for_without_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(early, "PATIENCE", timedelta(milliseconds=50))
    request, old = world.request(), world.partnership.trusted
    world.partnership.trusted = world.directory(version=9)
    monkeypatch.setattr(world, "known_version", lambda version: old.digest if version == 1 else None)
    await world.publish(world.answer(request, "police"))
    world.partnership.trusted = old
    await world.run(world.dispatch(request), world.answer(request, "police", revision=2))
    assert world.quarantined() == {"UNKNOWN_DIRECTORY": 1}
    assert shown((await world.summaries(request))[-1])[0] == ("police", "SUMMARY", 2, False, False)


async def test_missing_key_that_should_still_open_stops_the_service(world: World) -> None:
    """Going on would refuse every answer of the week, one by one."""
    request = world.request()
    await world.publish(world.dispatch(request))
    world.openers = {}
    with pytest.raises(ExceptionGroup) as caught:
        await world.run()
    assert caught.group_contains(InvariantError)
    world.openers = None
    await world.run()
    assert len(await world.summaries(request)) == 1


async def test_organisation_that_joins_later_is_followed(world: World) -> None:
    """Its topic, and its place in the directory, may come while the service runs."""
    request = world.request()
    await world.publish(world.dispatch(request), world.answer(request, "police"), world.answer(request, "health"))
    whole = world.partnership.trusted
    without = tuple(one for one in whole.directory.principals if one.id != "health")
    world.partnership.trusted = world.directory(version=0, principals=without)

    def joins() -> None:
        asyncio.get_running_loop().call_later(0.05, lambda: setattr(world.partnership, "trusted", whole))

    world.while_running = joins
    await world.run()
    assert (await world.summaries(request))[-1].complete


async def test_answers_whose_dispatch_never_comes_are_forgotten(world: World) -> None:
    request = world.request()
    await world.run(world.answer(request, "police", items=(an_item(),)))
    world.late_by = timedelta(days=16)
    await world.run()
    assert (world.quarantined(), world.alarms) == ({"UNDISPATCHED": 1}, [])
    database = world.database()
    with database.transaction() as transaction:
        assert transaction.execute("SELECT * FROM screening_request") == []
        assert transaction.execute("SELECT * FROM screening_unrecorded") == []
    database.close()


async def test_service_of_another_requester_is_refused(world: World) -> None:
    database = world.database()
    try:
        async with world.log() as log:
            with pytest.raises(InvariantError):
                world.service(log, database, asyncio.Event(), requester="police")
    finally:
        database.close()
