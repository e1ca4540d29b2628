"""Diagnosis of a HOME: each fault with its remedy. Nothing is changed.

(1) Files that others could read; (2) each principal: configuration, keys, directory, quarantined messages, events that
no checkpoint covers, certificate, its part of the event log, and the reconciler's alarms; (3) the brokers against the
table of access; (4) processes of `mash up` that are not ready. Findings hold places, counts and reason words.
"""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from broker.application.diagnosis.event_log import log_findings, provisioning_findings
from broker.application.diagnosis.ledger import reconciled
from broker.application.diagnosis.principal import Finding, Patience, examine
from broker.application.status import status_of
from broker.bootstrap.principal import open_principal
from broker.errors import MashError
from broker.partnership.home import LOG_FILE, Home
from schemas.vocabulary import PrincipalRole

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
MANY_RESTARTS = 3


def diagnose(home: Home) -> dict[str, Any]:
    """Return all findings as the document that `mash doctor --json` prints."""
    findings = [{"what": one.what, "do": one.do} for one in findings_of(home)]
    return {"ok": not findings, "findings": findings}


def findings_of(home: Home) -> Iterator[Finding]:
    """Return all findings, the most basic first."""
    open_to_others = list(_open_to_others(home))
    yield from open_to_others
    if open_to_others:
        return  # no process starts like this, and nothing below can be looked at
    status = status_of(home.path)
    up = any(one["pid"] for one in _processes(status).values())
    patience = Patience.WHILE_RUNNING if up else Patience.NONE
    # What several principals see of one log is named once.
    yield from dict.fromkeys(one for name in home.principals for one in _examined(home, name, patience))
    yield from _provisioning(home)
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
        do = "mend what is named; keys come back from this principal's own backup, never from another's"
        yield Finding(what=f"{name} cannot start: {fault}", do=do)
        return
    try:
        yield from examine(principal, patience)
        yield from asyncio.run(log_findings(principal))
        if principal.config.role is PrincipalRole.AUDIT:
            yield from reconciled(principal, patience)
    except MashError as fault:
        yield Finding(what=f"{name} cannot be looked at: {fault}", do="restore its folder from its own backup")
    finally:
        principal.close()


def _provisioning(home: Home) -> Iterator[Finding]:  # (3)
    try:
        yield from provisioning_findings(home)
    except MashError as fault:
        yield Finding(what=f"the brokers cannot be compared with the table: {fault}", do="see mash kafka plan HOME")


def _processes_down(status: dict[str, object], *, up: bool) -> Iterator[Finding]:  # (4)
    for name, one in _processes(status).items():
        if up and not one["ready"]:
            yield Finding(what=f"{name} is not ready", do=f"read {name}/service.log; it is started again by itself")
        elif one["restarts"] >= MANY_RESTARTS:
            yield Finding(what=f"{name} was started again {one['restarts']} times", do=f"read {name}/service.log")


def _processes(status: dict[str, object]) -> dict[str, dict[str, int]]:
    processes = status["processes"]
    return processes if isinstance(processes, dict) else {}
