"""Opening a summary is accounted for before it is shown, with who asked and nothing that was said."""

from __future__ import annotations

from typing import Any

import pytest

from broker.exchange.outbox import Outbox
from broker.requester.read import account_for_reading
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


def body(hub: Any) -> SummaryBody:
    """A summary in its third version."""
    return SummaryBody(
        request_id=ID,
        case_ref="C-CANARY",
        rag=Rag.RED,
        received_at=hub.now,
        due_at=hub.now,
        version=3,
        complete=True,
        decision=DECISION,
        answers=(),
    )


def read(hub: Any, actor: Actor | None) -> None:
    """Account for reading, as a command does before it prints."""
    with hub.requester() as (_, requester):
        account_for_reading(requester, body(hub), actor=actor, now=hub.now)


def test_a_reading_is_an_event_of_its_own(hub: Any) -> None:
    read(hub, Actor(actor="mm-01", role=ActorRole.MASH_MANAGER))
    read(hub, None)
    hub.drain()
    first, second = hub.events()
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


def test_the_account_is_stored_before_anything_is_shown(hub: Any) -> None:
    """A command that is killed while it prints has been accounted for."""
    read(hub, None)
    assert hub.on("mash.northants.audit.v1") == ()
    hub.drain()
    assert len(hub.events()) == 1


def test_what_cannot_be_accounted_for_raises(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is shown; and no number is lost."""

    def crash(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "put", crash)
        with pytest.raises(OSError, match=""):
            read(hub, None)
    read(hub, None)
    hub.drain()
    assert [event.header.sequence for event in hub.events()] == [1]
