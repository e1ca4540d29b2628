"""The command that starts a child `mash`: the same interpreter and the same code, whatever lies in the current folder.

For `-m`, Python puts the current folder first on its path: a folder `schemas` there would be imported as ours. `-P`
keeps the current folder out, and `PYTHONPATH` names the folder of this code, which need not be installed.
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
    """Return the environment for such a command."""
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *([known] if known else [])])}
