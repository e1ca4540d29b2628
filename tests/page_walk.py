"""A page that a test follows: its marked shell blocks, run as one session, in a folder with only what they name."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree, ignore_patterns

ROOT = Path(__file__).parents[1]
RUN = re.compile(r"<!-- run -->\n```sh\n(.*?)```\n", re.DOTALL)
SECONDS = 240


def blocks(page: str) -> list[str]:
    """Return the blocks that are run."""
    return RUN.findall((ROOT / page).read_text("utf-8"))


def walk(page: str, folder: Path, *, holding: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Copy what the page names into `folder`, and run its blocks there."""
    for name in holding:
        copytree(ROOT / name, folder / name, ignore=ignore_patterns("__pycache__"))
    commands = Path(sys.executable).parent
    assert (commands / "mash").exists(), "the project is not installed here: make test does it"
    script = "set -euo pipefail\n" + "\n".join(blocks(page))
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    session = subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, "NO_COLOR": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = session.communicate(timeout=SECONDS)
        return subprocess.CompletedProcess(script, session.returncode, output)
    finally:
        _end_all_of(session.pid)
        session.wait()


def _end_all_of(group: int) -> None:
    """A block that failed leaves what it started behind: a test must not."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
