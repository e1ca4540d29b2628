"""Opening a summary is accounted for before it is shown, with who asked and nothing that was said."""

from __future__ import annotations

from typing import Any

import pytest

from broker.errors import UnavailableError
from broker.exchange.outbox import Outbox
from broker.requester.summary_opened import account_for_reading
from schemas.decision import GateDecision
from schemas.request import Actor
from schemas.summary import SummaryBody
from schemas.vocabulary import ActorRole, EventKind, GateOutcome, Rag

ID = "01a202ba-3fba-7fab-b007-09e98019582d"
DECISION = GateDecision(
    outcome=GateOutcome.PERMIT,
    rows=(),
    reasons=(),
    dropped=(),
    missing_evidence=(),
    obligations=(),
    basis=(),
    table_version="t",
    table_hash=b"\0" * 32,
)


def body(hub_home: Any) -> SummaryBody:
    """A summary in its third version."""
    return SummaryBody(
        request_id=ID,
        case_ref="C-CANARY",
        rag=Rag.RED,
        received_at=hub_home.now,
        due_at=hub_home.now,
        version=3,
        complete=True,
        decision=DECISION,
        answers=(),
    )


def read(hub_home: Any, actor: Actor | None) -> None:
    """Account for reading, as a command does before it prints."""
    with hub_home.requester() as (_, requester):
        account_for_reading(requester, body(hub_home), actor=actor, now=hub_home.now)


def test_a_reading_is_an_event_of_its_own(hub_home: Any) -> None:
    read(hub_home, Actor(actor="mm-01", role=ActorRole.MASH_MANAGER))
    read(hub_home, None)
    hub_home.drain()
    first, second = hub_home.events()
    skeleton, personal = first.record.skeleton, first.record.personal
    assert (skeleton.event, skeleton.request_id, skeleton.revision) == (EventKind.READ, ID, 3)
    assert (personal.case_ref, personal.actor, personal.actor_role) == (
        "C-CANARY",
        "mm-01",
        ActorRole.MASH_MANAGER,
    )
    assert second.record.personal.actor is None
    assert [event.header.sequence for event in (first, second)] == [1, 2]
    assert first.header.event_id != second.header.event_id


def test_the_account_is_stored_before_anything_is_shown(hub_home: Any) -> None:
    """A command that is killed while it prints has been accounted for."""
    read(hub_home, None)
    assert hub_home.on("mash.northants.audit.v1") == ()
    hub_home.drain()
    assert len(hub_home.events()) == 1


def test_what_cannot_be_accounted_for_raises(hub_home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is shown; and no number is lost."""

    def crash(*_: object) -> None:
        raise UnavailableError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "put", crash)
        with pytest.raises(UnavailableError):
            read(hub_home, None)
    read(hub_home, None)
    hub_home.drain()
    assert [event.header.sequence for event in hub_home.events()] == [1]
