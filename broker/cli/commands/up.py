"""`mash up`: supervise a whole partnership on one machine: the hub, each agent and each consumer in its own process.

(1) One `mash up` for each HOME; (2) the supervisor opens no keys, store or log: all work is done by a process with its
own folder; (3) SIGINT and SIGTERM drain and stop every process.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from broker.application.home import Home, open_home
from broker.cli.output import DONE, emit, say
from broker.errors import UsageError
from broker.runtime.command import mash
from broker.runtime.observability.http import Address, address_of
from broker.runtime.supervisor import Child, Supervisor

LOCK_FILE = "up.lock"


def up(path: Path, *, kafka: str | None, json: bool, observe: str | None = None) -> int:
    """Supervise until a signal stops it; `kafka` first moves an unused HOME to those brokers, for good.

    `observe` is the HOST:PORT of the first process's endpoints; the others follow at the next ports.

    Raises: UsageError where this HOME runs already, a configuration is wrong, or it cannot move to those brokers.
    """
    home = open_home(path)
    children = children_of(home, observe=None if observe is None else address_of(observe))
    with _only_one(home.path):
        if kafka is not None:
            from broker.application.switch_log import (
                move_to_kafka,
            )  # opens the hub's keys, so never loaded otherwise (2)

            move_to_kafka(home, kafka)
        asyncio.run(_up(home, children, json=json))
    return DONE


async def _up(home: Home, children: tuple[Child, ...], *, json: bool) -> None:  # (2)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)  # (3)
    configs = [
        home.config(child.name) for child in children
    ]  # a wrong one ends `up` now, instead of restarting for ever
    supervisor = Supervisor(home=home.path, log_kind=configs[0].log.kind, stop=stop, children=children, say=say)
    say(f"mash: starting {len(children)} processes of {home.path}")
    for child in children:
        if child.seen_at is not None:
            say(f"mash: {child.name} is seen at http://{child.seen_at}/metrics")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(supervisor.run())
        tasks.create_task(_tell_when_ready(supervisor, json=json))
    say("mash: stopped")


def children_of(home: Home, *, observe: Address | None = None) -> tuple[Child, ...]:
    """Return a child for every principal, in order of names, each with its endpoints at its own port.

    Raises: UsageError where the ports run out.
    """
    names = home.principals
    seen = [str(observe.after(ports)) if observe else None for ports in range(len(names))]
    return tuple(
        Child(name=name, folder=home.folder(name), command=_command(home.folder(name), at), seen_at=at)
        for name, at in zip(names, seen, strict=True)
    )


def _command(folder: Path, observe: str | None) -> tuple[str, ...]:
    return mash("run", str(folder), "--parent", str(os.getpid()), *(("--observe", observe) if observe else ()))


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
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # (1) the kernel drops it when the process dies
    except BlockingIOError:
        raise UsageError(f"{home}: runs already; see: mash status {home}") from None
    else:
        yield
    finally:
        os.close(descriptor)
