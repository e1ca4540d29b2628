"""A real Kafka node, instances onto it, and a worker that does what the product's worker does."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from broker.adapters.kafka import KafkaLog
from broker.errors import Fenced, UnavailableError
from broker.ports import Claim, CommittedOffset, EventLog, Outgoing
from tests.kafka.proxy import LOOPBACK, Proxy

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
SESSION = timedelta(seconds=1.5)
TROUBLE = (Fenced, UnavailableError)

SOON = {"broker.session.timeout.ms": "4000", "broker.heartbeat.interval.ms": "1000"}
"""So that a cluster misses a node soon."""


class Bench:
    """Instances, other processes and short ways, on one node."""

    session = SESSION
    long = timedelta(hours=1)

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.work, self.out, self.group = (f"{stem}-{uuid.uuid4().hex[:12]}" for stem in ("work", "out", "group"))
        self._logs: list[EventLog] = []
        self._children: list[asyncio.subprocess.Process] = []

    def open(self, kind: type[KafkaLog] = KafkaLog, *, by: str = "", slots: Path | None = None) -> KafkaLog:
        """Return a new instance, on another way to the brokers where `by` names one; the fixture closes it."""
        log = kind(by or self.bootstrap, client_id="test", session=self.session, slots=slots)
        self._logs.append(log)
        return log

    async def make(self, kind: type[KafkaLog] = KafkaLog, *, partitions: int = 1) -> KafkaLog:
        """Return a new instance, with the topics `work` and `out`."""
        log = self.open(kind)
        await log.create_topics({self.work: partitions, self.out: 1})
        return log

    def outgoing(self, *values: bytes) -> list[Outgoing]:
        """Return a message to `out` for each value."""
        return [Outgoing(topic=self.out, key=b"key", value=value) for value in values]

    async def ask(self, log: EventLog, *numbers: int) -> None:
        """Put one request a number into `work`, in one transaction."""
        writer = await log.claim(self.out, 0, group=f"asking-{uuid.uuid4().hex}")
        requests = [Outgoing(topic=self.work, key=b"%d" % number, value=b"%d" % number) for number in numbers]
        await writer.publish(requests, position=CommittedOffset(offset=0))
        await writer.release()

    async def ask_one_by_one(self, log: EventLog, count: int) -> None:
        """Publish as an outbox does: the position says how many of the requests are out."""
        out = 0
        while out < count:
            try:
                claim = await log.claim(self.out, 0, group="asking-" + self.group)
                out = claim.position.offset
                while out < count:
                    request = Outgoing(topic=self.work, key=b"%d" % out, value=b"%d" % out)
                    await claim.publish([request], position=CommittedOffset(offset=out + 1))
                    out += 1
                await claim.release()
            except UnavailableError:
                await asyncio.sleep(0.2)

    async def owner(self, log: EventLog) -> Claim:
        """Return a claim on `work`, come by in turn."""
        return await log.claim(self.work, await log.wait_for_assignment(self.work, group=self.group), group=self.group)

    async def _answers(self, log: EventLog, *, count: int) -> list[bytes]:
        """Wait for so many answers, and return all that there are."""
        found: list[bytes] = []
        offset = 0
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(found) < count:
                for message in await log.read(self.out, 0, offset=offset, most=500, wait=self.long):
                    found.append(message.value)
                    offset = message.place.offset + 1
        more = await log.read(self.out, 0, offset=offset, most=500, wait=timedelta(milliseconds=300))
        return found + [message.value for message in more]

    async def answers(self, log: EventLog, *, count: int) -> list[bytes]:
        """Read that many answers, waiting out brokers that are away for the moment, as every reader must."""
        while True:
            try:
                return await self._answers(log, count=count)
            except UnavailableError:
                await asyncio.sleep(0.2)

    async def serve(self, log: EventLog, *, until: int) -> None:
        """Answer every request once, numbered densely in the metadata, whatever trouble comes between."""
        answered = 0
        while answered < until:
            try:
                claim = await self.owner(log)
            except TROUBLE:
                await asyncio.sleep(0.2)
                continue
            try:
                answered = await self._serve(claim, until)
            except TROUBLE:
                await asyncio.sleep(0.2)
            finally:
                await claim.release()

    async def child(self, script: str, *arguments: str) -> asyncio.subprocess.Process:
        """Start another process on this script."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-Werror", "-c", script, *arguments, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        self._children.append(process)
        return process

    async def close(self) -> None:
        """Close every instance and kill every child."""
        for process in self._children:
            if process.returncode is None:
                process.kill()
            await process.wait()
        for log in self._logs:
            await log.close()

    async def _serve(self, claim: Claim, until: int) -> int:
        answered = int(claim.position.metadata or "0")
        while answered < until:
            batch = await claim.fetch(most=5, wait=timedelta(milliseconds=250))
            if batch:
                answered += len(batch)
                moved = CommittedOffset(offset=batch[-1].place.offset + 1, metadata=str(answered))
                await claim.publish(self.outgoing(*(message.value for message in batch)), position=moved)
        return answered

    @staticmethod
    def soon() -> asyncio.Timeout:
        """Bound a wait for what must happen."""
        return asyncio.timeout(PATIENCE_SECONDS)

    @staticmethod
    def numbers(values: Sequence[bytes]) -> list[int]:
        """Return the answers as numbers."""
        return [int(value) for value in values]


@pytest.fixture
async def make_bench() -> AsyncIterator[Callable[[str], Bench]]:
    """Make a bench on other nodes than the session's one."""
    made: list[Bench] = []

    def make(bootstrap: str) -> Bench:
        made.append(Bench(bootstrap))
        return made[-1]

    yield make
    for bench in made:
        await bench.close()


@pytest.fixture
def bench(kafka_bootstrap: str, make_bench: Callable[[str], Bench]) -> Bench:
    return make_bench(kafka_bootstrap)


@pytest.fixture(scope="session")
def _cluster(node_parts: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    nodes = node_parts.cluster(tmp_path_factory.mktemp("cluster"), nodes=3, further=SOON)
    ports = node_parts.free_ports(6)
    for node, target, port in zip(nodes, ports[:3], ports[3:], strict=True):
        node.proxied, node.number = (target, port), node._member.number
        node._further = {**SOON, **_proxied(node._member, target, port)}
    try:
        _start(nodes)
        yield nodes
    finally:
        for node in nodes:
            node.kill()


@pytest.fixture
def three_nodes(_cluster: list[Any]) -> Iterator[list[Any]]:
    """The test session's three nodes. A test may kill any of them: those that are down are started again."""
    yield _cluster
    _start([node for node in _cluster if node._process is None])


def _proxied(slot: Any, target: int, port: int) -> dict[str, str]:
    """Give a node another listener, whose clients are sent to a proxy's port again and again."""
    return {
        "listeners": f"AGENTS://{LOOPBACK}:{slot.port},PROXIED://{LOOPBACK}:{target},"
        f"CONTROLLER://{LOOPBACK}:{slot.controller_port}",
        "advertised.listeners": f"AGENTS://{LOOPBACK}:{slot.port},PROXIED://{LOOPBACK}:{port}",
        "listener.security.protocol.map": "AGENTS:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
    }


class Network:
    """The proxies between an agent and every node of the cluster, told all at once."""

    def __init__(self, proxies: Sequence[Proxy], bootstrap: str) -> None:
        self.proxies = proxies
        self.bootstrap = bootstrap

    def __call__(self, fault: str, *words: Any) -> None:
        """Let every proxy misbehave (`cut`, `hold`, `delay`), or behave again (`heal`)."""
        for proxy in self.proxies:
            getattr(proxy, fault)(*words)


@pytest.fixture
async def network(three_nodes: list[Any]) -> AsyncIterator[Network]:
    """What lies between the cluster and whoever uses this bootstrap; the others have a way of their own."""
    proxies = [Proxy(port=node.proxied[1], target=node.proxied[0]) for node in three_nodes]
    for proxy in proxies:
        await proxy.start()
    yield Network(proxies, ",".join(f"{LOOPBACK}:{node.proxied[1]}" for node in three_nodes))
    for proxy in proxies:
        await proxy.close()


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a line that is seen without asking for it: how long a recovery took."""

    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n  {line}", end="", flush=True)

    return say


@pytest.fixture
def own_node(node_parts: ModuleType, tmp_path: Path) -> Iterator[Any]:
    """A node of the test's own."""
    [node] = node_parts.cluster(tmp_path)
    try:
        _start([node])
        yield node
    finally:
        node.kill()


def _start(nodes: Sequence[Any]) -> None:
    for node in nodes:
        node.start()
    for node in nodes:
        asyncio.run(node.ready())
