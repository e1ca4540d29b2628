"""What one answered request costs, stage by stage, beside the bare primitives it uses and beside a raw echo.

Three figures from one run, as ratios, because machines are shared and noisy: (1) path / primitives: the whole time
of an agent's path over the time spent inside signing, sealing, encoding and storing; (2) allowed: what a raw echo
of the same sizes on the same log, plus those primitives, would allow in requests a second; (3) secured / allowed:
what the agent's real worker reaches of that.

Usage: python benchmarks/path.py [--requests N] [--kafka HOST:PORT]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from agents.sdk.importer import ImportTerms, import_files
from agents.sdk.store.records import RecordStore
from broker.bootstrap.holder import build_holder
from broker.bootstrap.principal import open_principal, topics_of, utc_now
from broker.bootstrap.records import open_records
from broker.bootstrap.requester import build_requester
from broker.bootstrap.sectors import load_agents
from broker.config import KafkaLogConfig, write_config
from broker.exchange import parse as parse_stage
from broker.exchange import seal as seal_stage
from broker.exchange import verify as verify_stage
from broker.exchange.worker import Delivery, Worker
from broker.holder import pipeline
from broker.partnership.enrolment import Plan, create_home
from broker.partnership.profile import load_profile
from broker.ports import CommittedOffset, Outgoing
from schemas.topics import Family, topic_name
from schemas.vocabulary import RatingBand, ReviewPolicy, Sector

QUIET: Callable[..., None] = lambda *_: None  # noqa: E731
FORM = Path(__file__).parents[1] / "agents/police/examples"


class Clockwork:
    """Adds up the time spent inside what it wraps; a wrapped call inside another is counted once, outermost first."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self._inside = 0

    @contextmanager
    def measured(self, name: str) -> Iterator[None]:
        self._inside += 1
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self.seconds[name] += time.perf_counter() - begun
                self.calls[name] += 1

    def wrap(self, owner: Any, attribute: str, name: str) -> Callable[[], None]:
        real = getattr(owner, attribute)

        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.measured(name):
                return real(*args, **kwargs)

        setattr(owner, attribute, timed)
        return lambda: setattr(owner, attribute, real)


PRIMITIVES = [
    ("Mash1Crypto", "verify", "Ed25519 verify"),
    ("Mash1Crypto", "wrap", "X-Wing HPKE seal"),
    ("Mash1Crypto", "encrypt", "AES-256-GCM"),
    ("Mash1Crypto", "decrypt", "AES-256-GCM"),
    ("FileSigner", "sign", "Ed25519 sign"),
    ("FileOpener", "open", "X-Wing HPKE open"),
    ("FileRestKey", "encrypt", "AES-256-GCM at rest"),
    ("FileRestKey", "decrypt", "AES-256-GCM at rest"),
]


@contextmanager
def primitives(clockwork: Clockwork) -> Iterator[None]:
    """Time every primitive of the path where it is called: cryptography, Avro, the organisation's own database."""
    from broker.adapters import crypto, sql

    undo = [clockwork.wrap(getattr(crypto, owner), method, name) for owner, method, name in PRIMITIVES]
    for module in (parse_stage, verify_stage, seal_stage):
        for name in ("decode", "decode_parts", "encode", "encode_parts"):
            if hasattr(module, name):
                undo.append(clockwork.wrap(module, name, "Avro"))
    real = sql.SqlDatabase.transaction

    @contextmanager
    def transaction(self: Any) -> Iterator[Any]:
        with clockwork.measured("database transaction"), real(self) as one:
            yield one

    read = sql.SqlDatabase.snapshot

    @contextmanager
    def snapshot(self: Any) -> Iterator[Any]:
        with clockwork.measured("database snapshot"), read(self) as one:
            yield one

    sql.SqlDatabase.transaction = transaction  # type: ignore[method-assign,assignment]
    sql.SqlDatabase.snapshot = snapshot  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        sql.SqlDatabase.transaction = real  # type: ignore[method-assign]
        sql.SqlDatabase.snapshot = read  # type: ignore[method-assign]
        for one in undo:
            one()


def make_home(folder: Path, kafka: str | None) -> Any:
    """Make a partnership of one police organisation without review, with the invented family in its records."""
    loaded = load_profile("northamptonshire")
    review_none = dict.fromkeys(RatingBand, ReviewPolicy.NONE)
    plan = Plan(
        profile=loaded.profile,
        files=loaded.files,
        organisations={"police": Sector.POLICE},
        review={"police": review_none},
    )
    home = create_home(folder, plan, now=utc_now())
    if kafka:
        for name in home.principals:
            config = home.config(name)
            log = KafkaLogConfig(address=kafka)
            write_config(home.folder(name) / "config.toml", config.model_copy(update={"log": log}))
    return home


async def seal_requests(hub: Any, form: bytes, count: int) -> list[Outgoing]:
    """Let the hub seal `count` requests, and return what would go to the police's topic."""
    requester = build_requester(hub)
    sent: list[Outgoing] = []
    original = requester.outbox.put

    def keep(transaction: Any, sequence: int, messages: list[Outgoing]) -> None:
        sent.extend(one for one in messages if ".requests." in one.topic)

    requester.outbox.put = keep  # type: ignore[method-assign]

    async def nothing(log: Any) -> None:
        return None

    requester.outbox.drain = nothing  # type: ignore[method-assign]
    for _ in range(count):
        await requester.ask(form, request_id=None, log=None, now=utc_now())  # type: ignore[arg-type]
    requester.outbox.put = original  # type: ignore[method-assign]
    return sent


STAGES = [
    (pipeline, "receive", "receive (parse, verify)"),
    (pipeline, "gate", "gate"),
    (pipeline, "minimise", "minimise"),
    (pipeline, "review", "review"),
]


async def time_stages(agent: Any, messages: list[Any]) -> tuple[dict[str, float], float, Clockwork]:
    """Run the path message by message; return seconds a stage, seconds in all, and the primitives' clockwork."""
    path = build_holder(agent)
    stages, inside = Clockwork(), Clockwork()
    undo = [stages.wrap(module, name, label) for module, name, label in STAGES]
    searched = pipeline.search

    async def timed_search(*args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return await searched(*args, **kwargs)
        finally:
            stages.seconds["search (find, identify, look up)"] += time.perf_counter() - begun

    pipeline.search = timed_search  # type: ignore[assignment]
    gc.disable()
    whole = 0.0
    with primitives(inside):
        for index, message in enumerate(messages):
            agent.journal.count_attempt([message.place], now=agent.clock())
            delivery = Delivery(stream="bench.0", sequence=index + 1, attempts=0, now=agent.clock())
            begun = time.perf_counter()
            ended = await path.end(message, delivery)
            whole += time.perf_counter() - begun
            agent.journal.record_outcome([ended.entry])  # or the worker would take it for one that killed its process
    gc.enable()
    for one in undo:
        one()
    pipeline.search = searched
    stages.seconds["end (answer, seal, event)"] = whole - sum(stages.seconds.values())
    return stages.seconds, whole, inside


async def drain(
    agent: Any,
    log: Any,
    topic: str,
    count: int,
    handle: Callable[..., Awaitable[Any]] | None,
    *,
    group: str = "bench",
) -> float:
    """Let the real worker answer `count` messages; return seconds."""
    path = build_holder(agent)
    stop = asyncio.Event()
    done = 0

    async def counted(message: Any, delivery: Delivery) -> Any:
        nonlocal done
        batch = await (handle or path.end)(message, delivery)
        done += 1
        if done >= count:
            asyncio.get_running_loop().call_later(0.05, stop.set)
        return batch

    worker = Worker(
        log=log,
        topic=topic,
        group=group,
        journal=agent.journal,
        handle=counted,
        clock=agent.clock,
        stop=stop,
    )
    begun = time.perf_counter()
    await worker.run()
    return time.perf_counter() - begun - 0.05


async def echo(log: Any, source: str, target: str, sizes: list[tuple[str, int]], count: int) -> float:
    """Read and publish the same sizes in the same batches with the position, and nothing else; return seconds."""
    claim = await log.claim(source, 0, group="echo")
    done, begun = 0, time.perf_counter()
    while done < count:
        messages = await claim.fetch(most=64, wait=timedelta(seconds=5))
        out = [
            Outgoing(topic=topic, key=message.key, value=bytes(size)) for message in messages for topic, size in sizes
        ]
        await claim.publish(out, position=CommittedOffset(offset=messages[-1].place.offset + 1))
        done += len(messages)
    seconds = time.perf_counter() - begun
    await claim.release()
    return seconds


async def run(folder: Path, count: int, kafka: str | None) -> None:
    home = make_home(folder, kafka)
    hub, agent = open_principal(home.folder("hub"), observe=QUIET), open_principal(home.folder("police"), observe=QUIET)
    adapter = load_agents()[Sector.POLICE]
    examples = list(adapter.examples())
    import_files(
        examples,
        agent=adapter,
        store=RecordStore(open_records(agent, adapter)),
        terms=ImportTerms(now=agent.clock(), verified_identifiers=False),
    )
    log = agent.log()
    topic = topic_name(agent.config.partnership, Family.REQUESTS, "police")
    await log.create_topics({**topics_of(agent.published.current()), topic: 1})  # one order, for the echo too
    form = sorted((FORM / "requests").glob("*.json"))[0].read_bytes()
    document = json.loads(form) | {"agencies": ["police"]}
    sealed = await seal_requests(hub, json.dumps(document).encode(), count)
    await publish_all(log, topic, sealed)
    messages = []
    while len(messages) < count:
        offset = messages[-1].place.offset + 1 if messages else 0
        messages += await log.read(topic, 0, offset=offset, most=500, wait=timedelta(seconds=5))
    await build_holder(agent).end(messages[0], Delivery(stream="warm.0", sequence=1, attempts=0, now=agent.clock()))
    stages, whole, inside = await time_stages(agent, messages[1:])
    batch = await build_holder(agent).end(
        messages[0], Delivery(stream="warm.0", sequence=1, attempts=0, now=agent.clock())
    )
    sizes = [(one.topic, len(one.value)) for one in batch.outgoing]
    echoed = await echo(log, topic, topic, sizes, count)
    answered = await drain(agent, log, topic, count, None)
    report(count, stages, whole, inside, echoed, answered, "kafka" if kafka else "embedded")
    await log.close()
    hub.close()
    agent.close()


async def publish_all(log: Any, anchor: str, messages: list[Outgoing], *, group: str = "bench-producer") -> None:
    claim = await log.claim(anchor, 0, group=group)
    for first in range(0, len(messages), 50):
        await claim.publish(messages[first : first + 50], position=CommittedOffset(offset=first + 50))
    await claim.release()


def report(
    count: int,
    stages: dict[str, float],
    whole: float,
    inside: Clockwork,
    echoed: float,
    answered: float,
    log: str,
) -> None:
    timed = count - 1
    bare = sum(inside.seconds.values())
    print(f"conditions: {count} requests, log {log}, Python {platform.python_version()}, {platform.machine()},")
    print("            one process, machine shared and noisy: read the ratios, not the milliseconds\n")
    print("stage                                 ms a request   share")
    for name, seconds in sorted(stages.items(), key=lambda one: -one[1]):
        print(f"{name:38}{1000 * seconds / timed:10.3f}    {seconds / whole:6.1%}")
    print(f"{'the whole path':38}{1000 * whole / timed:10.3f}\n")
    print("primitive                             ms a request   calls")
    for name, seconds in sorted(inside.seconds.items(), key=lambda one: -one[1]):
        print(f"{name:38}{1000 * seconds / timed:10.3f}    {inside.calls[name] / timed:6.1f}")
    print(f"{'all primitives':38}{1000 * bare / timed:10.3f}\n")
    allowed = count / (echoed + bare * count / timed)
    print(f"path / primitives                     {whole / bare:10.2f}   (aim: 1.25 or less)")
    print(f"raw echo, requests a second           {count / echoed:10.0f}")
    print(f"echo and primitives allow             {allowed:10.0f}")
    print(f"secured agent reaches                 {count / answered:10.0f}")
    print(f"secured / allowed                     {count / answered / allowed:10.2f}   (aim: 0.8 or more)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--kafka", metavar="HOST:PORT")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "home", options.requests, options.kafka))
    return 0


if __name__ == "__main__":
    sys.exit(main())
