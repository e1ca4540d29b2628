"""The three endpoints of one process: `/livez`, `/readyz` and `/metrics`.

(1) A scrape reads the gauges, at most once a second; (2) each part is read alone and within a time limit: a part that
cannot be read shows no rows, is named in `mash_not_sampled`, and does not affect the other parts.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, final

from broker.bootstrap.principal import OpenPrincipal
from broker.errors import MashError
from broker.exchange.timing import listening
from broker.ports import Meter
from broker.runtime.observability.event_log import ObservedLog
from broker.runtime.observability.health import Health
from broker.runtime.observability.http import JSON, Address, HttpServer, Page

METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"
SAMPLE_PATIENCE_SECONDS: Final = 2.0  # for one part: a slow log then costs a scrape its own rows, not the whole page
SAMPLE_EVERY_SECONDS: Final = 1.0  # many scrapers cost the stores no more than one

Sample = Callable[[], Awaitable[Mapping[str, Mapping[tuple[str, ...], float]]]]
"""A function that reads one part of the gauges: gauge name to rows."""


@final
@dataclass(kw_only=True)
class Endpoints:
    """The endpoints of one process, with its meter and log. Each part adds to `samples` as it is built."""

    principal: OpenPrincipal
    meter: Meter
    log: ObservedLog
    health: Health
    samples: dict[str, tuple[tuple[str, ...], Sample]] = field(default_factory=dict)
    _sampled: float = float("-inf")
    _sampling: asyncio.Lock = field(default_factory=asyncio.Lock)

    def sample(self, part: str, names: tuple[str, ...], read: Sample) -> None:
        """Add one part: the names of its gauges, and the function that reads them."""
        self.samples[part] = (names, read)

    @asynccontextmanager
    async def served(self, address: Address) -> AsyncIterator[None]:
        """Serve the three paths and time every stage. Raises: UsageError where the address is taken."""
        server = HttpServer({"/livez": self._live, "/readyz": self._ready, "/metrics": self._metrics})
        await server.start(address)
        try:
            with listening(self.meter.time_stage):
                yield
        finally:
            await server.close()

    async def _live(self) -> Page:
        return _verdict("alive", self.health.dead())

    async def _ready(self) -> Page:
        return _verdict("ready", self._not_ready())

    async def _metrics(self) -> Page:
        async with self._sampling:
            if self.health.now() >= self._sampled + SAMPLE_EVERY_SECONDS:  # (1)
                await self._read_all()
                self._sampled = self.health.now()
        return Page(status=HTTPStatus.OK, kind=METRICS, body=self.meter.text())

    async def _read_all(self) -> None:
        reasons = self._not_ready()
        self.meter.show("mash_ready", {(): float(not reasons)})
        self.meter.show("mash_not_ready", {(reason,): 1.0 for reason in reasons})
        failed = [part for part in self.samples if not await self._read(part)]
        self.meter.show("mash_not_sampled", {(part,): 1.0 for part in failed})

    async def _read(self, part: str) -> bool:
        names, read = self.samples[part]
        shown: Mapping[str, Mapping[tuple[str, ...], float]] = {}
        try:
            async with asyncio.timeout(SAMPLE_PATIENCE_SECONDS):
                shown = await read()
        except (MashError, TimeoutError):  # (2)
            return False
        finally:
            for name in names:
                self.meter.show(name, shown.get(name, {}))
        return True

    def _not_ready(self) -> tuple[str, ...]:
        return self.health.not_ready(self.principal, self.log)


def _verdict(word: str, reasons: tuple[str, ...]) -> Page:
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    body = json.dumps({word: not reasons, "reasons": list(reasons)}).encode()
    return Page(status=status, kind=JSON, body=body)
