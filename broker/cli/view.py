"""What people see of HOME, processes, gates and ledgers: small tables. Answers are shown by `view_summary`."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from broker.cli.output import plain


def show(*what: RenderableType) -> None:
    """Print a page for people on standard output."""
    Console(highlight=False, markup=False, emoji=False).print(Group(*what))


def text_of(value: object, style: str = "") -> Text:
    """Return a value as text in which no markup and no reordering counts."""
    return Text(plain("" if value is None else str(value)), style=style)


def pairs(rows: Mapping[str, RenderableType | str]) -> Table:
    """Return names and values in two columns."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, text_of(value) if isinstance(value, str) else value)
    return table


def listing(*columns: str) -> Table:
    """Return an empty table with these headings."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def show_home(document: Mapping[str, object]) -> None:
    """Show what `mash init` made."""
    organisations = document["organisations"]
    table = listing("organisation", "sector")
    if isinstance(organisations, dict):
        for name, sector in organisations.items():
            table.add_row(text_of(name, "cyan"), text_of(sector))
    show(pairs({"home": str(document["home"]), "partnership": str(document["partnership"])}), Text(), table)


def show_status(document: Mapping[str, object]) -> None:
    """Show who runs."""
    table = listing("process", "ready", "pid", "restarts")
    processes = document["processes"]
    if isinstance(processes, dict):
        for name, one in processes.items():
            ready = Text("ready", "green") if one["ready"] else Text("not ready", "red")
            table.add_row(text_of(name, "cyan"), ready, text_of(one["pid"] or "-"), text_of(one["restarts"]))
    state = Text("ready", "bold green") if document["ready"] else Text("not ready", "bold red")
    show(pairs({"partnership": state, "event log": str(document["log"])}), Text(), table)
