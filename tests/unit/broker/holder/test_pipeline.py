"""Every way a request can end at an organisation: what is answered, what waits for a person, what is audited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from broker.exchange.envelope import part_hash
from broker.exchange.parse import parse
from broker.exchange.timing import listening
from broker.exchange.trace import begun, received, trace_id
from broker.exchange.worker import Delivery
from broker.holder import search as search_stage
from broker.ports import MALFORMED_TRACE
from schemas.answer import AnswerStatus
from schemas.vocabulary import (
    Certainty,
    DataClass,
    DecisionAction,
    DeskReason,
    DeskState,
    EventKind,
    GateOutcome,
    Kind,
    ReviewPolicy,
    Stage,
    Status,
)

ANSWER_AND_EVENT = [Kind.ANSWER, Kind.AUDIT_EVENT]
ANSWER_DESK_AND_EVENT = [Kind.ANSWER, Kind.DESK_ITEM, Kind.AUDIT_EVENT]


async def test_a_known_child_is_answered_with_what_is_held(desk, candidate, holding) -> None:
    desk.source.candidates["p1"] = (candidate(),)
    desk.source.held["r1"] = (holding(),)
    ended = await desk.ask()
    assert ended.kinds == ANSWER_AND_EVENT
    assert ended.answer.status.status is Status.SUMMARY
    assert ended.answer.status.match.certainty is Certainty.AUTO
    assert [item.type for item in ended.answer.body.items] == ["MISSING_EPISODE"]
    assert ended.answer.status.revision == 1
    assert ended.answer.status.approved_by is None


async def test_a_child_nobody_knows_is_no_trace(desk) -> None:
    ended = await desk.ask()
    assert ended.answer.status.status is Status.NO_TRACE
    assert ended.answer.body.items == ()
    assert ended.answer.body.systems_searched == ("POLICE-SYSTEM-01",)


async def test_an_unsure_child_gives_no_items_and_opens_a_desk_item(desk, candidate, holding) -> None:
    desk.source.candidates["p1"] = (candidate(dates_of_birth=()), candidate(record_id="r2"), candidate(record_id="r3"))
    desk.source.held["r1"] = desk.source.held["r2"] = (holding(),)
    ended = await desk.ask()
    assert ended.kinds == ANSWER_DESK_AND_EVENT
    assert ended.answer.status.status is Status.MATCH_UNCERTAIN
    assert ended.answer.body.items == ()
    assert ended.answer.body.known_to_agency is None
    assert ended.desk.body.reason is DeskReason.MATCH
    assert set(ended.desk.body.candidates) >= {"r2", "r3"}


async def test_a_restricted_child_is_withheld_and_goes_to_the_desk(desk, candidate, holding) -> None:
    desk.source.candidates["p1"] = (candidate(restricted=True),)
    desk.source.held["r1"] = (holding(),)
    ended = await desk.ask()
    assert ended.answer.status.status is Status.HELD_WITHHELD
    assert ended.answer.body.items == ()
    assert ended.desk.body.reason is DeskReason.RESTRICTED


async def test_a_gate_refusal_is_answered_with_its_reason(desk) -> None:
    ended = await desk.ask(requester={"actor": "sw-014", "role": "MASH_SOCIAL_WORKER"})
    assert ended.kinds == ANSWER_AND_EVENT
    assert ended.answer.status.status is Status.REJECTED_BY_GATE
    assert ended.answer.status.reason == ended.answer.status.decision.reasons[0]
    assert ended.answer.status.decision.outcome is GateOutcome.DENY


async def test_a_false_role_is_refused_by_the_holder_as_well(desk) -> None:
    ended = await desk.ask(requester={"actor": "sw-014", "role": "MASH_MANAGER"})
    assert ended.answer.status.status is Status.REJECTED_BY_GATE
    assert "ROLE_NOT_HELD" in ended.answer.status.decision.reasons


async def test_an_unknown_actor_is_refused_by_the_holder_as_well(desk) -> None:
    ended = await desk.ask(requester={"actor": "nobody-9", "role": "MASH_MANAGER"})
    assert "UNKNOWN_ACTOR" in ended.answer.status.decision.reasons


async def test_review_before_waits_whatever_was_found_and_says_nothing(make_desk, candidate, holding) -> None:
    desk = make_desk(review=ReviewPolicy.BEFORE)
    nothing = await desk.ask()
    desk.source.candidates["p1"] = (candidate(),)
    desk.source.held["r1"] = (holding(),)
    something = await desk.ask()
    for ended in (nothing, something):
        assert ended.kinds == ANSWER_DESK_AND_EVENT
        assert ended.answer.status.status is Status.AWAITED
        assert ended.answer.status.stage is Stage.WITH_PERSON
        assert ended.answer.status.revision == 0
        assert ended.answer.body.items == ()
        assert ended.answer.status.match.certainty is Certainty.NONE
        assert ended.desk.body.reason is DeskReason.REVIEW
    assert something.desk.body.draft.status.status is Status.SUMMARY
    assert nothing.sizes == something.sizes


async def test_review_after_goes_out_unsigned_with_a_desk_item_whatever_was_found(make_desk, candidate) -> None:
    desk = make_desk(review=ReviewPolicy.AFTER)
    nothing = await desk.ask()
    desk.source.candidates["p1"] = (candidate(),)
    something = await desk.ask()
    for ended in (nothing, something):
        assert ended.kinds == ANSWER_DESK_AND_EVENT
        assert ended.answer.status.approved_by is None
        assert ended.desk.body.reason is DeskReason.REVIEW


async def test_a_source_that_is_away_hands_over_to_a_person(desk) -> None:
    desk.source.away = True
    ended = await desk.ask()
    assert ended.answer.status.status is Status.AWAITED
    assert ended.desk.body.reason is DeskReason.SOURCE


async def test_what_there_is_nothing_to_search_for_is_unavailable_at_once_with_its_reason(desk) -> None:
    desk.source.nothing = "STORE_LOST"
    ended = await desk.ask()
    assert ended.kinds == ANSWER_DESK_AND_EVENT
    status = ended.answer.status
    assert (status.status, status.reason, status.revision) == (Status.UNAVAILABLE, "STORE_LOST", 1)
    assert (ended.desk.body.reason, ended.desk.body.detail) == (DeskReason.SOURCE, "STORE_LOST")
    again = await desk.decide(ended.desk.body, action=DecisionAction.CLOCK, by=None)
    assert again.answer is None, "the same is not said twice"
    assert again.desk.body.item_id == ended.desk.body.item_id


async def test_a_request_is_answered_when_there_is_something_to_search_again(desk) -> None:
    desk.source.nothing = "NOTHING_IMPORTED"
    ended = await desk.ask()
    desk.source.nothing = ""
    again = await desk.decide(ended.desk.body, action=DecisionAction.CLOCK, by=None)
    assert (again.answer.status.status, again.answer.status.revision) == (Status.NO_TRACE, 2)
    assert again.desk.body.state is DeskState.CLOSED


async def test_somebody_who_looked_by_hand_answers_though_there_is_nothing_to_search(desk) -> None:
    desk.source.nothing = "STORE_LOST"
    ended = await desk.ask()
    again = await desk.decide(ended.desk.body)
    assert again.answer.status.status is Status.NO_TRACE
    assert again.answer.status.approved_by == "police-pr-01"


async def test_a_child_nobody_knows_beside_a_gap_is_partial(desk) -> None:
    desk.source.gaps = "Niche: records could not be read, and were not searched."
    ended = await desk.ask()
    assert ended.answer.status.status is Status.PARTIAL
    assert ended.answer.status.match.certainty is Certainty.NONE
    assert ended.answer.body.gaps == desk.source.gaps


async def test_a_source_slower_than_its_deadline_hands_over_to_a_person(desk, monkeypatch) -> None:
    monkeypatch.setattr(search_stage, "DEADLINE", search_stage.DEADLINE / 100)
    desk.source.slow = True
    ended = await desk.ask()
    assert ended.answer.status.status is Status.AWAITED
    assert ended.desk.body.reason is DeskReason.SOURCE


async def test_an_organisation_without_records_answers_by_hand(make_desk) -> None:
    ended = await make_desk(manual=True).ask()
    assert ended.answer.status.status is Status.AWAITED
    assert ended.desk.body.original.value


async def test_a_stale_directory_hands_over_to_a_person(make_desk) -> None:
    ended = await make_desk(context={"directory_stale": True}).ask()
    assert ended.answer.status.status is Status.AWAITED
    assert ended.desk.body.reason is DeskReason.STALE


async def test_an_unauthenticated_message_gets_no_answer_but_a_desk_item_and_an_event(desk) -> None:
    message = desk.partnership.placed(desk.partnership.seal_request().outgoing)
    broken = type(message)(place=message.place, key=message.key, value=b"\x00" + message.value)
    ended = await desk.ask(broken)
    assert ended.kinds == [Kind.DESK_ITEM, Kind.AUDIT_EVENT]
    assert ended.desk.body.reason is DeskReason.UNREADABLE
    assert ended.desk.body.detail == ended.event.skeleton.reason == ended.batch.entry.reason == "MALFORMED"
    assert len(ended.desk.body.original.value) <= 4096
    assert ended.event.personal.case_ref is None


async def test_a_replayed_request_is_quarantined(desk) -> None:
    outgoing = desk.partnership.seal_request().outgoing
    await desk.ask(desk.partnership.placed(outgoing, offset=1))
    ended = await desk.ask(desk.partnership.placed(outgoing, offset=2))
    assert ended.answer is None
    assert ended.desk.body.detail == "REPLAYED"


async def test_a_redelivered_request_is_answered_under_the_same_ids(desk) -> None:
    message = desk.partnership.placed(desk.partnership.seal_request().outgoing)
    delivery = Delivery(stream="t.0", sequence=1, attempts=1, now=desk.partnership.now)
    first, second = await desk.pipeline.end(message, delivery), await desk.pipeline.end(message, delivery)
    ids = [
        [parse(desk.partnership.placed(outgoing)).header.message_id for outgoing in batch.outgoing]
        for batch in (first, second)
    ]
    assert ids[0] == ids[1]


async def test_a_message_that_killed_the_process_twice_is_quarantined_unparsed(desk) -> None:
    ended = await desk.ask(attempts=2)
    assert ended.desk.body.detail == "POISON"


async def test_every_ending_is_one_event_that_quotes_the_answer(desk, candidate, holding) -> None:
    desk.source.candidates["p1"] = (candidate(),)
    desk.source.held["r1"] = (holding(),)
    ended = await desk.ask()
    skeleton, personal = ended.event.skeleton, ended.event.personal
    answer = parse(desk.partnership.placed(ended.batch.outgoing[0]))
    assert skeleton.event == EventKind.ANSWERED
    assert skeleton.answer_digest == answer.digest == ended.batch.entry.answer_digest
    assert part_hash(0, personal.status_salt, personal.status_block) == answer.header.parts[0]
    assert [one.candidates for one in personal.subjects] == [1]
    assert skeleton.profile_digest == desk.partnership.trusted.directory.profile_digest
    assert AnswerStatus.model_validate(ended.answer.status.model_dump()) == ended.answer.status


@pytest.mark.parametrize("case", ["summary", "no trace", "uncertain", "refused", "waiting"])
async def test_every_outcome_has_the_same_sizes_on_the_wire(case, make_desk, candidate, holding) -> None:
    """A watcher of the log cannot tell a refusal, a no-trace or a wait from a summary."""
    desk = make_desk()
    desk.source.candidates["p1"] = {
        "summary": (candidate(),),
        "uncertain": (candidate(record_id="r2"), candidate(record_id="r3")),
    }.get(case, ())
    desk.source.held["r1"] = tuple(holding() for _ in range(8))
    desk.source.away = case == "waiting"
    changes = {"requester": {"actor": "nobody-9", "role": "MASH_MANAGER"}} if case == "refused" else {}
    ended = await desk.ask(**changes)
    assert ended.sizes[Kind.ANSWER] // 1024 == 17
    assert ended.sizes[Kind.AUDIT_EVENT] // 1024 == 6


async def test_only_what_the_gate_permits_leaves(make_desk, candidate, holding) -> None:
    desk = make_desk(context={"apd_ref": None})
    desk.source.candidates["p1"] = (candidate(),)
    desk.source.held["r1"] = (holding(), holding(type="EXPLOITATION_RISK", data_class=DataClass.SPECIAL))
    ended = await desk.ask()
    assert ended.answer.status.status is Status.PARTIAL
    assert [item.type for item in ended.answer.body.items] == ["MISSING_EPISODE"]
    assert [(one.data_class, one.reason) for one in ended.answer.status.decision.dropped] == [
        (DataClass.SPECIAL, "NO_APD")
    ]


async def test_the_holder_can_account_for_every_field(desk, candidate, holding) -> None:
    desk.source.candidates["p1"] = (candidate(),)
    desk.source.held["r1"] = (holding(), holding(field="/markers", data_class=DataClass.INTELLIGENCE))
    ended = await desk.ask()
    lines, ignored = desk.pipeline.accounts.latest(ended.answer.status.request_id)
    assert [(line.field, line.released, line.reason) for line in lines] == [
        ("/missingEpisodes/*", True, "RELEASED"),
        ("/markers", False, "CLASS_NOT_PERMITTED"),
    ]
    assert ignored == {"/records/*/payload/unknown": 1}


# ---------------------------------------------------------------- the trace


async def test_all_that_a_message_ends_in_carries_its_trace_on_and_nothing_else_changes(desk) -> None:
    """It is outside the signature: the same message under another trace ends in the same answer."""
    trace = begun()
    sealed = desk.partnership.seal_request(desk.partnership.request())
    plain = desk.partnership.placed(sealed.outgoing)
    ended = await desk.ask(replace(plain, trace=trace))
    assert {trace_id(one.trace) for one in ended.batch.outgoing} == {trace_id(trace)}
    assert all(received(one.trace) == one.trace != trace for one in ended.batch.outgoing)
    delivery = Delivery(stream="t.0", sequence=1, attempts=0, now=desk.partnership.now)
    for other in ("", MALFORMED_TRACE):
        again = await desk.pipeline.end(replace(plain, trace=other), delivery)
        assert {one.trace for one in again.outgoing} == {""}
        assert (again.status, again.entry.event_id, again.entry.answer_id) == (
            ended.batch.status,
            ended.batch.entry.event_id,
            ended.batch.entry.answer_id,
        )


async def test_an_ending_says_the_answers_words_to_be_counted(desk) -> None:
    assert ((await desk.ask()).batch.status, (await desk.ask()).batch.reason) == ("NO_TRACE", "")
    refused = await desk.ask(requester={"actor": "sw-014", "role": "MASH_SOCIAL_WORKER"})
    assert refused.batch.status == "REJECTED_BY_GATE"
    assert refused.batch.reason == refused.answer.status.reason
    poison = await desk.ask(attempts=2)
    assert (poison.batch.status, poison.batch.reason, poison.batch.entry.reason) == ("", "", "POISON")


async def test_the_stages_of_the_path_tell_their_times_to_whoever_listens(desk, candidate) -> None:
    desk.source.candidates["p1"] = (candidate(),)
    heard: list[str] = []
    with listening(lambda stage, _: heard.append(stage)):
        await desk.ask()
    path = ["parse", "verify", "gate", "find", "identify", "look_up", "minimise", "review", "seal"]
    assert [stage for stage in dict.fromkeys(heard) if stage in path] == sorted(path, key=heard.index)
    assert set(path) <= set(heard)
