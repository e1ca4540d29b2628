"""Answer: how each outcome looks to the requester. A refusal, a wait, a withholding come from the request alone.

So they look the same whatever is held, and a status never says more than its name.
"""

from __future__ import annotations

from datetime import datetime

from broker.holder.minimise import Draft, count_types, subject_of
from broker.holder.receive import Enquiry
from schemas.answer import Answer, AnswerBody, AnswerStatus, Judgement, Match
from schemas.decision import GateDecision
from schemas.vocabulary import Certainty, MatchMethod, Stage, Status

NOTHING_SAID = AnswerBody(
    items=(),
    systems_searched=(),
    gaps="",
    look_back_from=None,
    known_to_agency=None,
    lead_contact=None,
    author=None,
    judgement=Judgement(),
)


def without_content(
    enquiry: Enquiry,
    status: Status,
    *,
    revision: int,
    reason: str | None,
    decision: GateDecision,
    approved_by: str | None,
    now: datetime,
) -> Answer:
    """Return an answer that says how it went and nothing else."""
    child = subject_of(enquiry.asked)
    return Answer(
        status=AnswerStatus(
            request_id=enquiry.asked.request_id,
            organisation=enquiry.request.record.addressed.organisation,
            revision=revision,
            status=status,
            stage=Stage.WITH_PERSON if status is Status.AWAITED else None,
            reason=reason,
            answered_at=now,
            data_as_at=None,
            approved_by=approved_by,
            decision=decision,
            match=Match(about=child, certainty=Certainty.NONE, method=MatchMethod.NONE, identifiers_used=()),
            matches=(),
            item_counts=(),
        ),
        body=NOTHING_SAID,
    )


def with_content(
    enquiry: Enquiry, draft: Draft, *, revision: int, decision: GateDecision, approved_by: str | None, now: datetime
) -> Answer:
    """Return the answer that a draft amounts to."""
    return Answer(
        status=AnswerStatus(
            request_id=enquiry.asked.request_id,
            organisation=enquiry.request.record.addressed.organisation,
            revision=revision,
            status=draft.status,
            stage=None,
            reason=None,
            answered_at=now,
            data_as_at=draft.found.coverage.data_as_at,
            approved_by=approved_by,
            decision=decision,
            match=draft.match,
            matches=draft.matches,
            item_counts=count_types([(item.type, item.data_class) for item in draft.body.items]),
        ),
        body=draft.body,
    )
