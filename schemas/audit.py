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
    """Where the message lies: the name of its topic (TOPIC-1)."""
    partition: Count
    """The number of the partition of that topic, from 0."""
    offset: Count
    """Its offset in the partition, counted from 0 as Kafka does."""
    digest: Digest
    """The digest of the envelope; of the raw bytes where they are no envelope."""


class HintCount(Wire):
    """How many items of an answer bear a hint for subject access (ref 3.4)."""

    hint: Code
    """What subject access should look at, a word of `DsarHint` (ref 3.4)."""
    count: Count
    """How many items of the answer bear that hint."""


class Skeleton(Wire):
    """Part 0 of an audit event: who did what to which message, when, on what basis; no person, no case.

    Null: the event has no such thing.
    """

    event_id: Uuid
    """The event's own id, which is also the header's (HEAD-8, VERIFY-36)."""
    event: Annotated[Code, WordOf(EventKind)]
    """What is accounted for (ref 3.3)."""
    occurred_at: Timestamp
    """When it happened, in UTC to the millisecond, by the writer's clock (DPA 2018 s.62)."""
    organisation: Name
    """The organisation that it was done for, by its id."""
    service: Name
    """The principal that did it: a process, not a person."""
    request_id: Uuid | None = None
    """The request that it is about; null: it is about none."""
    consumed: Consumed | None = None
    """The message that it ends; null: a command began it."""
    answer_id: Uuid | None = None
    """The id of the answer that was sent or opened; null: there is none (ID-3)."""
    answer_digest: Digest | None = None
    """The digest of the envelope of the answer that was sent or opened (SEAL-5)."""
    status: Annotated[Code, WordOf(Status)] | None = None
    """How the request was answered (ref 2.8); null: it was not."""
    stage: Annotated[Code, WordOf(Stage)] | None = None
    """Where an AWAITED answer is; null with every other status."""
    reason: Code | None = None
    """The ground or cause of what was done, as a Code, where there is one."""
    revision: Count | None = None
    """Which telling of an answer, or which version of a summary, it is."""
    desk_item_id: Uuid | None = None
    """The desk item that was opened, shown or closed; null: there is none."""
    purpose: Annotated[Code, WordOf(Purpose)] | None = None
    """Why it was asked: the row of the law table (ref 2.7)."""
    band: Annotated[Code, WordOf(RatingBand)] | None = None
    """How urgent it is: the band that the gate decides on (T1 to T3, T21)."""
    rating: Code | None = None
    """The partnership's own word for that urgency (profiles section 6)."""
    level: Code | None = None
    """The partnership's own word for the level of need (N17)."""
    section: Annotated[Code, WordOf(Section)] | None = None
    """The section of the Children Act 1989 that the requester acts under."""
    mode: Annotated[Code, WordOf(Mode)] | None = None
    """Whether existence was asked for, or content (ref 2.8 step 2)."""
    due_at: Timestamp | None = None
    """When the answer is due, in UTC; null: there is no clock."""
    decision: RecordedDecision | None = None
    """What the gate decided, with its grounds (ref 2.8 step 8); null: no gate was asked."""
    agreement_id: Ref | None = None
    """The data sharing agreement that was relied on (ref 2.8 step 1)."""
    agreement_version: Count | None = None
    """Which version of that agreement was in force (ref 3.2 question 9)."""
    item_counts: Annotated[tuple[RecordedCount, ...], Field(max_length=200, fail_fast=True)] = ()
    """What the answer holds, in numbers by type and class."""
    removed: Annotated[tuple[RecordedCount, ...], Field(max_length=200, fail_fast=True)] = ()
    """What was held and left out of the answer, in numbers by type and class."""
    recipients: Annotated[tuple[Name, ...], Field(max_length=1000, fail_fast=True)] = ()
    """The principals or organisations that it was disclosed to (DPA 2018 s.62)."""
    changed: Code | None = None
    """What was changed, as a Code: a directory, a table."""
    changed_digest: Digest | None = None
    """The digest of what it was changed to (DIR-3, DIR-16)."""
    cause: Uuid | None = None
    """The id of the event or answer that led to this one."""
    corrects: Digest | None = None
    """The digest of the event or answer that this one puts right (UK GDPR Art 19)."""
    order_digest: Digest | None = None
    """The signed order that this carries out: an erasure, a hold."""
    look: Annotated[Code, WordOf(LookedAt)] | None = None
    """What was looked at (DPA 2018 s.62: consultation)."""
    question: Code | None = None
    """Which of the officer's questions was asked, as a Code (ref 3.2)."""
    hits: Count | None = None
    """How many people or events a search or a question found."""
    retention_class: Code | None = None
    """The retention rule that the personal part falls under, as a Code (ref 3.5)."""
    retain_until: Timestamp | None = None
    """When the personal part may be erased, in UTC (ref 3.5)."""
    hints: Annotated[tuple[HintCount, ...], Field(max_length=20, fail_fast=True)] = ()
    """What subject access should look at in the answer, in numbers (ref 3.4)."""
    withheld_ground: Annotated[Code, WordOf(WithholdGround)] | None = None
    """Why something held was not given (ref 2.8)."""
    profile_digest: Digest | None = None
    """The digest of the profile that was in force (DIR-16)."""
    notice_version: Ref | None = None
    """The version of the privacy notice that was given (ref 2.11)."""
    guidance_version: Ref | None = None
    """The version of the statutory guidance that was followed (ref 2.2)."""
    dpia_ref: Ref | None = None
    """The data protection impact assessment that covers it (UK GDPR Art 35)."""
    clock: Annotated[Code, WordOf(ClockSync)] | None = None
    """Whether the writer's clock followed a time source then."""
    auth: Annotated[Code, WordOf(Authentication)] | None = None
    """How it was known who acts."""
    search_epoch: Count | None = None
    """The number of the key epoch that the tokens of the personal part are made with."""
    build: ShortText
    """The version of the program that wrote it (ref 3.2 question 9)."""


class SearchToken(Wire):
    """A keyed digest of one thing that somebody is known by; equal tokens of one epoch are equal values."""

    kind: Code
    """What it is a digest of, as a Code: NHS, NAME_DOB, POSTCODE_DOB, ..."""
    token: Token
    """The keyed digest of that thing, cut to 16 bytes."""


class Subject(Wire):
    """Somebody asked about, as a keyed pseudonym that only the acting organisation can recompute."""

    ref: Ref
    """What the request calls them, without meaning outside it."""
    roles: Annotated[tuple[Annotated[Code, WordOf(PersonRole)], ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    """Who they are in the matter (ref 3.3)."""
    pseudonym: Digest
    """A keyed digest: the same person has the same one in all events of one organisation (ref 3.3)."""
    certainty: Annotated[Code, WordOf(Certainty)]
    """How sure it is that they were found (ref 7.2 rule 3)."""
    method: Annotated[Code, WordOf(MatchMethod)]
    """By what they were found (ref 7.2 rules 1 and 2)."""
    candidates: Count
    """How many records came into question; which ones is never told (ref 7.2 rule 7)."""
    tokens: Annotated[tuple[SearchToken, ...], Field(max_length=40, repr=False, fail_fast=True)] = ()
    """What the officer's questions find them by, without knowing who they are."""
    relation: Annotated[Code, WordOf(Relation)] | None = None
    """How they are related to the child (ref 5.7); null: it was not said."""
    restricted: bool | None = None
    """Whether a restricted record was met (ref 7.2 rule 6); null: nothing was searched."""


class Personal(Wire):
    """Part 1 of an audit event: what ties it to a case and to people. Null: the event has no such thing."""

    case_ref: Annotated[Ref | None, Field(repr=False)] = None
    """The requester's own reference of the case."""
    actor: Name | None = None
    """The id in the register of whoever acted (DPA 2018 s.62)."""
    actor_role: Code | None = None
    """The title under which they acted, in the partnership's own word."""
    approved_by: Name | None = None
    """The id of whoever released or withheld it (ref 3.2 question 1)."""
    overridden_by: Name | None = None
    """The id of whoever went on without a family's agreement (C8)."""
    oversight_ref: Annotated[Ref | None, Field(repr=False)] = None
    """The management oversight record of that override (C8)."""
    family_informed: RecordedInformed | None = None
    """Whether the family was told of the request (C3)."""
    agreements: Annotated[tuple[RecordedAgreement, ...], Field(max_length=MOST_ROWS, repr=False, fail_fast=True)] = ()
    """Who agreed to a service, and who did not (C7)."""
    subjects: Annotated[tuple[Subject, ...], Field(max_length=MOST_PEOPLE, repr=False, fail_fast=True)] = ()
    """Who was asked about, as pseudonyms."""
    systems_searched: Annotated[tuple[ShortText, ...], Field(max_length=40, fail_fast=True)] = ()
    """Where it was looked, by the names that the organisation uses."""
    status_block: Annotated[bytes | None, Field(repr=False)] = None
    """The bytes of part 0 of the answer, as it was sent or opened."""
    status_salt: Annotated[Digest | None, Field(repr=False)] = None
    """The salt of that part, by which it can be held against its hash (PART-2)."""
    contact_ref: Annotated[Ref | None, Field(repr=False)] = None
    """The requester's own reference of the contact that it serves."""
    on_behalf_of: Annotated[ShortText | None, Field(repr=False)] = None
    """The authority or person for whom the actor asked (N16)."""
    team: Code | None = None
    """The team that the actor acted in, as a Code of the profile."""
    on_duty: bool | None = None
    """Whether the actor was on duty then; null: it is not known."""
    recipient_people: Annotated[tuple[Name, ...], Field(max_length=100, repr=False, fail_fast=True)] = ()
    """The people at the recipients who were shown it."""
    actor_tokens: Annotated[tuple[SearchToken, ...], Field(max_length=20, repr=False, fail_fast=True)] = ()
    """The actor's own name and address, for the rule against looking up one's own family."""
    items_from: Annotated[date | None, Field(repr=False)] = None
    """The date of the earliest item of the answer."""
    items_to: Annotated[date | None, Field(repr=False)] = None
    """The date of the latest item of the answer."""
    acknowledged_at: Timestamp | None = None
    """When the recipient took it up, in UTC."""
    rationale_digest: Annotated[Digest | None, Field(repr=False)] = None
    """The digest of the written rationale, which stays with its author."""


class AuditEvent(Wire):
    """The whole account of one transaction (kind AUDIT_EVENT): parts 0 skeleton, 1 personal."""

    skeleton: Skeleton
    """Part 0: what is kept as long as the ledger."""
    personal: Personal
    """Part 1: what can be erased by order, without touching a proof."""
