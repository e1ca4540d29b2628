"""Every command and option stands on the page of the command line, and every row of the page is a command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from broker.cli.app import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "command-line.md").read_text("utf-8")
ROWS = [row.split(" | ")[0] for row in PAGE.splitlines() if row.startswith("| `mash ")]
"""The first cells of the table of commands: what is typed."""


def commands(found: object, name: str) -> Iterator[tuple[str, object]]:
    """Walk to every command that can be called, each under its full name."""
    inner = getattr(found, "commands", None)
    if inner is None:
        yield name, found
        return
    for word, command in inner.items():
        yield from commands(command, f"{name} {word}")


COMMANDS = dict(commands(typer.main.get_command(app), "mash"))


def options(command: object) -> Iterator[str]:
    """Every option of a command that `--help` shows."""
    for parameter in getattr(command, "params", ()):
        if parameter.param_type_name == "option" and not parameter.hidden:
            yield from (word for word in parameter.opts if word.startswith("--"))


def typed(name: str, cell: str) -> bool:
    """Say whether a cell shows this command being typed."""
    return re.search(rf"`{re.escape(name)}[ `]", cell) is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_row(name: str) -> None:
    """Scripts may rely on this page: what is not on it is nobody's contract."""
    assert any(typed(name, cell) for cell in ROWS), f"docs/command-line.md has no row for `{name}`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_named(name: str) -> None:
    """Where the page says what an option does is the page's own affair; that it says so is not."""
    missing = [word for word in options(COMMANDS[name]) if not re.search(rf"{word}(?![\w-])", PAGE)]
    assert not missing, f"docs/command-line.md does not name {missing} of `{name}`"


@pytest.mark.parametrize("cell", ROWS)
def test_every_row_is_a_command(cell: str) -> None:
    """A command that went, or was renamed, does not stay promised."""
    assert any(typed(name, cell) for name in COMMANDS), cell


OPTION = re.compile(r"--[a-z][a-z-]+")


def test_no_message_below_the_front_names_an_option() -> None:
    """A use case does not know how it was called: the command line maps fields to flags (broker/cli/flags.py)."""
    ours = {option for command in COMMANDS.values() for option in options(command)}
    for folder in ("application", "bootstrap", "partnership", "runtime", "requester", "holder", "adapters", "exchange"):
        for path in sorted((ROOT / "broker" / folder).rglob("*.py")):
            for text in _messages(ast.parse(path.read_text("utf-8"))):
                named = set(OPTION.findall(text)) & ours
                assert not named or "kafka-" in text, f"{path}: {text}"


def _messages(tree: ast.Module) -> Iterator[str]:
    """Every text of the code that is no docstring."""
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value
