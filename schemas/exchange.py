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
    request_id: Annotated[Uuid | None, Field(description="The request that it belongs to, as part 0 says (HEAD-7).")]
    thread: Annotated[
        Uuid | None,
        Field(description="What joins messages that belong to no request: an opaque id, as part 0 says (HEAD-10)."),
    ]
    answers: Annotated[Digest | None, Field(description="In an answer, the digest of the request's envelope (HEAD-7).")]
    sender: Annotated[Name, Field(description="The principal that signed it.")]
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
    directory_digest: Annotated[Digest, Field(description="That directory's digest (DIR-3).")]
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
    sector: Sector
    request_digest: Digest


class DispatchBody(Wire):
    """Who was asked what, when it is due and why it was allowed: the screening consumer's join key."""

    request_id: Uuid
    case_ref: Annotated[Ref, Field(repr=False)]
    contact_ref: Annotated[Ref | None, Field(repr=False)] = None
    rating: Code | None = None
    band: RatingBand
    level: Code | None = None
    received_at: Timestamp
    due_at: Timestamp | None
    decision: GateDecision
    asked: Annotated[tuple[Asked, ...], Field(max_length=MOST_ORGANISATIONS, fail_fast=True)]


class Dispatch(Wire):
    """The hub's note to its own screening consumer (kind DISPATCH): part 0."""

    body: DispatchBody


class Original(Wire):
    """A message as it first arrived: its place, its key, and its bytes (the first 4 KiB when unreadable)."""

    topic: TopicName
    partition: Count
    offset: Count
    key: bytes
    value: Annotated[bytes, Field(repr=False)]
    digest: Digest


class DeskItemBody(Wire):
    """Something that waits for a person, sealed by an organisation to itself."""

    item_id: Uuid
    state: DeskState
    claimed_by: Name | None = None
    reason: DeskReason
    detail: Code | None
    request_id: Uuid | None
    rating: Code | None = None
    band: RatingBand | None
    due_at: Timestamp | None
    opened_at: Timestamp
    revision: Count
    escalated: bool
    original: Original
    draft: Answer | None
    candidates: Annotated[tuple[Ref, ...], Field(max_length=100, repr=False, fail_fast=True)]


class DeskItem(Wire):
    """A desk item (kind DESK_ITEM): part 0."""

    body: DeskItemBody


class LeftOut(Wire):
    """One item of the draft that the practitioner takes out, and why."""

    item: Count
    reason: ShortText


class Chosen(Wire):
    """Which of the candidates somebody asked about is."""

    person: Ref
    candidate: Annotated[Ref, Field(repr=False)]


class DecidedBody(Wire):
    """What a practitioner decided about one desk item; it takes the whole path again, as evidence."""

    item_id: Uuid
    request_id: Uuid
    reason: DeskReason
    action: DecisionAction
    by: Name | None
    decided_at: Timestamp
    ground: WithholdGround | None
    left_out: Annotated[tuple[LeftOut, ...], Field(max_length=5000, fail_fast=True)]
    chosen: Annotated[tuple[Chosen, ...], Field(max_length=MOST_PEOPLE, fail_fast=True)]
    judgement: Judgement | None
    items: Annotated[tuple[Item, ...], Field(max_length=5000, repr=False, fail_fast=True)]
    original: Original


class Decided(Wire):
    """A practitioner's decision, sent to the organisation's own request topic (kind DECISION): part 0."""

    body: DecidedBody
