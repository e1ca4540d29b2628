"""Waiting for something new in the file, for any number of waiters.

Promise: every waiter looks again soon after any commit, by any process, and after any fault, which its own look then
raises. A waiter may look once too often, never once too seldom.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from broker.adapters.embedded.store import Store

T = TypeVar("T")


class Changes:
    """A watch on the store, begun by the first waiter, that wakes every waiter at any change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._news = asyncio.Event()

    async def first(self, look: Callable[[], Awaitable[T]], *, within: timedelta) -> T:
        """Return what `look` gives as soon as that is something; what it gives last when the time is over."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + within.total_seconds()
        while True:
            news = self._news  # taken before looking: a change while we look is not missed
            found = await look()
            left = deadline - clock()
            if found or left <= 0:
                return found
            self._store.watch(self.wake)
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await news.wait()

    def wake(self) -> None:
        """Make every waiter look again."""
        self._news.set()
        self._news = asyncio.Event()
