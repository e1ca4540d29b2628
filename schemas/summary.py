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
    """The id of one of those that the request went to."""
    sector: Sector
    """Its sector as the directory had it when it was asked."""
    answer: Annotated[Answer | None, Field(repr=False)]
    """The latest revision that came; null: none came yet."""
    answer_digest: Digest | None
    """The digest of that answer's envelope (SEAL-5); null: none came yet."""
    received_at: Timestamp | None
    """When screening opened it, in UTC, by its own clock; null: none came yet."""
    late: bool
    """Whether it came after `due_at`, by screening's clock; a flag beside the status, not a status (ref 2.8)."""
    recorded: bool
    """Whether a checkpoint of the ledger covers its event, so that it cannot be taken back unnoticed (SEQ-1)."""


class SummaryBody(Wire):
    """The join as it stands; published again each time it changes."""

    request_id: Uuid
    """The request whose answers are joined; it must be the header's (HEAD-7)."""
    case_ref: Annotated[Ref, Field(repr=False)]
    """The requester's own reference of the case."""
    contact_ref: Annotated[Ref | None, Field(repr=False)] = None
    """The requester's own reference of the contact that led to it (R9); null: there was none."""
    rating: Code | None = None
    """How urgent it is, in the partnership's own word (profiles section 6); null: it has none."""
    band: RatingBand
    """The band that the rating falls into (T1 to T3, T21)."""
    level: Code | None = None
    """The partnership's level of need, in its own word (N17); null: none was set."""
    received_at: Timestamp
    """When the contact came in, in UTC, by which clocks run (ref 4.2)."""
    due_at: Timestamp | None
    """When answers are due, in UTC; null: the partnership has no clock for this rating."""
    version: Count
    """Which version of the summary it is, one higher each time that something changed."""
    complete: bool
    """Whether no answer is AWAITED any more; a later revision may still replace one."""
    decision: GateDecision
    """What the hub's gate decided of the whole request, as the dispatch had it."""
    answers: Annotated[tuple[AnswerSeen, ...], Field(max_length=MOST_ORGANISATIONS, repr=False, fail_fast=True)]
    """What each organisation asked has answered, those that have not among them."""


class Summary(Wire):
    """A combined summary for screening tools (kind SUMMARY): part 0."""

    body: SummaryBody
    """Part 0: the join as it stands."""
