"""The rows of a CSV file, read one by one: never held whole, and read anew at each pass."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from agents.sdk.lines import text_lines
from broker.errors import RejectedError


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row: its place, and its cells by column; None where it has another number of cells than the header."""

    at: str
    cells: dict[str, str] | None = field(repr=False)


@final
@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of a CSV file below its header."""

    path: Path
    delimiter: str

    def __iter__(self) -> Iterator[TableRow]:
        """Read row by row. Raises: RejectedError `NOT_READABLE`, `NOT_TEXT`, `NOT_CSV`, `NO_HEADER`."""
        rows = csv.reader(text_lines(self.path), delimiter=self.delimiter, strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
            if not any(header) or len(set(header)) != len(header):
                raise RejectedError("NO_HEADER")
            for cells in rows:
                if any(cell.strip() for cell in cells):
                    fits = len(cells) == len(header)
                    held = dict(zip(header, cells, strict=True)) if fits else None
                    yield TableRow(at=f"line {rows.line_num}", cells=held)
        except csv.Error:
            raise RejectedError("NOT_CSV") from None

    def columns(self) -> frozenset[str]:
        """Return the header. Raises: RejectedError as iteration does."""
        first = next(iter(csv.reader(text_lines(self.path), delimiter=self.delimiter)), [])
        return frozenset(name.strip() for name in first)
