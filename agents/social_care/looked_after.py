"""The Department for Education's return of children looked after (SSDA903), as its CSV files (ref 5.5).

Each file is one table of the return, told by its columns, and each row a record. A child is known by the authority's
own number (`CHILD`), which joins the files; nobody in them has a name. The tables about outcomes, reviews, care
leavers and adoption have no reviewed row: they are passed over.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import Final, final

from agents.sdk.format import Document, FileTerms, Finding, Format, Readers
from agents.sdk.mapping.results import IgnoredField, Json, JsonObject, PassedOver, RecordFound, Rejected
from agents.sdk.parse import MOST_VALUES, UNREADABLE_TEXT, decode, encoding_of, is_text
from broker.errors import RejectedError

from .coded_values import day, ended, reference, sex

SYSTEM: Final = "SSDA903"
OWNER: Final = "the local authority"
"""Whose the ids of a return are: it names no authority, and a store holds the returns of one."""

_TABLES: Final = {
    "header": ("CHILD", "SEX", "DOB", "UPN"),
    "episodes": ("CHILD", "DECOM", "DEC"),
    "missing": ("CHILD", "MIS_START", "MIS_END"),
    "uasc": ("CHILD", "DUC"),
    "oc2": ("CHILD", "CONVICTED"),
    "oc3": ("CHILD", "IN_TOUCH"),
    "reviews": ("CHILD", "REVIEW_CODE"),
    "ad1": ("CHILD", "DATE_MATCH"),
    "placed_adoption": ("CHILD", "DATE_PLACED"),
    "prev_perm": ("CHILD", "PREV_PERM"),
}
"""The columns by which each table of the return is told."""

_UNREAD: Final = ("RNE", "CIN", "PLACE_PROVIDER", "REASON_PLACE_CHANGE", "PL_POST", "URN", "MOTHER", "MC_DOB")
"""Columns of the return that no row reads: counted by their names, which no unknown column is."""

_LONGEST_HEADER: Final = 1000
_READ: Final = frozenset({"header", "episodes", "missing", "uasc"})
_BEGINS: Final = ("DECOM", "MIS_START", "DUC")
_DAYS: Final = ("DOB", "MC_DOB", *_BEGINS)
_ENDS: Final = ("DEC", "MIS_END")


@final
class LookedAfterReturn(Format):
    """One table of the return."""

    name = "ssda903"

    def decode(self, data: bytes) -> Json:
        """Read a CSV file whose columns are those of one of the tables."""
        encoding, mark = encoding_of(data)
        head = data[mark : mark + _LONGEST_HEADER].decode(encoding, "replace").partition("\n")[0]
        if _table({name.strip(' \r"') for name in head.split(",")}) is None:
            return None
        text = decode(data)
        if text.count(",") > MOST_VALUES:
            raise RejectedError("TOO_MANY_VALUES")
        try:
            rows: list[Json] = [[*line] for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
        except csv.Error:
            raise RejectedError("NOT_CSV") from None
        return {SYSTEM: rows}

    def recognises(self, document: Document, readers: Readers, *, asked_for: bool) -> bool:
        """Take what `decode` made of one of the tables."""
        return isinstance(document, dict) and SYSTEM in document

    def _records(self, document: Document, terms: FileTerms) -> Iterator[Finding]:
        rows = document.get(SYSTEM) if isinstance(document, dict) else None
        columns, *lines = rows if isinstance(rows, list) else [[]]
        names = [str(name).strip() for name in columns] if isinstance(columns, list) else []
        table = _table(set(names))
        times: Counter[str] = Counter()
        for number, line in enumerate(lines, start=2):
            if table not in _READ:
                yield PassedOver(record_type=f"ssda903.{table}")
            elif not isinstance(line, list) or len(line) != len(names):  # a value stands under another's name
                yield Rejected(at=f"/{number}", reason="WRONG_SHAPE")
            elif not all(isinstance(cell, str) and is_text(cell) for cell in line):
                yield Rejected(at=f"/{number}", reason=UNREADABLE_TEXT)
            else:
                row = _plain(dict(zip(names, line, strict=True)))
                yield from (IgnoredField(pattern=f"/{name}") for name in _UNREAD if row.pop(name, None) is not None)
                yield _row(table, row, number, times, terms)


def _table(columns: set[str]) -> str | None:
    return next((name for name, telling in _TABLES.items() if columns.issuperset(telling)), None)


def _plain(row: JsonObject) -> JsonObject:
    """Write one row as its table's rows of `release.toml` read it."""
    plain = {name: value.strip() or None if isinstance(value, str) else value for name, value in row.items()}
    plain |= {name: day(plain[name]) for name in (*_DAYS, *_ENDS) if name in plain}
    plain |= {name: ended(plain[name]) for name in _ENDS if name in plain}
    return plain | ({"SEX": sex(plain["SEX"])} if "SEX" in plain else {})


def _row(table: str | None, payload: JsonObject, number: int, times: Counter[str], terms: FileTerms) -> RecordFound:
    """Take one row, known by its child and the day it begins: a later file brings the same row again, with its end."""
    known_by = reference(table, payload.get("CHILD"), *(payload[name] for name in _BEGINS if name in payload))
    times[known_by] += 1
    return RecordFound(
        at=f"/{number}",
        pattern="",
        record_type=f"ssda903.{table}",
        custodian=terms.source or OWNER,
        system=terms.source or SYSTEM,
        reference=known_by if times[known_by] == 1 else f"{known_by}/{times[known_by]}",
        person_id=None,
        payload=payload,
        payload_at=f"/{number}",
    )
