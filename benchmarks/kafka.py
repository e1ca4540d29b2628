"""The secured path on a secured cluster of three nodes, beside what the same cluster gives to a raw client.

(1) Throughput: an agent's real worker against a raw aiokafka transactional echo of the same sizes and batching, and
against what that echo and the bare primitives together allow. (2) Latency from request to combined answer, through
real processes, at several rates. (3) Two instances of the agent against one. (4) Memory of each process. All in one
run, as ratios where machines matter: they are shared and noisy.

Usage: python benchmarks/kafka.py [--requests N] [--rates 1,10,50,100] [--seconds S] [--warm-up S]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import OffsetAndMetadata
from path import QUIET, drain, publish_all, seal_requests, time_stages

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docker" / "kafka"))

import secured  # noqa: E402
from jars import fetch  # noqa: E402

from broker.adapters.kafka import Security  # noqa: E402
from broker.adapters.partitioner import partition_for  # noqa: E402
from broker.application.create import Certificates, make_home  # noqa: E402
from broker.application.records import ImportWanted, imported  # noqa: E402
from broker.application.switch_log import move_to_kafka  # noqa: E402
from broker.bootstrap.holder import build_holder  # noqa: E402
from broker.bootstrap.principal import open_principal, utc_now  # noqa: E402
from broker.bootstrap.sectors import load_agents  # noqa: E402
from broker.exchange.parse import parse  # noqa: E402
from broker.exchange.worker import MOST_AT_ONCE, Delivery  # noqa: E402
from broker.partnership.home import Home, open_home  # noqa: E402
from broker.partnership.hub import open_hub  # noqa: E402
from broker.partnership.provisioning import open_provisioning  # noqa: E402
from broker.runtime.command import environment, mash  # noqa: E402
from schemas.summary import Summary  # noqa: E402
from schemas.topics import Family, topic_name  # noqa: E402
from schemas.vocabulary import Sector  # noqa: E402

REQUEST = ROOT / "agents/police/examples/requests/testerton.json"
PROCESSES = ("police", "hub-screening", "hub-audit")
WARM_UP = 60
PATIENCE = 120.0
RHYTHM = 0.0055
"""Seconds between a commit and the next transaction, as the product keeps them."""

SETTLE = 12.0
"""Seconds until instances have started and shared the partitions out."""


# ---------------------------------------------------------------- the partnership


def partnership(folder: Path, cluster: Any, name: str) -> Home:
    """Make a partnership of one police organisation without review, provisioned and with its records."""
    make_home(
        folder / name,
        profile="northamptonshire",
        organisations=["police=POLICE"],
        review=["none"],
        certificates=Certificates(authority_folder=cluster.folder),
        partnership=name,
    )
    home = open_home(folder / name)
    open_provisioning(home, kafka=cluster.bootstrap, admin=cluster.admin, development=False).apply()
    move_to_kafka(home, cluster.bootstrap)
    examples = list(load_agents()[Sector.POLICE].examples())
    imported(home, "police", examples, ImportWanted(verified_identifiers=False))
    return home


def form() -> bytes:
    return json.dumps(json.loads(REQUEST.read_bytes()) | {"agencies": ["police"]}).encode()


# ---------------------------------------------------------------- (1) throughput


async def raw_echo(home: Home, topic: str, sizes: Sequence[tuple[str, int]], count: int) -> float:
    """Read and publish the same sizes, batches and positions with the client alone, in its best rhythm; seconds."""
    principal = open_principal(home.folder("police"), observe=QUIET)
    config = principal.config
    security = principal.credentials
    assert isinstance(security, Security)
    common = {"bootstrap_servers": config.log.address, **security.options()}
    where = TopicPartition(topic, 0)
    producer = AIOKafkaProducer(
        **common,
        transactional_id=config.group("echo"),
        acks="all",
        max_batch_size=262_144,
        max_request_size=1_100_000,
        transaction_timeout_ms=5000,
    )
    consumer = AIOKafkaConsumer(
        **common, isolation_level="read_committed", enable_auto_commit=False, max_partition_fetch_bytes=1_100_000
    )
    await producer.start()
    await consumer.start()
    consumer.assign([where])
    consumer.seek(where, 0)
    done, begun, ended = 0, time.perf_counter(), 0.0
    while done < count:
        found = await consumer.getmany(timeout_ms=5000, max_records=MOST_AT_ONCE)
        messages = found.get(where, [])
        await asyncio.sleep(ended + RHYTHM - time.perf_counter())
        async with producer.transaction():
            sent = [
                await producer.send(to, bytes(size), key=message.key, partition=0)
                for message in messages
                for to, size in sizes
            ]
            await asyncio.gather(*sent)
            moved = {where: OffsetAndMetadata(messages[-1].offset + 1, "")}
            await producer.send_offsets_to_transaction(moved, config.group("echo"))
        ended = time.perf_counter()
        done += len(messages)
    seconds = time.perf_counter() - begun
    await consumer.stop()
    await producer.stop()
    principal.close()
    return seconds


async def throughput(home: Home, count: int) -> dict[str, float]:
    """Return requests a second of the raw echo, of echo and primitives together, and of the secured agent."""
    hub, agent = open_principal(home.folder("hub"), observe=QUIET), open_principal(home.folder("police"), observe=QUIET)
    log, hub_log = agent.log(), hub.log()
    topic = topic_name(agent.config.partnership, Family.REQUESTS, "police")
    # All in one partition: a rhythm, one producer, for the echo as for the agent.
    sealed = await seal_requests(hub, form(), 2 * count + 100)
    of_the_first = [one for one in sealed if partition_for(one.key, partitions=await log.partitions(topic)) == 0]
    await publish_all_as_hub(hub_log, agent.config.partnership, of_the_first[:count])
    messages: list[Any] = []
    while len(messages) < count:
        offset = messages[-1].place.offset + 1 if messages else 0
        messages += await log.read(topic, 0, offset=offset, most=500, wait=timedelta(seconds=5))
    delivery = Delivery(stream="warm.0", sequence=1, attempts=0, now=agent.clock())
    for message in messages[:WARM_UP]:
        batch = await build_holder(agent).end(message, delivery)
    _, _, inside = await time_stages(agent, messages[WARM_UP:])
    primitives = sum(inside.seconds.values()) / (count - WARM_UP)
    sizes = [(one.topic, len(one.value)) for one in batch.outgoing]
    await raw_echo(home, topic, sizes, count)  # the nodes' compilers have seen it once
    echoed = await raw_echo(home, topic, sizes, count)
    answered = await drain(agent, log, topic, count, None, group=agent.config.group("bench"))
    for opened in (log, hub_log):
        await opened.close()
    hub.close()
    agent.close()
    return {
        "echo": count / echoed,
        "allowed": count / (echoed + primitives * count),
        "secured": count / answered,
        "primitives_ms": 1000 * primitives,
        "echo_ms": 1000 * echoed / count,
        "secured_ms": 1000 * answered / count,
    }


async def publish_all_as_hub(log: Any, partnership_name: str, messages: list[Any]) -> None:
    await publish_all(log, topic_name(partnership_name, Family.SUMMARIES, "hub"), messages, group="hub.bench")


# ---------------------------------------------------------------- real processes


@contextmanager
def processes(home: Home, names: Sequence[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run these processes until the end of the block."""
    with ExitStack() as stack:
        started = []
        for index, name in enumerate(names):
            said = stack.enter_context((home.path / f"{index}-{name}.said").open("wb"))
            command = mash("run", str(home.folder(name)))
            started.append(subprocess.Popen(command, env=environment(), stdout=said, stderr=said))
        try:
            yield started
        finally:
            for one in started:
                one.send_signal(signal.SIGTERM)
            for one in started:
                one.wait(30)


def resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


# ---------------------------------------------------------------- (2) latency


class Asker:
    """Asks at a rate, and notes when each combined answer is complete."""

    def __init__(self, hub: Any) -> None:
        self._hub = hub
        self._drain_outbox = hub.requester.outbox.drain
        hub.requester.outbox.drain = _later
        self._begun: dict[str, float] = {}
        self._took: dict[str, float] = {}
        self._stop = False

    async def run(self, rate: float, seconds: float) -> list[float]:
        """Ask `rate` times a second for so long; return how long each combined answer took, in seconds."""
        self._begun, self._took, self._stop = {}, {}, False
        watching = asyncio.create_task(self._watch())
        draining = asyncio.create_task(self._drain())
        await self._ask(max(5, round(rate * seconds)), 1 / rate)
        deadline = time.monotonic() + PATIENCE
        while len(self._took) < len(self._begun) and time.monotonic() < deadline:  # noqa: ASYNC110 bounded
            await asyncio.sleep(0.02)
        self._stop = True
        await asyncio.gather(watching, draining)
        return sorted(self._took.values())

    async def _ask(self, count: int, pause: float) -> None:
        begun, data = time.perf_counter(), form()
        for number in range(count):
            await asyncio.sleep(begun + number * pause - time.perf_counter())
            at = time.perf_counter()
            made = await self._hub.requester.ask(data, request_id=None, log=self._hub.log, now=utc_now())
            self._begun[made.request_id] = at

    async def _drain(self) -> None:
        """Send what was asked, again and again: what comes together goes out together."""
        sent = 0
        while not self._stop:
            if len(self._begun) > sent:
                sent = len(self._begun)
                await self._drain_outbox(self._hub.log)
            await asyncio.sleep(0.002)

    async def _watch(self) -> None:
        principal, log = self._hub.principal, self._hub.log
        topic = topic_name(principal.config.partnership, Family.SUMMARIES, principal.config.principal)
        offset = await log.end(topic, 0)
        while not self._stop:
            for message in await log.read(topic, 0, offset=offset, most=500, wait=timedelta(milliseconds=100)):
                offset = message.place.offset + 1
                body = principal.verifier.verify(parse(message), record=Summary, now=utc_now()).record.body
                if body.complete and body.request_id in self._begun:
                    self._took.setdefault(body.request_id, time.perf_counter() - self._begun[body.request_id])


async def _later(log: Any) -> None:
    """Leave it to the asker's own loop."""


async def latencies(home: Home, rates: Sequence[float], seconds: float, warm_up: float) -> dict[float, list[float]]:
    async with open_hub(home) as hub:
        asker = Asker(hub)
        await asker.run(10, warm_up)  # connections, caches, and above all the nodes' compilers
        return {rate: await asker.run(rate, seconds) for rate in rates}


# ---------------------------------------------------------------- (3) two instances


async def answered_by(home: Home, instances: int, count: int) -> float:
    """Return how many requests a second so many instances answer, once all of them own what they get."""
    hub, reader = (
        open_principal(home.folder("hub"), observe=QUIET),
        open_principal(home.folder("police"), observe=QUIET),
    )
    log, own_log = hub.log(), reader.log()
    sealed = await seal_requests(hub, form(), count)
    with processes(home, ["police"] * instances):
        await asyncio.sleep(SETTLE)
        begun = time.perf_counter()
        await publish_all_as_hub(log, hub.config.partnership, sealed)
        while await behind(own_log, reader):  # noqa: ASYNC110 another process tells
            await asyncio.sleep(0.05)
        seconds = time.perf_counter() - begun
    for opened in (log, own_log):
        await opened.close()
    hub.close()
    reader.close()
    return count / seconds


async def behind(log: Any, police: Any) -> bool:
    """Say whether a request still waits for an instance."""
    topic = topic_name(police.config.partnership, Family.REQUESTS, "police")
    for partition in range(await log.partitions(topic)):
        position = await log.committed(topic, partition, group=police.config.group("requests"))
        if await log.read(topic, partition, offset=position.offset, most=1, wait=timedelta(0)):
            return True
    return False


# ---------------------------------------------------------------- the report


def quantile(sorted_values: Sequence[float], share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, round(share * (len(sorted_values) - 1)))]


def report_throughput(count: int, found: dict[str, float]) -> None:
    print(f"conditions: {count} requests, three nodes over mutual TLS, {os.cpu_count()} cores for all of it,")
    print(f"            Python {platform.python_version()}, {platform.machine()}; shared and noisy: read the ratios\n")
    print("                                                 requests/s   ms a request")
    print(f"raw transactional echo, same sizes and batches   {found['echo']:10.0f} {found['echo_ms']:14.2f}")
    print(f"bare primitives: cryptography, Avro, database    {'':10} {found['primitives_ms']:14.2f}")
    print(f"echo and primitives together allow               {found['allowed']:10.0f}")
    print(f"the secured agent reaches                        {found['secured']:10.0f} {found['secured_ms']:14.2f}")
    print(f"secured / raw echo                               {found['secured'] / found['echo']:10.2f}")
    print(f"secured / allowed (aim: 0.8)                     {found['secured'] / found['allowed']:10.2f}\n")


def report_latency(found: dict[float, list[float]], seconds: float) -> None:
    print(f"from request to combined answer, recorded ({seconds:.0f} s at each rate; one hub, one organisation)")
    print("requests a second      asked   answered   p50 ms   p99 ms")
    for rate, took in found.items():
        asked = max(5, round(rate * seconds))
        p50, p99 = (f"{1000 * quantile(took, share):8.0f}" if took else "       -" for share in (0.5, 0.99))
        print(f"{rate:17g} {asked:10} {len(took):10} {p50} {p99}")
    print()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=600)
    parser.add_argument("--rates", default="1,10,50,100")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--warm-up", type=float, default=90.0, help="seconds at 10 a second before latency is taken")
    options = parser.parse_args()
    fetch()
    with tempfile.TemporaryDirectory(prefix="mash-bench-") as folder:
        cluster = secured.secured_cluster(Path(folder) / "kafka")
        try:
            cluster.start(quick=False)
            measure(Path(folder), cluster, options)
        finally:
            cluster.kill()
    return 0


def measure(folder: Path, cluster: Any, options: argparse.Namespace) -> None:
    report_throughput(
        options.requests, asyncio.run(throughput(partnership(folder, cluster, "throughput"), options.requests))
    )
    home = partnership(folder, cluster, "latency")
    asyncio.run(announce(home))
    with processes(home, PROCESSES) as started:
        rates = [float(rate) for rate in options.rates.split(",")]
        found = asyncio.run(latencies(home, rates, options.seconds, options.warm_up))
        memory = {name: resident_mib(one.pid) for name, one in zip(PROCESSES, started, strict=True)}
    report_latency(found, options.seconds)
    home = partnership(folder, cluster, "instances")
    asyncio.run(announce(home))
    one, two = (asyncio.run(answered_by(home, instances, options.requests)) for instances in (1, 2))
    print(f"answered a second: one instance {one:.0f}, two {two:.0f}; two / one {two / one:.2f}\n")
    print("memory, MiB resident: " + ", ".join(f"{name} {size:.0f}" for name, size in memory.items()))


async def announce(home: Home) -> None:
    async with open_hub(home) as hub:
        await hub.publish()


if __name__ == "__main__":
    sys.exit(main())
