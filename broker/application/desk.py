"""An organisation's desk: the items that wait for a practitioner, and the practitioner's decisions.

A decision is a message to the organisation's own request topic, and its agent takes every step again with it. Only a
person who may SIGN for it decides; the agent checks this too. Each look is accounted for before it is shown.
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
from broker.exchange.looks import Look
from broker.holder.decide import Decision
from broker.holder.evidence import may_sign
from schemas.answer import Item, Judgement
from schemas.exchange import Chosen, DeskItemBody, LeftOut
from schemas.vocabulary import Capability, DecisionAction, DeskReason, LookedAt, MatchMethod, WithholdGround

_ITEMS: TypeAdapter[tuple[Item, ...]] = TypeAdapter(tuple[Item, ...])
_JUDGEMENT: TypeAdapter[Judgement] = TypeAdapter(Judgement)

R = TypeVar("R")

NOT_A_PRACTITIONER = "NOT_A_PRACTITIONER"

_READS = (Capability.LOOK, Capability.SIGN)
"""Whoever may sign may see what they sign."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DeskShown:
    """The desk, or one item of it, as its document."""

    document: dict[str, Any] = field(repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A practitioner's decision to release the draft, with their changes to it, as a front passes it in.

    `left_out` holds numbers of the draft's items, with one of `reasons` for each; `persons` are `[REF=]CANDIDATE`;
    `judgement` (analysis, impact and risk) and `items` (written by hand) are JSON documents.
    """

    left_out: Sequence[int] = ()
    reasons: Sequence[str] = field(default=(), repr=False)
    persons: Sequence[str] = field(default=(), repr=False)
    judgement: bytes | None = field(default=None, repr=False)
    items: bytes | None = field(default=None, repr=False)


async def waiting(desk: Desk, *, by: str | None) -> DeskShown:
    """Return the waiting items, oldest first. Unreadable messages are left to diagnosis.

    Raises: FieldError `actor`, NotPermitted; UnavailableError where the log stays away or the look cannot be stored.
    """
    person = acting_person(desk.principal, by, may=_READS)
    items = await desk.inbox.waiting(desk.log)
    await desk.looks.account_for(Look(at=LookedAt.DESK, actor=person.id, role=person.role), log=desk.log)
    return DeskShown(document={"items": [desk_line_document(item) for item in items]})


async def show(desk: Desk, item_id: str, *, by: str | None) -> DeskShown:
    """Return one item with its draft as the requester would see it.

    Raises: as `waiting`; FieldError `item` where no item of that id waits here.
    """
    item = await _the(desk, item_id)
    person = acting_person(desk.principal, by, may=_READS, band=item.band)
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
    """Send the decision to release an item to the organisation's agent.

    Raises: FieldError naming the value that does not fit the item; NotPermitted where `by` may not sign there.
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
    """Send the decision to withhold an item to the organisation's agent. Raises: as `release`."""
    item = await _the(desk, item_id)
    if ground not in set(WithholdGround):
        raise FieldError("ground", f"is none of {', '.join(WithholdGround)}")
    return await _decide(desk, item, Decision(action=DecisionAction.WITHHOLD, by=by, ground=WithholdGround(ground)))


async def _decide(desk: Desk, item: DeskItemBody, decision: Decision) -> dict[str, Any]:
    if not decision.by:
        raise FieldError("actor", "missing: who decides? A person's id from the register is needed")
    register = desk.principal.published.register()
    # A desk item does not say its purpose: whose SIGN is limited to some is refused here, and by the agent too.
    if not may_sign(decision.by, register=register, organisation=desk.organisation, band=item.band, purpose=None):
        raise NotPermitted(
            NOT_A_PRACTITIONER,
            f"the register does not give this person SIGN at {desk.organisation}; nothing was decided",
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
    """Return the persons already chosen for the draft under review: signing the draft keeps that choice."""
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
