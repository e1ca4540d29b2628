"""Composition of a screening consumer, and of the reader of its open requests."""

from __future__ import annotations

import asyncio

from broker.bootstrap.principal import OpenPrincipal, build_id
from broker.bootstrap.stores import Store
from broker.ports import Database, EventLog, LogOffset
from consumers.screening.open_requests import OpenRequests
from consumers.screening.service import SCHEMA, ScreeningService
from consumers.screening.state import ScreeningState


def open_screening(principal: OpenPrincipal) -> Database:
    """Open the store of joined requests."""
    return principal.database(Store.SCREENING, schema=SCHEMA)


def screening_state(principal: OpenPrincipal) -> ScreeningState:
    """Return screening's stored state, for reading."""
    return ScreeningState(open_screening(principal), rest=principal.keys.rest)


def open_requests(principal: OpenPrincipal) -> OpenRequests:
    """Return a reader of the open requests."""
    return OpenRequests(open_screening(principal), rest=principal.keys.rest)


def screening_service(principal: OpenPrincipal, log: EventLog, stop: asyncio.Event) -> ScreeningService:
    """Return the screening service of the requester that this principal acts for."""

    def observe(reason: str, place: LogOffset | None) -> None:
        where: dict[str, int | str] = {"topic": place.topic, "offset": place.offset} if place else {}
        principal.observe("alarm", {"reason": reason, **where})

    return ScreeningService(
        log=log,
        owner=log,
        sealer=principal.sealer,
        verifier=principal.verifier,
        database=open_screening(principal),
        requester=principal.config.acts_for,
        build=build_id(),
        clock=principal.clock,
        stop=stop,
        observe=observe,
    )
