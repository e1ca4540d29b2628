"""Renewal of this instance's leases, while its event loop runs.

Promise: a lease runs on as long as its claim is held and the process lives; when the process dies, hangs or
is suspended it lapses by itself, and the partition is offered to another instance.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

from broker.adapters.embedded import ownership
from broker.adapters.embedded.ownership import Lease, Term
from broker.adapters.embedded.store import Store
from broker.errors import RejectedError, UnavailableError


class Leases:
    """The claims of one instance, and the task that renews them three times a lease."""

    def __init__(self, store: Store, *, length: timedelta) -> None:
        self._store = store
        self._seconds = length.total_seconds()
        self._held: set[Lease] = set()
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    def term(self) -> Term:
        """Return the term of a lease that is given now."""
        now = time.monotonic()
        return Term(start=now, end=now + self._seconds)

    def keep(self, held: Lease) -> None:
        """Renew this one from now on."""
        self._held.add(held)
        if self._task is None and not self._stopped:
            self._task = asyncio.create_task(self._renewing())

    def forget(self, held: Lease) -> None:
        """Stop renewing this one: it has been fenced."""
        self._held.discard(held)

    async def give_up(self, *claims: Lease) -> None:
        """End these leases at once, or let them lapse where the file is away."""
        ours = self._held.intersection(claims)
        self._held -= ours
        if ours:
            with suppress(UnavailableError, RejectedError):
                await self._store.write(lambda connection: ownership.give_up(connection, ours))

    async def stop(self) -> None:
        """End every lease and the task. Safe to call twice."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        await self.give_up(*self._held)

    async def _renewing(self) -> None:
        while True:
            await asyncio.sleep(self._seconds / 3)
            # The claim's owner gets the same fault at its next step; nobody waits for this task.
            with suppress(UnavailableError, RejectedError):
                await self._renew(tuple(self._held))

    async def _renew(self, claims: tuple[Lease, ...]) -> None:
        if claims:
            await self._store.write(lambda connection: ownership.renew(connection, claims, term=self.term()))
