"""The join: the same messages in any order give the same state, and nothing that does not count changes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.screening.join import (
    ASKED_TWICE,
    NOT_ASKED,
    OLDER_REVISION,
    SECOND_DISPATCH,
    WRONG_ID,
    WRONG_ORGANISATION,
    WRONG_REQUEST,
    OpenedAnswer,
    RequestState,
    opened_answer,
    summary_of,
    with_answer,
    with_dispatch,
    with_recorded,
)
from schemas.answer import Answer
from schemas.exchange import DispatchBody
from schemas.vocabulary import Stage, Status
from tests.screening_world import CANARY, DUE, Request, an_answer, an_item

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
REQUEST = Request("019ab000-0000-7000-8000-000000000001", NOW)
EMPTY = RequestState(request_id=REQUEST.request_id)
DISPATCHED, _ = with_dispatch(EMPTY, REQUEST.dispatch())


def opened(organisation: str = "police", *, revision: int = 1, at: datetime = NOW, **about: Any) -> OpenedAnswer:
    answers = about.pop("answers", REQUEST.digest(organisation))
    answer = an_answer(REQUEST.request_id, organisation, now=NOW, revision=revision, **about)
    return OpenedAnswer(
        organisation=organisation,
        answers=answers,
        answer=answer,
        digest=bytes([revision]) * 32,
        event_id=REQUEST.event_id(organisation, revision),
        received_at=at,
        recorded=False,
    )


def joined(*answers: OpenedAnswer) -> RequestState:
    state = DISPATCHED
    for answer in answers:
        state, reason = with_answer(state, answer)
        assert reason is None
    return state


# ---------------------------------------------------------------- any order

ANSWERS = (
    opened("police", revision=0, status=Status.AWAITED),
    opened("police", revision=1),
    opened("police", revision=2, status=Status.PARTIAL),
    opened("health", revision=1, status=Status.NO_TRACE),
    opened("education"),  # was not asked
    opened("health", revision=7, answers=b"\x66" * 32),  # answers another envelope
)
CHECKPOINTS = (
    frozenset({REQUEST.event_id("police", 0), REQUEST.event_id("health", 1)}),
    frozenset({REQUEST.event_id("police", 2)}),
)
MESSAGES = (REQUEST.dispatch(), *ANSWERS, *CHECKPOINTS)


def folded(messages: tuple[DispatchBody | OpenedAnswer | frozenset[str], ...]) -> RequestState:
    """Fold as the service does: what a checkpoint listed before is remembered for answers that come after."""
    state, listed = EMPTY, frozenset[str]()
    for message in messages:
        match message:
            case DispatchBody():
                state, _ = with_dispatch(state, message)
            case OpenedAnswer():
                state, reason = with_answer(state, message)
                if reason is None and message.event_id in listed:
                    state = with_recorded(state, frozenset({message.event_id}))
            case _:
                listed |= message
                state = with_recorded(state, message)
    return state


@settings(max_examples=300, deadline=None)
@given(order=st.permutations(MESSAGES))
def test_messages_in_any_order_give_the_same_state(order: list[Any]) -> None:
    state = folded(tuple(order))
    assert state == folded(MESSAGES)
    assert [(one.organisation, one.revision, one.recorded) for one in state.opened] == [
        ("health", 1, True),
        ("police", 2, True),
    ]


@settings(max_examples=100, deadline=None)
@given(order=st.permutations(MESSAGES), again=st.sampled_from(MESSAGES))
def test_message_that_comes_twice_changes_nothing(order: list[Any], again: Any) -> None:
    assert folded((*order, again)) == folded(MESSAGES)


# ---------------------------------------------------------------- what counts


def test_later_revision_replaces_and_starts_unrecorded() -> None:
    first = with_recorded(joined(opened(revision=1)), frozenset({REQUEST.event_id("police", 1)}))
    assert first.opened[0].recorded
    second, reason = with_answer(first, opened(revision=2, status=Status.PARTIAL))
    assert reason is None
    assert [(one.revision, one.recorded) for one in second.opened] == [(2, False)]


@pytest.mark.parametrize("revision", [0, 1])
def test_older_or_equal_revision_never_replaces(revision: int) -> None:
    state = joined(opened(revision=1))
    late = opened(revision=revision, status=Status.NO_TRACE)
    assert with_answer(state, late) == (state, OLDER_REVISION)


def test_answer_of_somebody_who_was_not_asked_is_quarantined() -> None:
    assert with_answer(DISPATCHED, opened("education")) == (DISPATCHED, NOT_ASKED)


def test_answer_to_another_envelope_is_quarantined() -> None:
    """An organisation that answers what another one was asked, or an earlier request, is not heard here."""
    assert with_answer(DISPATCHED, opened(answers=REQUEST.digest("health"))) == (DISPATCHED, WRONG_REQUEST)


def test_answer_before_its_dispatch_is_kept_and_then_judged() -> None:
    early, reason = with_answer(EMPTY, opened())
    assert reason is None
    early, _ = with_answer(early, opened("education"))
    state, reasons = with_dispatch(early, REQUEST.dispatch())
    assert [one.organisation for one in state.opened] == ["police"]
    assert reasons == (NOT_ASKED,)


def test_wrong_answer_before_the_dispatch_does_not_oust_the_right_one() -> None:
    """Attack: answer early with a high revision about an invented envelope, so that the true answer looks old."""
    state, _ = with_answer(EMPTY, opened(revision=9, answers=b"\x66" * 32))
    state, _ = with_answer(state, opened(revision=1))
    state, reasons = with_dispatch(state, REQUEST.dispatch())
    assert [(one.organisation, one.revision) for one in state.opened] == [("police", 1)]
    assert reasons == (WRONG_REQUEST,)


def test_first_dispatch_stands() -> None:
    other = REQUEST.dispatch(due_at=NOW + timedelta(days=9))
    assert with_dispatch(DISPATCHED, other) == (DISPATCHED, (SECOND_DISPATCH,))


def test_dispatch_that_names_an_organisation_twice_is_quarantined() -> None:
    asked = REQUEST.dispatch().asked
    assert with_dispatch(EMPTY, REQUEST.dispatch(asked=(*asked, asked[0]))) == (EMPTY, (ASKED_TWICE,))


# ---------------------------------------------------------------- the summary


def test_nothing_answered_yet_is_one_entry_for_each_organisation_asked() -> None:
    body = summary_of(DISPATCHED, REQUEST.dispatch(), version=1)
    assert [(one.organisation, one.answer, one.late, one.recorded) for one in body.answers] == [
        ("police", None, False, False),
        ("health", None, False, False),
    ]
    assert not body.complete


NO_ANSWER = (Status.AWAITED, Status.UNAVAILABLE)


@pytest.mark.parametrize("status", list(Status))
def test_any_answer_completes_but_one_that_nobody_could_give(status: Status) -> None:
    state = joined(opened("police"), opened("health", status=status))
    assert summary_of(state, REQUEST.dispatch(), version=1).complete is (status not in NO_ANSWER)


@pytest.mark.parametrize(("after", "late"), [(timedelta(0), False), (timedelta(milliseconds=1), True)])
def test_answer_received_after_the_clock_is_late(after: timedelta, late: bool) -> None:
    """By the receiver's clock: the answer itself says that it was written in time."""
    state = joined(opened("police", at=NOW + DUE + after))
    assert [one.late for one in summary_of(state, REQUEST.dispatch(), version=1).answers] == [late, False]


def test_state_shows_no_content_in_its_repr() -> None:
    state = joined(opened(items=(an_item(),)))
    assert CANARY not in repr(state)
    assert REQUEST.dispatch().case_ref not in repr(state)


# ---------------------------------------------------------------- from a verified answer


def test_verified_answer_is_what_is_joined(world: Any) -> None:
    request = world.request()
    verified = world.verified(world.answer(request, "police"), Answer)
    answer = opened_answer(verified, received_at=NOW)
    assert isinstance(answer, OpenedAnswer)
    assert (answer.organisation, answer.answers, answer.digest) == ("police", request.digest("police"), verified.digest)
    assert (answer.event_id, answer.recorded, answer.revision) == (request.event_id("police"), False, 1)


def test_answer_that_answers_nothing_is_quarantined(world: Any) -> None:
    verified = world.verified(world.answer(world.request(), "police", answers=None), Answer)
    assert opened_answer(verified, received_at=NOW) == WRONG_REQUEST


def test_answer_in_anothers_name_is_quarantined(world: Any) -> None:
    """Attack: police sign an answer whose status block says that health speaks."""
    request = world.request()
    answer = an_answer(request.request_id, "health", now=NOW)
    verified = world.verified(world.answer(request, "police", answer=answer), Answer)
    assert opened_answer(verified, received_at=NOW) == WRONG_ORGANISATION


def test_answer_with_an_id_of_its_own_making_is_quarantined(world: Any) -> None:
    """Attack: a second story under the same revision, with an id that the journal has not met."""
    request = world.request()
    verified = world.verified(world.answer(request, "police", message_id=request.request_id), Answer)
    assert opened_answer(verified, received_at=NOW) == WRONG_ID


def test_header_that_names_another_request_than_its_content_is_not_joined(world: Any) -> None:
    """Verify refuses it already; the join does not rely on that."""
    request = world.request()
    verified = world.verified(world.answer(request, "police"), Answer)
    header = verified.header.model_copy(update={"request_id": world.request().request_id})
    assert opened_answer(replace(verified, header=header), received_at=NOW) == WRONG_REQUEST


def test_awaited_answer_keeps_its_stage() -> None:
    state = joined(opened(revision=0, status=Status.AWAITED))
    seen = summary_of(state, REQUEST.dispatch(), version=1).answers[0]
    assert seen.answer is not None
    assert seen.answer.status.stage is Stage.WITH_PERSON
