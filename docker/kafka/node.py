"""Real Apache Kafka nodes without containers: formatted, started, waited for, stopped.

For development and tests on one machine, on the loopback interface. Ready means that a group join, a produce and a
transaction work, not that a port is open. The process that started a node ends it: on `stop`, on exit, and (where
the system can) when it is killed itself. One node alone is not for data that matters: killed inside a transaction,
Kafka 4.3.1 may skip its markers at the next start, because a partition without a leader is taken for a deleted one;
what was committed is then shown late, twice or never. A cluster of three goes on, and does not.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import base64
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final

from jars import LIBS, fetch

from broker.adapters.kafka import KafkaLog, Security
from broker.errors import MashError
from broker.ports import CommittedOffset, Outgoing

HERE: Final = Path(__file__).parent
LOOPBACK: Final = "127.0.0.1"
START_SECONDS: Final = 180.0
STOP_SECONDS: Final = 20.0
JVM: Final = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC")
QUICK: Final = "-XX:TieredStopAtLevel=1"
"""Starts sooner and runs slower: for tests, not for measuring."""

LOGGING: Final = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""


def random_id() -> str:
    """Return a new id as KRaft writes them: 16 bytes, URL-safe base64 without padding; no leading dash."""
    return base64.urlsafe_b64encode(b"\x00" + secrets.token_bytes(15)).decode().rstrip("=")


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback interface that nothing listens on."""
    with ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in sockets]


@dataclass(frozen=True, kw_only=True)
class QuorumMember:
    """Where one node of a cluster listens and keeps its data."""

    number: int
    folder: Path
    port: int
    controller_port: int
    directory_id: str

    @property
    def voter(self) -> str:
        """The member as the storage tool names a controller."""
        return f"{self.number}@{LOOPBACK}:{self.controller_port}:{self.directory_id}"


def properties(member: QuorumMember, members: Sequence[QuorumMember], *, further: Mapping[str, str]) -> dict[str, str]:
    """Return one node's settings; `further` adds to them or takes their place (listeners over TLS, say)."""
    copies, least = min(3, len(members)), max(1, min(3, len(members)) - 1)
    return {
        "process.roles": "broker,controller",
        "node.id": str(member.number),
        "controller.quorum.bootstrap.servers": ",".join(f"{LOOPBACK}:{one.controller_port}" for one in members),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "AGENTS",
        "listeners": f"AGENTS://{LOOPBACK}:{member.port},CONTROLLER://{LOOPBACK}:{member.controller_port}",
        "advertised.listeners": f"AGENTS://{LOOPBACK}:{member.port}",
        "listener.security.protocol.map": "AGENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(member.folder / "log"),
        # A topic that nobody created is a mistake, never a new topic.
        "auto.create.topics.enable": "false",
        "message.max.bytes": "1200000",  # MAX_VALUE_BYTES, and a key and headers beside it
        "log.retention.hours": str(14 * 24),
        # A dead client's open transaction hides what others wrote after it: for so long at most (69 s by default).
        "transaction.max.timeout.ms": "5000",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
        "offsets.topic.replication.factor": str(copies),
        "transaction.state.log.replication.factor": str(copies),
        "transaction.state.log.min.isr": str(least),
        "share.coordinator.state.topic.replication.factor": str(copies),
        "share.coordinator.state.topic.min.isr": str(least),
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.num.partitions": "1",
        # An agent that starts alone works at once, and one that dies is missed at once.
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "500",
        **further,
    }


class Node:
    """One node, broker and controller in one, with everything it writes in its own folder."""

    def __init__(
        self,
        member: QuorumMember,
        members: Sequence[QuorumMember],
        *,
        cluster_id: str,
        further: Mapping[str, str],
        security: Security | None = None,
    ) -> None:
        self._member = member
        self._members = members
        self._cluster_id = cluster_id
        self._further = further
        self._security = security
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients find it."""
        return f"{LOOPBACK}:{self._member.port}"

    def start(self, *, quick: bool = True) -> None:
        """Start it, formatting its storage the first time. Raises: CalledProcessError, OSError."""
        folder = self._member.folder
        folder.mkdir(parents=True, exist_ok=True)
        settings = properties(self._member, self._members, further=self._further)
        (folder / "server.properties").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        (folder / "log4j2.properties").write_text(LOGGING)
        if not (folder / "log" / "meta.properties").exists():
            self._format()
        with self._output() as output:
            tied = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
            self._process = subprocess.Popen(  # noqa: S603
                [*tied, *self._java("kafka.Kafka", quick=quick)],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        atexit.register(self.kill)

    async def ready(self) -> None:
        """Wait until a group join, a produce and a transaction work. Raises: TimeoutError, RuntimeError."""
        async with asyncio.timeout(START_SECONDS):
            while not await self._works():
                if self._process is None or self._process.poll() is not None:
                    raise RuntimeError(f"the node ended: see {self._member.folder / 'node.log'}")
                await asyncio.sleep(0.1)

    def terminate(self) -> None:
        """Ask it to end, as an operator would."""
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """End it as an operator would, and by force if it takes too long."""
        self.terminate()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it with signal 9, and wait until it is gone. Safe to call twice."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        atexit.unregister(self.kill)

    def _format(self) -> None:
        voters = ",".join(member.voter for member in self._members)
        words = ("kafka.tools.StorageTool", "format", "-t", self._cluster_id, "--initial-controllers", voters, "-c")
        with self._output() as output:
            subprocess.run(self._java(*words, quick=True), check=True, env=_environment(), stdout=output)  # noqa: S603

    def _java(self, *words: str, quick: bool) -> list[str]:
        folder = self._member.folder
        options = [*JVM, *([QUICK] if quick else []), f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}"]
        return ["java", *options, *words, str(folder / "server.properties")]

    def _output(self) -> BinaryIO:
        return (self._member.folder / "node.log").open("ab")

    async def _works(self) -> bool:
        log = KafkaLog(self.bootstrap, client_id="readiness", session=timedelta(seconds=6), security=self._security)
        try:
            async with asyncio.timeout(10):
                topic = "readiness"
                await log.create_topics({topic: 1})
                group = f"readiness-{uuid.uuid4().hex}"
                claim = await log.claim(topic, await log.wait_for_assignment(topic, group=group), group=group)
                message = Outgoing(topic=topic, key=b"readiness", value=b"")
                await claim.publish([message], position=CommittedOffset(offset=1))
        except (MashError, TimeoutError):
            return False
        finally:
            await log.close()
        return True


def cluster(
    folder: Path,
    *,
    nodes: int = 1,
    port: int | None = None,
    further: Mapping[str, str] | None = None,
    security: Security | None = None,
) -> list[Node]:
    """Return the nodes of a cluster, none of them started; with a given port it can be started again.

    `further` adds to their settings; `security` is how their readiness is asked.
    """
    ports = list(range(port, port + 2 * nodes)) if port else free_ports(2 * nodes)
    kept = _kept(folder, count=nodes + 1)
    members = [
        QuorumMember(
            number=number + 1,
            folder=folder / f"node-{number + 1}",
            port=ports[2 * number],
            controller_port=ports[2 * number + 1],
            directory_id=kept[number + 1],
        )
        for number in range(nodes)
    ]
    return [Node(member, members, cluster_id=kept[0], further=further or {}, security=security) for member in members]


def _kept(folder: Path, *, count: int) -> list[str]:
    """Return the ids of the cluster and of its nodes' storage, made the first time: they must be the same again."""
    path = folder / "ids"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(random_id() for _ in range(count)))
    return path.read_text().split()


_shared: list[Node] = []


def shared(folder: Path) -> Node:
    """Return the one node of this process, ready; fetched and started the first time, in that folder."""
    if not _shared:
        fetch()
        [node] = cluster(folder)
        node.start()
        asyncio.run(node.ready())
        _shared.append(node)
    return _shared[0]


def _environment() -> dict[str, str]:
    # By the variable: on the command line a shell would expand the star.
    return {**os.environ, "CLASSPATH": str(LIBS / "*")}


def main() -> None:
    """Run a node in the foreground until it is told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE / "data", help="folder for everything that the node writes")
    parser.add_argument("--port", type=int, default=9092)
    given = parser.parse_args()
    fetch()
    _run(cluster(given.data, port=given.port)[0])


def _run(node: Node) -> None:
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    node.start(quick=False)
    try:
        asyncio.run(node.ready())
        sys.stderr.write(f"kafka is ready on {node.bootstrap}; stop it with Ctrl-C\n")
        while not stopping:
            time.sleep(0.2)
    finally:
        node.stop()


if __name__ == "__main__":
    main()
