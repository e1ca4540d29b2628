"""The demonstration on a terminal: each step with its result, and the verdict at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from broker.cli.demo.story import Scene, Story
from broker.cli.views.summary import render
from broker.cli.views.tables import ledger_table, listing, pairs, text_of


def show_story(story: Story) -> None:
    """Print the story on standard output."""
    console = Console(highlight=False, markup=False, emoji=False)
    for number, (title, page) in enumerate(_steps(story), start=1):
        console.print(Rule(f"{number}  {title}", align="left", style="cyan"))
        console.print(Padding(page, (1, 0, 1, 3)))
    verdict = Text("everything held", "bold green") if story.held else Text("NOT everything held", "bold red")
    console.print(verdict, f"in {story.seconds:.1f} s")


def _steps(story: Story) -> Iterator[tuple[str, RenderableType]]:
    yield "A partnership on one machine", _partnership(story)
    yield "What each holds, in its own store", _records(story.records)
    for scene in story.scenes:
        yield scene.name, _scene(scene)
    yield "What police left out, and why (their own account; it never travels)", _left_out(story.account)
    yield "The ledger of all that happened", ledger_table(story.ledger.document())
    yield "One byte changed, in copies", _tampered(story)


def _partnership(story: Story) -> RenderableType:
    return pairs(
        {
            "partnership": str(story.made["partnership"]),
            "asked by": "hub",
            "processes": f"{', '.join(story.made['processes'])}: each with its own keys, in its own folder",
            "event log": story.log,
            "cold start": f"{story.cold_start_seconds:.1f} s until all were ready",
            "stop": f"{story.stop_seconds:.1f} s until all had drained and ended",
        }
    )


def _scene(scene: Scene) -> RenderableType:
    verdict = Text("as it must be", "green") if scene.held else Text("NOT as it must be", "bold red")
    return Group(text_of(scene.says, "italic"), Text(), render(scene.shown.document), verdict)


def _records(records: tuple[dict[str, Any], ...]) -> RenderableType:
    table = listing("organisation", "format", "people", "records", "rejected", "fields never read")
    for imported in records:
        for one in imported["files"]:
            cells = (imported["org"], one["format"], one["people"], one["records"], len(one["rejected"]))
            table.add_row(*(text_of(cell) for cell in cells), text_of(sum(one["ignored_fields"].values())))
    return table


def _left_out(account: dict[str, Any]) -> RenderableType:
    kept = [line for line in account["fields"] if not line["released"]]
    table = listing("field", "class", "why")
    for line in kept:
        table.add_row(text_of(line["field"]), text_of(line["data_class"]), text_of(line["reason"], "yellow"))
    released = len(account["fields"]) - len(kept)
    return Group(Text(f"{released} values released, {len(kept)} left out"), Text(), table)


def _tampered(story: Story) -> RenderableType:
    table = listing("changed", "found", "as")
    for what, report in story.tampered.items():
        found = Text("NOT FOUND", "bold red") if report.verified else Text("found", "bold green")
        first = report.problems[0].kind.value if report.problems else "-"
        table.add_row(text_of(what), found, text_of(first))
    return table
