"""CSV by a mapping file: each row becomes one record of each type that its columns belong to.

Promise: the row's own key and its person's key hold its records together; a row that says it is removed withdraws
what is held under its key; a column that the mapping does not name is counted, and never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, final

from agents.sdk.column_map import ColumnMap, Target
from agents.sdk.format import Document, FileTerms, Finding, Format, Readers
from agents.sdk.mapping.reader import step
from agents.sdk.mapping.release_table import DAYS, Shape
from agents.sdk.mapping.results import Flagged, IgnoredField, Json, JsonObject, RecordFound, Rejected, Withdrawn
from agents.sdk.mapping.standing import DELETED, UNDERSTOOD, stands
from agents.sdk.mapping.versions import version_of
from agents.sdk.parse import UNREADABLE_TEXT, is_text, number
from agents.sdk.table_rows import TableRow, TableRows
from broker.errors import RejectedError

_DIGITS: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
MOST_PLACES: Final = 100
"""Elements of one list in a row: a mapping cannot make a list longer than its columns."""


@final
class MappedRows(Format):
    """A CSV file, read by one mapping file."""

    name = "csv"

    def __init__(self, columns: ColumnMap) -> None:
        self._map = columns

    def recognises(self, document: Document, readers: Readers, *, asked_for: bool) -> bool:
        """Take a table; the mapping was asked for."""
        return isinstance(document, TableRows)

    def _records(self, document: Document, terms: FileTerms) -> Iterator[Finding]:
        if not isinstance(document, TableRows):
            return
        columns = document.columns()
        if self._map.named - columns:
            raise RejectedError("MISSING_COLUMNS")
        yield from (IgnoredField(pattern=step(name)) for name in sorted(columns - self._map.named))
        for row in document:
            if row.cells is None:
                yield Rejected(at=row.at, reason="WRONG_COLUMNS")
            else:
                yield from self._row(row, row.cells, terms)

    def _row(self, row: TableRow, cells: dict[str, str], terms: FileTerms) -> Iterator[Finding]:
        payloads: dict[str, JsonObject] = {}
        for column, target in self._map.columns.items():
            payload = payloads.setdefault(target.record_type, {})
            if not is_text(cells[column]):
                yield Flagged(at=row.at, reason=UNREADABLE_TEXT)
                continue
            if (value := self._value(cells[column], target.shape)) is not None:
                _place(payload, target, value)
        reason = self._gone(cells)
        version = version_of({"lastUpdated": self._value(self._cell(cells, self._map.updated), Shape.DATE)})
        if reason is not None:
            yield Rejected(at=row.at, reason=reason, understood=reason in UNDERSTOOD)
        for record_type, payload in payloads.items():
            found = self._found(row, cells, record_type, payload, terms)
            key = (found.custodian, found.system, found.reference)
            if reason is not None:
                yield Withdrawn(at=row.at, key=key, reason=reason, version=version)
            elif payload:
                yield found

    def _found(
        self, row: TableRow, cells: dict[str, str], record_type: str, payload: JsonObject, terms: FileTerms
    ) -> RecordFound:
        own = self._cell(cells, self._map.record_id)
        person = self._cell(cells, self._map.person_key)
        return RecordFound(
            at=row.at,
            pattern="",
            record_type=record_type,
            custodian=terms.owner,
            system=self._map.system,
            reference=f"{record_type}/{own}" if own else f"{terms.digest[:32]}/{row.at}/{record_type}",
            person_id=self._cell(cells, self._map.nhs) or None,
            payload=payload,
            payload_at=row.at,
            person_key=f"{terms.owner}|{person}" if person else None,
            version=version_of({"lastUpdated": self._value(self._cell(cells, self._map.updated), Shape.DATE)}),
        )

    def _gone(self, cells: dict[str, str]) -> str | None:
        if self._cell(cells, self._map.removed).casefold() in self._map.yes:
            return DELETED
        return stands({"status": self._cell(cells, self._map.status)})

    def _cell(self, cells: dict[str, str], column: str | None) -> str:
        text = cells[column].strip() if column is not None else ""
        return "" if text.casefold() in self._map.nothing or not is_text(text) else text[:300]

    def _value(self, cell: str, shape: Shape) -> Json:
        text = cell.strip()
        if not text or text.casefold() in self._map.nothing:
            return None
        if shape in DAYS:
            return self._day(text)
        if shape in (Shape.YES_NO, Shape.ANYTHING_BUT_NO):
            return True if text.casefold() in self._map.yes else False if text.casefold() in self._map.no else text
        return _number(text) if shape is Shape.NUMBER else text

    def _day(self, text: str) -> str:
        whole = self._map.day.fullmatch(text)
        if whole is not None:
            return f"{whole['y']}-{whole['m']:0>2}-{whole['d']:0>2}"
        month = self._map.month.fullmatch(text)
        return f"{month['y']}-{month['m']:0>2}" if month is not None else text


def _number(text: str) -> Json:
    """Read a number; what is none stays text, for the reader to flag."""
    plain = text.removesuffix("%").strip()
    return number(plain) if _DIGITS.fullmatch(plain) else text


def _place(payload: JsonObject, target: Target, value: Json) -> None:
    """Put a value where its pointer says; a last `*` adds to the list, any other is the list's first element."""
    holder: JsonObject = payload
    steps = list(target.steps)
    while steps:
        name = steps.pop(0)
        if not steps:
            holder[name] = value
            return
        if not _is_place(steps[0]):
            inner = holder.setdefault(name, {})
        else:
            place = steps.pop(0)
            listed = holder.setdefault(name, [])
            if not isinstance(listed, list):
                return
            if not steps:
                listed.append(value)
                return
            index = 0 if place == "*" else min(int(place), MOST_PLACES)
            listed.extend({} for _ in range(index + 1 - len(listed)))
            inner = listed[index]
        if not isinstance(inner, dict):
            return
        holder = inner


def _is_place(name: str) -> bool:
    return name == "*" or (name.isascii() and name.isdigit())
