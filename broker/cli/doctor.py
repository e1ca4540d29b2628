"""`mash doctor`: what is wrong with a HOME, and what to do about it. It looks, and changes nothing.

(1) Files that others could read; (2) each principal: configuration, keys, directory, what it could not accept, what it
said that no checkpoint covers, and where the ledger's events do not tell one story; (3) the event log: missing topics,
messages that nobody works on; (4) processes that `mash up` runs and that are not ready. Findings hold places, counts
and reason words.
"""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from broker.bootstrap import Principal, open_principal, topics_of
from broker.cli.examine import Finding, Patience, examine
from broker.cli.output import DONE, FINDING, emit
from broker.cli.reconciled import reconciled
from broker.cli.status import status_of
from broker.errors import MashError, RejectedError
from broker.exchange.directory import TrustedDirectory
from broker.home import LOG_FILE, Home, open_home
from broker.ports import EventLog
from schemas.topics import Family, topic_name
from schemas.vocabulary import PrincipalRole

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
START_IT = "start it with: mash up HOME"
MANY_RESTARTS = 3


def doctor(path: Path, *, json: bool) -> int:
    """Print the findings; exit 1 where there are any. Raises: UsageError where this is no HOME."""
    home = open_home(path)
    findings = list(findings_of(home))
    document: dict[str, object] = {
        "ok": not findings,
        "findings": [{"what": one.what, "do": one.do} for one in findings],
    }
    if json:
        emit(document)
    else:
        from broker.cli.view import show_findings

        show_findings(document)
    return FINDING if findings else DONE


def findings_of(home: Home) -> Iterator[Finding]:
    """Return everything that is wrong, the most basic first."""
    open_to_others = list(_open_to_others(home))
    yield from open_to_others
    if open_to_others:
        return  # no process starts like this, and nothing below can be looked at
    status = status_of(home.path)
    up = any(one["pid"] for one in _processes(status).values())
    for name in home.principals:
        yield from _examined(home, name, Patience.WHILE_RUNNING if up else Patience.NONE)
    yield from _processes_down(status, up=up)


def _open_to_others(home: Home) -> Iterator[Finding]:  # (1)
    for name in home.principals:
        folder = home.folder(name)
        for path in (folder, folder / "keys", *sorted((folder / "keys").glob("*"))):
            yield from _mode(home, path, "700" if path.is_dir() else "600")
    if (home.path / LOG_FILE).exists():
        yield from _mode(home, home.path / LOG_FILE, "600")


def _mode(home: Home, path: Path, wanted: str) -> Iterator[Finding]:
    where = path.relative_to(home.path)
    if not path.exists():
        yield Finding(what=f"{where} is missing", do="restore it from this principal's own backup")
    elif stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        mode = stat.S_IMODE(path.stat().st_mode)
        yield Finding(what=f"{where} is open to others (mode {mode:04o})", do=f"chmod {wanted} {path}")


def _examined(home: Home, name: str, patience: Patience) -> Iterator[Finding]:  # (2)
    try:
        principal = open_principal(home.folder(name))
    except MashError as fault:
        yield Finding(what=f"{name} cannot start: {fault}", do="restore its folder from this principal's own backup")
        return
    try:
        yield from examine(principal, patience)
        if principal.config.role is PrincipalRole.REQUESTER:
            yield from asyncio.run(_log_findings(principal))
        elif principal.config.role is PrincipalRole.AUDIT:
            yield from reconciled(principal, patience)
    except MashError as fault:
        yield Finding(what=f"{name} cannot be looked at: {fault}", do="restore its folder from its own backup")
    finally:
        principal.close()


async def _log_findings(principal: Principal) -> list[Finding]:  # (3)
    log = principal.log()
    try:
        directory = principal.published.current()
        return [one async for one in _topics(log, directory)] + [one async for one in _waiting(log, directory)]
    finally:
        await log.close()


async def _topics(log: EventLog, directory: TrustedDirectory) -> AsyncIterator[Finding]:
    for topic in topics_of(directory):
        try:
            await log.partitions(topic)
        except RejectedError as fault:
            yield Finding(what=f"topic {topic}: {fault.reason}", do=f"{START_IT}; it makes what is missing")


async def _waiting(log: EventLog, directory: TrustedDirectory) -> AsyncIterator[Finding]:
    for holder in directory.holders():
        topic = topic_name(directory.directory.partnership, Family.REQUESTS, holder.id)
        try:
            end, position = await log.end(topic, 0), await log.committed(topic, 0, group=f"{holder.id}.requests")
        except RejectedError:
            continue  # named above
        if end > position.offset:
            waiting = end - position.offset
            yield Finding(what=f"{waiting} requests to {holder.id} wait for its agent", do=START_IT)


def _processes_down(status: dict[str, object], *, up: bool) -> Iterator[Finding]:  # (4)
    for name, one in _processes(status).items():
        if up and not one["ready"]:
            yield Finding(what=f"{name} is not ready", do=f"read {name}/service.log; it is started again by itself")
        elif one["restarts"] >= MANY_RESTARTS:
            yield Finding(what=f"{name} was started again {one['restarts']} times", do=f"read {name}/service.log")


def _processes(status: dict[str, object]) -> dict[str, dict[str, int]]:
    processes = status["processes"]
    return processes if isinstance(processes, dict) else {}
