"""Small files by which processes report their state: `ready.json` and `records.json` in a principal's folder,
`supervisor.json` in HOME.

Each file is written whole or not at all and is readable by its owner only. A killed process leaves its file behind, so
a file counts only if it names the process id that the supervisor started.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

READY_FILE = "ready.json"
RECORDS_FILE = "records.json"
SUPERVISOR_FILE = "supervisor.json"


def write_whole(path: Path, document: Mapping[str, object]) -> None:
    """Write a JSON file atomically: a reader sees the old document or the new one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file)
    draft.replace(path)


def read_whole(path: Path) -> dict[str, object]:
    """Return the document of such a file; empty where there is no file or it holds no JSON object."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def write_ready(folder: Path) -> None:
    """Record that the calling process, which owns this folder, is ready."""
    write_whole(folder / READY_FILE, {"pid": os.getpid(), "ready": True})


def clear_ready(folder: Path) -> None:
    """Remove the ready file. Safe to call twice."""
    (folder / READY_FILE).unlink(missing_ok=True)


def write_records(folder: Path, reason: str | None) -> None:
    """Record why the calling process, which owns this folder, has no records to search; nothing where it has."""
    if reason is None:
        (folder / RECORDS_FILE).unlink(missing_ok=True)
    else:
        write_whole(folder / RECORDS_FILE, {"pid": os.getpid(), "reason": reason})


def records_reason(folder: Path, pid: int) -> str | None:
    """Return why the process with this id has no records to search."""
    document = read_whole(folder / RECORDS_FILE)
    reason = document.get("reason")
    return reason if document.get("pid") == pid and isinstance(reason, str) else None


def is_ready(folder: Path, pid: int) -> bool:
    """Return whether the ready file was written by the process with this id."""
    document = read_whole(folder / READY_FILE)
    return document.get("pid") == pid and document.get("ready") is True
