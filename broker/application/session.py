"""Sessions that a front opens and keeps while it works: a HOME, the hub's requester, an organisation's desk.

A session returns no personal data. Only the use cases beside this file do, and each accounts for itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import final

from broker.application.home import Home, open_home
from broker.bootstrap.holder import build_desk, build_looks
from broker.bootstrap.principal import OpenPrincipal, open_principal
from broker.errors import UsageError
from broker.exchange.looks import Looks
from broker.holder.decide import DecisionSender, DeskInbox
from broker.partnership.hub import Hub, open_hub
from broker.ports import EventLog
from schemas.vocabulary import PrincipalRole

__all__ = ["Desk", "Home", "Hub", "open_desk", "open_home", "open_hub", "open_organisation"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An organisation's open desk. Its inbox lives as long, so that looking again reads only new messages."""

    principal: OpenPrincipal = field(repr=False)
    inbox: DeskInbox = field(repr=False)
    sender: DecisionSender = field(repr=False)
    looks: Looks = field(repr=False)
    log: EventLog = field(repr=False)

    @property
    def organisation(self) -> str:
        """The organisation's id."""
        return self.principal.config.principal

    async def ids(self) -> tuple[str, ...]:
        """Return the ids of the waiting items, oldest first: enough to notice a new item, and no more."""
        return tuple(item.item_id for item in await self.inbox.waiting(self.log))


@contextmanager
def open_organisation(home: Home, organisation: str) -> Iterator[OpenPrincipal]:
    """Open an organisation's own folder, and close it after use. Raises: UsageError naming the known organisations."""
    holders = home.of_role(PrincipalRole.HOLDER)
    if organisation not in holders:
        raise UsageError(f"{home.path}: no such organisation; there are: {', '.join(holders)}")
    principal = open_principal(home.folder(organisation))
    try:
        yield principal
    finally:
        principal.close()


@asynccontextmanager
async def open_desk(home: Home, organisation: str) -> AsyncIterator[Desk]:
    """Open an organisation's desk, and close it after use. Raises: UsageError naming the known organisations."""
    with open_organisation(home, organisation) as principal:
        inbox, sender = build_desk(principal)
        log = principal.log()
        try:
            yield Desk(principal=principal, inbox=inbox, sender=sender, looks=build_looks(principal), log=log)
        finally:
            await log.close()
