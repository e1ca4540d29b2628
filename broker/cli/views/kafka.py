"""The view of a partnership's brokers: changes planned or made, tasks for a person, and foreign topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from broker.cli.views.tables import listing, show, text_of

_STYLES = {"revoke": "red", "grant": "green"}


def show_provisioning(document: Mapping[str, Any], *, done: bool) -> None:
    """Print a plan, or the changes made by it."""
    changes, refused, foreign = document["changes"], document["refused"], document["foreign"]
    page: list[RenderableType] = []
    if not (changes or refused or foreign):
        page.append(Text("everything is as the table says", "bold green"))
    if changes:
        page += [Text(f"{len(changes)} changes {'made' if done else 'to make'}", "bold"), _changes(changes), Text()]
    if refused:
        page += [Text(f"{len(refused)} left to a person", "bold red"), *_notes(refused)]
    if foreign:
        page += [Text(f"{len(foreign)} that are not of the table", "bold yellow"), *_notes(foreign)]
    show(*page)


def _changes(changes: list[Mapping[str, str]]) -> RenderableType:
    table = listing("step", "on", "there", "wanted")
    for one in changes:
        step = Text(one["step"], _STYLES.get(one["step"], ""))
        table.add_row(step, text_of(one["on"], "cyan"), text_of(one["there"] or "-"), text_of(one["wanted"] or "-"))
    return table


def _notes(notes: list[Mapping[str, str]]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for one in notes:
        lines += [text_of(one["what"], "cyan"), text_of(f"  why: {one['why']}"), text_of(f"  do:  {one['do']}"), Text()]
    return lines
