"""What came of a campaign: what has come out so far, and at the end an account of every message on the log.

Counted from outside, by headers alone, as anybody could who may read the topics: nothing here trusts the pipeline.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

from broker.application.ledger import verified_ledger
from broker.exchange.envelope import derived_id
from broker.partnership.home import Home
from broker.ports import EventLog, Message
from schemas.codec import decode
from schemas.exchange import Envelope, Header
from schemas.topics import Family, topic_name
from schemas.vocabulary import Kind

POISON = b"no envelope at all"
"""What stands at the head of every organisation's topic, before anything else comes."""
UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def header_of(message: Message) -> Header:
    """Return the part of an envelope that anybody can see."""
    return decode(Header, decode(Envelope, message.value).header)


@dataclass
class Seen:
    """What has come out of the pipeline so far, for these organisations."""

    organisations: tuple[str, ...]
    answered: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """By request id and organisation: the event ids of the answers."""
    summarised: set[str] = field(default_factory=set)
    recorded: set[str] = field(default_factory=set)

    def answer(self, message: Message) -> None:
        """Take note of an answer."""
        header = header_of(message)
        self.answered.setdefault(message.key.decode(), {}).setdefault(header.sender, []).append(str(header.event_id))

    def summary(self, message: Message) -> None:
        """Take note of a summary."""
        self.summarised.add(message.key.decode())

    def checkpoint(self, message: Message) -> None:
        """Take note of the events that a checkpoint lists."""
        self.recorded.update(found.decode() for found in UUID.findall(message.value))

    def has_ended(self, request_id: str, by: str) -> bool:
        """Say whether an organisation, or `hub-screening` or `hub-audit`, has done its part of a request."""
        answers = self.answered.get(request_id, {})
        match by:
            case "hub-screening":
                return request_id in self.summarised
            case "hub-audit":
                return bool(answers) and all(self.recorded.issuperset(events) for events in answers.values())
            case organisation:
                return organisation in answers

    def is_whole(self, request_id: str) -> bool:
        """Say whether everybody has done their part."""
        return all(self.has_ended(request_id, one) for one in (*self.organisations, "hub-screening", "hub-audit"))


@dataclass(frozen=True, kw_only=True)
class Account:
    """The end of it. `doubled` counts message ids that stand on the log more than once."""

    requests: int
    answers: int
    lost: int
    doubled: int
    unrecorded: int
    gaps: int
    leaves: int
    problems: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Say whether nothing was lost, doubled, left out of the ledger or out of order."""
        return not (self.lost or self.doubled or self.unrecorded or self.gaps or self.problems)

    def __str__(self) -> str:
        ledger = f"not verified: {'; '.join(self.problems)}" if self.problems else f"verified, {self.leaves} leaves"
        return (
            f"{self.requests} requests, {self.answers} answers: "
            f"lost = {self.lost}, doubled = {self.doubled}, unrecorded = {self.unrecorded}\n"
            f"sequence numbers missing or repeated = {self.gaps}; ledger {ledger}"
        )


async def count(log: EventLog, home: Home, *, asked: Sequence[str], organisations: Sequence[str]) -> Account:
    """Count everything on the log, and check the ledger against it; nothing runs any more."""
    partnership = home.config("hub").partnership

    async def headers(family: Family, *owners: str) -> list[Header]:
        found = await everything(log, topic_name(partnership, family, *owners))
        return [header_of(one) for one in found if one.value != POISON]

    answers = [one for name in organisations for one in await headers(Family.ANSWERS, "hub", name)]
    events = await headers(Family.AUDIT)
    rest = [one for name in organisations for one in await headers(Family.REQUESTS, name)]
    rest += await headers(Family.SUMMARIES, "hub") + await headers(Family.DISPATCHES, "hub")
    ids = Counter(one.message_id for one in (*answers, *events, *rest))
    recorded, final = ledger_events(home), _final(answers)
    report = await asyncio.to_thread(verified_ledger, home)
    return Account(
        requests=len(asked),
        answers=len(answers),
        lost=sum((request, name) not in final for request in asked for name in organisations),
        doubled=sum(number - 1 for number in ids.values()),
        unrecorded=sum(one.event_id not in recorded for one in answers),
        gaps=gaps(events),
        leaves=len(recorded),
        problems=tuple(f"{problem.kind}: {problem.detail}" for problem in report.problems),
    )


async def everything(log: EventLog, topic: str) -> list[Message]:
    """Return all committed messages of a topic."""
    return [message for one in range(await log.partitions(topic)) for message in await _partition(log, topic, one)]


async def _partition(log: EventLog, topic: str, partition: int) -> list[Message]:
    found: list[Message] = []
    end, offset = await log.end(topic, partition), 0
    while batch := await log.read(topic, partition, offset=offset, most=500, wait=timedelta(milliseconds=50)):
        found.extend(batch)
        offset = batch[-1].place.offset + 1
        if offset >= end:
            break
    return found


def gaps(headers: Sequence[Header]) -> int:
    """Count the numbers that are missing or there twice, over all writers' streams: each begins with 1."""
    streams: dict[tuple[str, str], Counter[int]] = {}
    for one in headers:
        streams.setdefault((one.sender, one.stream), Counter())[one.sequence] += 1
    return sum(abs(numbers[sequence] - 1) for numbers in streams.values() for sequence in range(1, max(numbers) + 1))


def ledger_events(home: Home) -> frozenset[str]:
    """Return the ids of the events that the ledger holds."""
    with closing(sqlite3.connect(home.folder("hub-audit") / "ledger.sqlite")) as ledger:
        return frozenset(event for (event,) in ledger.execute("SELECT event_id FROM ledger_leaf"))


def _final(answers: Sequence[Header]) -> frozenset[tuple[str | None, str]]:
    """Return who has answered which request with more than "still waiting" (revision 0)."""
    return frozenset(
        (one.request_id, one.sender)
        for one in answers
        if one.answers is not None and one.message_id != derived_id(Kind.ANSWER, one.answers, one.sender, 0)
    )
