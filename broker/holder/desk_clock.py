"""The desk's clock: an item is escalated at 75% of its time, and answered UNAVAILABLE when due.

(1) Time drives only items whose requester still waits (revision 0); (2) an item that waits for a record source is tried
again when the source answers; (3) the clock sends an empty decision, and the path decides again. Sending one twice (a
restart, two instances) does no harm.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import final

from broker.errors import RejectedError, UnavailableError
from broker.holder.decide import Decision, DecisionSender, DeskInbox
from broker.holder.source import RecordSource
from broker.ports import Clock, LogOwner, LogReader
from schemas.exchange import DeskItemBody
from schemas.vocabulary import DecisionAction, DeskReason

ESCALATE_AT = 0.75
LOOK_EVERY_SECONDS = 0.5
TRY_SOURCE_EVERY_SECONDS = 5.0
AWAITED_REVISION = 0


class Ring(StrEnum):
    """The reason why the clock rings."""

    ESCALATE = "ESCALATE"
    DUE = "DUE"
    SOURCE_BACK = "SOURCE_BACK"


def rings(item: DeskItemBody, now: datetime) -> Ring | None:
    """Return why the clock rings for an item now, or None (1)."""
    if item.due_at is None or item.revision != AWAITED_REVISION:
        return None
    if now >= item.due_at:
        return Ring.DUE
    if not item.escalated and now >= item.opened_at + (item.due_at - item.opened_at) * ESCALATE_AT:
        return Ring.ESCALATE
    return None


@final
@dataclass(kw_only=True)
class DeskClock:
    """The clock of one organisation's desk: items are read from `log`, decisions sent through `owner`."""

    log: LogReader
    owner: LogOwner
    reader: DeskInbox
    sender: DecisionSender
    source: RecordSource | None
    clock: Clock
    stop: asyncio.Event
    _rung: set[tuple[str, Ring]] = field(default_factory=set)
    _source_tried: float = 0.0

    async def run(self) -> None:
        """Look twice a second. An unavailable log is tried again at the next look."""
        while not self.stop.is_set():
            with suppress(UnavailableError):
                await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Ring once for each item whose time has come, and try a record source that was away."""
        items = await self.reader.waiting(self.log)
        now = self.clock()
        back = await self._source_is_back(items)
        for item in items:
            ring = rings(item, now)
            if ring is None and back and item.reason is DeskReason.SOURCE:
                ring = Ring.SOURCE_BACK  # (2)
            if ring is None or (ring is not Ring.SOURCE_BACK and (item.item_id, ring) in self._rung):
                continue
            self._rung.add((item.item_id, ring))
            await self.sender.decide(item, Decision(action=DecisionAction.CLOCK, by=None), log=self.owner)  # (3)

    async def _source_is_back(self, items: tuple[DeskItemBody, ...]) -> bool:
        waiting = any(item.reason is DeskReason.SOURCE for item in items)
        moment = asyncio.get_running_loop().time()
        if self.source is None or not waiting or moment - self._source_tried < TRY_SOURCE_EVERY_SECONDS:
            return False
        self._source_tried = moment
        try:
            await asyncio.wait_for(self.source.coverage(), 1.0)
        except (UnavailableError, RejectedError, TimeoutError):
            return False
        return True
