"""What carries, directs and waits: envelope and header, dispatch, desk item, practitioner's decision."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.answer import Answer, Item, Judgement
from schemas.decision import GateDecision
from schemas.scalars import (
    MOST_ORGANISATIONS,
    MOST_PEOPLE,
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
    DecisionAction,
    DeskReason,
    DeskState,
    RatingBand,
    Sector,
    WithholdGround,
)

SUITE = "MASH1"
MOST_PARTS = 4
MOST_READERS = 32
"""Room in header, envelope and content, which never change within a suite (README, EVOLVE-4)."""


class Header(Wire):
    """What whoever runs the log may see, signed as exact bytes. It names no person and no case."""

    suite: Annotated[
        Code, Field(description="The cipher suite: MASH1, and nothing else in a message chooses an algorithm (HEAD-2).")
    ]
    partnership: Annotated[Name, Field(description="The partnership whose directory counts.")]
    kind: Annotated[
        Code,
        Field(description="A word of the table of kinds (KIND-1): no enum, so that a new kind needs no new header."),
    ]
    topic: Annotated[TopicName, Field(description="The topic that it was signed for (TOPIC-2).")]
    message_id: Annotated[Uuid, Field(description="Its own id, known by sender (ID-5).")]
    request_id: Annotated[
        Uuid | None, Field(description="The request that it belongs to, as part 0 says; null: none (HEAD-7).")
    ]
    thread: Annotated[
        Uuid | None,
        Field(
            description="What joins messages that belong to no request, as part 0 says; null: nothing does (HEAD-10)."
        ),
    ]
    answers: Annotated[
        Digest | None, Field(description="In an answer, the digest of the request's envelope (HEAD-7); else null.")
    ]
    sender: Annotated[
        Name, Field(description="The id of the principal that signed it, as the directory has it (VERIFY-9).")
    ]
    signing_key_id: Annotated[
        str, Field(pattern=r"^[0-9a-f]{32}$", description="Which of the sender's keys signed it (KEY-1).")
    ]
    recipients: Annotated[
        tuple[Digest, ...],
        Field(
            min_length=1,
            max_length=MOST_READERS,
            fail_fast=True,
            description="SHA-256 of each reader's KEM public key, in the order of the table (HEAD-4).",
        ),
    ]
    directory_version: Annotated[Count, Field(description="The directory that the sender sealed under (HEAD-5).")]
    directory_digest: Annotated[
        Digest, Field(description="The digest of the directory that the sender sealed under (DIR-3).")
    ]
    schema_digest: Annotated[Digest, Field(description="SHA-256 of the released `.avsc` file of the kind (HEAD-3).")]
    stream: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9.-]{1,120}$", description="The sender's stream that the ending is numbered in (SEQ-1)."
        ),
    ]
    sequence: Annotated[Count, Field(description="The ending's number in its stream (SEQ-2).")]
    issued_at: Annotated[Timestamp, Field(description="When it was sealed, by the sender's clock.")]
    expires_at: Annotated[Timestamp, Field(description="Fourteen days later, for every kind (HEAD-6).")]
    event_id: Annotated[Uuid, Field(description="The audit event of the same ending (HEAD-8).")]
    parts: Annotated[
        tuple[Digest, ...],
        Field(
            min_length=1, max_length=MOST_PARTS, fail_fast=True, description="The salted hash of each part (PART-2)."
        ),
    ]


class Envelope(Wire):
    """A sealed, signed message as it lies in the log."""

    header: Annotated[bytes, Field(description="The header's exact bytes, as they were hashed and signed (HEAD-1).")]
    ciphertext: Annotated[bytes, Field(repr=False, description="The padded content, encrypted (SEAL-2).")]
    wraps: Annotated[
        tuple[bytes, ...],
        Field(
            min_length=1,
            max_length=MOST_READERS,
            fail_fast=True,
            description="The content key, wrapped for each recipient (SEAL-3).",
        ),
    ]
    signature: Annotated[
        bytes,
        Field(min_length=64, max_length=64, description="The sender's Ed25519 signature over the digest (SEAL-6)."),
    ]


class Content(Wire):
    """What is encrypted: each part's bytes and the salt that its hash in the header is made with."""

    salts: Annotated[
        tuple[Digest, ...],
        Field(
            min_length=1,
            max_length=MOST_PARTS,
            repr=False,
            fail_fast=True,
            description="A fresh salt for each part (PART-1).",
        ),
    ]
    parts: Annotated[
        tuple[bytes, ...],
        Field(
            min_length=1,
            max_length=MOST_PARTS,
            repr=False,
            fail_fast=True,
            description="The bytes of each part of the kind's record (CODEC-3).",
        ),
    ]


class Asked(Wire):
    """One organisation a request went to, and the digest of the envelope it got."""

    organisation: Name
    """The id of one of those that the request went to."""
    sector: Sector
    """Its sector as the directory had it when it was asked."""
    request_digest: Digest
    """The digest of the envelope that it got, which its answer must name (SEAL-5, VERIFY-37)."""


class DispatchBody(Wire):
    """Who was asked what, when it is due and why it was allowed: the screening consumer's join key."""

    request_id: Uuid
    """The request that was sent; it must be the header's (HEAD-7)."""
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
    decision: GateDecision
    """What the hub's gate decided of the whole request, for every organisation asked."""
    asked: Annotated[tuple[Asked, ...], Field(max_length=MOST_ORGANISATIONS, fail_fast=True)]
    """Whom it went to, an organisation each."""


class Dispatch(Wire):
    """The hub's note to its own screening consumer (kind DISPATCH): part 0."""

    body: DispatchBody
    """Part 0: who was asked what."""


class Original(Wire):
    """A message as it first arrived: its place, its key, and its bytes (the first 4 KiB when unreadable)."""

    topic: TopicName
    """Where the message first lay: the name of its topic (TOPIC-1)."""
    partition: Count
    """The number of the partition that it lay in, from 0."""
    offset: Count
    """Its offset in that partition, counted from 0 as Kafka does."""
    key: bytes
    """The message key that it had, in bytes (TOPIC-3)."""
    value: Annotated[bytes, Field(repr=False)]
    """The bytes of the envelope; the first 4 KiB of what could not be read."""
    digest: Digest
    """SHA-256 of all the bytes that arrived, also where only the first of them are kept."""


class DeskItemBody(Wire):
    """Something that waits for a person, sealed by an organisation to itself."""

    item_id: Uuid
    """The item's own id, the same each time it is opened again."""
    state: DeskState
    """Whether it waits, is claimed or is done; the latest record of an item counts."""
    claimed_by: Name | None = None
    """The id of the practitioner who is at it; null: nobody is."""
    reason: DeskReason
    """Why it waits for a person."""
    detail: Code | None
    """More about that reason, as a word of the stage that asks; null: there is no more."""
    request_id: Uuid | None
    """The request that it is about; null: the message could not be read."""
    rating: Code | None = None
    """How urgent it is, in the partnership's own word; null: it has none, or could not be read."""
    band: RatingBand | None
    """The band that the rating falls into; null: the message could not be read."""
    due_at: Timestamp | None
    """When the answer is due, in UTC; null: there is no clock."""
    opened_at: Timestamp
    """When it began to wait, in UTC, from which its escalation is reckoned (ref 4.1)."""
    revision: Count
    """Which telling of the answer a decision would lead to (ID-3)."""
    escalated: bool
    """Whether three quarters of its time have passed, and it was brought up again (ref 4.1)."""
    original: Original
    """The message that waits, kept so that it can take its path again."""
    draft: Answer | None
    """What would be answered, for a practitioner to look at; null: nothing was drafted."""
    candidates: Annotated[tuple[Ref, ...], Field(max_length=100, repr=False, fail_fast=True)]
    """The records that may be the person, by the holder's own numbers; they never leave it (ref 7.2 rule 3)."""


class DeskItem(Wire):
    """A desk item (kind DESK_ITEM): part 0."""

    body: DeskItemBody
    """Part 0: what waits."""


class LeftOut(Wire):
    """One item of the draft that the practitioner takes out, and why."""

    item: Count
    """The item's place in the draft, from 0."""
    reason: ShortText
    """Why it is taken out, in the practitioner's words."""


class Chosen(Wire):
    """Which of the candidates somebody asked about is."""

    person: Ref
    """Who was asked about: their ref in the request."""
    candidate: Annotated[Ref, Field(repr=False)]
    """The record that they are, by the holder's own number; it must be one of the item's candidates."""


class DecidedBody(Wire):
    """What a practitioner decided about one desk item; it takes the whole path again, as evidence."""

    item_id: Uuid
    """The desk item that is decided, by the id that it was opened under."""
    request_id: Uuid
    """The request that it is about; it must be that of `original` (VERIFY-35)."""
    reason: DeskReason
    """Why it waited, which says what may be decided."""
    action: DecisionAction
    """What was decided."""
    by: Name | None
    """The id of the practitioner who decided; null: the desk's clock did."""
    decided_at: Timestamp
    """When it was decided, in UTC, by the organisation's clock."""
    ground: WithholdGround | None
    """Why nothing is given (ref 2.8); null where something is."""
    left_out: Annotated[tuple[LeftOut, ...], Field(max_length=5000, fail_fast=True)]
    """Items of the draft that are not released, each with its reason."""
    chosen: Annotated[tuple[Chosen, ...], Field(max_length=MOST_PEOPLE, fail_fast=True)]
    """Who is who, where that was the question."""
    judgement: Judgement | None
    """What the practitioner adds to the answer (Y1 to Y3); null: nothing."""
    items: Annotated[tuple[Item, ...], Field(max_length=5000, repr=False, fail_fast=True)]
    """Items that the practitioner wrote by hand, where records are not read by a machine."""
    original: Original
    """The request as it first arrived, which is verified again (VERIFY-35)."""


class Decided(Wire):
    """A practitioner's decision, sent to the organisation's own request topic (kind DECISION): part 0."""

    body: DecidedBody
    """Part 0: what was decided."""
