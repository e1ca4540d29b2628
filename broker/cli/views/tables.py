"""Small tables of HOME, processes, gates and ledgers. `views.summary` shows answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from broker.cli.output import plain


def show(*what: RenderableType) -> None:
    """Print a page for people on standard output."""
    Console(highlight=False, markup=False, emoji=False).print(Group(*what))


def text_of(value: object, style: str = "") -> Text:
    """Return a value as text in which markup and reordering characters have no effect."""
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
    """Print the HOME that `mash init` made."""
    organisations = document["organisations"]
    table = listing("organisation", "sector")
    if isinstance(organisations, dict):
        for name, sector in organisations.items():
            table.add_row(text_of(name, "cyan"), text_of(sector))
    show(pairs({"home": str(document["home"]), "partnership": str(document["partnership"])}), Text(), table)


def show_status(document: Mapping[str, object]) -> None:
    """Print the state of every process."""
    table = listing("process", "ready", "pid", "restarts")
    processes = document["processes"]
    if isinstance(processes, dict):
        for name, one in processes.items():
            ready = Text("ready", "green") if one["ready"] else Text("not ready", "red")
            ready.append(f", no records: {one['records']}" if "records" in one else "", "red")
            table.add_row(text_of(name, "cyan"), ready, text_of(one["pid"] or "-"), text_of(one["restarts"]))
    state = Text("ready", "bold green") if document["ready"] else Text("not ready", "bold red")
    show(pairs({"partnership": state, "event log": str(document["log"])}), Text(), table)


def show_decision(side: str, document: Mapping[str, Any]) -> None:
    """Print a gate's decision."""
    bad = document["outcome"] in {"DENY", "REFER"}
    rows: dict[str, RenderableType | str] = {
        "gate": side,
        "outcome": Text(document["outcome"], "bold red" if bad else "bold green"),
        "rows": " ".join(document["rows"]),
        "reasons": ", ".join(document["reasons"]) or "-",
        "not released": ", ".join(f"{one['data_class']} ({one['reason']})" for one in document["dropped"]) or "-",
        "missing evidence": ", ".join(document["missing_evidence"]) or "-",
        "obligations": ", ".join(document["obligations"]) or "-",
        "not decided on yet": ", ".join(document["not_decided_on_yet"]) or "-",
        "tables": f"{document['table_version']}  {document['table_hash']}",
    }
    basis = listing("class", "row", "regime", "article 6", "article 9", "gateways")
    for one in document["basis"]:
        cells = (one["data_class"], one["row"], one["regime"], one["article_6"], one["article_9"] or "-")
        basis.add_row(*(text_of(cell) for cell in cells), text_of(", ".join(one["gateways"]) or "-"))
    show(pairs(rows), *((Text(), basis) if document["basis"] else ()))


def show_ledger(document: Mapping[str, Any]) -> None:
    """Print the report over a ledger or a bundle."""
    show(ledger_table(document))


def ledger_table(document: Mapping[str, Any]) -> Group:
    """Return the report over a ledger or a bundle as a table."""
    good = document["verified"]
    rows: dict[str, RenderableType | str] = {
        "finding": Text("verified" if good else "NOT VERIFIED", "bold green" if good else "bold red"),
        "leaves": str(document["size"]),
        "root": document["root"] or "-",
    }
    rows |= {f"note {number}": note for number, note in enumerate(document["notes"], start=1)}
    problems = listing("problem", "leaf", "what")
    for one in document["problems"]:
        leaf = "-" if one["index"] is None else one["index"]
        problems.add_row(text_of(one["kind"], "red"), text_of(leaf), text_of(one["detail"]))
    return Group(pairs(rows), *((Text(), problems) if problems.row_count else ()))


def show_findings(document: Mapping[str, Any]) -> None:
    """Print each finding with its remedy."""
    if document["ok"]:
        show(Text("nothing is wrong", "bold green"))
        return
    table = listing("what", "do")
    for one in document["findings"]:
        table.add_row(text_of(one["what"], "yellow"), text_of(one["do"]))
    show(table)


def show_desk(document: Mapping[str, Any]) -> None:
    """Print the items that wait for a practitioner, in the order of arrival."""
    table = listing("item", "reason", "band", "due", "request")
    for one in document["items"]:
        cells = (one["id"], one["reason"], one["band"], one["due_at"] or "-", one["request_id"])
        table.add_row(*(text_of(cell) for cell in cells))
    show(table if document["items"] else Text("Nothing waits for a person here.", style="green"))
