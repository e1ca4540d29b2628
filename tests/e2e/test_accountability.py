"""Each look leaves one event with whom it was shown to, opened here with the audit service's own key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.application.ask import ask, prepare
from broker.application.desk import show, waiting
from broker.application.records import account_of, found, people_of
from broker.application.session import Home, open_desk, open_home, open_hub
from broker.application.summaries import summary
from broker.bootstrap.principal import open_principal
from broker.errors import FieldError, NotPermitted, UnavailableError
from broker.exchange.outbox import Outbox
from broker.exchange.parse import parse
from schemas.audit import AuditEvent
from schemas.vocabulary import EventKind

ASKED = "01a202ba-3fba-7fab-b007-09e980195901"
AUDIT = "mash.northants.audit.v1"
PRACTITIONER, BY_HAND, OFFICER = "police-pr-01", "housing-pr-01", "police-ro-01"


@dataclass(frozen=True)
class Case:
    """A running HOME: police answered one request, another waits at the housing service's desk."""

    home: Home
    form: bytes


@dataclass(frozen=True)
class Looking:
    """One use case that shows personal data: who looks, at what, and how it is called with whom it is told."""

    use_case: str
    actor: str
    at: str
    call: Callable[[Case, str | None], Awaitable[Any]]
    names_actor: bool = True
    """Whether the caller says who looks; whoever asks stands in the request itself."""


async def _ask(case: Case, by: str | None) -> Any:
    async with open_hub(case.home) as hub:
        new = prepare(hub, case.form, request_id=None)
        return await ask(hub, case.form, request_id=new, patience=timedelta(seconds=30))


async def _summary(case: Case, by: str | None) -> Any:
    async with open_hub(case.home) as hub:
        return await summary(hub, ASKED, by=by)


async def _waiting(case: Case, by: str | None) -> Any:
    async with open_desk(case.home, "housing") as desk:
        return await waiting(desk, by=by)


async def _show(case: Case, by: str | None) -> Any:
    async with open_desk(case.home, "housing") as desk:
        return await show(desk, (await desk.ids())[0], by=by)


async def _account(case: Case, by: str | None) -> Any:
    return await account_of(case.home, "police", ASKED, by=by)


async def _people(case: Case, by: str | None) -> Any:
    return await people_of(case.home, "police", by=by)


async def _found(case: Case, by: str | None) -> Any:
    (child, *_) = json.loads(case.form)["people"]
    return await found(case.home, "police", json.dumps(child).encode(), by=by)


A = "broker.application."
LOOKS = (
    Looking(f"{A}ask.ask", "mm-01", "SUMMARY", _ask, names_actor=False),
    Looking(f"{A}summaries.summary", "mm-02", "SUMMARY", _summary),
    Looking(f"{A}desk.waiting", BY_HAND, "DESK", _waiting),
    Looking(f"{A}desk.show", BY_HAND, "DESK_ITEM", _show),
    Looking(f"{A}records.account_of", PRACTITIONER, "HOLDERS_ACCOUNT", _account),
    Looking(f"{A}records.people_of", OFFICER, "LIST", _people),
    Looking(f"{A}records.found", OFFICER, "SEARCH", _found),
)
NAMED = [one for one in LOOKS if one.names_actor]


def _id(looking: Looking) -> str:
    return looking.use_case.removeprefix(A)


async def _looks(home: Home) -> list[AuditEvent]:
    """Every READ event on the audit topic, as the audit service opens it."""
    audit = open_principal(home.folder("hub-audit"))
    log = audit.log()
    try:
        events, offset = [], 0
        while messages := await log.read(AUDIT, 0, offset=offset, most=256, wait=timedelta(0)):
            events += [
                audit.verifier.verify(parse(message), record=AuditEvent, now=audit.clock()).record
                for message in messages
            ]
            offset = messages[-1].place.offset + 1
        return [one for one in events if one.skeleton.event == EventKind.READ]
    finally:
        await log.close()
        audit.close()


@pytest.fixture(scope="module")
def case(live: Any) -> Case:
    """Housing has no agent, so that what it is asked waits at its desk."""
    file: Path = live.request("looked-at.json")
    ran = live.mash("request", live.home, "--file", file, "--request-id", ASKED, "--wait", "--json")
    assert ran.code == 0, ran.err
    by_hand = live.request("by-hand.json", agencies=["housing"])
    assert live.mash("request", live.home, "--file", by_hand).code == 0
    items = ("desk", live.home, "housing", "list", "--by", BY_HAND, "--json")
    live.wait_until(lambda: live.mash(*items).document["items"])
    return Case(home=open_home(live.home), form=file.read_bytes())


@pytest.mark.parametrize("looking", LOOKS, ids=_id)
async def test_a_look_is_one_event_with_its_actor(case: Case, looking: Looking) -> None:
    before = len(await _looks(case.home))
    assert await looking.call(case, looking.actor)
    (event,) = (await _looks(case.home))[before:]
    assert (event.personal.actor, event.skeleton.look) == (looking.actor, looking.at)


@pytest.mark.parametrize("looking", NAMED, ids=_id)
@pytest.mark.parametrize(("by", "fault"), [(None, FieldError), ("", FieldError), ("nobody", NotPermitted)])
async def test_nothing_is_shown_to_nobody_or_to_a_stranger(
    case: Case, looking: Looking, by: str | None, fault: type[Exception]
) -> None:
    before = len(await _looks(case.home))
    with pytest.raises(fault):
        await looking.call(case, by)
    assert len(await _looks(case.home)) == before


@pytest.mark.parametrize("looking", LOOKS, ids=_id)
async def test_nothing_is_shown_where_the_look_cannot_be_stored(
    case: Case, looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event is written before the data is handed out, so a full disk shows nothing."""
    put = Outbox.put

    def full(self: Outbox, transaction: Any, sequence: int, messages: Any) -> None:
        if len(messages) == 1 and messages[0].topic == AUDIT:
            raise UnavailableError("the disk is full")
        put(self, transaction, sequence, messages)

    monkeypatch.setattr(Outbox, "put", full)
    with pytest.raises(UnavailableError):
        await looking.call(case, looking.actor)


def test_the_ledger_holds_every_look(live: Any, case: Case) -> None:
    """Recorded like everything, with nothing that does not fit."""
    looks = asyncio.run(_looks(case.home))
    assert {one.skeleton.look for one in looks} == {one.at for one in LOOKS}
    live.wait_until(lambda: live.mash("ledger", "verify", live.home, "--json").document["size"] >= len(looks))
    assert live.mash("doctor", live.home, "--json").document["findings"] == []
