"""What processes tell one another through small files: `ready.json` in a folder, `supervisor.json` in HOME.

Each is written whole or not at all, readable by its owner only. A file left behind by a process that was killed proves
nothing: it counts only with the process id that the supervisor started.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

READY_FILE = "ready.json"
SUPERVISOR_FILE = "supervisor.json"


def write_whole(path: Path, document: Mapping[str, object]) -> None:
    """Write a JSON file so that a reader sees the old one or the new one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file)
    draft.replace(path)


def read_whole(path: Path) -> dict[str, object]:
    """Return what such a file says; empty where there is none or it is no JSON object."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def write_ready(folder: Path) -> None:
    """Say that the process of this folder, which calls it, does its work."""
    write_whole(folder / READY_FILE, {"pid": os.getpid(), "ready": True})


def clear_ready(folder: Path) -> None:
    """Take it back. Safe to call twice."""
    (folder / READY_FILE).unlink(missing_ok=True)


def is_ready(folder: Path, pid: int) -> bool:
    """Say whether the process with this id said so."""
    said = read_whole(folder / READY_FILE)
    return said.get("pid") == pid and said.get("ready") is True
