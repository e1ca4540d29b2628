"""From a path to what a file says: recognised, parsed at a bounded cost, and read by its format.

Promise: whatever is wrong with a file as a whole is one word; nothing in it ends whoever reads it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from agents.sdk.column_map import ColumnMap
from agents.sdk.format import Document, FileTerms, Format
from agents.sdk.lines import JsonLines, digest_of, is_json_lines
from agents.sdk.mapping.reader import RecordReader
from agents.sdk.mapping.results import FileRead, Flagged
from agents.sdk.parse import MOST_BYTES, parse
from agents.sdk.table_rows import TableRows
from broker.errors import RejectedError
from broker.holder.source import IdentifierHeld


def read_file(
    path: Path,
    *,
    among: Sequence[Format],
    asked_for: bool,
    columns: ColumnMap | None,
    terms: FileTerms,
    readers: Mapping[str, RecordReader],
) -> tuple[str, FileRead]:
    """Read one file by the first format that recognises it; return its digest, and what it says.

    The terms' digest is this function's to fill in. Raises: RejectedError with the reason for a file that is rejected
    whole.
    """
    flagged: list[Flagged] = []
    content = digest_of(path)
    try:
        document = _document(path, among, columns, flagged)
        fitting = (one for one in among if one.recognises(document, readers, asked_for=asked_for))
        chosen = next(fitting, None)
        if chosen is None:
            raise RejectedError("UNKNOWN_FORMAT")
        bound = terms.bound if chosen.names_nobody else ()
        terms = replace(terms, bound=bound, digest=_digest(content, bound))
        read = chosen.read(document, terms=terms, readers=readers)
    except RecursionError:  # a document within the parser's reach, and beyond that of whoever goes through it
        raise RejectedError("NOT_JSON") from None
    return terms.digest, replace(read, flagged=(*flagged, *read.flagged))


def _document(path: Path, among: Sequence[Format], columns: ColumnMap | None, flagged: list[Flagged]) -> Document:
    if columns is not None:
        return TableRows(path, columns.delimiter)
    if is_json_lines(path):
        return JsonLines(path)
    data = _bytes(path)
    decoded = (one.decode(data) for one in among)
    document = next((one for one in decoded if one is not None), None)
    return parse(data, flagged) if document is None else document


def _digest(content: bytes, bound: tuple[IdentifierHeld, ...]) -> str:
    """Return a file's identity, with whom it is bound to: two people's records may be equal byte for byte."""
    whose = ";".join(f"{held.scheme}:{held.value}" for held in bound)
    return hashlib.sha256(content + whose.encode()).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)  # not by its size on the disk, which may grow meanwhile
    except OSError:
        raise RejectedError("NOT_READABLE") from None
    if len(data) > MOST_BYTES:
        raise RejectedError("TOO_LARGE")
    return data
