"""What is accounted for: one event a transaction, metadata only, content by digest (ref 3.3).

The skeleton names no person and no case and is kept as long as the ledger; the personal part can be erased by order
without touching a proof, because the leaf commits to both by salted hash. Words are text: who writes one takes it from
the vocabulary, who reads one takes any, so that a ledger is read in 25 years by whoever reads it then (CODEC-8).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from schemas.recorded import RecordedAgreement, RecordedCount, RecordedDecision, RecordedInformed
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
    Token,
    TopicName,
    Uuid,
    Wire,
    WordOf,
)
from schemas.vocabulary import (
    Authentication,
    Certainty,
    ClockSync,
    EventKind,
    LookedAt,
    MatchMethod,
    Mode,
    PersonRole,
    Purpose,
    RatingBand,
    Relation,
    Section,
    Stage,
    Status,
    WithholdGround,
)


class Consumed(Wire):
    """The message that this event ends: its place in the log and its digest."""

    topic: TopicName
    """The topic that it lies on."""
    partition: Count
    """The partition of that topic."""
    offset: Count
    """Its place in the partition."""
    digest: Digest
    """The digest of the envelope; of the raw bytes where they are no envelope."""


class HintCount(Wire):
    """How many items of an answer bear a hint for subject access (ref 3.4)."""

    hint: Code
    """The hint."""
    count: Count
    """How many items bear it."""


class Skeleton(Wire):
    """Part 0 of an audit event: who did what to which message, when, on what basis; no person, no case."""

    event_id: Uuid
    """The event's own id."""
    event: Annotated[Code, WordOf(EventKind)]
    """What is accounted for."""
    occurred_at: Timestamp
    """When it happened, by the writer's clock."""
    organisation: Name
    """For whom it was done."""
    service: Name
    """The principal that did it."""
    request_id: Uuid | None = None
    """The request that it is about."""
    consumed: Consumed | None = None
    """The message that it ends."""
    answer_id: Uuid | None = None
    """The id of the answer that was sent or opened."""
    answer_digest: Digest | None = None
    """That answer's digest (SEAL-5)."""
    status: Annotated[Code, WordOf(Status)] | None = None
    """How it was answered."""
    stage: Annotated[Code, WordOf(Stage)] | None = None
    """Where an awaited answer is."""
    reason: Code | None = None
    """The ground or cause, where there is one."""
    revision: Count | None = None
    """Which telling of an answer, or which version of a summary, it is."""
    desk_item_id: Uuid | None = None
    """The desk item that was opened, shown or closed."""
    purpose: Annotated[Code, WordOf(Purpose)] | None = None
    """Why it was asked."""
    band: Annotated[Code, WordOf(RatingBand)] | None = None
    """How urgent it is: the band that the gate decides on."""
    rating: Code | None = None
    """The partnership's own word for the band."""
    level: Code | None = None
    """The partnership's level of need."""
    section: Annotated[Code, WordOf(Section)] | None = None
    """The section of the Children Act 1989 that the requester acts under."""
    mode: Annotated[Code, WordOf(Mode)] | None = None
    """Whether existence was asked for, or content."""
    due_at: Timestamp | None = None
    """When the answer is due; null: no clock."""
    decision: RecordedDecision | None = None
    """What the gate decided."""
    agreement_id: Ref | None = None
    """The sharing agreement that was relied on."""
    agreement_version: Count | None = None
    """Its version."""
    item_counts: Annotated[tuple[RecordedCount, ...], Field(max_length=200, fail_fast=True)] = ()
    """What the answer holds, in numbers."""
    removed: Annotated[tuple[RecordedCount, ...], Field(max_length=200, fail_fast=True)] = ()
    """What was held and left out, in numbers."""
    recipients: Annotated[tuple[Name, ...], Field(max_length=1000, fail_fast=True)] = ()
    """The principals or organisations that got it."""
    changed: Code | None = None
    """What was changed: a directory, a table."""
    changed_digest: Digest | None = None
    """The digest of what it was changed to."""
    cause: Uuid | None = None
    """The event or answer that led to this one."""
    corrects: Digest | None = None
    """The digest of the event or answer that this one puts right."""
    order_digest: Digest | None = None
    """The signed order that this carries out: an erasure, a hold."""
    look: Annotated[Code, WordOf(LookedAt)] | None = None
    """What was looked at."""
    question: Code | None = None
    """Which of the officer's questions was asked."""
    hits: Count | None = None
    """How many a search or a question found."""
    retention_class: Code | None = None
    """The retention rule that the personal part falls under."""
    retain_until: Timestamp | None = None
    """When the personal part may be erased."""
    hints: Annotated[tuple[HintCount, ...], Field(max_length=20, fail_fast=True)] = ()
    """What subject access should look at, in numbers."""
    withheld_ground: Annotated[Code, WordOf(WithholdGround)] | None = None
    """Why something held was not given."""
    profile_digest: Digest | None = None
    """The profile that was in force (DIR-16)."""
    notice_version: Ref | None = None
    """The privacy notice that was given."""
    guidance_version: Ref | None = None
    """The guidance that was followed."""
    dpia_ref: Ref | None = None
    """The impact assessment that covers it."""
    clock: Annotated[Code, WordOf(ClockSync)] | None = None
    """Whether the writer's clock was synchronised."""
    auth: Annotated[Code, WordOf(Authentication)] | None = None
    """How the actor was known."""
    search_epoch: Count | None = None
    """The key epoch of the tokens in the personal part."""
    directory_expired: bool | None = None
    """Whether the message was verified under a directory that had expired more than a day before (DIR-6)."""
    build: ShortText
    """The build that wrote it."""


class SearchToken(Wire):
    """A keyed digest of one thing that somebody is known by; equal tokens of one epoch are equal values."""

    kind: Code
    """What it is a digest of: NHS, NAME_DOB, POSTCODE_DOB, ..."""
    token: Token
    """The digest."""


class Subject(Wire):
    """Somebody asked about, as a keyed pseudonym that only the acting organisation can recompute."""

    ref: Ref
    """Their ref in the request."""
    roles: Annotated[tuple[Annotated[Code, WordOf(PersonRole)], ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    """Who they are in it."""
    pseudonym: Digest
    """The same person is the same pseudonym in all events of one organisation."""
    certainty: Annotated[Code, WordOf(Certainty)]
    """How sure it is that they were found."""
    method: Annotated[Code, WordOf(MatchMethod)]
    """By what they were found."""
    candidates: Count
    """How many came into question."""
    tokens: Annotated[tuple[SearchToken, ...], Field(max_length=40, repr=False, fail_fast=True)] = ()
    """What the officer's questions find them by."""
    relation: Annotated[Code, WordOf(Relation)] | None = None
    """How they are related to the child."""
    restricted: bool | None = None
    """Whether a restricted record was met."""


class Personal(Wire):
    """Part 1 of an audit event: what ties it to a case and to people."""

    case_ref: Annotated[Ref | None, Field(repr=False)] = None
    """The requester's case."""
    actor: Name | None = None
    """Who acted, as the register knows them."""
    actor_role: Code | None = None
    """The title under which they acted."""
    approved_by: Name | None = None
    """Who released or withheld it."""
    overridden_by: Name | None = None
    """Who overrode a missing agreement."""
    oversight_ref: Annotated[Ref | None, Field(repr=False)] = None
    """The oversight record of that override."""
    family_informed: RecordedInformed | None = None
    """Whether the family was told."""
    agreements: Annotated[tuple[RecordedAgreement, ...], Field(max_length=MOST_ROWS, repr=False, fail_fast=True)] = ()
    """Who agreed to a service, and who did not."""
    subjects: Annotated[tuple[Subject, ...], Field(max_length=MOST_PEOPLE, repr=False, fail_fast=True)] = ()
    """Who was asked about."""
    systems_searched: Annotated[tuple[ShortText, ...], Field(max_length=40, fail_fast=True)] = ()
    """Where it was looked."""
    status_block: Annotated[bytes | None, Field(repr=False)] = None
    """Part 0 of the answer as it was sent or opened."""
    status_salt: Annotated[Digest | None, Field(repr=False)] = None
    """That part's salt (PART-2)."""
    contact_ref: Annotated[Ref | None, Field(repr=False)] = None
    """The contact that it serves."""
    on_behalf_of: Annotated[ShortText | None, Field(repr=False)] = None
    """The authority or person for whom the actor asked."""
    team: Code | None = None
    """The team that the actor acted in."""
    on_duty: bool | None = None
    """Whether the actor was on duty then."""
    recipient_people: Annotated[tuple[Name, ...], Field(max_length=100, repr=False, fail_fast=True)] = ()
    """The people at the recipients who were shown it."""
    actor_tokens: Annotated[tuple[SearchToken, ...], Field(max_length=20, repr=False, fail_fast=True)] = ()
    """The actor's own name and address, for the rule against looking up one's own family."""
    items_from: Annotated[date | None, Field(repr=False)] = None
    """The date of the earliest item of the answer."""
    items_to: Annotated[date | None, Field(repr=False)] = None
    """The date of the latest item of the answer."""
    acknowledged_at: Timestamp | None = None
    """When the recipient took it up."""
    rationale_digest: Annotated[Digest | None, Field(repr=False)] = None
    """The digest of the written rationale, which stays with its author."""


class AuditEvent(Wire):
    """The whole account of one transaction (kind AUDIT_EVENT): parts 0 skeleton, 1 personal."""

    skeleton: Skeleton
    """What is kept as long as the ledger."""
    personal: Personal
    """What can be erased by order."""
