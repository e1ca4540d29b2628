"""The follower: reads committed messages in order for somebody who keeps the position in a database of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from broker.errors import UnavailableError
from broker.ports import EventLog, Message

MOST_AT_ONCE = 256
IDLE = timedelta(milliseconds=250)
PAUSE_AFTER_TROUBLE_SECONDS = 0.2


async def follow(
    log: EventLog, topic: str, partition: int, *, offset: int, stop: asyncio.Event
) -> AsyncIterator[tuple[Message, ...]]:
    """Yield batches of messages from `offset` on until `stop` is set; waits out what is merely unavailable.

    Raises: RejectedError `UNKNOWN_TOPIC`.
    """
    while not stop.is_set():
        try:
            messages = await log.read(topic, partition, offset=offset, most=MOST_AT_ONCE, wait=IDLE)
        except UnavailableError:
            await asyncio.sleep(PAUSE_AFTER_TROUBLE_SECONDS)
            continue
        if messages:
            yield messages
            offset = messages[-1].place.offset + 1
