"""The watchdog over one consumer: is it still answered, and does it still bring what is there?

Promise: a consumer that will bring nothing any more is found out, so that its reader builds another. (1) Silence: the
brokers answer none of its fetches. (2) No progress: there is more to read, and its place has not moved for long. Each
is something that the client itself does not tell: to its reader it looks like an idle topic.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from broker.errors import UnavailableError

_SILENCE: Final = 5.0
"""Seconds. A broker answers an idle fetch every half a second; the client is silent when it does not."""
_STANDSTILL: Final = 15.0
"""Seconds. Longer than any transaction may stay open; what is behind an open one does not count as there."""


class Watchdog:
    """Watches one consumer on one partition from the moment at which it is made."""

    def __init__(self, consumer: AIOKafkaConsumer, where: TopicPartition) -> None:
        self.consumer = consumer
        self._where = where
        self._polled: int | None = None
        self.restart()

    def restart(self) -> None:
        """Forget the past: the consumer begins at another place."""
        self._heard = self._moved = _now()
        self._position: int | None = None

    async def look(self, *, found: bool) -> None:
        """Look once, after each poll. Raises: UnavailableError where the consumer is of no more use."""
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
        position = await self.consumer.position(self._where)  # moves over markers and aborted messages too
        end = (await self.consumer.end_offsets([self._where]))[self._where]
        if position == self._position and position < end:
            raise UnavailableError(f"nothing comes of {self._where.topic}, though there is more")  # (2)
        self._position, self._moved = position, _now()


def _now() -> float:
    return asyncio.get_running_loop().time()
