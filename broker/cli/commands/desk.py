"""`mash desk`: the items that wait for a practitioner of one organisation, and the practitioner's decisions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, final

from broker.application.desk import Release, release, show, waiting, withhold
from broker.application.session import Desk, open_desk, open_home
from broker.cli.commands.files import read_document
from broker.cli.output import DONE, emit, say
from broker.errors import UsageError

R = TypeVar("R")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionForm:
    """A practitioner's options, as typed."""

    by: str | None = None
    ground: str | None = None
    persons: Sequence[str] = field(default=(), repr=False)
    left_out: Sequence[int] = ()
    reasons: Sequence[str] = field(default=(), repr=False)
    judgement: Path | None = None
    items: Path | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    """The HOME and organisation of the desk in question."""

    home: Path
    organisation: str

    def run(self, act: Callable[[Desk], Awaitable[R]]) -> R:
        """Open the desk, call `act` with it, and close it."""

        async def opened() -> R:
            async with open_desk(open_home(self.home), self.organisation) as desk:
                return await act(desk)

        return asyncio.run(opened())


def desk(path: Path, organisation: str, action: str, item_id: str | None, form: DecisionForm, *, json: bool) -> int:
    """Run one of list, show, release, withhold. Raises: UsageError where the options do not fit together."""
    at = _At(home=path, organisation=organisation)
    if action == "list":
        return _list(at, form.by, json=json)
    if item_id is None:
        raise UsageError(f"desk {action}: needs the id of an item; see: mash desk HOME ORG list")
    match action:
        case "show":
            return _show(at, item_id, form.by, json=json)
        case "release":
            return _release(at, item_id, form, json=json)
        case "withhold":
            document = at.run(lambda desk: withhold(desk, item_id, form.ground, by=form.by))
            return _decided(at, document, json=json)
    raise UsageError("desk: the action is one of list, show, release, withhold")


def _list(at: _At, by: str | None, *, json: bool) -> int:
    document = at.run(lambda desk: waiting(desk, by=by)).document
    if json:
        emit(document)
    else:
        from broker.cli.views.tables import show_desk

        show_desk(document)
    return DONE


def _show(at: _At, item_id: str, by: str | None, *, json: bool) -> int:
    document = at.run(lambda desk: show(desk, item_id, by=by)).document
    if json:
        emit(document)
    else:
        from broker.cli.views.summary import show_desk_item

        show_desk_item(at.organisation, document)
    return DONE


def _release(at: _At, item_id: str, form: DecisionForm, *, json: bool) -> int:
    wanted = Release(
        left_out=form.left_out,
        reasons=form.reasons,
        persons=form.persons,
        judgement=read_document(form.judgement),
        items=read_document(form.items),
    )
    return _decided(at, at.run(lambda desk: release(desk, item_id, wanted, by=form.by)), json=json)


def _decided(at: _At, document: dict[str, object], *, json: bool) -> int:
    if json:
        emit(document)
    else:
        say(f"mash: decided; {at.organisation}'s agent takes it from here")
    return DONE
