"""The combined summary: what every organisation said about one request, with its clock."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.answer import Answer
from schemas.decision import GateDecision
from schemas.scalars import MOST_ORGANISATIONS, Code, Count, Digest, Name, Ref, Timestamp, Uuid, Wire
from schemas.vocabulary import RatingBand, Sector


class AnswerSeen(Wire):
    """The latest revision from one organisation as screening saw it; `answer` is null until one came."""

    organisation: Name
    sector: Sector
    answer: Annotated[Answer | None, Field(repr=False)]
    answer_digest: Digest | None
    received_at: Timestamp | None
    late: bool
    recorded: bool
    directory_expired: bool


class SummaryBody(Wire):
    """The join as it stands; published again each time it changes."""

    request_id: Uuid
    case_ref: Annotated[Ref, Field(repr=False)]
    contact_ref: Annotated[Ref | None, Field(repr=False)] = None
    rating: Code | None = None
    band: RatingBand
    level: Code | None = None
    received_at: Timestamp
    due_at: Timestamp | None
    version: Count
    complete: bool
    decision: GateDecision
    answers: Annotated[tuple[AnswerSeen, ...], Field(max_length=MOST_ORGANISATIONS, repr=False, fail_fast=True)]


class Summary(Wire):
    """A combined summary for screening tools (kind SUMMARY): part 0."""

    body: SummaryBody
