"""`mash desk`: what waits for a practitioner at one organisation, and what they decide about it.

A decision is a message to the organisation's own request topic; its agent takes the whole path again with it. Only a
PRACTITIONER of that organisation decides; the agent checks it too. Reading the desk sends nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, final

from pydantic import TypeAdapter, ValidationError

from broker.bootstrap.holder import build_desk
from broker.bootstrap.principal import OpenPrincipal, open_principal
from broker.cli.output import DONE, FINDING, emit, say
from broker.errors import UsageError
from broker.holder.decide import Decision
from broker.holder.evidence import is_practitioner
from broker.partnership.home import open_home
from consumers.screening.summary import answer_document
from schemas.answer import Item, Judgement
from schemas.exchange import Chosen, DeskItemBody, LeftOut
from schemas.summary import AnswerSeen
from schemas.vocabulary import DecisionAction, DeskReason, MatchMethod, PrincipalRole, Sector, WithholdGround

_ITEMS: TypeAdapter[tuple[Item, ...]] = TypeAdapter(tuple[Item, ...])
_JUDGEMENT: TypeAdapter[Judgement] = TypeAdapter(Judgement)

R = TypeVar("R")
Items = tuple[DeskItemBody, ...]
Send = Callable[[DeskItemBody, Decision], Awaitable[None]]
Act = Callable[[OpenPrincipal, Items, Send], Awaitable[None]]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionForm:
    """What a practitioner asks for, as they wrote it."""

    by: str | None = None
    ground: str | None = None
    persons: Sequence[str] = field(default=(), repr=False)
    left_out: Sequence[int] = ()
    reasons: Sequence[str] = field(default=(), repr=False)
    judgement: Path | None = None
    items: Path | None = None


def desk(path: Path, organisation: str, action: str, item_id: str | None, wish: DecisionForm, *, json: bool) -> int:
    """Do one of list, show, release, withhold. Raises: UsageError where the words do not fit together."""
    if action == "list":
        return _list(path, organisation, json=json)
    if item_id is None:
        raise UsageError(f"desk {action}: needs the id of an item; see: mash desk HOME ORG list")
    match action:
        case "show":
            return _show(path, organisation, item_id, json=json)
        case "release":
            return _decide(path, organisation, item_id, wish, _released, json=json)
        case "withhold":
            return _decide(path, organisation, item_id, wish, _withheld, json=json)
    raise UsageError("desk: the action is one of list, show, release, withhold")


def _list(path: Path, organisation: str, *, json: bool) -> int:
    """Print what waits; unreadable messages are for `mash doctor`, not for practitioners."""
    items = asyncio.run(_with_desk(path, organisation, _nothing))
    document: dict[str, object] = {"items": [_line(item) for item in items]}
    if json:
        emit(document)
    else:
        from broker.cli.views.tables import show_desk

        show_desk(document)
    return DONE


def _show(path: Path, organisation: str, item_id: str, *, json: bool) -> int:
    """Print one item with its draft as the requester would see it."""
    item = _the(asyncio.run(_with_desk(path, organisation, _nothing)), item_id)
    document = _line(item) | {
        "detail": item.detail,
        "escalated": item.escalated,
        "candidates": list(item.candidates),
        "draft": _draft(organisation, open_home(path).config(organisation).sector, item),
    }
    if json:
        emit(document)
    else:
        from broker.cli.views.summary import show_desk_item

        show_desk_item(organisation, document)
    return DONE


# ---------------------------------------------------------------- deciding


def _decide(
    path: Path,
    organisation: str,
    item_id: str,
    wish: DecisionForm,
    choose: Callable[[DeskItemBody, DecisionForm], Decision],
    *,
    json: bool,
) -> int:
    if wish.by is None:
        raise UsageError("--by: missing; who decides?")
    refused: list[str] = []

    async def decide(principal: OpenPrincipal, items: Items, send: Send) -> None:
        item = _the(items, item_id)
        choice = choose(item, wish)
        if not is_practitioner(wish.by, register=principal.published.register(), organisation=organisation):
            refused.append("NOT_A_PRACTITIONER")
            return
        await send(item, choice)

    asyncio.run(_with_desk(path, organisation, decide))
    if refused:
        say(f"mash: --by: is not a practitioner of {organisation}; nothing was decided")
        return FINDING
    document = {"id": item_id, "org": organisation, "by": wish.by, "decided": True}
    if json:
        emit(document)
    else:
        say(f"mash: decided; {organisation}'s agent takes it from here")
    return DONE


def _released(item: DeskItemBody, wish: DecisionForm) -> Decision:
    return Decision(
        action=DecisionAction.RELEASE,
        by=wish.by,
        left_out=_left_out(item, wish),
        chosen=_chosen(item, wish.persons),
        judgement=_read(wish.judgement, _JUDGEMENT) if wish.judgement else None,
        items=_signed(item, wish),
    )


def _withheld(item: DeskItemBody, wish: DecisionForm) -> Decision:
    grounds = ", ".join(WithholdGround)
    if wish.ground not in set(WithholdGround):
        raise UsageError(f"--ground: is none of {grounds}")
    return Decision(action=DecisionAction.WITHHOLD, by=wish.by, ground=WithholdGround(wish.ground))


def _left_out(item: DeskItemBody, wish: DecisionForm) -> tuple[LeftOut, ...]:
    count = len(item.draft.body.items) if item.draft else 0
    if len(wish.left_out) != len(wish.reasons):
        raise UsageError("--leave-out: each needs its own --reason")
    if any(not 0 <= index < count for index in wish.left_out):
        raise UsageError(f"--leave-out: the draft has items 0 to {count - 1}")
    return tuple(LeftOut(item=index, reason=reason) for index, reason in zip(wish.left_out, wish.reasons, strict=True))


def _signed(item: DeskItemBody, wish: DecisionForm) -> tuple[Item, ...]:
    if wish.items is not None:
        return _read(wish.items, _ITEMS)
    drafted = item.draft.body.items if item.draft else ()
    return tuple(one for index, one in enumerate(drafted) if index not in set(wish.left_out))


def _chosen(item: DeskItemBody, persons: Sequence[str]) -> tuple[Chosen, ...]:
    child = item.draft.status.match.about if item.draft else "p1"
    chosen = []
    for word in persons:
        ref, _, candidate = word.rpartition("=")
        if item.reason is not DeskReason.SOURCE and candidate not in item.candidates:
            raise UsageError("--person: is none of the item's candidates; see: mash desk HOME ORG show ID")
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


def _read(path: Path, shape: TypeAdapter[R]) -> R:
    try:
        return shape.validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the document"
        raise UsageError(f"{path}: {where}: {first['type'].replace('_', ' ')}") from None


# ---------------------------------------------------------------- reading


async def _nothing(principal: OpenPrincipal, items: Items, send: Send) -> None:
    """Only look."""


async def _with_desk(path: Path, organisation: str, act: Act) -> Items:
    home = open_home(path)
    holders = home.of_role(PrincipalRole.HOLDER)
    if organisation not in holders:
        raise UsageError(f"{home.path}: no such organisation; there are: {', '.join(holders)}")
    principal = open_principal(home.folder(organisation))
    try:
        reader, sender = build_desk(principal)
        log = principal.log()
        try:
            items = await reader.waiting(log)

            async def send(item: DeskItemBody, choice: Decision) -> None:
                await sender.decide(item, choice, log=log)

            await act(principal, items, send)
        finally:
            await log.close()
    finally:
        principal.close()
    return items


def _the(items: Items, item_id: str) -> DeskItemBody:
    for item in items:
        if item.item_id == item_id:
            return item
    raise UsageError("desk item: none of that id waits here; see: mash desk HOME ORG list")


def _line(item: DeskItemBody) -> dict[str, object]:
    return {
        "id": item.item_id,
        "request_id": item.request_id,
        "reason": item.reason.value,
        "rag": item.rag.value if item.rag else None,
        "due_at": item.due_at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if item.due_at else None,
    }


def _draft(organisation: str, sector: Sector, item: DeskItemBody) -> dict[str, Any] | None:
    if item.draft is None:
        return None
    return answer_document(
        AnswerSeen(
            organisation=organisation,
            sector=sector,
            answer=item.draft,
            answer_digest=None,
            received_at=None,
            late=False,
            recorded=False,
        )
    )
