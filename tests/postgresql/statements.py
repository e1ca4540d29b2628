"""Every SQL statement of the product, as it stands in the source: nothing is left to what a test happens to run."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_BEHIND_THE_PORT = "broker/adapters/"
"""The event log's own file, and what opens a database: they speak to SQLite alone."""

_STATEMENT = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|DROP|ALTER|PRAGMA|REPLACE|BEGIN)\s")


def statements() -> dict[str, str]:
    """Return each statement by the file and line where it begins."""
    found = {}
    for package in ("broker", "agents", "consumers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            if not where.startswith(NOT_BEHIND_THE_PORT):
                found |= {f"{where}:{line}": text for line, text in _of(where, path.read_text("utf-8"))}
    return found


def _of(where: str, source: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    parts = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if node in parts:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = _joined(where, node)
        else:
            continue
        if _STATEMENT.match(text):
            yield node.lineno, text


def _joined(where: str, node: ast.JoinedStr) -> str:
    """Put the module's constants into a statement; what is known at run time only may not stand in one."""
    text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if not _STATEMENT.match(text):
        return text
    module = importlib.import_module(where.removesuffix(".py").replace("/", "."))
    names = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    assert all(isinstance(name, ast.Name) and isinstance(getattr(module, name.id, None), str) for name in names), (
        f"{where}:{node.lineno}: a statement holds what is no constant of its module"
    )
    return text.format(*(getattr(module, name.id) for name in names))
