"""Serve: one process alone, with its own folder's keys only: an organisation's agent, screening, or audit.

(1) It is ready when it owns what it must own, and says so in its folder. (2) SIGTERM and SIGINT end what is in hand,
then the process. (3) It ends by itself when its supervisor is gone, and (4) when the directory names a key epoch of its
own that it has not loaded: the supervisor starts it again, with the new key.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from broker.bootstrap import Principal, build_desk, build_holder, build_id, open_principal
from broker.cli.readiness import clear_ready, write_ready
from broker.cli.settle import Settler
from broker.errors import UsageError
from broker.exchange.envelope import sha256
from broker.exchange.seal import SealedBatch
from broker.exchange.worker import Handler, Turn, Worker
from broker.holder.desk_clock import DeskClock
from broker.ports import EventLog, Message, Place
from consumers.audit import tables as audit_tables
from consumers.audit.service import AuditService
from consumers.screening.service import SCHEMA as SCREENING_SCHEMA
from consumers.screening.service import ScreeningService
from schemas.topics import Family, topic_name
from schemas.vocabulary import PrincipalRole

LOOK_EVERY_SECONDS = 0.5

Service = Callable[[], Coroutine[None, None, None]]


def serve(folder: Path, *, parent: int | None) -> int:
    """Run the process of one folder until it is told to stop; `parent` is the supervisor's process id.

    Raises: UsageError, RejectedError where it cannot start; InvariantError where a person must look.
    """
    principal = open_principal(folder)
    try:
        asyncio.run(_serve(principal, parent))
    finally:
        principal.close()
    return 0


async def _serve(principal: Principal, parent: int | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)  # (2)
    log = principal.log()
    try:
        with _said_ready(principal) as ready:
            async with asyncio.TaskGroup() as tasks:
                for service in _services(principal, log, stop, ready):
                    tasks.create_task(service())
                tasks.create_task(_watch(principal, parent, stop))
    finally:
        await log.close()


@contextmanager
def _said_ready(principal: Principal) -> Iterator[Callable[[], None]]:
    def ready() -> None:
        write_ready(principal.folder)  # (1)
        principal.observe("ready", {"pid": os.getpid()})

    try:
        yield ready
    finally:
        clear_ready(principal.folder)
        principal.observe("stopped", {"pid": os.getpid()})


async def _watch(principal: Principal, parent: int | None, stop: asyncio.Event) -> None:
    lacking = keys_lacking(principal)  # lost before the start: a restart would not bring them back
    while not stop.is_set():
        if parent is not None and os.getppid() != parent:
            principal.observe("supervisor_gone", {"pid": parent})
            stop.set()  # (3)
        elif keys_lacking(principal) - lacking:
            principal.observe("key_epoch_renewed", {"version": principal.published.current().directory.version})
            stop.set()  # (4)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_SECONDS)


def keys_lacking(principal: Principal) -> frozenset[bytes]:
    """Return the hashes of this principal's live KEM keys in the directory that this process cannot open."""
    now, directory = principal.clock(), principal.published.current()
    own = directory.principal(principal.config.principal)
    live = {sha256(key.public_key) for key in own.kem_keys if key.open_until > now}
    return frozenset(live - set(principal.keys.openers))


# ---------------------------------------------------------------- by role


def _services(
    principal: Principal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None]
) -> tuple[Service, ...]:
    match principal.config.role:
        case PrincipalRole.HOLDER:
            return _holder(principal, log, stop, ready)
        case PrincipalRole.SCREENING:
            return (_then(ready, _screening(principal, log, stop).run),)
        case PrincipalRole.AUDIT:
            return (_then(ready, _audit(principal, log, stop).run),)
        case PrincipalRole.REQUESTER:
            raise UsageError(f"{principal.folder}: a requester has no process: it asks with `mash request`")


def _then(ready: Callable[[], None], service: Service) -> Service:
    async def run() -> None:
        ready()
        await service()

    return run


def _holder(principal: Principal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None]) -> tuple[Service, ...]:
    config = principal.config
    pipeline = build_holder(principal)
    reader, hand = build_desk(principal)
    worker = Worker(
        log=log,
        topic=topic_name(config.partnership, Family.REQUESTS, config.principal),
        group=config.principal,
        journal=principal.journal,
        handle=_observed(principal, pipeline.end),
        clock=principal.clock,
        stop=stop,
        claimed=ready,
    )
    clock = DeskClock(log=log, reader=reader, hand=hand, source=pipeline.source, clock=principal.clock, stop=stop)
    return worker.run, Settler(principal, log=log, stop=stop).run, clock.run


def _observed(principal: Principal, handle: Handler) -> Handler:
    """Say one line for each message that ended: which event accounts for it, never what was found."""

    async def observed(message: Message, turn: Turn) -> SealedBatch:
        begun = time.monotonic()
        batch = await handle(message, turn)
        facts: dict[str, int | str] = {
            "status": "set_aside" if batch.said.reason else "ended",
            "reason": batch.said.reason or "",
            "event_id": batch.said.event_id,
            "sequence": turn.sequence,
            "offset": message.place.offset,
            "milliseconds": round((time.monotonic() - begun) * 1000),
        }
        principal.observe("message", facts)
        return batch

    return observed


def _screening(principal: Principal, log: EventLog, stop: asyncio.Event) -> ScreeningService:
    def observe(reason: str, place: Place | None) -> None:
        where: dict[str, int | str] = {"topic": place.topic, "offset": place.offset} if place else {}
        principal.observe("alarm", {"reason": reason, **where})

    return ScreeningService(
        log=log,
        sealer=principal.sealer,
        verifier=principal.verifier,
        database=principal.database("screening", schema=SCREENING_SCHEMA),
        requester=principal.config.acts_for,
        build=build_id(),
        clock=principal.clock,
        stop=stop,
        observe=observe,
    )


def _audit(principal: Principal, log: EventLog, stop: asyncio.Event) -> AuditService:
    return AuditService(
        log=log,
        database=principal.database("ledger", schema=audit_tables.SCHEMA),
        partnership=principal.config.partnership,
        keys=principal.keys,
        crypto=principal.crypto,
        random=principal.sealer.random,
        directory=principal.published.current,
        known_version=principal.published.known_version,
        clock=principal.clock,
        stop=stop,
        observe=principal.observe,
    )
