"""Status of a HOME's processes: running, and ready. Only small files are read, so the command starts quickly."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from broker.errors import UsageError
from broker.partnership.process_files import SUPERVISOR_FILE, read_whole, records_reason


def status_of(home: Path) -> dict[str, object]:
    """Return the status document: every process of HOME, whether or not it was ever started."""
    log, names = _processes(home)
    written = read_whole(home / SUPERVISOR_FILE)
    running = written if alive(_number(written.get("pid"))) else {}  # a killed supervisor leaves its file behind
    told = running.get("processes")
    processes = {name: _checked(told.get(name) if isinstance(told, dict) else None) for name in names}
    for name, one in processes.items():
        if one["pid"] and (reason := records_reason(home / name, int(one["pid"]))) is not None:
            one["records"] = reason
    return {"ready": all(one["ready"] for one in processes.values()), "log": log, "processes": processes}


def alive(pid: int) -> bool:
    """Return whether a process with this id runs."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # the process runs, under another user
    return True


def _checked(told: object) -> dict[str, bool | int | str]:
    written = told if isinstance(told, dict) else {}
    pid = _number(written.get("pid"))
    lives = alive(pid)
    return {
        "ready": lives and written.get("ready") is True,
        "pid": pid if lives else 0,
        "restarts": _number(written.get("restarts")),
    }


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _processes(home: Path) -> tuple[str, tuple[str, ...]]:
    """Return the kind of event log, and every principal, from the configuration files alone."""
    log, names = "", []
    for path in sorted(home.glob("*/config.toml")):
        try:
            document = tomllib.loads(path.read_text("utf-8"))
            log = str(document["log"]["kind"])
            names.append(path.parent.name)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path}: not a configuration file ({type(error).__name__})") from None
    if not names:
        raise UsageError(f"{home}: not a home; make one with: mash init {home}")
    return log, tuple(names)
