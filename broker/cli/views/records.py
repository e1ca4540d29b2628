"""Tables of an organisation's records: accounts of imports, sources, people, and the account of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group
from rich.text import Text

from broker.cli.views.tables import listing, show, text_of

MOST_PLACES = 3


def show_import(document: Mapping[str, Any]) -> None:
    """Print the account of each imported file, and what to do about each reason."""
    table = listing("file", "format", "people", "records", "rejected", "flagged", "besides")
    for one in document["files"]:
        rejected, flagged = _count(one["rejected"]), _count(one["flagged"])
        table.add_row(
            text_of(one["file"], "cyan"),
            text_of(one["format"] or "-"),
            text_of(one["people"]),
            text_of(one["records"]),
            text_of(rejected, "red" if rejected else ""),
            text_of(flagged, "yellow" if flagged else ""),
            text_of(_besides(one)),
        )
    remarks = listing("", "how often", "why", "where", "what to do")
    for one in document["files"]:
        for word, style in (("rejected", "red"), ("gaps", "red"), ("flagged", "yellow")):
            for row in one[word]:
                remarks.add_row(
                    Text("missing" if word == "gaps" else word, style),
                    text_of(row["count"]),
                    text_of(row["reason"]),
                    text_of(_places(row)),
                    text_of(row["do"]),
                )
    title = (Text("Nothing was written: this is what would happen.", "bold"),) if document["dry_run"] else ()
    show(*title, table, *((Text(), remarks) if remarks.row_count else ()))


def _besides(one: Mapping[str, Any]) -> str:
    found = {
        "withdrawn": one["withdrawn"],
        "passed over": sum(one["passed_over"].values()),
        "fields ignored": sum(one["ignored_fields"].values()),
    }
    return ", ".join(f"{what}: {number}" for what, number in found.items() if number) or "-"


def _count(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(row["count"] for row in rows)


def _places(row: Mapping[str, Any]) -> str:
    named = [place or "the file" for place in row["places"][:MOST_PLACES]]
    return ", ".join([*named, "..."] if row["count"] > len(named) else named)


def show_sources(document: Mapping[str, Any]) -> None:
    """Print every source with its age and what of it is missing."""
    table = listing("source", "state", "people", "records", "as at", "missing")
    for one in document["sources"]:
        as_at = f"{one['records_as_at'] or '-'} {'(import)' if one['as_at_from'] == 'IMPORT' else ''}".strip()
        table.add_row(
            text_of(one["source"], "cyan"),
            text_of(one["state"], "green" if one["state"] == "HELD" else "red"),
            text_of(one["people"]),
            text_of(one["records"]),
            text_of(as_at),
            text_of(", ".join(f"{gap['reason']} {gap['count']}" for gap in one["gaps"]) or "-"),
        )
    show(table if document["sources"] else Text("No records have been imported here.", style="yellow"))


def show_people(people: Sequence[Mapping[str, Any]]) -> None:
    """Print who is held."""
    listed = bool(people) and "sources" in people[0]
    table = listing("names", "born", "postcodes", "numbers", *(("records", "from") if listed else ()), "")
    for one in people:
        table.add_row(
            text_of("; ".join(one["names"]) or "-"),
            text_of(", ".join(one["dates_of_birth"]) or "-"),
            text_of(", ".join(one["postcodes"]) or "-"),
            text_of(", ".join(f"{scheme} {value}" for scheme, value in one["identifiers"].items()) or "-"),
            *((text_of(one["records"]), text_of(", ".join(one["sources"]))) if listed else ()),
            Text("restricted", "red") if one["restricted"] else Text(),
        )
    show(table if people else Text("Nobody.", style="yellow"))


def show_account(document: Mapping[str, Any]) -> None:
    """Print a holder's account, field by field."""
    show(account_table(document))


def account_table(document: Mapping[str, Any]) -> Group:
    """Return the holder's own account as a table."""
    table = listing("", "why", "about", "class", "field")
    for line in document["fields"]:
        word = Text("released", "green") if line["released"] else Text("left out", "yellow")
        why = "-" if line["released"] else line["reason"]
        table.add_row(word, *(text_of(cell) for cell in (why, line["about"], line["data_class"], line["field"])))
    ignored = sum(document["ignored_fields"].values())
    return Group(table, Text(), Text(f"{ignored} values in fields that no release table lists were never read", "dim"))
