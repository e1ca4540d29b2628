"""The desk's clock: what waits is escalated at 75%, due at the due time, and tried again when its source is back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from broker.errors import UnavailableError
from broker.holder.desk_clock import DeskClock, Ring, rings
from schemas.vocabulary import DecisionAction, DeskReason


@pytest.fixture
async def item(make_desk):
    desk = make_desk(manual=True)
    return (await desk.ask()).desk.body


@pytest.mark.parametrize(
    ("minutes", "changes", "ring"),
    [
        (44, {}, None),
        (45, {}, Ring.ESCALATE),
        (45, {"escalated": True}, None),
        (59, {"escalated": True}, None),
        (60, {"escalated": True}, Ring.DUE),
        (60, {}, Ring.DUE),
        (90, {"revision": 1}, None),
        (90, {"due_at": None}, None),
    ],
)
async def test_the_clock_rings_when_it_must_and_only_then(item, minutes, changes, ring):
    now = item.opened_at + timedelta(minutes=minutes)
    assert rings(item.model_copy(update=changes), now) is ring


class Desk:
    """A desk that shows what it is told to, and remembers what it was sent."""

    def __init__(self, *items):
        self.items = items
        self.sent = []

    async def waiting(self, log):
        return self.items

    async def decide(self, item, choice, *, log):
        self.sent.append((item.item_id, choice.action, choice.by))


class Source:
    def __init__(self, *, away):
        self.away = away

    async def coverage(self):
        if self.away:
            raise UnavailableError("away")


def _clock(desk, now, source=None):
    return DeskClock(
        log=None,
        owner=None,
        reader=desk,
        sender=desk,
        source=source,
        clock=lambda: now,
        stop=asyncio.Event(),
        _source_tried=-1e9,
    )


async def test_an_item_is_rung_once_for_each_reason(item):
    desk = Desk(item)
    clock = _clock(desk, item.due_at)
    await clock.look()
    await clock.look()
    assert desk.sent == [(item.item_id, DecisionAction.CLOCK, None)]


@pytest.mark.parametrize(("away", "sent"), [(False, 1), (True, 0)])
async def test_a_source_that_answers_again_is_tried_again(item, away, sent):
    assert item.reason is DeskReason.SOURCE
    desk = Desk(item)
    await _clock(desk, item.opened_at, Source(away=away)).look()
    assert len(desk.sent) == sent


async def test_an_organisation_without_records_has_no_source_to_come_back(item):
    desk = Desk(item)
    await _clock(desk, item.opened_at, None).look()
    assert desk.sent == []
