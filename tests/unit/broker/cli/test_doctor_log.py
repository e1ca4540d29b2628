"""What `mash doctor` sees by each principal's own rights: clocks, certificates, and desks that are about to be late."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broker.application.create import make_home
from broker.application.diagnosis.event_log import log_findings
from broker.application.diagnosis.principal import Patience, examine
from broker.bootstrap.holder import build_holder
from broker.bootstrap.principal import OpenPrincipal, open_principal, utc_now
from broker.config import FILE_NAME, KafkaLogConfig, write_config
from broker.exchange.worker import Worker
from broker.partnership.certificates import certify, tls_of
from broker.partnership.home import Home, open_home
from broker.partnership.hub import open_hub
from schemas.topics import Family, topic_name

REQUEST = Path(__file__).parents[4] / "agents/police/examples/requests/testerton.json"
Police = Callable[[timedelta], OpenPrincipal]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Police whose practitioner looks at everything first."""
    make_home(tmp_path / "home", profile="northamptonshire", organisations=["police=POLICE"], review=["before"])
    return open_home(tmp_path / "home")


@pytest.fixture
def police(home: Home) -> Iterator[Police]:
    """The police, by a clock that is off by so much."""
    opened: list[OpenPrincipal] = []

    def run(off: timedelta = timedelta(0)) -> OpenPrincipal:
        clock = lambda: utc_now() + off  # noqa: E731
        opened.append(open_principal(home.folder("police"), clock=clock, observe=lambda *_: None))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


async def asked_and_worked_on(home: Home, principal: OpenPrincipal) -> None:
    """Ask the police, and let them work until what they found lies on their desk."""
    form = json.dumps({**json.loads(REQUEST.read_text("utf-8")), "agencies": ["police"]}).encode()
    async with open_hub(home) as hub:
        await hub.requester.ask(form, request_id=None, log=hub.log, now=utc_now())
    log, stop, ended = principal.log(), asyncio.Event(), asyncio.Event()
    path = build_holder(principal)

    async def handle(*words):
        batch = await path.end(*words)
        ended.set()
        return batch

    worker = Worker(
        log=log,
        topic=topic_name(principal.config.partnership, Family.REQUESTS, "police"),
        group=principal.config.group("requests"),
        journal=principal.journal,
        handle=handle,
        clock=principal.clock,
        stop=stop,
    )
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        await ended.wait()
        stop.set()
    await log.close()


def whats(principal: OpenPrincipal) -> list[str]:
    return [one.what for one in asyncio.run(log_findings(principal))]


@pytest.mark.parametrize(
    ("later", "found"),
    [
        (timedelta(minutes=1), []),
        (timedelta(minutes=50), ["1 items at police's desk are due within 0:15:00"]),
        (timedelta(minutes=70), ["1 items at police's desk are late"]),
    ],
)
def test_a_desk_that_is_about_to_be_late_is_named(
    home: Home, police: Police, later: timedelta, found: list[str]
) -> None:
    """A RED request is due within the hour."""
    asyncio.run(asked_and_worked_on(home, police()))
    assert whats(police(later)) == found


def test_a_request_that_nobody_works_on_is_counted_in_every_partition(home: Home, police: Police) -> None:
    async def ask_often() -> None:
        form = json.dumps({**json.loads(REQUEST.read_text("utf-8")), "agencies": ["police"]}).encode()
        async with open_hub(home) as hub:
            for _ in range(8):
                await hub.requester.ask(form, request_id=None, log=hub.log, now=utc_now())

    asyncio.run(ask_often())
    counts = [int(what.split()[0]) for what in whats(police()) if "wait for its agent" in what]
    assert sum(counts) == 8


def test_a_clock_that_is_behind_is_named(home: Home) -> None:
    hub = open_principal(home.folder("hub"), clock=lambda: utc_now() - timedelta(hours=1), observe=lambda *_: None)
    found = [one.what for one in examine(hub, Patience.NONE)]
    hub.close()
    assert "this machine's clock is behind: the directory was issued in what it takes for the future" in found


@pytest.mark.parametrize(("age", "named"), [(timedelta(days=1), False), (timedelta(days=80), True)])
def test_a_certificate_that_is_about_to_expire_is_named(
    home: Home, police: Police, age: timedelta, named: bool
) -> None:
    certify(home, authority_folder=None, now=utc_now() - age)
    config = home.config("police")
    log = KafkaLogConfig(address="127.0.0.1:9092", tls=tls_of(home.folder("police")))
    write_config(home.folder("police") / FILE_NAME, config.model_copy(update={"log": log}))
    found = [one.what for one in examine(police(), Patience.NONE)]
    assert any(what.startswith("the certificate of police expires at") for what in found) == named
