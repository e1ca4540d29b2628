"""What screening takes for recorded, what it keeps in the open, and what its neighbours can do to it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from broker.errors import InvariantError, UnavailableError
from broker.exchange import early, follower
from broker.ports import MAX_VALUE_BYTES, Message
from consumers.screening.handlers import Handlers
from consumers.screening.join import NOT_ASKED
from consumers.screening.state import ScreeningState
from schemas.vocabulary import PrincipalState
from tests.screening_world import CANARY, CASE, World, an_item


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
    monkeypatch.setattr(follower, "PAUSE_AFTER_TROUBLE_SECONDS", 0.01)
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
