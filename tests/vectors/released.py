"""The compatibility gate: a released schema file never changes a byte (README, EVOLVE-1).

`schemas/released.json` gives for each file its SHA-256 and the release that froze it, null while it may still change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

SCHEMAS = Path(__file__).parents[2] / "schemas"
MANIFEST = SCHEMAS / "released.json"

Entry = dict[str, str | None]
Manifest = dict[str, Entry]


class FrozenError(Exception):
    """What was asked would change something that is released."""


def on_disk() -> dict[str, bytes]:
    """Return every schema file that lies there."""
    return {path.name: path.read_bytes() for path in sorted(SCHEMAS.glob("*.avsc"))}


def manifest() -> Manifest:
    """Return the manifest that lies there."""
    if not MANIFEST.exists():
        return {}
    entries: Manifest = json.loads(MANIFEST.read_text("utf-8"))
    return entries


def faults(entries: Manifest, files: Mapping[str, bytes]) -> list[str]:
    """Say what is wrong between a manifest and the files: one line each, empty when all is well."""
    found = [f"{name}: not in the manifest, run `make vectors`" for name in sorted(files.keys() - entries.keys())]
    for name, entry in sorted(entries.items()):
        if name in files and sha256(files[name]).hexdigest() == entry["sha256"]:
            continue
        if entry["released"] is not None:
            found.append(f"{name}: released with {entry['released']} and changed; put it back and add {_next(name)}")
        else:
            found.append(f"{name}: differs from the manifest, run `make vectors`")
    return found


def refreshed(entries: Manifest, files: Mapping[str, bytes]) -> Manifest:
    """Return the manifest of these files. Raises: FrozenError where a released one is missing or changed."""
    for fault in faults(entries, files):
        if "released with" in fault:
            raise FrozenError(fault)
    unknown: Entry = {"released": None}
    return {
        name: {"sha256": sha256(data).hexdigest(), "released": entries.get(name, unknown)["released"]}
        for name, data in sorted(files.items())
    }


def frozen(entries: Manifest, *, version: str) -> Manifest:
    """Return the manifest in which everything that could still change is released with `version`."""
    return {name: {**entry, "released": entry["released"] or version} for name, entry in entries.items()}


def _next(name: str) -> str:
    stem, version, _ = name.rsplit(".", 2)
    return f"{stem}.v{int(version[1:]) + 1}.avsc beside it"
