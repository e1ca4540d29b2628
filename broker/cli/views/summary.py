"""The view of the combined summary: the gate's decision, each organisation's answer, and the chronology.

Every word comes from the JSON document, so that programs get all that people see.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from broker.cli.output import plain

Document = Mapping[str, Any]

STYLES = {
    "RED": "bold white on red",
    "AMBER": "bold black on yellow",
    "GREEN": "bold white on green",
    "BLUE": "bold white on blue",
    "SUMMARY": "green",
    "PARTIAL": "yellow",
    "NO_TRACE": "cyan",
    "AWAITED": "magenta",
    "PERMIT": "green",
    "DENY": "bold red",
    "REFER": "bold red",
}
UNSIGNED = "not signed off by a practitioner yet"


def show_summary(summary: Document) -> None:
    """Print one summary document for people on standard output."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(render(summary))


def show_desk_item(organisation: str, item: Document) -> None:
    """Print one desk item for the practitioner: the reason it waits, and the draft as the requester would see it."""
    grid = _grid()
    for key in ("id", "request_id", "reason", "detail", "band"):
        grid.add_row(key.replace("_", " "), _text(str(item[key] or "-")))
    if item["due_at"]:
        grid.add_row("due", _text(_moment(item["due_at"])))
    if item["candidates"]:
        grid.add_row("candidates", _text("\n".join(item["candidates"])))
    parts: list[RenderableType] = [grid, Text()]
    if item["draft"]:
        parts.append(answer_panel(organisation, item["draft"]))
        numbered = (f"{index}  {one['text']}" for index, one in enumerate(item["draft"]["items"]))
        parts += [Text("Items by number, for --leave-out", style="bold"), *(_text(line) for line in numbered)]
    Console(highlight=False, markup=False, emoji=False).print(Group(*parts))


def render(summary: Document) -> Group:
    """Return the page of one summary document."""
    parts: list[RenderableType] = [_head(summary), Text()]
    parts += [answer_panel(name, answer) for name, answer in summary["answers"].items()]
    if not summary["answers"]:
        parts.append(Text("Nothing was sent.", style="bold"))
    if summary["chronology"]:
        parts += [Text("Chronology", style="bold"), Padding(_chronology(summary["chronology"]), (0, 0, 1, 2))]
    for key, title in (("risk_factors", "Risk factors"), ("protective_factors", "Protective factors")):
        if summary[key]:
            lines = [_text(f"{one['agency']}: {one['text']}") for one in summary[key]]
            parts += [Text(title, style="bold"), Padding(Group(*lines), (0, 0, 1, 2))]
    return Group(*parts)


def _head(summary: Document) -> RenderableType:
    grid = _grid()
    title = Text.assemble(
        _word(summary["band"], f" {summary['rating'] or summary['band']} "), "  ", _text(summary["case_ref"], "bold")
    )
    grid.add_row("case", title)
    grid.add_row("request", _text(summary["request_id"]))
    if summary["due_at"]:
        grid.add_row("due", _text(_moment(summary["due_at"])))
    decision = summary["hub_decision"]
    grid.add_row("hub's gate", _decision(decision))
    waiting = summary["waiting_for"]
    if summary["answers"]:
        state = f"waiting for {', '.join(waiting)}" if waiting else "every organisation has answered"
        grid.add_row("state", _text(state, "magenta" if waiting else "green"))
    return grid


def _decision(decision: Document | None) -> Text:
    if decision is None:
        return Text("-", style="dim")
    text = Text.assemble(_word(decision["outcome"]), _text(f"  rows {' '.join(decision['rows'])}", "dim"))
    for label, key in (("reasons", "reasons"), ("missing evidence", "missing_evidence")):
        if decision[key]:
            text.append(f"\n{label}: {', '.join(decision[key])}")
    if decision["dropped"]:
        dropped = (f"{one['data_class']} ({one['reason']})" for one in decision["dropped"])
        text.append(f"\nnot released: {', '.join(dropped)}")
    return text


def answer_panel(name: str, answer: Document) -> RenderableType:
    """Return one organisation's answer as a panel."""
    title = Text.assemble(_text(f" {name} ", "bold"), _word(answer["status"]), _marks(answer), " ")
    body: list[RenderableType] = [_facts(answer)]
    if answer["items"]:
        body += [Text(), _items(answer["items"])]
    written = {key: text for key, text in answer["professional"].items() if text}
    for key, text in written.items():
        body += [Text(), _text(f"{key.replace('_', ' ')}: {text}")]
    return Padding(
        Panel(Group(*body), title=title, title_align="left", border_style="dim", padding=(0, 1)), (0, 0, 1, 0)
    )


def _marks(answer: Document) -> Text:
    said = ("  LATE" if answer["late"] else "") + ("  EXPIRED DIRECTORY" if answer["directory_expired"] else "")
    return Text(said, style="bold red")


def _facts(answer: Document) -> Table:
    grid = _grid()
    if answer["decision"] is None:
        grid.add_row("stage", "sent, no answer yet")
        return grid
    if answer["reason"]:
        grid.add_row("reason", _text(answer["reason"]))
    if answer["stage"]:
        grid.add_row("stage", _text(answer["stage"].replace("_", " ").lower()))
    grid.add_row("gate", _decision(answer["decision"]))
    if answer["status"] != "AWAITED":  # no match has been decided yet
        grid.add_row("match", _matches(answer))
    grid.add_row("answered", _text(f"{_moment(answer['at'])}, revision {answer['revision']}{_signed(answer)}"))
    if answer["data_as_at"]:
        grid.add_row("records as at", _text(_moment(answer["data_as_at"])))
    if answer["systems_searched"]:
        grid.add_row("searched", _text(", ".join(answer["systems_searched"])))
    if answer["gaps"]:
        grid.add_row("gaps", _text(answer["gaps"]))
    recorded = ("recorded in the ledger", "green") if answer["recorded"] else ("not in the ledger yet", "yellow")
    grid.add_row("account", Text(*recorded))
    return grid


def _signed(answer: Document) -> str:
    if answer["approved_by"]:
        return f", signed off by {answer['approved_by']}"
    return "" if answer["status"] == "AWAITED" else f", {UNSIGNED}"


def _matches(answer: Document) -> Text:
    lines = [_match("child", answer["match"])]
    lines += [_match(one["about"], one) for one in answer["matches"]]
    return Text("\n").join(lines)


def _match(about: str, match: Document) -> Text:
    if match["certainty"] == "NONE":
        return _text(f"{about}: not found")
    used = f" by {', '.join(match['identifiers_used'])}" if match["identifiers_used"] else ""
    return _text(f"{about}: {match['certainty']}, {match['method'].replace('_', ' ').lower()}{used}")


def _items(items: list[Document]) -> Table:
    """Return the items, grouped by type: fact, opinion and allegation are never mixed."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    for name, ratio in (("what", None), ("date", None), ("about", None), ("text", 1)):
        table.add_column(name, ratio=ratio, overflow="fold", no_wrap=name != "text")
    for (word, kind), group in groupby(items, key=lambda item: (item["type"], item["kind"])):
        label = Text.assemble(_text(word), "\n", _text(kind.replace("_", " ").lower(), "dim"))
        for item in group:
            date = _text(item["date"]) if item["date"] else Text("undated", "dim")
            table.add_row(label, date, _text(item["about"]), _text(item["text"]))
            label = Text()
    return table


def _chronology(entries: list[Document]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name in ("date", "agency", "text"):
        table.add_column(no_wrap=name != "text", overflow="fold")
    for entry in entries:
        table.add_row(_text(entry["date"]), _text(entry["agency"], "cyan"), _text(entry["text"]))
    return table


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _word(word: str, shown: str | None = None) -> Text:
    return _text(shown or word, STYLES.get(word, "bold yellow"))


def _text(text: str, style: str = "") -> Text:
    return Text(plain(text), style=style)


def _moment(moment: str | None) -> str:
    if moment is None:
        return "-"
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M:%S UTC")
