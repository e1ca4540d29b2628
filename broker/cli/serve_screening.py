"""What runs in a screening process."""

from __future__ import annotations

import asyncio

from broker.bootstrap import Principal, build_id
from broker.ports import EventLog, Place
from consumers.screening.service import SCHEMA, ScreeningService


def screening_service(principal: Principal, log: EventLog, stop: asyncio.Event) -> ScreeningService:
    """Return the screening of the requester that this principal acts for."""

    def observe(reason: str, place: Place | None) -> None:
        where: dict[str, int | str] = {"topic": place.topic, "offset": place.offset} if place else {}
        principal.observe("alarm", {"reason": reason, **where})

    return ScreeningService(
        log=log,
        sealer=principal.sealer,
        verifier=principal.verifier,
        database=principal.database("screening", schema=SCHEMA),
        requester=principal.config.acts_for,
        build=build_id(),
        clock=principal.clock,
        stop=stop,
        observe=observe,
    )
