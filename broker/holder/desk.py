"""The desk: what waits for a practitioner, as sealed items on the organisation's own topic. No database: a fold over
it.
"""

from __future__ import annotations

from broker.exchange.envelope import sha256
from broker.exchange.verify import Verified
from broker.exchange.worker import Turn
from broker.ports import Message
from schemas.answer import Answer
from schemas.exchange import DeskItem, DeskItemBody, Original
from schemas.request import InformationRequest
from schemas.vocabulary import DeskReason, DeskState

UNREADABLE_BYTES_KEPT = 4096


def open_item(
    request: Verified[InformationRequest],
    message: Message,
    *,
    item_id: str,
    reason: DeskReason,
    detail: str | None,
    revision: int,
    draft: Answer | None,
    candidates: tuple[str, ...],
    turn: Turn,
) -> DeskItem:
    """Return the item that asks a practitioner to look; it carries the original message with its place."""
    common = request.record.common
    return DeskItem(
        body=DeskItemBody(
            item_id=item_id,
            state=DeskState.OPENED,
            reason=reason,
            detail=detail,
            request_id=common.request_id,
            rag=common.rag,
            due_at=common.due_at,
            opened_at=turn.now,
            revision=revision,
            original=_original(message, message.value),
            draft=draft,
            candidates=candidates,
        )
    )


def open_unreadable(message: Message, *, item_id: str, detail: str, turn: Turn) -> DeskItem:
    """Return the item for a message that nobody can vouch for. No practitioner sees or releases it."""
    return DeskItem(
        body=DeskItemBody(
            item_id=item_id,
            state=DeskState.OPENED,
            reason=DeskReason.UNREADABLE,
            detail=detail,
            request_id=None,
            rag=None,
            due_at=None,
            opened_at=turn.now,
            revision=0,
            original=_original(message, message.value[:UNREADABLE_BYTES_KEPT]),
            draft=None,
            candidates=(),
        )
    )


def _original(message: Message, value: bytes) -> Original:
    return Original(
        topic=message.place.topic,
        partition=message.place.partition,
        offset=message.place.offset,
        key=message.key[:UNREADABLE_BYTES_KEPT],
        value=value,
        digest=sha256(message.value),
    )
