"""Switch each rule off, one at a time; print rule, mutation and the test that notices.

    python -m tests.mutations.run [store|identify|formats|wire ...]

A table beside this file holds rows of `rule`, `file`, `old`, `new`, `tests`. The tree is copied first, and only the
copy is changed. Exit 1 where a mutation survives, or where its row does not fit the code any more.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLES = Path(__file__).parent
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis")
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


def rows_of(names: list[str]) -> list[dict[str, str]]:
    """Return the rows of the tables named, or of all."""
    paths = [path for path in sorted(TABLES.glob("*.toml")) if not names or path.stem in names]
    return [row for path in paths for row in tomllib.loads(path.read_text("utf-8"))["mutation"]]


def fits(tree: Path, row: dict[str, str]) -> bool:
    """Return whether the text that a row changes stands in its file, once."""
    return (tree / row["file"]).read_text("utf-8").count(row["old"]) == 1


def tried(tree: Path, row: dict[str, str]) -> str | None:
    """Return the first test that fails under a mutation; None where all pass. The file is put back."""
    path = tree / row["file"]
    source = path.read_text("utf-8")
    path.write_text(source.replace(row["old"], row["new"]), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *row["tests"].split()]
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False, timeout=300)
    finally:
        path.write_text(source, "utf-8")
    found = FAILED.search(done.stdout)
    return found[1] if found else None


def tell(row: dict[str, str], outcome: str) -> None:
    """Print what a row switched off, and what came of it."""
    old, new = (" ".join(row[side].split()) for side in ("old", "new"))
    sys.stdout.write(f"{row['rule']}\n    {row['file']}: {old}  ->  {new or '(nothing)'}\n    {outcome}\n")
    sys.stdout.flush()


def main(names: list[str]) -> int:
    """Try every row of the tables named, or of all; return 1 where one survived or does not fit."""
    rows = rows_of(names)
    noticed = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_BEHIND)
        for row in rows:
            test = tried(tree, row) if fits(tree, row) else None
            noticed += test is not None
            tell(row, test or ("SURVIVED" if fits(tree, row) else "THE TEXT IS NOT THERE"))
    sys.stdout.write(f"{noticed} of {len(rows)} noticed\n")
    return int(noticed < len(rows) or not rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
