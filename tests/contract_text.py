"""What the tables of schemas/README.md say and what the code refuses with: no test keeps a list of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "schemas/README.md").read_text("utf-8")


def table(first_column: str) -> list[list[str]]:
    """Return the rows of every table whose header begins with this word."""
    rows: list[list[str]] = []
    inside = False
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == first_column:
            inside = True
        elif inside and not set(cells[0]) <= {"-"}:
            rows.append(cells)
    return rows


def raised_in(path: Path) -> Iterator[str]:
    """Give every reason that a file refuses with."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "RejectedError":
            yield ast.literal_eval(node.args[0])


def reasons(family: str) -> set[str]:
    return {word.strip("`") for rule, word, *_ in table("rule") if rule.startswith(f"**{family}-") and word[0] == "`"}


def reasons_of_kinds() -> set[tuple[str, str]]:
    """Return each kind with each word that README.md lets its receiver refuse it with, beyond those of all kinds."""
    rows = [words for rule, *words in table("rule") if rule.startswith("**VERIFY-") and len(words) == 3]
    return {(kind, word) for kind, _, otherwise in rows for word in re.findall(r"`([A-Z_]+)`", otherwise)}
