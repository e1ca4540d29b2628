"""Following: reading committed messages in order, for a consumer that keeps its offset in a database of its own.

`follow` and `insist` wait out whatever is merely unavailable, for as long as it takes: a consumer that gave up would
have to be restarted for the same message.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from broker.errors import UnavailableError
from broker.ports import LogReader, Message

MOST_AT_ONCE = 256
IDLE = timedelta(milliseconds=250)
"""How long a read waits for the first message: a stop is noticed four times a second."""
PAUSE_AFTER_TROUBLE_SECONDS = 0.2
"""Between two tries: short beside any deadline, long enough not to spin on a store or a log that is away."""

T = TypeVar("T")


async def follow(
    log: LogReader, topic: str, partition: int, *, offset: int, stop: asyncio.Event
) -> AsyncIterator[tuple[Message, ...]]:
    """Yield batches of messages from `offset` on until `stop` is set; an unavailable log is read again.

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


async def insist(
    step: Callable[[], Awaitable[T]], *, stop: asyncio.Event, waits: Callable[[], None] = lambda: None
) -> T:
    """Run a step again until nothing that it needs is unavailable, and return its result; `waits` is called each time.

    The step must be safe to repeat: where a commit's outcome was unknown, the position that it moved tells.
    Raises: UnavailableError once `stop` is set; the next start takes the step again.
    """
    while True:
        try:
            return await step()
        except UnavailableError:
            if stop.is_set():
                raise
            waits()
            await asyncio.sleep(PAUSE_AFTER_TROUBLE_SECONDS)
