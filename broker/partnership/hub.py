"""The hub's requester with its event log open, and the publishing that must come before anything is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import final

from broker.bootstrap.principal import OpenPrincipal, open_principal, topics_of
from broker.bootstrap.requester import build_requester
from broker.errors import NotAllowed, RejectedError, UsageError
from broker.partnership.home import Home
from broker.ports import EventLog
from broker.requester.announce import announce
from broker.requester.ask import Requester
from schemas.topics import Family, topic_name
from schemas.vocabulary import PrincipalRole


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The partnership's requester, open."""

    principal: OpenPrincipal = field(repr=False)
    requester: Requester = field(repr=False)
    log: EventLog = field(repr=False)

    async def publish(self) -> int:
        """Create missing topics, announce new directory versions and drain the outbox; return how many were announced.

        Safe to repeat at any time and from several commands. Raises: UnavailableError where the log stays away.
        """
        published = self.principal.published
        await self.create_topics()
        folder = self.principal.folder / self.principal.config.directory.folder
        versions = announce(self.requester, published=published, folder=folder, now=self.principal.clock())
        await self.drain()
        return versions

    async def create_topics(self) -> None:
        """Create the partnership's missing topics, or check that an administrator has created them.

        Raises: UsageError where topics are an administrator's task and are missing.
        """
        if self.log.provisioned_by is None:
            await self.log.create_topics(topics_of(self.principal.published.current()))
            return
        partnership = self.principal.config.partnership
        own = topic_name(partnership, Family.SUMMARIES, self.principal.config.principal)
        try:
            await self.log.partitions(own)
        except (RejectedError, NotAllowed) as fault:
            run = self.log.provisioned_by
            raise UsageError(f"the event log is not provisioned ({fault}): run {run}") from None

    async def drain(self) -> None:
        """Publish the messages waiting in the outbox. Raises: UnavailableError where the log stays away."""
        await self.requester.outbox.drain(self.log)


@asynccontextmanager
async def open_hub(home: Home) -> AsyncIterator[Hub]:
    """Open the requester of a HOME, and close it after use. Raises: UsageError, RejectedError."""
    principal = open_principal(home.folder(home.one_of_role(PrincipalRole.REQUESTER)))
    try:
        log = principal.log()
        try:
            yield Hub(principal=principal, requester=build_requester(principal), log=log)
        finally:
            await log.close()
    finally:
        principal.close()
