"""A second log that knows who is who, and is not Kafka: nothing takes it for Kafka because it has credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.embedded import EmbeddedLog
from broker.application.create import make_home
from broker.application.diagnosis.event_log import log_findings
from broker.application.diagnosis.principal import Patience, examine
from broker.bootstrap.principal import OpenPrincipal, open_principal, topics_of, utc_now
from broker.bootstrap.requester import build_requester
from broker.errors import UnavailableError, UsageError
from broker.partnership.home import Home, open_home
from broker.partnership.hub import Hub
from broker.ports import Certified
from broker.runtime import connectivity
from broker.runtime.connectivity import check_reachable, renew_certificate

SILENT = "the mailbox at mailbox.example does not answer"


class MailboxLog(EmbeddedLog):
    """A remote log that knows who is who. It holds what the embedded log holds; while it is away it answers nobody."""

    remote = True
    provisioned_by: str | None = None
    away = False

    async def partitions(self, topic: str) -> int:
        self._check_there()
        return await super().partitions(topic)

    async def end(self, topic: str, partition: int) -> int:
        self._check_there()
        return await super().end(topic, partition)

    async def why_unavailable(self) -> str:
        return SILENT

    def _check_there(self) -> None:
        if self.away:
            raise UnavailableError("away")


@dataclass
class MailboxCredentials:
    """What a process shows the mailbox."""

    certified: Certified | None
    news: list[bool | UsageError]

    def refresh(self) -> bool:
        found = self.news.pop(0)
        if isinstance(found, UsageError):
            raise found
        return found


@dataclass
class World:
    """A HOME whose principals have their log in a mailbox."""

    home: Home
    observed: list[str]
    opened: list[OpenPrincipal]
    away: bool = False
    provisioned_by: str | None = None

    def log(self) -> MailboxLog:
        log = MailboxLog(self.home.path / "mailbox.sqlite")
        log.away, log.provisioned_by = self.away, self.provisioned_by
        return log

    def principal(self, name: str, *, left: timedelta = timedelta(days=60), news: Any = ()) -> OpenPrincipal:
        found = open_principal(self.home.folder(name), observe=lambda event, facts: self.observed.append(event))
        self.opened.append(found)
        now = utc_now()
        certified = Certified(name=name, valid_from=now - timedelta(days=30), valid_until=now + left)
        return replace(found, log=self.log, credentials=MailboxCredentials(certified=certified, news=[*news]))

    async def use(self, work: Callable[[MailboxLog], Any]) -> Any:
        log = self.log()
        try:
            return await work(log)
        finally:
            await log.close()

    def create_topics(self) -> None:
        hub = self.principal("hub")

        async def create(log: MailboxLog) -> None:
            await Hub(principal=hub, requester=build_requester(hub), log=log).create_topics()

        asyncio.run(self.use(create))

    def check(self, name: str) -> None:
        principal = self.principal(name)
        asyncio.run(self.use(lambda log: check_reachable(principal, log)))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    make_home(tmp_path / "home", profile="northamptonshire", organisations=["police=POLICE"], review=[])
    made = World(home=open_home(tmp_path / "home"), observed=[], opened=[])
    yield made
    for one in made.opened:
        one.close()


# ---------------------------------------------------------------- the hub


def test_the_hub_makes_the_topics_of_a_secured_log_that_nobody_provisions(world: World) -> None:
    world.create_topics()

    async def counted(log: MailboxLog) -> dict[str, int]:
        return {topic: await log.partitions(topic) for topic in wanted}

    wanted = topics_of(world.principal("hub").published.current())
    assert asyncio.run(world.use(counted)) == wanted


def test_where_an_administrator_makes_them_the_hub_names_that_logs_own_command(world: World) -> None:
    world.provisioned_by = "mailboxctl grant HOME"
    with pytest.raises(UsageError, match=r"not provisioned \(UNKNOWN_TOPIC.*\): run mailboxctl grant HOME$"):
        world.create_topics()


# ---------------------------------------------------------------- a process at its start


def test_a_process_may_start_once_the_topics_are_there(world: World) -> None:
    world.create_topics()
    world.check("police")


def test_missing_topics_are_not_blamed_on_kafka(world: World) -> None:
    with pytest.raises(UsageError, match=r"not provisioned \(UNKNOWN_TOPIC.*\): run mash up HOME$"):
        world.check("police")


def test_a_log_that_is_away_is_named_in_its_own_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectivity, "PATIENCE_SECONDS", 0.0)
    world.away = True
    with pytest.raises(UsageError, match=f"config.toml: log.address: {SILENT}$"):
        world.check("police")


def test_renewed_credentials_are_taken_up_and_unfit_ones_named(world: World) -> None:
    principal = world.principal("police", news=[False, True, UsageError("not the key of the certificate")])
    world.observed.clear()
    for _ in range(3):
        renew_certificate(principal)
    assert world.observed == ["certificate_renewed", "certificate_refused"]


# ---------------------------------------------------------------- the doctor


def found_by_doctor(world: World) -> list[tuple[str, str]]:
    return [(one.what, one.do) for one in asyncio.run(log_findings(world.principal("police")))]


def test_doctor_finds_nothing_wrong_with_it(world: World) -> None:
    world.create_topics()
    assert found_by_doctor(world) == []


def test_doctor_sends_nobody_to_kafka_for_missing_topics(world: World) -> None:
    found = found_by_doctor(world)
    assert found
    assert {do for _, do in found} == {"start it with: mash up HOME; it makes what is missing"}
    world.provisioned_by = "mailboxctl grant HOME"
    assert {do for _, do in found_by_doctor(world)} == {"run: mailboxctl grant HOME"}


def test_doctor_says_in_the_logs_own_words_why_it_cannot_be_used(world: World) -> None:
    world.create_topics()
    world.away = True
    assert [what for what, _ in found_by_doctor(world)] == [f"police cannot use the event log: {SILENT}"]


def test_doctor_names_its_certificate_that_is_about_to_expire(world: World) -> None:
    expiring = "the certificate of police expires at"
    for left, named in ((timedelta(days=60), False), (timedelta(days=3), True)):
        findings = examine(world.principal("police", left=left), Patience.NONE)
        assert any(one.what.startswith(expiring) for one in findings) == named
