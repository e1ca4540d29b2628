"""Publishing of the messages that a command stored in an outbox and then left behind, killed or without a log.

A running command publishes its own messages, and draining the outbox beside it would fence it. So a message counts as
left behind only once it has waited through two looks in a row.
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
    """One outbox that this process shares with commands."""

    outbox: Outbox
    _oldest: int | None = None
    """The oldest sequence number waiting at the last look."""

    async def publish(self, log: LogOwner) -> None:
        """Publish what has waited since the last look. Raises: UnavailableError where log or store stays away."""
        oldest = self.outbox.oldest()
        # Draining claims the outbox's partition: done at the first look, this would fence the command that just stored.
        if oldest is not None and oldest == self._oldest:
            await self.outbox.drain(log)
        self._oldest = oldest


async def publish_left_behind(outboxes: tuple[Outbox, ...], *, log: LogOwner, stop: asyncio.Event) -> None:
    """Look at these outboxes until `stop` is set; if the log or the store is away, the next look tries again."""
    waiting = [LeftBehind(outbox=outbox) for outbox in outboxes]
    while not stop.is_set():
        for one in waiting:
            with suppress(UnavailableError):
                await one.publish(log)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_SECONDS)
