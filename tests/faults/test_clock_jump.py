"""A clock that jumps: what cannot be decided waits for a person or is quarantined and says why; nothing is lost.

One organisation's real path on a HOME of its own, its clock in the test's hand; the hub's clock is right.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from broker.application.create import make_home
from broker.application.records import ImportWanted, imported
from broker.bootstrap.holder import build_desk, build_holder
from broker.bootstrap.principal import OpenPrincipal, open_principal, utc_now
from broker.exchange.worker import Worker
from broker.partnership.home import Home, open_home
from broker.partnership.hub import open_hub
from broker.ports import EventLog
from schemas.codec import decode
from schemas.exchange import Envelope, Header
from schemas.topics import Family, topic_name
from schemas.vocabulary import DeskReason, Kind

REQUEST = Path(__file__).parents[2] / "agents" / "police" / "examples" / "requests" / "testerton.json"
RECORDS = REQUEST.parents[1] / "testerton-family.json"
RIGHT = timedelta(0)


@dataclass(frozen=True)
class Came:
    """What stands on the log, why things wait or were quarantined, and the alarms of the process."""

    answers: int
    sequences: dict[str, list[int]]
    waits: list[DeskReason]
    quarantined: dict[str, int]
    alarms: set[str]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    make_home(tmp_path / "home", profile="northamptonshire", organisations=["police=POLICE"], review=["none"])
    made = open_home(tmp_path / "home")
    imported(made, "police", [RECORDS], ImportWanted(verified_identifiers=False))
    open_principal(made.folder("police")).close()  # it was started before, by a clock that was right
    return made


async def ask(home: Home) -> None:
    form = json.dumps({**json.loads(REQUEST.read_text("utf-8")), "agencies": ["police"]}).encode()
    async with open_hub(home) as hub:
        await hub.requester.ask(form, request_id=None, log=hub.log, now=utc_now())


async def work(home: Home, jump: timedelta) -> Came:
    """Let the police end what there is, with a clock that is wrong by so much; return what stands there after."""
    alarms: set[str] = set()

    def observe(event: str, facts: Mapping[str, int | str]) -> None:
        alarms.add(f"{event} {facts.get('reason', '')}".strip())

    principal = open_principal(home.folder("police"), clock=lambda: utc_now() + jump, observe=observe)
    log = principal.log()
    name = principal.config.partnership
    topic, stop = topic_name(name, Family.REQUESTS, "police"), asyncio.Event()
    group = principal.config.group("requests")
    worker = Worker(
        log=log,
        topic=topic,
        group=group,
        journal=principal.journal,
        handle=build_holder(principal).end,
        clock=principal.clock,
        stop=stop,
    )
    try:
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run())
            for partition in range(await log.partitions(topic)):
                end = await log.end(topic, partition)
                while (await log.committed(topic, partition, group=group)).offset < end:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            stop.set()
        return await _came(principal, log, name, alarms)
    finally:
        await log.close()
        principal.close()


async def _came(principal: OpenPrincipal, log: EventLog, name: str, alarms: set[str]) -> Came:
    async def headers(family: Family, *owners: str) -> list[Header]:
        topic = topic_name(name, family, *owners)
        found = [
            message
            for partition in range(await log.partitions(topic))
            for message in await log.read(topic, partition, offset=0, most=100, wait=timedelta(0))
        ]
        return [decode(Header, decode(Envelope, message.value).header) for message in found]

    reader, _ = build_desk(principal)
    events = [one for one in await headers(Family.AUDIT) if one.sender == "police"]
    streams = sorted({one.stream for one in events})
    return Came(
        answers=sum(one.kind == Kind.ANSWER for one in await headers(Family.ANSWERS, "hub", "police")),
        sequences={stream: [one.sequence for one in events if one.stream == stream] for stream in streams},
        waits=[item.reason for item in await reader.waiting(log)],
        quarantined=principal.journal.reasons(),
        alarms=alarms,
    )


@pytest.mark.parametrize(
    ("jump", "answers", "waits", "quarantined"),
    [
        (timedelta(minutes=-1), 1, [], {}),  # a clock may be wrong by two minutes
        (timedelta(hours=-1), 0, [], {"FROM_THE_FUTURE": 1}),
        (timedelta(hours=2), 1, [], {}),
        (timedelta(days=8), 1, [DeskReason.STALE], {}),  # the directory has expired: a person decides
        (timedelta(days=15), 0, [], {"EXPIRED": 1}),
    ],
)
async def test_a_request_met_by_a_wrong_clock_ends_and_says_why(home, jump, answers, waits, quarantined):
    await asyncio.to_thread(asyncio.run, ask(home))
    came = await work(home, jump)
    assert (came.answers, came.waits, came.quarantined) == (answers, waits, quarantined)
    assert list(came.sequences.values()) == [[1]], "whatever became of it is accounted for, once"


async def test_a_clock_that_jumps_forth_and_back_loses_and_doubles_nothing(home):
    """The order is the log's and the numbers are the position's: no clock has a part in either."""
    for jump in (RIGHT, timedelta(hours=3), timedelta(minutes=-1), timedelta(days=8), RIGHT):
        await asyncio.to_thread(asyncio.run, ask(home))
        came = await work(home, jump)
    assert came.answers == 5
    assert sum(map(len, came.sequences.values())) == 5
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in came.sequences.values())
    # What was dated eight days ahead is refused until then, at this desk as everywhere, and somebody is told.
    assert (came.waits, came.alarms) == ([], {"desk_item_refused FROM_THE_FUTURE"})
