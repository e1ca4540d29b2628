"""Following a page: its marked blocks, done in their order in a copy of the tree, as a newcomer would do them.

`<!-- run -->` is a shell block; `<!-- file: F -->` is the whole of F; `<!-- below LINE in: F -->` goes under the first
line of F that begins so; `<!-- end of: F -->` goes to its end, in Python after two empty lines;
`<!-- install: FOLDER -->` installs a distribution: its entry points are written down as pip would, so that no test
needs an index of packages.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECONDS = 240
BLOCK = re.compile(r"^## ([^\n]+)$|^<!-- (run|(?:file|below|end of|install)\b.*?) -->\n```\w+\n(.*?)^```$", re.M | re.S)
NOT_COPIED = shutil.ignore_patterns(
    *(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "build", "dist", "libs", "libs.partial", "data"),
    *("wheels", "target", "node_modules"),
)
"""What a checkout does not hold, or what is large there and of no use to a page."""


@dataclass(frozen=True)
class Block:
    """One marked block of a page, and the heading under which it stands."""

    heading: str
    mark: str
    text: str


def blocks(page: Path) -> list[Block]:
    """Return a page's marked blocks in their order."""
    found, heading = [], ""
    for match in BLOCK.finditer(page.read_text("utf-8")):
        heading = match[1] or heading
        if match[2]:
            found.append(Block(heading=heading, mark=match[2], text=match[3]))
    return found


@dataclass
class Tree:
    """A copy of the repository that a page is followed in."""

    folder: Path
    installed: list[Path] = field(default_factory=list)

    @classmethod
    def copy_to(cls, folder: Path) -> Tree:
        shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
        return cls(folder)

    def follow(self, page: list[Block]) -> str:
        """Do what the blocks say, and return what the commands printed."""
        return "".join(self._do(block) for block in page)

    def run(self, *words: str) -> str:
        """Run one command in the tree, with what is installed; anything but exit 0 fails the test."""
        commands = Path(sys.executable).parent
        paths = [self.folder, *self.installed, *(one / ".installed" for one in self.installed)]
        process = subprocess.Popen(
            words,
            cwd=self.folder,
            env={
                **os.environ,
                "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": os.pathsep.join(map(str, paths)),
                "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache"),
                "NO_COLOR": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            printed, said = process.communicate(timeout=SECONDS)
        finally:
            _end_all_of(process.pid)
            process.wait()
        assert process.returncode == 0, f"{' '.join(words)}\n{printed}\n{said}"
        return printed

    def check(self) -> None:
        """Run what `make lint` runs."""
        self.run("ruff", "format", "--check", ".")
        self.run("ruff", "check", ".")
        self.run("mypy")
        self.run("lint-imports")

    def _do(self, block: Block) -> str:
        word, _, name = block.mark.partition(": ")
        if word == "run":
            return self.run("bash", "-euo", "pipefail", "-c", block.text)
        if word == "install":
            self._install((self.folder / name).resolve())
            return ""
        path = self.folder / name
        if word == "file":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
        elif word == "end of":
            gap = "\n\n" if path.suffix == ".py" else ""
            path.write_text(path.read_text("utf-8") + gap + block.text, "utf-8")
        else:
            line = word.removeprefix("below ").removesuffix(" in")
            lines = path.read_text("utf-8").splitlines(keepends=True)
            at = next(number for number, text in enumerate(lines, start=1) if text.startswith(line))
            path.write_text("".join([*lines[:at], block.text, *lines[at:]]), "utf-8")
        return ""

    def _install(self, folder: Path) -> None:
        """Write down what pip would: the distribution's name and entry points, in a folder on the path."""
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        info = folder / ".installed" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        (info / "METADATA").write_text(head, "utf-8")
        groups = {"console_scripts": project.get("scripts", {}), **project["entry-points"]}
        lines = [
            line
            for group, entries in groups.items()
            for line in (f"[{group}]", *(f"{k} = {v}" for k, v in entries.items()))
        ]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")
        self.installed.append(folder)


def _end_all_of(group: int) -> None:
    """A command that failed may leave others behind: a test must not."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
