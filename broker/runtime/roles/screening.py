"""What runs in a screening process."""

from __future__ import annotations

import asyncio
from collections import Counter

from broker.bootstrap.principal import Principal, build_id
from broker.ports import EventLog, Place
from broker.runtime.observability.endpoints import Observed
from broker.runtime.observability.gauges import Rows, by_word
from consumers.screening.open_requests import WaitingRequests
from consumers.screening.service import SCHEMA, ScreeningService
from schemas.vocabulary import Rag


def screening_service(
    principal: Principal, log: EventLog, stop: asyncio.Event, seen: Observed | None
) -> ScreeningService:
    """Return the screening of the requester that this principal acts for; `seen` shows what waits."""
    database = principal.database("screening", schema=SCHEMA)
    if seen is not None:
        _show_waiting(seen, WaitingRequests(database, rest=principal.keys.rest))

    def observe(reason: str, place: Place | None) -> None:
        where: dict[str, int | str] = {"topic": place.topic, "offset": place.offset} if place else {}
        principal.observe("alarm", {"reason": reason, **where})

    return ScreeningService(
        log=log,
        sealer=principal.sealer,
        verifier=principal.verifier,
        database=database,
        requester=principal.config.acts_for,
        build=build_id(),
        clock=principal.clock,
        stop=stop,
        observe=observe,
    )


def _show_waiting(seen: Observed, requests: WaitingRequests) -> None:
    clock = seen.principal.clock

    def read() -> Rows:
        now = clock()
        waiting = [(one.rag.value if one.rag else "", one) for one in requests.now()]
        oldest: dict[str, float] = {}
        for rag, one in waiting:
            if one.received_at is not None:
                oldest[rag] = max(oldest.get(rag, 0.0), (now - one.received_at).total_seconds())
        every = dict.fromkeys((rag.value for rag in Rag), 0.0)  # none is a number too
        return {
            "mash_requests_open": by_word(every | Counter(rag for rag, _ in waiting)),
            "mash_requests_oldest_seconds": by_word(every | oldest),
            "mash_requests_overdue": by_word(every | Counter(rag for rag, one in waiting if one.due_at < now)),
            "mash_set_aside_messages": by_word(requests.set_aside()),
        }

    async def read_beside() -> Rows:
        return await asyncio.to_thread(read)

    names = (
        "mash_requests_open",
        "mash_requests_oldest_seconds",
        "mash_requests_overdue",
        "mash_set_aside_messages",
    )
    seen.sample("requests", names, read_beside)
