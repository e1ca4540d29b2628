"""A hub with its event log on disk, and the audit service's eyes, without any process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broker.bootstrap.principal import OpenPrincipal, open_principal, topics_of
from broker.bootstrap.requester import build_requester
from broker.exchange.parse import parse
from broker.exchange.verify import Verified
from broker.partnership.enrolment import Plan, create_home
from broker.partnership.home import Home
from broker.partnership.profile import load_profile
from broker.partnership.renewal import renew_directory
from broker.ports import Message
from broker.requester.announce import announce
from broker.requester.ask import Requester
from schemas.audit import AuditEvent
from schemas.vocabulary import Sector

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@dataclass
class Partnership:
    """One HOME at a fixed moment, and short ways to look at it."""

    home: Home
    now: datetime = NOW

    @contextmanager
    def principal(self, name: str) -> Iterator[OpenPrincipal]:
        """Open a principal as a command does."""
        one = open_principal(self.home.folder(name), clock=lambda: self.now)
        try:
            yield one
        finally:
            one.close()

    @contextmanager
    def requester(self) -> Iterator[tuple[OpenPrincipal, Requester]]:
        """Open the hub as a command does."""
        with self.principal("hub") as hub:
            yield hub, build_requester(hub)

    def announce(self) -> int:
        """Announce without publishing: what a command that crashes after its commit leaves."""
        with self.requester() as (hub, requester):
            return announce(requester, published=hub.published, folder=self.home.directory_folder, now=self.now)

    def drain(self) -> None:
        """Publish what waits."""

        async def run() -> None:
            with self.requester() as (hub, requester):
                log = hub.log()
                try:
                    await log.create_topics(topics_of(hub.published.current()))
                    await requester.outbox.drain(log)
                finally:
                    await log.close()

        asyncio.run(run())

    def renew(self, *, days: int) -> None:
        """Let time pass and sign the next version."""
        self.now += timedelta(days=days)
        with self.principal("hub") as hub:
            assert renew_directory(self.home, hub.published, now=self.now)

    def on(self, topic: str) -> tuple[Message, ...]:
        """Everything on a topic."""

        async def run() -> tuple[Message, ...]:
            with self.principal("hub") as hub:
                log = hub.log()
                try:
                    await log.create_topics(topics_of(hub.published.current()))
                    return await log.read(topic, 0, offset=0, most=100, wait=timedelta(0))
                finally:
                    await log.close()

        return asyncio.run(run())

    def events(self) -> list[Verified[AuditEvent]]:
        """Every audit event, opened as the audit service."""
        with self.principal("hub-audit") as audit:
            return [
                audit.verifier.verify(parse(message), record=AuditEvent, now=self.now)
                for message in self.on("mash.northants.audit.v1")
            ]


@pytest.fixture
def hub_home(tmp_path: Path) -> Partnership:
    """A partnership of police alone, whose directory nobody announced yet."""
    loaded = load_profile("northamptonshire")
    review = {"police": dict(loaded.profile.review)}
    plan = Plan(profile=loaded.profile, files=loaded.files, organisations={"police": Sector.POLICE}, review=review)
    return Partnership(home=create_home(tmp_path / "home", plan, now=NOW))
