"""Switch each rule off, one at a time, and print the test that notices: `python -m tests.mutations.run [NAME ...]`.

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


def tried(tree: Path, row: dict[str, str]) -> str | None:
    """Return the first test that fails under a mutation; None where all pass. The file is put back."""
    path = tree / row["file"]
    source = path.read_text("utf-8")
    if source.count(row["old"]) != 1:
        return None
    path.write_text(source.replace(row["old"], row["new"]), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *row["tests"].split()]
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False, timeout=300)
    finally:
        path.write_text(source, "utf-8")
    found = FAILED.search(done.stdout)
    return found[1] if found else None


def main(names: list[str]) -> int:
    """Try every row of the tables named, or of all, and return how many survived as an exit code."""
    rows = []
    for path in sorted(TABLES.glob("*.toml")):
        if not names or path.stem in names:
            rows += tomllib.loads(path.read_text("utf-8"))["mutation"]
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_BEHIND)
        for row in rows:
            test = tried(tree, row)
            survived += test is None
            sys.stdout.write(
                f"{row['rule']}\n    {row['file']}: {row['new'].strip() or 'removed'}\n    {test or 'SURVIVED'}\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"{len(rows) - survived} of {len(rows)} noticed\n")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
