"""Join: what the organisations said about one request becomes one state, whatever order it came in. Pure functions.

(1) An answer counts only from an organisation that was asked, about the envelope that it was sent; (2) of those, the
latest revision stands, and an older or equal one never replaces it; (3) what comes before its dispatch is kept and
judged when the dispatch comes; (4) an answer is recorded when a signed checkpoint lists its audit event, and a new
revision starts again at unrecorded. What does not count is quarantined with a reason, and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import final

from broker.exchange.envelope import derived_id
from broker.exchange.verify import Verified
from schemas.answer import Answer
from schemas.exchange import Asked, DispatchBody
from schemas.summary import AnswerSeen, SummaryBody
from schemas.vocabulary import Kind, Status

WRONG_REQUEST = "WRONG_REQUEST"
"""The answer is to another envelope than the one sent to this organisation."""

WRONG_ORGANISATION = "WRONG_ORGANISATION"
"""The answer names another organisation than the one that signed it."""

WRONG_ID = "WRONG_ID"
"""The answer's id is not the one that its request, sender and revision give (ID-2): one revision could come twice."""

NOT_ASKED = "NOT_ASKED"
"""The dispatch does not name this organisation."""

OLDER_REVISION = "OLDER_REVISION"
"""An equal or later revision was joined before."""

SECOND_DISPATCH = "SECOND_DISPATCH"
"""The request was dispatched before; the first dispatch stands."""

ASKED_TWICE = "ASKED_TWICE"
"""A dispatch that names an organisation twice: which envelope it got cannot be told."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedAnswer:
    """One authentic answer as it was opened. `answers` is the digest of the envelope that it replies to."""

    organisation: str
    answers: bytes
    answer: Answer = field(repr=False)
    digest: bytes
    event_id: str
    received_at: datetime
    recorded: bool

    @property
    def revision(self) -> int:
        """Which telling of this organisation's answer it is; 0 says only that a person will look."""
        return self.answer.status.revision


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RequestState:
    """All that is known of one request. Without a dispatch, `opened` holds what came too early, not yet judged."""

    request_id: str
    dispatch: DispatchBody | None = field(default=None, repr=False)
    opened: tuple[OpenedAnswer, ...] = field(default=(), repr=False)

    def of(self, organisation: str) -> OpenedAnswer | None:
        """Return the latest answer of an organisation; None where there is none."""
        return next((one for one in self.opened if one.organisation == organisation), None)


def opened_answer(verified: Verified[Answer], *, received_at: datetime) -> OpenedAnswer | str:
    """Return what can be joined of a verified answer, or the reason to quarantine it."""
    header, status = verified.header, verified.record.status
    if header.answers is None or header.request_id != status.request_id:
        return WRONG_REQUEST
    if status.organisation != header.sender:
        return WRONG_ORGANISATION
    if header.message_id != derived_id(Kind.ANSWER, header.answers, header.sender, status.revision):
        return WRONG_ID
    return OpenedAnswer(
        organisation=header.sender,
        answers=header.answers,
        answer=verified.record,
        digest=verified.digest,
        event_id=header.event_id,
        received_at=received_at,
        recorded=False,
    )


def with_dispatch(state: RequestState, dispatch: DispatchBody) -> tuple[RequestState, tuple[str, ...]]:
    """Return the state with its dispatch, and a reason for each thing that is quarantined with it (3)."""
    if state.dispatch is not None:
        return state, (SECOND_DISPATCH,)
    if len({one.organisation for one in dispatch.asked}) != len(dispatch.asked):
        return state, (ASKED_TWICE,)
    reasons = [(one, _why_not(dispatch, one)) for one in state.opened]
    kept = tuple(one for one, reason in reasons if reason is None)
    return replace(state, dispatch=dispatch, opened=kept), tuple(why for _, why in reasons if why is not None)


def with_answer(state: RequestState, opened: OpenedAnswer) -> tuple[RequestState, str | None]:
    """Return the state with this answer, or the same state and the reason to quarantine it."""
    reason = None if state.dispatch is None else _why_not(state.dispatch, opened)
    if reason is not None:
        return state, reason
    others = tuple(one for one in state.opened if not _same_thread(one, opened))
    if any(one.revision >= opened.revision for one in state.opened if _same_thread(one, opened)):  # (2)
        return state, OLDER_REVISION
    # Sorted, so that two orders of arrival give equal states.
    ordered = sorted((*others, opened), key=lambda one: (one.organisation, one.answers))
    return replace(state, opened=tuple(ordered)), None


def with_recorded(state: RequestState, event_ids: frozenset[str]) -> RequestState:
    """Return the state in which the answers with these audit events are recorded (4)."""
    opened = tuple(
        replace(one, recorded=True) if one.event_id in event_ids and not one.recorded else one for one in state.opened
    )
    return replace(state, opened=opened)


def summary_of(state: RequestState, dispatch: DispatchBody, *, version: int) -> SummaryBody:
    """Return the combined summary: one entry for each organisation asked, in the order of the dispatch."""
    answers = tuple(_seen(asked, state.of(asked.organisation), due_at=dispatch.due_at) for asked in dispatch.asked)
    return SummaryBody(
        request_id=dispatch.request_id,
        case_ref=dispatch.case_ref,
        contact_ref=dispatch.contact_ref,
        rating=dispatch.rating,
        band=dispatch.band,
        level=dispatch.level,
        received_at=dispatch.received_at,
        due_at=dispatch.due_at,
        version=version,
        complete=all(is_answered(one) for one in answers),
        decision=dispatch.decision,
        answers=answers,
    )


def is_final(seen: AnswerSeen) -> bool:
    """Return whether an organisation answered: any status but AWAITED. A later revision may still replace it."""
    return seen.answer is not None and seen.answer.status.status is not Status.AWAITED


def is_answered(seen: AnswerSeen) -> bool:
    """Return whether an organisation said what it holds, or that it will not: final, and not UNAVAILABLE."""
    return is_final(seen) and seen.answer is not None and seen.answer.status.status is not Status.UNAVAILABLE


def _seen(asked: Asked, opened: OpenedAnswer | None, *, due_at: datetime | None) -> AnswerSeen:
    return AnswerSeen(
        organisation=asked.organisation,
        sector=asked.sector,
        answer=opened.answer if opened else None,
        answer_digest=opened.digest if opened else None,
        received_at=opened.received_at if opened else None,
        # By our clock: a sender's clock is the sender's word.
        late=opened is not None and due_at is not None and opened.received_at > due_at,
        recorded=opened is not None and opened.recorded,
    )


def _why_not(dispatch: DispatchBody, opened: OpenedAnswer) -> str | None:  # (1)
    asked = next((one for one in dispatch.asked if one.organisation == opened.organisation), None)
    if asked is None:
        return NOT_ASKED
    return None if asked.request_digest == opened.answers else WRONG_REQUEST


def _same_thread(one: OpenedAnswer, other: OpenedAnswer) -> bool:
    # Before the dispatch it is not known which envelope was really sent: a forged reply must not oust the true one.
    return (one.organisation, one.answers) == (other.organisation, other.answers)
