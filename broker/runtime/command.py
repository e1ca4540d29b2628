"""How `mash` starts `mash`: the same interpreter and the same code, whatever lies in the current folder.

Python puts the current folder in front of everything for `-m`; a folder `schemas` there would be run as ours (`-P`
keeps it out), and an application that is not installed would not be found (`PYTHONPATH` says where this one is).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import broker

ROOT = Path(broker.__file__).parent.parent


def mash(*words: str) -> tuple[str, ...]:
    """Return the command that runs `mash` with these words."""
    return (sys.executable, "-P", "-m", "broker.cli.main", *words)


def environment() -> dict[str, str]:
    """Return the environment for it."""
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *([known] if known else [])])}
