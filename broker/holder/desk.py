"""The desk: what waits for a practitioner, as sealed items on the organisation's own topic. It is a fold over it.

An item is OPENED, opened again when something about it changes (escalated, another draft), and CLOSED once. UNREADABLE
messages lie here too, so that nothing is lost, but nobody can release one and the practitioners' list leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import final

from broker.exchange.envelope import sha256
from broker.exchange.worker import Delivery
from broker.holder.receive import Enquiry
from broker.ports import Message
from schemas.answer import Answer
from schemas.exchange import DeskItem, DeskItemBody, Original
from schemas.vocabulary import DeskReason, DeskState

UNREADABLE_BYTES_KEPT = 4096


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Why something waits, what the requester was told so far, and what the practitioner is to look at."""

    reason: DeskReason
    detail: str | None
    revision: int
    draft: Answer | None = field(repr=False)
    candidates: tuple[str, ...] = field(default=(), repr=False)
    escalated: bool = False


def open_item(enquiry: Enquiry, waiting: Waiting, *, item_id: str, delivery: Delivery) -> DeskItem:
    """Return the item that asks a practitioner to look; it carries the original message with its place."""
    return DeskItem(
        body=DeskItemBody(
            item_id=item_id,
            state=DeskState.OPENED,
            reason=waiting.reason,
            detail=waiting.detail,
            request_id=enquiry.asked.request_id,
            rating=enquiry.asked.rating,
            band=enquiry.asked.band,
            due_at=enquiry.asked.due_at,
            opened_at=delivery.now,
            revision=waiting.revision,
            escalated=waiting.escalated,
            original=keep(enquiry.original),
            draft=waiting.draft,
            candidates=waiting.candidates,
        )
    )


def close_item(enquiry: Enquiry, *, item_id: str, reason: DeskReason, revision: int, delivery: Delivery) -> DeskItem:
    """Return the note that an item is decided."""
    return DeskItem(
        body=DeskItemBody(
            item_id=item_id,
            state=DeskState.CLOSED,
            reason=reason,
            detail=None,
            request_id=enquiry.asked.request_id,
            rating=enquiry.asked.rating,
            band=enquiry.asked.band,
            due_at=enquiry.asked.due_at,
            opened_at=delivery.now,
            revision=revision,
            escalated=False,
            original=keep(enquiry.original),
            draft=None,
            candidates=(),
        )
    )


def open_unreadable(message: Message, *, item_id: str, detail: str, delivery: Delivery) -> DeskItem:
    """Return the item for a message that nobody can vouch for: its place, its digest and its first 4 KiB."""
    return DeskItem(
        body=DeskItemBody(
            item_id=item_id,
            state=DeskState.OPENED,
            reason=DeskReason.UNREADABLE,
            detail=detail,
            request_id=None,
            band=None,
            due_at=None,
            opened_at=delivery.now,
            revision=0,
            escalated=False,
            original=keep(message, most=UNREADABLE_BYTES_KEPT),
            draft=None,
            candidates=(),
        )
    )


def waiting_items(items: Iterable[DeskItemBody]) -> tuple[DeskItemBody, ...]:
    """Fold the topic, in order: the items that a practitioner can still decide, oldest first."""
    waiting: dict[str, DeskItemBody] = {}
    for item in items:
        if item.state is DeskState.CLOSED:
            waiting.pop(item.item_id, None)
        elif item.reason is not DeskReason.UNREADABLE:
            waiting[item.item_id] = item
    return tuple(waiting.values())


def keep(message: Message, *, most: int | None = None) -> Original:
    """Return a message as the desk keeps it; the digest is always over the whole value."""
    return Original(
        topic=message.place.topic,
        partition=message.place.partition,
        offset=message.place.offset,
        key=message.key[:UNREADABLE_BYTES_KEPT],
        value=message.value[:most],
        digest=sha256(message.value),
    )
