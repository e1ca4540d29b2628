"""A look is accounted for before anything is shown, with who looked and nothing of what was there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from broker.errors import UnavailableError
from broker.exchange.looks import Look, Looks
from broker.exchange.outbox import Outbox
from schemas.vocabulary import EventKind, LookedAt, RatingBand

ID = "01a202ba-3fba-7fab-b007-09e98019582d"
AUDIT = "mash.northants.audit.v1"


def look(hub_home: Any, actor: str = "mm-01") -> None:
    """Account for a look at a summary, as a use case does before it returns."""

    async def run() -> None:
        with hub_home.requester() as (hub, requester):
            looks = Looks(
                database=requester.database,
                outbox=requester.outbox,
                sealer=requester.sealer,
                clock=lambda: hub_home.now,
                build="b",
            )
            seen = Look(
                at=LookedAt.SUMMARY,
                actor=actor,
                role="MASH_MANAGER",
                request_id=ID,
                case_ref="C-CANARY",
                revision=3,
                band=RatingBand.RED,
            )
            log = hub.log()
            try:
                await looks.account_for(seen, log=log)
            finally:
                await log.close()

    asyncio.run(run())


async def _away(self: Outbox, log: object) -> None:
    raise UnavailableError("the event log took nothing")


def test_a_look_is_an_event_of_its_own(hub_home: Any) -> None:
    hub_home.drain()  # makes the topics
    look(hub_home)
    look(hub_home, "mm-02")
    first, second = hub_home.events()
    skeleton, personal = first.record.skeleton, first.record.personal
    assert (skeleton.event, skeleton.look) == (EventKind.READ, "SUMMARY")
    assert (skeleton.request_id, skeleton.revision, skeleton.band) == (ID, 3, RatingBand.RED)
    assert (personal.case_ref, personal.actor, personal.actor_role) == ("C-CANARY", "mm-01", "MASH_MANAGER")
    assert (skeleton.auth, skeleton.reason) == ("CLAIMED", None)
    assert skeleton.profile_digest is not None, "the profile that the directory pins"
    assert second.record.personal.actor == "mm-02"
    assert [event.header.sequence for event in (first, second)] == [1, 2]
    assert first.header.event_id != second.header.event_id


def test_a_look_is_stored_where_the_log_takes_nothing(hub_home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A RED summary is not kept from who must see it; the event goes out as soon as the log is back."""
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "drain", _away)
        look(hub_home)
    assert hub_home.on(AUDIT) == ()
    hub_home.drain()
    assert len(hub_home.events()) == 1


def test_a_look_that_cannot_be_stored_raises(hub_home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is shown; and no number is lost."""

    def full(*_: object) -> None:
        raise UnavailableError("the disk is full")

    hub_home.drain()
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "put", full)
        with pytest.raises(UnavailableError):
            look(hub_home)
    look(hub_home)
    assert [event.header.sequence for event in hub_home.events()] == [1]


def test_the_event_in_the_clear_names_no_person_and_no_case(hub_home: Any) -> None:
    """The skeleton is kept as long as the ledger; who looked at which case can be erased by order."""
    hub_home.drain()
    look(hub_home)
    (event,) = hub_home.events()
    shown = repr(event.record.skeleton)
    assert "mm-01" not in shown
    assert "C-CANARY" not in shown
