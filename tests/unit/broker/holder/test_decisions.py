"""What a practitioner decides takes the whole path again: it skips no step, and each decision is evidence for one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broker.holder.desk import waiting_items
from schemas.answer import Item, Judgement
from schemas.exchange import Chosen, LeftOut
from schemas.vocabulary import (
    Certainty,
    DataClass,
    DecisionAction,
    DeskReason,
    DeskState,
    EventKind,
    ItemKind,
    Kind,
    MatchMethod,
    Onward,
    ReviewPolicy,
    Status,
    WithholdGround,
)


@pytest.fixture
async def waiting(make_desk, candidate, holding):
    """A known child under review BEFORE: the draft lies at the desk."""
    desk = make_desk(review=ReviewPolicy.BEFORE)
    desk.source.candidates["p1"] = (candidate(),)
    desk.source.held["r1"] = (holding(), holding(type="MARKER", data_class=DataClass.CRIMINAL))
    return desk, await desk.ask()


@pytest.fixture
def written_item():
    """An item as a practitioner writes it."""
    return Item(
        type="MISSING_EPISODE",
        data_class=DataClass.ORDINARY,
        kind=ItemKind.FACT_RECORDED,
        date=None,
        precision=None,
        text="Missing episode, invented.",
        about="p1",
        source="by hand",
        source_ref="",
        recorded_at=None,
        third_party=False,
        location=False,
        statutory_bar=None,
        dsar_hint=None,
        onward=Onward.CSC,
    )


async def test_a_release_sends_what_was_signed_and_closes_the_item(waiting):
    desk, first = waiting
    ended = await desk.decide(first.desk.body)
    assert ended.kinds == [Kind.ANSWER, Kind.DESK_ITEM, Kind.AUDIT_EVENT]
    assert ended.answer.status.status is Status.SUMMARY
    assert ended.answer.status.revision == 1
    assert ended.answer.status.approved_by == "police-pr-01"
    assert [item.type for item in ended.answer.body.items] == ["MISSING_EPISODE", "MARKER"]
    assert ended.desk.body.state is DeskState.CLOSED
    assert ended.event.skeleton.event == EventKind.DECIDED
    assert ended.event.personal.approved_by == "police-pr-01"
    assert waiting_items([first.desk.body, ended.desk.body]) == ()


async def test_what_was_left_out_does_not_leave(waiting):
    desk, first = waiting
    less = first.desk.body.draft.body.items[:1]
    ended = await desk.decide(first.desk.body, items=less, left_out=(LeftOut(item=1, reason="invented"),))
    assert [item.type for item in ended.answer.body.items] == ["MISSING_EPISODE"]
    assert ended.answer.status.status is Status.PARTIAL
    lines, ignored = desk.pipeline.accounts.latest(ended.answer.status.request_id)
    assert [(line.field, line.released, line.reason) for line in lines] == [
        ("/missingEpisodes/*", True, "RELEASED"),
        ("/missingEpisodes/*", False, "LEFT_OUT_BY_PRACTITIONER"),
    ]
    assert ignored == {"/records/*/payload/unknown": 1}


async def test_the_account_follows_each_item_whatever_its_place(waiting):
    """Signed items are regrouped by person; the one that today's authority forbids is the one that is blamed."""
    desk, first = waiting
    episode, marker = first.desk.body.draft.body.items
    forbidden = type(marker)(**(marker.model_dump() | {"data_class": DataClass.INTELLIGENCE}))
    ended = await desk.decide(first.desk.body, items=(episode, forbidden))
    lines, _ = desk.pipeline.accounts.latest(ended.answer.status.request_id)
    assert [(line.type, line.released) for line in lines] == [("MISSING_EPISODE", True), ("MARKER", False)]


async def test_the_account_of_a_waiting_draft_says_that_it_waits(waiting):
    desk, first = waiting
    lines, _ = desk.pipeline.accounts.latest(first.answer.status.request_id)
    assert {(line.released, line.reason) for line in lines} == {(False, "AWAITS_SIGN_OFF")}


async def test_a_signed_item_that_todays_authority_forbids_does_not_leave(waiting):
    desk, first = waiting
    smuggled = first.desk.body.draft.body.items[0].model_dump() | {"data_class": DataClass.INTELLIGENCE}
    item = type(first.desk.body.draft.body.items[0])(**smuggled)
    ended = await desk.decide(first.desk.body, items=(item,))
    assert ended.answer.body.items == ()


async def test_a_signed_item_about_somebody_not_asked_about_does_not_leave(waiting):
    desk, first = waiting
    smuggled = first.desk.body.draft.body.items[0].model_dump() | {"about": "p9"}
    item = type(first.desk.body.draft.body.items[0])(**smuggled)
    ended = await desk.decide(first.desk.body, items=(item,))
    assert ended.answer.body.items == ()


async def test_judgement_is_the_practitioners_and_named_as_theirs(waiting):
    desk, first = waiting
    ended = await desk.decide(first.desk.body, judgement=Judgement(analysis="invented analysis"))
    assert ended.answer.body.judgement.analysis == "invented analysis"
    assert ended.answer.body.author == "police-pr-01"


async def test_a_withholding_says_its_ground_and_nothing_else(waiting):
    desk, first = waiting
    ended = await desk.decide(
        first.desk.body, action=DecisionAction.WITHHOLD, ground=WithholdGround.PREJUDICE_INVESTIGATION
    )
    assert ended.answer.status.status is Status.HELD_WITHHELD
    assert ended.answer.status.reason == "PREJUDICE_INVESTIGATION"
    assert ended.answer.status.approved_by == "police-pr-01"
    assert ended.answer.body.items == ()
    assert ended.answer.status.match.certainty is Certainty.NONE
    assert ended.desk.body.state is DeskState.CLOSED


@pytest.mark.parametrize("by", ["hub-pr-01", "mm-01", "police-ro-01", "nobody", None])
async def test_nobody_but_the_organisations_own_practitioner_decides(waiting, by):
    desk, first = waiting
    ended = await desk.decide(first.desk.body, by=by)
    assert ended.answer is None
    assert ended.batch.entry.reason == "NOT_A_PRACTITIONER"


async def test_an_item_is_decided_once(waiting):
    desk, first = waiting
    await desk.decide(first.desk.body)
    ended = await desk.decide(first.desk.body, action=DecisionAction.WITHHOLD)
    assert ended.answer is None
    assert ended.batch.entry.reason == "ITEM_CLOSED"


async def test_a_decision_with_another_original_is_quarantined(waiting):
    desk, first = waiting
    other = first.desk.body.original.model_copy(update={"value": first.desk.body.original.value[:-1] + b"x"})
    ended = await desk.decide(first.desk.body, original=other)
    assert ended.batch.entry.reason == "SPLICED"


async def test_a_decision_about_another_request_than_its_original_is_quarantined(waiting):
    desk, first = waiting
    ended = await desk.decide(first.desk.body, request_id="0190b5f0-0000-7000-8000-00000000ffff")
    assert ended.batch.entry.reason == "SPLICED"


async def test_the_clock_escalates_before_the_due_time_and_says_nothing_to_the_hub(waiting):
    desk, first = waiting
    now = desk.partnership.now + timedelta(minutes=45)
    ended = await desk.decide(first.desk.body, action=DecisionAction.CLOCK, by=None, now=now)
    assert ended.kinds == [Kind.DESK_ITEM, Kind.AUDIT_EVENT]
    assert ended.desk.body.escalated
    assert ended.desk.body.item_id == first.desk.body.item_id
    assert ended.desk.body.draft is not None


async def test_past_its_due_time_a_wait_is_unavailable_once_and_the_answer_follows(waiting):
    desk, first = waiting
    late = desk.partnership.now + timedelta(minutes=61)
    clock = {"action": DecisionAction.CLOCK, "by": None, "now": late}
    due = await desk.decide(first.desk.body, **clock)
    assert due.answer.status.status is Status.UNAVAILABLE
    assert due.answer.status.revision == 1
    assert due.desk.body.state is DeskState.OPENED
    again = await desk.decide(due.desk.body, **clock)
    assert again.answer is None
    released = await desk.decide(again.desk.body)
    assert released.answer.status.status is Status.SUMMARY
    assert released.answer.status.revision == 2


async def test_a_source_that_is_back_answers_without_a_person(make_desk, candidate, holding):
    desk = make_desk()
    desk.source.away = True
    first = await desk.ask()
    desk.source.away = False
    desk.source.candidates["p1"] = (candidate(),)
    desk.source.held["r1"] = (holding(),)
    ended = await desk.decide(first.desk.body, action=DecisionAction.CLOCK, by=None)
    assert ended.answer.status.status is Status.SUMMARY
    assert ended.answer.status.approved_by is None
    assert ended.desk.body.state is DeskState.CLOSED


async def test_a_chosen_person_is_looked_up_and_named_as_chosen(make_desk, candidate, holding):
    desk = make_desk()
    desk.source.candidates["p1"] = (candidate(record_id="r2"), candidate(record_id="r3"))
    desk.source.held["r3"] = (holding(),)
    first = await desk.ask()
    assert first.answer.status.status is Status.MATCH_UNCERTAIN
    ended = await desk.decide(first.desk.body, chosen=(Chosen(person="p1", candidate="r3"),))
    assert ended.answer.status.match.method is MatchMethod.CHOSEN
    assert ended.answer.status.revision == 2
    assert len(ended.answer.body.items) == 1


@pytest.fixture
async def unsure(make_desk, candidate, holding):
    """Two candidates under review BEFORE: the item asks who it is."""
    desk = make_desk(review=ReviewPolicy.BEFORE)
    desk.source.candidates["p1"] = (candidate(record_id="r2"), candidate(record_id="r3"))
    desk.source.held["r3"] = (holding(),)
    return desk, (await desk.ask()).desk.body


async def test_under_review_before_a_chosen_person_still_waits_for_the_sign_off(unsure):
    """A decision is evidence for the step that asked, not for the next one."""
    desk, item = unsure
    assert (item.reason, set(item.candidates)) == (DeskReason.MATCH, {"r2", "r3"})
    chosen = (Chosen(person="p1", candidate="r3"),)
    ended = await desk.decide(item, chosen=chosen, items=())
    assert ended.answer is None
    assert [one.body.state for one in ended.items] == [DeskState.CLOSED, DeskState.OPENED]
    review = ended.items[1].body
    assert (review.reason, review.candidates) == (DeskReason.REVIEW, ("r3",))
    assert len(review.draft.body.items) == 1
    signed = await desk.decide(review, chosen=chosen)
    assert signed.answer.status.status is Status.SUMMARY
    assert len(signed.answer.body.items) == 1


async def test_an_uncertain_match_can_be_signed_off_as_it_is(unsure):
    desk, item = unsure
    ended = await desk.decide(item, items=())
    assert ended.answer.status.status is Status.MATCH_UNCERTAIN
    assert ended.answer.status.approved_by == "police-pr-01"


async def test_a_draft_drawn_up_for_somebody_chosen_is_not_sent_for_nobody(unsure):
    """The second decision must name them again: today's records alone are still uncertain."""
    desk, item = unsure
    ended = await desk.decide(item, chosen=(Chosen(person="p1", candidate="r3"),), items=())
    signed = await desk.decide(ended.items[1].body)
    assert signed.answer.status.status is Status.MATCH_UNCERTAIN
    assert signed.answer.body.items == ()


@pytest.mark.parametrize("policy", [ReviewPolicy.BEFORE, ReviewPolicy.NONE])
async def test_a_restricted_person_released_by_name_never_says_where(make_desk, candidate, holding, policy):
    desk = make_desk(review=policy)
    desk.source.candidates["p1"] = (candidate(restricted=True),)
    desk.source.held["r1"] = (holding(), holding(type="ENROLMENT", location=True))
    first = await desk.ask()
    assert (first.desk.body.reason, first.desk.body.candidates) == (DeskReason.RESTRICTED, ("r1",))
    chosen = (Chosen(person="p1", candidate="r1"),)
    ended = await desk.decide(first.desk.body, chosen=chosen, items=())
    if policy is ReviewPolicy.BEFORE:
        ended = await desk.decide(ended.items[1].body, chosen=chosen)
    assert [item.type for item in ended.answer.body.items] == ["MISSING_EPISODE"]


async def test_a_restricted_person_for_whom_nobody_was_named_stays_withheld(make_desk, candidate, holding):
    desk = make_desk(review=ReviewPolicy.BEFORE)
    desk.source.candidates["p1"] = (candidate(restricted=True),)
    desk.source.held["r1"] = (holding(),)
    ended = await desk.decide((await desk.ask()).desk.body, items=())
    assert ended.answer.status.status is Status.HELD_WITHHELD
    assert ended.answer.body.items == ()


async def test_an_organisation_without_records_answers_by_hand(make_desk, written_item):
    desk = make_desk(manual=True)
    first = await desk.ask()
    ended = await desk.decide(first.desk.body, items=(written_item,))
    assert ended.answer.status.status is Status.SUMMARY
    assert ended.answer.status.match.method is MatchMethod.CHOSEN
    assert [item.text for item in ended.answer.body.items] == ["Missing episode, invented."]
    assert ended.answer.status.approved_by == "police-pr-01"


async def test_an_organisation_without_records_can_say_no_trace_by_hand(make_desk):
    desk = make_desk(manual=True)
    first = await desk.ask()
    ended = await desk.decide(first.desk.body)
    assert ended.answer.status.status is Status.NO_TRACE


SCREENING = {"purpose": "MASH_SCREENING", "rating": "AMBER", "section": "NONE", "data_classes": ["ORDINARY"]}


@pytest.fixture
def referred(make_desk, candidate, holding):
    """An AMBER request for screening without agreement: the protocol refers it to a practitioner (P3, ref 2.8.5)."""

    async def make(review):
        desk = make_desk(review=review)
        desk.source.candidates["p1"] = (candidate(),)
        desk.source.held["r1"] = (holding(date=desk.partnership.now.date()),)
        return desk, await desk.ask(**SCREENING)

    return make


@pytest.mark.parametrize("review", list(ReviewPolicy))
async def test_a_request_that_the_protocol_refers_waits_for_a_practitioner(referred, review):
    desk, first = await referred(review)
    assert first.answer is None or first.answer.status.status is Status.AWAITED
    assert first.desk.body.reason is DeskReason.REFERRED
    assert first.desk.body.draft is None
    assert desk.source.asked == []


async def test_a_practitioners_judgement_takes_a_referred_request_on(referred):
    desk, first = await referred(ReviewPolicy.NONE)
    ended = await desk.decide(first.desk.body)
    assert ended.answer.status.status is Status.SUMMARY
    assert ended.answer.status.approved_by == "police-pr-01"
    assert "JUDGED_BY_PRACTITIONER" in ended.answer.status.decision.obligations
    assert ended.desk.body.state is DeskState.CLOSED


async def test_judgement_is_no_sign_off_and_a_sign_off_judges_again(referred):
    """Review BEFORE opens its own item; its release is not referred a second time."""
    desk, first = await referred(ReviewPolicy.BEFORE)
    judged = await desk.decide(first.desk.body)
    assert judged.answer is None or judged.answer.status.status is Status.AWAITED
    assert [(one.body.reason, one.body.state) for one in judged.items] == [
        (DeskReason.REFERRED, DeskState.CLOSED),
        (DeskReason.REVIEW, DeskState.OPENED),
    ]
    signed = await desk.decide(judged.items[1].body)
    assert signed.answer.status.status is Status.SUMMARY
    assert [item.type for item in signed.answer.body.items] == ["MISSING_EPISODE"]


async def test_the_clock_judges_nothing(referred):
    desk, first = await referred(ReviewPolicy.NONE)
    ended = await desk.decide(first.desk.body, action=DecisionAction.CLOCK, by=None)
    assert ended.answer is None or ended.answer.status.status is Status.AWAITED
    assert desk.source.asked == []


async def test_only_the_organisations_own_practitioner_judges(referred):
    desk, first = await referred(ReviewPolicy.NONE)
    ended = await desk.decide(first.desk.body, by="mm-01")
    assert ended.batch.entry.reason == "NOT_A_PRACTITIONER"
    assert desk.source.asked == []
