"""The service of a screening process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine

from broker.bootstrap.principal import OpenPrincipal
from broker.bootstrap.screening import open_requests, screening_service
from broker.ports import EventLog
from broker.runtime.observability.endpoints import Endpoints
from broker.runtime.observability.gauges import Rows, by_word
from consumers.screening.open_requests import OpenRequests
from schemas.vocabulary import RatingBand

Service = Callable[[], Coroutine[None, None, None]]


def screening_services(
    principal: OpenPrincipal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None], seen: Endpoints | None
) -> tuple[Service, ...]:
    """Return the screening consumer's service; it calls `ready` when it begins, and `seen` shows open requests."""
    if seen is not None:
        _show_waiting(seen, open_requests(principal))
    service = screening_service(principal, log, stop)

    async def screen() -> None:
        ready()
        await service.run()

    return (screen,)


def _show_waiting(seen: Endpoints, requests: OpenRequests) -> None:
    clock = seen.principal.clock

    def read() -> Rows:
        now = clock()
        waiting = [(one.band.value if one.band else "", one) for one in requests.now()]
        oldest: dict[str, float] = {}
        for rag, one in waiting:
            if one.received_at is not None:
                oldest[rag] = max(oldest.get(rag, 0.0), (now - one.received_at).total_seconds())
        every = dict.fromkeys((rag.value for rag in RatingBand), 0.0)  # none open shows 0, not no row
        return {
            "mash_requests_open": by_word(every | Counter(rag for rag, _ in waiting)),
            "mash_requests_oldest_seconds": by_word(every | oldest),
            "mash_requests_overdue": by_word(
                every | Counter(rag for rag, one in waiting if one.due_at and one.due_at < now)
            ),
            "mash_quarantined_messages": by_word(requests.quarantined()),
        }

    async def read_beside() -> Rows:
        return await asyncio.to_thread(read)

    names = (
        "mash_requests_open",
        "mash_requests_oldest_seconds",
        "mash_requests_overdue",
        "mash_quarantined_messages",
    )
    seen.sample("requests", names, read_beside)
