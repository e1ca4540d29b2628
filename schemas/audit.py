"""What is accounted for: one event a transaction, metadata only, content by digest (ref 3.3).

The skeleton names no person and no case and is kept as long as the ledger; the personal part can be erased by order
without touching a proof, because the leaf commits to both by salted hash.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.answer import TypeCount
from schemas.decision import GateDecision
from schemas.request import Agreement, FamilyInformed
from schemas.scalars import (
    MOST_PEOPLE,
    MOST_ROWS,
    MOST_WORDS,
    Code,
    Count,
    Digest,
    Name,
    Ref,
    ShortText,
    Timestamp,
    TopicName,
    Uuid,
    Wire,
)
from schemas.vocabulary import (
    ActorRole,
    Certainty,
    EventKind,
    MatchMethod,
    Mode,
    PersonRole,
    Purpose,
    RatingBand,
    Section,
    Stage,
    Status,
)


class Consumed(Wire):
    """The message that this event ends: its place in the log and its digest."""

    topic: TopicName
    partition: Count
    offset: Count
    digest: Digest


class Skeleton(Wire):
    """Part 0 of an audit event: who did what to which message, when, on what basis; no person, no case."""

    event_id: Uuid
    event: EventKind
    occurred_at: Timestamp
    organisation: Name
    service: Name
    request_id: Uuid | None = None
    consumed: Consumed | None = None
    answer_id: Uuid | None = None
    answer_digest: Digest | None = None
    status: Status | None = None
    stage: Stage | None = None
    reason: Code | None = None
    revision: Count | None = None
    desk_item_id: Uuid | None = None
    purpose: Purpose | None = None
    band: RatingBand | None = None
    section: Section | None = None
    mode: Mode | None = None
    due_at: Timestamp | None = None
    decision: GateDecision | None = None
    agreement_id: Ref | None = None
    agreement_version: Count | None = None
    item_counts: Annotated[tuple[TypeCount, ...], Field(max_length=200, fail_fast=True)] = ()
    removed: Annotated[tuple[TypeCount, ...], Field(max_length=200, fail_fast=True)] = ()
    recipients: Annotated[tuple[Name, ...], Field(max_length=1000, fail_fast=True)] = ()
    changed: Code | None = None
    changed_digest: Digest | None = None
    build: ShortText


class Subject(Wire):
    """Somebody asked about, as a keyed pseudonym that only the acting organisation can recompute."""

    ref: Ref
    roles: Annotated[tuple[PersonRole, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    pseudonym: Digest
    certainty: Certainty
    method: MatchMethod
    candidates: Count


class Personal(Wire):
    """Part 1 of an audit event: what ties it to a case and to people."""

    case_ref: Annotated[Ref | None, Field(repr=False)] = None
    actor: Name | None = None
    actor_role: ActorRole | None = None
    approved_by: Name | None = None
    overridden_by: Name | None = None
    oversight_ref: Annotated[Ref | None, Field(repr=False)] = None
    family_informed: FamilyInformed | None = None
    agreements: Annotated[tuple[Agreement, ...], Field(max_length=MOST_ROWS, repr=False, fail_fast=True)] = ()
    subjects: Annotated[tuple[Subject, ...], Field(max_length=MOST_PEOPLE, repr=False, fail_fast=True)] = ()
    systems_searched: Annotated[tuple[ShortText, ...], Field(max_length=40, fail_fast=True)] = ()
    status_block: Annotated[bytes | None, Field(repr=False)] = None
    status_salt: Annotated[Digest | None, Field(repr=False)] = None


class AuditEvent(Wire):
    """The whole account of one transaction (kind AUDIT_EVENT): parts 0 skeleton, 1 personal."""

    skeleton: Skeleton
    personal: Personal
