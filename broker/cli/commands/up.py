"""`mash up`: runs a whole partnership on one machine, supervised, with its directory renewed in time.

(1) One `up` a HOME; (2) the directory is renewed where it must be, announced, and missing topics are made, before any
process starts; (3) the same is looked at each hour, and what a crashed command left in the hub's outbox goes out within
seconds; (4) SIGINT and SIGTERM drain and stop everything.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from broker.application.session import Home, Hub, open_home, open_hub
from broker.application.switch_log import move_to_kafka
from broker.cli.output import DONE, emit, say
from broker.errors import UnavailableError, UsageError
from broker.partnership.enrolment import renew_directory
from broker.partnership.process_files import SUPERVISOR_FILE
from broker.runtime.command import mash
from broker.runtime.observability.http import Address, address_of
from broker.runtime.supervisor import Child, Supervisor
from schemas.vocabulary import PrincipalRole

LOCK_FILE = "up.lock"
RENEW_EVERY_SECONDS = 3600.0
DRAIN_EVERY_SECONDS = 5.0


def up(path: Path, *, kafka: str | None, json: bool, observe: str | None = None) -> int:
    """Run until told to stop; `kafka` moves an unused HOME to those brokers, for good.

    `observe` is HOST:PORT at which the first process is seen from outside, the next ones at the ports after it.

    Raises: UsageError where this HOME runs already, a configuration is wrong, or it cannot move to those brokers.
    """
    home = open_home(path)
    children = children_of(home, observe=None if observe is None else address_of(observe))
    with _only_one(home.path):
        if kafka is not None:
            move_to_kafka(home, kafka)
        asyncio.run(_up(home, children, json=json))
    return DONE


async def _up(home: Home, children: tuple[Child, ...], *, json: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)  # (4)
    async with open_hub(home) as hub:
        (home.path / SUPERVISOR_FILE).unlink(missing_ok=True)  # of an `up` that was killed
        await _renewed(home, hub)  # (2)
        supervisor = Supervisor(
            home=home.path,
            log_kind=hub.principal.config.log.kind,
            stop=stop,
            children=children,
            say=say,
        )
        say(f"mash: starting {len(children)} processes of {home.path}")
        for child in children:
            if child.seen_at is not None:
                say(f"mash: {child.name} is seen at http://{child.seen_at}/metrics")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(supervisor.run())
            tasks.create_task(_tell_when_ready(supervisor, json=json))
            tasks.create_task(_look_after_hub(home, hub, stop))  # (3)
    say("mash: stopped")


def children_of(home: Home, *, observe: Address | None = None) -> tuple[Child, ...]:
    """Return who is to run: every principal but the requester, which has no process; each is seen at its own port.

    Raises: UsageError where there are not so many ports.
    """
    names = sorted(name for name in home.principals if home.config(name).role is not PrincipalRole.REQUESTER)
    seen = [str(observe.after(ports)) if observe else None for ports in range(len(names))]
    return tuple(
        Child(name=name, folder=home.folder(name), command=_command(home.folder(name), at), seen_at=at)
        for name, at in zip(names, seen, strict=True)
    )


def _command(folder: Path, observe: str | None) -> tuple[str, ...]:
    return mash("run", str(folder), "--parent", str(os.getpid()), *(("--observe", observe) if observe else ()))


async def _renewed(home: Home, hub: Hub) -> None:
    renew_directory(home, hub.principal.published.current(), now=hub.principal.clock())
    await hub.publish()


async def _look_after_hub(home: Home, hub: Hub, stop: asyncio.Event) -> None:
    clock = asyncio.get_running_loop().time
    renew_at = clock() + RENEW_EVERY_SECONDS
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), DRAIN_EVERY_SECONDS)
            return
        try:
            if clock() >= renew_at:
                renew_at = clock() + RENEW_EVERY_SECONDS
                await _renewed(home, hub)
            await hub.drain()
        except (UnavailableError, UsageError, OSError) as fault:
            # A root key out of reach, a log that is busy: what runs goes on, and `mash doctor` says the same.
            say(f"mash: {fault.strerror if isinstance(fault, OSError) else fault}")


async def _tell_when_ready(supervisor: Supervisor, *, json: bool) -> None:
    ready, stopped = asyncio.create_task(supervisor.all_ready.wait()), asyncio.create_task(supervisor.stop.wait())
    await asyncio.wait((ready, stopped), return_when=asyncio.FIRST_COMPLETED)
    if ready.done():
        say(f"mash: ready: {', '.join(child.name for child in supervisor.children)}; stop with Ctrl-C")
        if json:
            emit(supervisor.status())
    for task in (ready, stopped):
        task.cancel()


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    descriptor = os.open(home / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # (1) the system drops it when the process dies
    except BlockingIOError:
        raise UsageError(f"{home}: runs already; see: mash status {home}") from None
    else:
        yield
    finally:
        os.close(descriptor)
