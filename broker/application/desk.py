"""An organisation's desk: what waits for a practitioner, and what they decide about it.

A decision is a message to the organisation's own request topic; its agent takes the whole path again with it. Only a
practitioner of that organisation decides; the agent checks it too. A look is accounted for before anything is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, final

from pydantic import TypeAdapter, ValidationError

from broker.application.acting import acting_person
from broker.application.documents import desk_item_document, desk_line_document
from broker.application.session import Desk
from broker.errors import FieldError, NotPermitted
from broker.exchange.looks import Look, LookedAt
from broker.holder.decide import Decision
from broker.holder.evidence import is_practitioner
from schemas.answer import Item, Judgement
from schemas.exchange import Chosen, DeskItemBody, LeftOut
from schemas.vocabulary import DecisionAction, DeskReason, MatchMethod, WithholdGround

_ITEMS: TypeAdapter[tuple[Item, ...]] = TypeAdapter(tuple[Item, ...])
_JUDGEMENT: TypeAdapter[Judgement] = TypeAdapter(Judgement)

R = TypeVar("R")

NOT_A_PRACTITIONER = "NOT_A_PRACTITIONER"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DeskShown:
    """The desk, or one item of it, as its document."""

    document: dict[str, Any] = field(repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What goes out: the draft, or what a practitioner makes of it, as a front hands it in.

    `left_out` are numbers of the draft's items, each with its own of `reasons`; `persons` are `[REF=]CANDIDATE`;
    `judgement` and `items` are JSON documents: analysis, impact and risk; items written by hand.
    """

    left_out: Sequence[int] = ()
    reasons: Sequence[str] = field(default=(), repr=False)
    persons: Sequence[str] = field(default=(), repr=False)
    judgement: bytes | None = field(default=None, repr=False)
    items: bytes | None = field(default=None, repr=False)


async def waiting(desk: Desk, *, by: str | None) -> DeskShown:
    """Return what waits, oldest first; unreadable messages are for diagnosis, not for practitioners.

    Raises: FieldError `actor`, NotPermitted; UnavailableError where the log stays away or the look cannot be stored.
    """
    person = acting_person(desk.principal, by)
    items = await desk.inbox.waiting(desk.log)
    await desk.looks.account_for(Look(at=LookedAt.DESK, actor=person.id, role=person.role), log=desk.log)
    return DeskShown(document={"items": [desk_line_document(item) for item in items]})


async def show(desk: Desk, item_id: str, *, by: str | None) -> DeskShown:
    """Return one item with its draft as the requester would see it.

    Raises: as `waiting`; FieldError `item` where none of that id waits here.
    """
    person = acting_person(desk.principal, by)
    item = await _the(desk, item_id)
    look = Look(
        at=LookedAt.DESK_ITEM,
        actor=person.id,
        role=person.role,
        request_id=item.request_id,
        revision=item.revision,
        band=item.band,
        due_at=item.due_at,
        desk_item_id=item.item_id,
    )
    await desk.looks.account_for(look, log=desk.log)
    document = desk_item_document(item, organisation=desk.organisation, sector=desk.principal.config.sector)
    return DeskShown(document=document)


# ---------------------------------------------------------------- deciding


async def release(desk: Desk, item_id: str, wanted: Release, *, by: str | None) -> dict[str, Any]:
    """Send the decision to release an item; the organisation's agent takes it from there.

    Raises: FieldError naming the value that does not fit the item; NotPermitted where `by` is no practitioner there.
    """
    item = await _the(desk, item_id)
    decision = Decision(
        action=DecisionAction.RELEASE,
        by=by,
        left_out=_left_out(item, wanted),
        chosen=_chosen(item, wanted.persons),
        judgement=_read("judgement", wanted.judgement, _JUDGEMENT) if wanted.judgement is not None else None,
        items=_signed(item, wanted),
    )
    return await _decide(desk, item, decision)


async def withhold(desk: Desk, item_id: str, ground: str | None, *, by: str | None) -> dict[str, Any]:
    """Send the decision to withhold what an item would release. Raises: as `release`."""
    item = await _the(desk, item_id)
    if ground not in set(WithholdGround):
        raise FieldError("ground", f"is none of {', '.join(WithholdGround)}")
    return await _decide(desk, item, Decision(action=DecisionAction.WITHHOLD, by=by, ground=WithholdGround(ground)))


async def _decide(desk: Desk, item: DeskItemBody, decision: Decision) -> dict[str, Any]:
    if not decision.by:
        raise FieldError("actor", "missing: who decides? A person's id from the register is needed")
    if not is_practitioner(decision.by, register=desk.principal.published.register(), organisation=desk.organisation):
        raise NotPermitted(
            NOT_A_PRACTITIONER, f"this person is not a practitioner of {desk.organisation}; nothing was decided"
        )
    await desk.sender.decide(item, decision, log=desk.log)
    return {"id": item.item_id, "org": desk.organisation, "by": decision.by, "decided": True}


def _left_out(item: DeskItemBody, wanted: Release) -> tuple[LeftOut, ...]:
    count = len(item.draft.body.items) if item.draft else 0
    if len(wanted.left_out) != len(wanted.reasons):
        raise FieldError("left_out", "each needs a reason of its own")
    if any(not 0 <= index < count for index in wanted.left_out):
        raise FieldError("left_out", f"the draft has items 0 to {count - 1}" if count else "the draft has no items")
    pairs = zip(wanted.left_out, wanted.reasons, strict=True)
    return tuple(LeftOut(item=index, reason=reason) for index, reason in pairs)


def _signed(item: DeskItemBody, wanted: Release) -> tuple[Item, ...]:
    if wanted.items is not None:
        return _read("items", wanted.items, _ITEMS)
    drafted = item.draft.body.items if item.draft else ()
    return tuple(one for index, one in enumerate(drafted) if index not in set(wanted.left_out))


def _chosen(item: DeskItemBody, persons: Sequence[str]) -> tuple[Chosen, ...]:
    child = item.draft.status.match.about if item.draft else "p1"
    chosen = []
    for number, word in enumerate(persons, start=1):
        ref, _, candidate = word.rpartition("=")
        if item.reason is not DeskReason.SOURCE and candidate not in item.candidates:
            raise FieldError("person", "is none of the item's candidates; look at the item again", at=number)
        chosen.append(Chosen(person=ref or child, candidate=candidate))
    return tuple(chosen) or _chosen_before(item)


def _chosen_before(item: DeskItemBody) -> tuple[Chosen, ...]:
    """Return whom the draft under review was drawn up for: signing it keeps what was chosen to draw it up."""
    if item.reason is not DeskReason.REVIEW or item.draft is None:
        return ()
    status = item.draft.status
    refs = [match.about for match in (status.match, *status.matches) if match.method is MatchMethod.CHOSEN]
    if len(refs) != len(item.candidates):
        return ()
    return tuple(Chosen(person=ref, candidate=one) for ref, one in zip(refs, item.candidates, strict=True))


def _read(field_name: str, document: bytes, shape: TypeAdapter[R]) -> R:
    try:
        return shape.validate_json(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the document"
        raise FieldError(field_name, f"{where}: {first['type'].replace('_', ' ')}") from None


async def _the(desk: Desk, item_id: str) -> DeskItemBody:
    for item in await desk.inbox.waiting(desk.log):
        if item.item_id == item_id:
            return item
    raise FieldError("item", "none of that id waits at this desk")
