"""The kill campaign: the real pipeline on a cluster, something of it killed with signal 9 in every round.

Real processes on a HOME: two instances of one agent, one of another, screening and audit. A poison message stands at
the head of each organisation's topic. Requests never stop. A round
kills one at random (a process or a node), starts it again at once, and waits until whoever was killed has brought a
request to its end that was made after the kill. At the end everything on the log is counted (`account`).
Run by `test_kafka_kills.py`.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from broker.application.create import make_home
from broker.application.records import ImportWanted, imported
from broker.bootstrap.principal import utc_now
from broker.config import FILE_NAME, KafkaLogConfig, write_config
from broker.errors import UnavailableError
from broker.exchange.envelope import request_id_at
from broker.exchange.follower import follow
from broker.partnership.home import Home, open_home
from broker.partnership.hub import Hub, open_hub
from broker.ports import CommittedOffset, Message, Outgoing
from broker.runtime.command import environment, mash
from schemas.topics import Family, topic_name
from tests.kafka.account import POISON, Account, Seen, count

AGENTS = Path(__file__).parents[2] / "agents"
REQUEST = AGENTS / "police" / "examples" / "requests" / "testerton.json"
RECORDS = {name: AGENTS / name / "examples" / "testerton-family.json" for name in ("police", "health")}
ORGANISATIONS = tuple(RECORDS)
PROCESSES = ("police", "police", "health", "hub-screening", "hub-audit")
"""Whose folder each process runs on: the police have two instances."""
NODE = "node"
ODDS = {"police": 3, "health": 3, "hub-screening": 3, "hub-audit": 3, NODE: 2}
BETWEEN_REQUESTS_SECONDS = 0.25
PATIENCE_SECONDS = 90.0


class Node(Protocol):
    """One node of a cluster (`docker/kafka/node.py`)."""

    def start(self) -> None: ...

    def kill(self) -> None: ...

    async def ready(self) -> None: ...


class Child:
    """One process of the pipeline, started again whenever it ends."""

    def __init__(self, name: str, folder: Path, said: Path) -> None:
        self.name = name
        self.ends: Counter[int] = Counter()
        self._folder = folder
        self._said = said
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def keep(self) -> None:
        """Run it again and again, until `stop`."""
        while not self._stopping:
            with self._said.open("ab") as said:
                self._process = await asyncio.create_subprocess_exec(
                    *mash("run", str(self._folder)), env=environment(), stdout=said, stderr=said
                )
            self.ends[await self._process.wait()] += 1

    def kill(self) -> None:
        """Send signal 9."""
        with suppress(ProcessLookupError):
            assert self._process is not None
            self._process.kill()

    def stop(self) -> None:
        """Ask it to end, for good."""
        self._stopping = True
        with suppress(ProcessLookupError):
            assert self._process is not None
            self._process.terminate()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a campaign came to; `exits` are the codes of processes that ended by themselves."""

    account: Account
    seed: int
    recoveries: dict[str, list[float]]
    exits: dict[str, dict[int, int]]

    def __str__(self) -> str:
        times = [seconds for found in self.recoveries.values() for seconds in found]
        lines = [f"{len(times)} rounds of kill -9 (seed {self.seed})", str(self.account)]
        lines += [f"recovery             {_spread(times)}"]
        lines += [f"  {name:<14} x{len(found):<3} {_spread(found)}" for name, found in sorted(self.recoveries.items())]
        return "\n".join([*lines, f"ended by themselves: {self.exits or 'none'}"])


class Campaign:
    """One campaign, on a cluster that is up and a HOME that was moved to it. The folder takes what processes say."""

    def __init__(self, home: Home, nodes: Sequence[Node], *, seed: int, folder: Path) -> None:
        self._home = home
        self._nodes = nodes
        self._seed = seed
        self._random = random.Random(seed)
        self._children = [
            Child(name, home.folder(name), folder / f"{index}-{name}.log") for index, name in enumerate(PROCESSES)
        ]
        self._asked: list[str] = []
        self._seen = Seen(organisations=ORGANISATIONS)
        self._recoveries: dict[str, list[float]] = {}
        self._starting: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()

    async def run(self, rounds: int, *, say: Callable[[str], None]) -> Outcome:
        """Run so many rounds, then count. Raises: TimeoutError where something never came back."""
        async with open_hub(self._home) as hub:
            await hub.publish()
            await self._poison(hub)
            keeping = [asyncio.create_task(child.keep()) for child in self._children]
            watching = await self._watch(hub)
            asking = asyncio.create_task(self._ask(hub))
            try:
                await self._until("the start", lambda: any(map(self._seen.is_whole, self._asked)))
                for number in range(1, rounds + 1):
                    await self._round(number, say)
                self._enough.set()
                await asking
                await self._until("the end", lambda: all(map(self._seen.is_whole, self._asked)))
            finally:
                await self._stop([asking, *watching], keeping)
            account = await count(hub.log, self._home, asked=self._asked, organisations=ORGANISATIONS)
        return Outcome(account=account, seed=self._seed, recoveries=self._recoveries, exits=self._exits())

    async def _poison(self, hub: Hub) -> None:
        """Put messages that nobody can read at the head of each partition of each organisation's topic."""
        topics = [topic_name(hub.principal.config.partnership, Family.REQUESTS, name) for name in ORGANISATIONS]
        keys = [b"poison %d" % number for number in range(8)]  # enough to meet every partition
        poison = [Outgoing(topic=topic, key=key, value=POISON) for topic in topics for key in keys]
        claim = await hub.log.claim(topics[0], 0, group="hub.poison")
        await claim.publish(poison, position=CommittedOffset(offset=0))
        await claim.release()

    async def _round(self, number: int, say: Callable[[str], None]) -> None:
        await asyncio.sleep(self._random.uniform(0, 0.5))
        [victim] = self._random.choices(list(ODDS), list(ODDS.values()))
        if victim == NODE:
            await self._kill_node()
        else:
            self._random.choice([child for child in self._children if child.name == victim]).kill()
        since, begun = len(self._asked), _now()
        await self._until(f"{victim} in round {number}", lambda: self._is_back(victim, self._asked[since:]))
        self._recoveries.setdefault(victim, []).append(_now() - begun)
        say(f"{number:>4} {victim:<14} {_now() - begun:5.1f} s, {len(self._asked)} requests")

    async def _kill_node(self) -> None:
        # Never two at a time: two of three is an outage, which nobody outlives.
        if self._starting is not None:
            await self._starting
        node = self._random.choice(self._nodes)
        node.kill()
        node.start()
        self._starting = asyncio.create_task(node.ready())

    def _is_back(self, victim: str, asked: Sequence[str]) -> bool:
        return any(self._seen.is_whole(one) if victim == NODE else self._seen.has_ended(one, victim) for one in asked)

    async def _ask(self, hub: Hub) -> None:
        form = json.dumps({**json.loads(REQUEST.read_text("utf-8")), "agencies": list(ORGANISATIONS)}).encode()
        while not self._enough.is_set():
            for _ in range(self._random.choice((1, 1, 1, 4))):
                now = utc_now()
                self._asked.append(request_id_at(now, hub.principal.sealer.random(10)))
                with suppress(UnavailableError):  # stored: it goes out with the next
                    await hub.requester.ask(form, request_id=self._asked[-1], log=hub.log, now=now)
            await asyncio.sleep(BETWEEN_REQUESTS_SECONDS)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await _insist(hub)

    async def _watch(self, hub: Hub) -> list[asyncio.Task[None]]:
        name = hub.principal.config.partnership
        watched = {topic_name(name, Family.ANSWERS, "hub", one): self._seen.answer for one in ORGANISATIONS}
        watched[topic_name(name, Family.SUMMARIES, "hub")] = self._seen.summary
        watched[topic_name(name, Family.CHECKPOINTS)] = self._seen.checkpoint
        return [
            asyncio.create_task(_follow(hub, topic, partition, see))
            for topic, see in watched.items()
            for partition in range(await hub.log.partitions(topic))
        ]

    async def _stop(self, own: Sequence[asyncio.Task[None]], keeping: Sequence[asyncio.Task[None]]) -> None:
        for task in own:
            task.cancel()
        for child in self._children:
            child.stop()
        await asyncio.wait([*own, *keeping])
        if self._starting is not None:
            await self._starting

    def _exits(self) -> dict[str, dict[int, int]]:
        unforced = {
            f"{index}-{child.name}": {code: number for code, number in child.ends.items() if code not in (0, -9)}
            for index, child in enumerate(self._children)
        }
        return {name: codes for name, codes in unforced.items() if codes}

    async def _until(self, what: str, happened: Callable[[], bool]) -> None:
        deadline = _now() + PATIENCE_SECONDS
        while not happened():
            if _now() > deadline:
                raise TimeoutError(f"it never came back: {what}")
            await asyncio.sleep(0.02)


async def _insist(hub: Hub) -> None:
    while True:
        with suppress(UnavailableError):
            return await hub.drain()


async def _follow(hub: Hub, topic: str, partition: int, see: Callable[[Message], None]) -> None:
    async for messages in follow(hub.log, topic, partition, offset=0, stop=asyncio.Event()):
        for message in messages:
            see(message)


def a_home(path: Path, bootstrap: str) -> Home:
    """Make a HOME on these brokers, whose two organisations know the example's family and answer without review."""
    organisations = [f"{name}={name.upper()}" for name in ORGANISATIONS]
    make_home(path, profile="northamptonshire", organisations=organisations, review=["none"])
    home = open_home(path)
    for name, file in RECORDS.items():
        imported(home, name, [file], ImportWanted(verified_identifiers=False))
    log = KafkaLogConfig(address=bootstrap)
    for name in home.principals:
        write_config(home.folder(name) / FILE_NAME, home.config(name).model_copy(update={"log": log}))
    return home


def _spread(times: Sequence[float]) -> str:
    return f"p50 {statistics.median(times):.1f} s, max {max(times):.1f} s" if times else "none"


def _now() -> float:
    return asyncio.get_running_loop().time()
