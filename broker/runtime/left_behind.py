"""What a command stored in an outbox and did not publish, because it was killed or the log was away.

A command at work publishes its own: what waits is taken for left behind only when it waited at the last look already,
so that a process does not fence the commands beside it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import final

from broker.errors import UnavailableError
from broker.exchange.outbox import Outbox
from broker.ports import LogOwner

LOOK_EVERY_SECONDS = 5.0
"""Longer than a command takes between storing and publishing, and short beside the hour of a RED request."""


@final
@dataclass(kw_only=True)
class LeftBehind:
    """One outbox that commands share with this process."""

    outbox: Outbox
    _oldest: int | None = None
    """The oldest sequence number that waited at the last look."""

    async def publish(self, log: LogOwner) -> None:
        """Publish what waits since the last look. Raises: UnavailableError where log or store stays away."""
        oldest = self.outbox.oldest()
        if oldest is not None and oldest == self._oldest:
            await self.outbox.drain(log)
        self._oldest = oldest


async def publish_left_behind(outboxes: tuple[Outbox, ...], *, log: LogOwner, stop: asyncio.Event) -> None:
    """Look at these outboxes until `stop` is set; where log or store is away, the next look tries again."""
    waiting = [LeftBehind(outbox=outbox) for outbox in outboxes]
    while not stop.is_set():
        for one in waiting:
            with suppress(UnavailableError):
                await one.publish(log)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_SECONDS)
