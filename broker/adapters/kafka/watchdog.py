"""A watchdog over one consumer, which detects that it will return no further message, so that its reader replaces it.

(1) Silence: no broker answers its fetches. (2) No progress: the stable end is ahead, and the position has not moved for
long. aiokafka reports neither: to the reader both look like an idle topic.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from broker.errors import UnavailableError

_SILENCE: Final = 5.0
"""Seconds; ten times the long poll, within which a broker answers an idle fetch."""
_STANDSTILL: Final = 15.0
"""Seconds; three times what a transaction may stay open. Messages behind an open one lie past the stable end."""


class Watchdog:
    """Watches one consumer on one partition from the moment at which it is made."""

    def __init__(self, consumer: AIOKafkaConsumer, where: TopicPartition) -> None:
        self.consumer = consumer
        self._where = where
        self._polled: int | None = None
        self.restart()

    def restart(self) -> None:
        """Start the measurement again: the consumer was moved to another offset."""
        self._heard = self._moved = _now()
        self._position: int | None = None

    async def look(self, *, found: bool) -> None:
        """Check the consumer after a poll. Raises: UnavailableError where it must be replaced."""
        if found:
            return self.restart()
        polled = self.consumer.last_poll_timestamp(self._where)
        if polled != self._polled:
            self._polled, self._heard = polled, _now()
        elif _now() - self._heard > _SILENCE:
            raise UnavailableError(f"nothing is heard of {self._where.topic} any more")  # (1)
        if _now() - self._moved > _STANDSTILL:
            await self._check_progress()

    async def _check_progress(self) -> None:
        position = await self.consumer.position(self._where)  # it also moves over markers and aborted messages
        end = (await self.consumer.end_offsets([self._where]))[self._where]
        if position == self._position and position < end:
            raise UnavailableError(f"nothing comes of {self._where.topic}, though there is more")  # (2)
        self._position, self._moved = position, _now()


def _now() -> float:
    return asyncio.get_running_loop().time()
