"""The service of the hub's process: the partnership's background work.

(1) At its start and every hour, the hub renews the directory if that is due and in reach, creates missing topics,
announces each new version, and publishes the outbox. The first such round that succeeds makes it ready. (2) Each thing
that renewal lacks is logged, one line a reason, with what a person should do; the process goes on. (3) Messages that a
command left behind in the outbox are published within seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import final

from broker.bootstrap.principal import OpenPrincipal
from broker.bootstrap.requester import build_requester
from broker.errors import UnavailableError, UsageError
from broker.exchange.outbox import Outbox
from broker.partnership.hub import Hub
from broker.partnership.renewal import home_around, lacking, renew_directory
from broker.ports import EventLog
from broker.runtime.left_behind import LOOK_EVERY_SECONDS, LeftBehind
from broker.runtime.observability.endpoints import Endpoints
from broker.runtime.observability.gauges import Rows

RENEW_EVERY_SECONDS = 3600.0  # short beside the days that remain of a directory when renewal becomes due
PAUSE_BEFORE_READY_SECONDS = 0.2  # every other process waits for the hub's first round

Service = Callable[[], Coroutine[None, None, None]]


def hub_services(
    principal: OpenPrincipal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None], seen: Endpoints | None
) -> tuple[Service, ...]:
    """Return the hub's service; its first round calls `ready`, and `seen` shows the outbox."""
    hub = Hub(principal=principal, requester=build_requester(principal), log=log)
    if seen is not None:
        _show_outbox(seen, hub.requester.outbox)
    return (HubService(hub=hub, stop=stop, ready=ready).run,)


@final
@dataclass(kw_only=True)
class HubService:
    """The hub's background work on directory, topics and outbox, until `stop` is set."""

    hub: Hub
    stop: asyncio.Event
    ready: Callable[[], None]
    _left_behind: LeftBehind = field(init=False)

    def __post_init__(self) -> None:
        self._left_behind = LeftBehind(outbox=self.hub.requester.outbox)

    async def run(self) -> None:
        """Run until `stop` is set. Raises: UsageError where the brokers are not provisioned."""
        clock = asyncio.get_running_loop().time
        round_at, pause = clock(), PAUSE_BEFORE_READY_SECONDS
        while not self.stop.is_set():
            try:
                if clock() >= round_at:
                    self._renew()
                    await self.hub.publish()  # (1)
                    self.ready()
                    round_at, pause = clock() + RENEW_EVERY_SECONDS, LOOK_EVERY_SECONDS
                await self._left_behind.publish(self.hub.log)  # (3)
            except UnavailableError:
                # The log or our own store is away. What is stored stays stored, and the next look tries again.
                self.hub.principal.observe("hub_waits", {"reason": "UNAVAILABLE"})
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), pause)

    def _renew(self) -> None:
        principal = self.hub.principal
        home = home_around(principal.folder)
        for lack in lacking(home, principal.published):  # (2)
            facts = {"reason": lack.reason.value, "organisation": ",".join(lack.principals), "do": lack.reason.do}
            principal.observe("directory_not_renewed", facts)
        try:
            if renew_directory(home, principal.published, now=principal.clock()):
                version = principal.published.current().directory.version
                principal.observe("directory_renewed", {"version": version})
        except (UsageError, OSError) as fault:
            # A key file that cannot be used, or a full disk, must not stop announcing and publishing.
            why = fault.strerror if isinstance(fault, OSError) else fault
            facts = {"reason": "RENEWAL_FAILED", "do": f"mend what is named: {why}"}
            principal.observe("directory_not_renewed", facts)


def _show_outbox(seen: Endpoints, outbox: Outbox) -> None:
    async def read() -> Rows:
        return {"mash_outbox_messages": {(): await asyncio.to_thread(outbox.waiting)}}

    seen.sample("outbox", ("mash_outbox_messages",), read)
