"""Serve: one process alone, with its own folder's keys only: an organisation's agent, screening, or audit.

(1) It is ready when it owns what it must own, and says so in its folder. (2) SIGTERM and SIGINT end what is in hand,
then the process. (3) It ends by itself when its supervisor is gone, and (4) when the directory names a key epoch of its
own that it has not loaded: the supervisor starts it again, with the new key.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from broker.bootstrap import Principal, open_principal
from broker.cli.readiness import clear_ready, write_ready
from broker.errors import InvariantError, UsageError
from broker.exchange.envelope import sha256
from broker.ports import EventLog
from schemas.vocabulary import PrincipalRole

LOOK_EVERY_SECONDS = 0.5

Service = Callable[[], Coroutine[None, None, None]]


def serve(folder: Path, *, parent: int | None) -> int:
    """Run the process of one folder until it is told to stop; `parent` is the supervisor's process id.

    Raises: UsageError, RejectedError where it cannot start; InvariantError where a person must look.
    """
    principal = open_principal(folder)
    try:
        if principal.config.role is PrincipalRole.REQUESTER:
            raise UsageError(f"{folder}: a requester has no process: it asks with `mash request`")
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


def _services(
    principal: Principal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None]
) -> tuple[Service, ...]:
    """Return what runs in a process of this role; each role loads its own modules only."""
    match principal.config.role:
        case PrincipalRole.HOLDER:
            from broker.cli.serve_holder import holder_services

            return holder_services(principal, log, stop, ready)
        case PrincipalRole.SCREENING:
            from broker.cli.serve_screening import screening_service

            return (_then(ready, screening_service(principal, log, stop).run),)
        case PrincipalRole.AUDIT:
            from broker.cli.serve_audit import audit_services

            return audit_services(principal, log, stop, ready)
        case PrincipalRole.REQUESTER:
            raise InvariantError("a requester has no process")


def _then(ready: Callable[[], None], service: Service) -> Service:
    async def run() -> None:
        ready()
        await service()

    return run
