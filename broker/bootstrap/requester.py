"""Composition of a requester: its path, and its gate's context."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from broker.config import FILE_NAME
from broker.errors import UsageError
from broker.exchange import outbox as outbox_store
from broker.exchange.public_file import PublicFile
from broker.gate.context import GateContext, HolderAsked, Side
from broker.requester import announce as announce_store
from broker.requester import asked_store as memory_store
from broker.requester.ask import Requester
from broker.requester.rating import Ratings, read_ratings
from schemas.directory import Principal as Principal
from schemas.topics import Family

if TYPE_CHECKING:
    pass

from broker.bootstrap.principal import OpenPrincipal, build_id
from broker.bootstrap.sectors import ALL_CLASSES, schemes_of
from broker.bootstrap.stores import Store


def build_requester(principal: OpenPrincipal) -> Requester:
    """Build a requester's path."""
    if principal.config.requester is None:
        raise UsageError(f"{principal.folder / FILE_NAME}: requester: missing")
    schema = (*memory_store.SCHEMA, *announce_store.SCHEMA, *outbox_store.SCHEMA)
    database = principal.database(Store.HUB, schema=schema)
    return Requester(
        database=database,
        outbox=principal.outbox(database, Family.SUMMARIES, name="asks"),
        sealer=principal.sealer,
        tables=principal.tables.current,
        clocks=principal.config.requester.clocks,
        ratings=pinned_ratings(principal),
        schemes=schemes_of(),
        context=_hub_context(principal),
        build=build_id(),
    )


def pinned_ratings(principal: OpenPrincipal) -> Ratings:
    """Return the rating words of the profile that the directory pins: the same for everybody. Raises: UsageError."""
    directory = principal.published.current().directory
    return read_ratings(principal.published.pinned(PublicFile.PROFILE, under=directory))


def hub_context(
    principal: OpenPrincipal, *, requester: str, holders: tuple[Principal, ...], now: datetime
) -> GateContext:
    """Return a requester's gate context. All of it is public, so that holders can compute it too."""
    directory = principal.published.current()
    return GateContext(
        side=Side.HUB,
        requester=requester,
        holders=tuple(HolderAsked(organisation=one.id, sector=one.sector) for one in holders),
        directory=directory.directory,
        directory_stale=directory.stale(now),
        register=principal.published.register(),
        agreement=None,
        apd_ref=None,
        applicable=ALL_CLASSES,
    )


def _hub_context(principal: OpenPrincipal) -> Callable[[tuple[Principal, ...], datetime], GateContext]:
    def context(holders: tuple[Principal, ...], now: datetime) -> GateContext:
        return hub_context(principal, requester=principal.config.principal, holders=holders, now=now)

    return context
