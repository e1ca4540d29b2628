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
    Kind,
    RatingBand,
    Sector,
    WithholdGround,
)

SUITE = "MASH1"


class Header(Wire):
    """What whoever runs the log may see, signed as exact bytes. It names no person and no case."""

    suite: Code
    partnership: Name
    kind: Kind
    topic: TopicName
    message_id: Uuid
    request_id: Uuid | None
    answers: Digest | None
    sender: Name
    signing_key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    recipients: Annotated[tuple[Digest, ...], Field(min_length=1, max_length=8, fail_fast=True)]
    directory_version: Count
    directory_digest: Digest
    schema_digest: Digest
    stream: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,120}$")]
    sequence: Count
    issued_at: Timestamp
    expires_at: Timestamp
    event_id: Uuid
    parts: Annotated[tuple[Digest, ...], Field(min_length=1, max_length=2, fail_fast=True)]


class Envelope(Wire):
    """A sealed, signed message as it lies in the log."""

    header: bytes
    ciphertext: Annotated[bytes, Field(repr=False)]
    wraps: Annotated[tuple[bytes, ...], Field(min_length=1, max_length=8, fail_fast=True)]
    signature: Annotated[bytes, Field(min_length=64, max_length=64)]


class Content(Wire):
    """What is encrypted: each part's bytes and the salt that its hash in the header is made with."""

    salts: Annotated[tuple[Digest, ...], Field(min_length=1, max_length=2, repr=False, fail_fast=True)]
    parts: Annotated[tuple[bytes, ...], Field(min_length=1, max_length=2, repr=False, fail_fast=True)]


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
