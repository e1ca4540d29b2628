"""One process, with its own folder's keys only: an organisation's agent, the hub, screening, or audit.

(1) The process writes `ready.json` once it works. (2) SIGTERM and SIGINT finish the batch under way, then end the
process. (3) The process ends when its supervisor is gone, and (4) when the directory names a key epoch of its own, or
pins tables, that it has not loaded: the supervisor starts it again, with the new ones. (5) A process with a gate does
not start without exactly the tables that the directory pins.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import final

from broker.bootstrap.gate_tables import DECIDING
from broker.bootstrap.principal import OpenPrincipal, keys_lacking, open_principal
from broker.config import FILE_NAME, load_config
from broker.partnership.process_files import clear_ready, write_ready
from broker.ports import EventLog, Meter
from broker.runtime.connectivity import check_reachable, renew_certificate, wait_for_hub
from broker.runtime.observability.endpoints import Endpoints
from broker.runtime.observability.event_log import ObservedLog
from broker.runtime.observability.gauges import add_common
from broker.runtime.observability.health import Health
from broker.runtime.observability.http import Address, address_of
from schemas.vocabulary import PrincipalRole

LOOK_EVERY_SECONDS = 0.5  # an orphan outlives its supervisor by this much; `health.WATCH_PATIENCE` counts these beats

Service = Callable[[], Coroutine[None, None, None]]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The meter of an observed process, and the address where it is read."""

    meter: Meter
    address: Address


def serve(folder: Path, *, parent: int | None, observe: str | None = None) -> int:
    """Run the process of one folder until a signal stops it; `parent` is the supervisor's process id.

    `observe` is the HOST:PORT of its endpoints, instead of the configuration's.

    Raises: UsageError, RejectedError where it cannot start; InvariantError where a person must look.
    """
    address = _address(folder, observe)
    principal, meter = (open_principal(folder), None) if address is None else _open_observed(folder)
    try:
        if principal.config.role in DECIDING:
            principal.tables.current()  # (5)
        asyncio.run(_serve(principal, parent, Outside(meter=meter, address=address) if meter and address else None))
    finally:
        principal.close()
    return 0


async def _serve(principal: OpenPrincipal, parent: int | None, outside: Outside | None = None) -> None:
    stop, health = asyncio.Event(), Health()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)  # (2)
    log = principal.log()
    try:
        await check_reachable(principal, log)
        async with _seen(principal, log, health, outside) as seen:
            with _ready_file(principal, health) as ready:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(_watch(principal, parent, stop, health))
                    if principal.config.role is not PrincipalRole.REQUESTER:  # the hub would wait for itself
                        await wait_for_hub(principal, log, stop)
                    if not stop.is_set():
                        for service in _services(principal, seen.log if seen else log, stop, ready, seen):
                            tasks.create_task(service())
    finally:
        await log.close()


def _address(folder: Path, observe: str | None) -> Address | None:
    if observe is None:
        config = load_config(folder / FILE_NAME)
        observe = config.observe.listen if config.observe else None
    return None if observe is None else address_of(observe)


def _open_observed(folder: Path) -> tuple[OpenPrincipal, Meter]:
    from broker.bootstrap.metrics import open_observed  # an unobserved process never loads prometheus_client

    return open_observed(folder)


@asynccontextmanager
async def _seen(
    principal: OpenPrincipal, log: EventLog, health: Health, outside: Outside | None
) -> AsyncIterator[Endpoints | None]:
    if outside is None:
        yield None
        return
    observed = ObservedLog(log, outside.meter)
    seen = Endpoints(principal=principal, meter=outside.meter, log=observed, health=health)
    add_common(seen)
    async with seen.served(outside.address):
        yield seen


@contextmanager
def _ready_file(principal: OpenPrincipal, health: Health) -> Iterator[Callable[[], None]]:
    def ready() -> None:
        if health.begun:
            return  # the worker calls this for every partition that it claims
        health.begun = True
        write_ready(principal.folder)  # (1)
        principal.observe("ready", {"pid": os.getpid()})

    try:
        yield ready
    finally:
        clear_ready(principal.folder)
        principal.observe("stopped", {"pid": os.getpid()})


async def _watch(principal: OpenPrincipal, parent: int | None, stop: asyncio.Event, health: Health) -> None:
    lacking = keys_lacking(principal)  # keys lost before the start: restarting for them would never end
    while not stop.is_set():
        health.beat()
        renew_certificate(principal)
        if parent is not None and os.getppid() != parent:  # an orphan gets another parent from the kernel
            principal.observe("supervisor_gone", {"pid": parent})
            stop.set()  # (3)
        elif keys_lacking(principal) - lacking:
            principal.observe("key_epoch_renewed", {"version": principal.published.current().directory.version})
            stop.set()  # (4)
        elif principal.config.role in DECIDING and principal.tables.superseded():
            principal.observe("tables_replaced", {"version": principal.published.current().directory.version})
            stop.set()  # (4)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_SECONDS)


def _services(
    principal: OpenPrincipal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None], seen: Endpoints | None
) -> tuple[Service, ...]:
    """Return the services of this process's role; only that role's modules are loaded."""
    match principal.config.role:
        case PrincipalRole.HOLDER:
            from broker.runtime.roles.holder import holder_services

            return holder_services(principal, log, stop, ready, seen)
        case PrincipalRole.SCREENING:
            from broker.runtime.roles.screening import screening_services

            return screening_services(principal, log, stop, ready, seen)
        case PrincipalRole.AUDIT:
            from broker.runtime.roles.audit import audit_services

            return audit_services(principal, log, stop, ready, seen)
        case PrincipalRole.REQUESTER:
            from broker.runtime.roles.hub import hub_services

            return hub_services(principal, log, stop, ready, seen)
