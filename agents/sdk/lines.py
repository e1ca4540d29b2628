"""Files with one record a line: JSON lines, as Bulk FHIR exports them.

Promise: a file is read line by line and never held whole, however large it is; each pass reads it again. A line that
cannot be read is one complaint, and the next lines go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

from agents.sdk.mapping.results import Flagged, Json
from agents.sdk.parse import encoding_of, parse_text
from broker.errors import RejectedError

MOST_OF_A_LINE: Final = 16 * 1024 * 1024
"""Characters of one line; a record of a patient's whole life is some hundred thousand."""

NEWLINE: Final = "\n"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its place, and its document, or the word of why there is none. `flagged` is about its parts."""

    at: str
    document: Json = field(repr=False)
    fault: str | None
    flagged: tuple[Flagged, ...]


@final
@dataclass(frozen=True, slots=True)
class JsonLines:
    """The lines of a file, read anew by each iteration."""

    path: Path

    def __iter__(self) -> Iterator[Line]:
        """Read line by line. Raises: RejectedError `NOT_READABLE`, `NOT_TEXT`, `LINE_TOO_LONG`."""
        for number, text in enumerate(text_lines(self.path), start=1):
            if text.strip():
                yield _line(text, f"line {number}")


def text_lines(path: Path) -> Iterator[str]:
    """Read a text file's lines. Raises: RejectedError `NOT_READABLE`, `NOT_TEXT`, `LINE_TOO_LONG`."""
    try:
        with path.open("rb") as head:
            encoding, skipped = encoding_of(head.read(4))
        name = "utf-8-sig" if encoding == "utf-8" and skipped else encoding
        with path.open(encoding=name, newline="") as file:
            if encoding != "utf-8":
                file.read(1)  # the mark itself
            while text := file.readline(MOST_OF_A_LINE + 1):
                if len(text) > MOST_OF_A_LINE:
                    raise RejectedError("LINE_TOO_LONG")
                yield text
    except UnicodeDecodeError:
        raise RejectedError("NOT_TEXT") from None
    except OSError:
        raise RejectedError("NOT_READABLE") from None


def is_json_lines(path: Path) -> bool:
    """Return whether a file has a whole JSON object on its first line, and more on another."""
    first, more = "", False
    try:
        lines = (text for text in text_lines(path) if text.strip())
        first = next(lines, "").lstrip()
        more = first.startswith("{") and next(lines, None) is not None  # before a large document is parsed for nothing
        if more:
            parse_text(first)
    except RejectedError:  # whoever reads the file says what is wrong with it
        more = False
    return more or (first.startswith("{") and path.suffix.lower() in (".ndjson", ".jsonl"))


def digest_of(path: Path) -> bytes:
    """Return the SHA-256 of a file's bytes. Raises: RejectedError `NOT_READABLE`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        raise RejectedError("NOT_READABLE") from None


def _line(text: str, at: str) -> Line:
    flagged: list[Flagged] = []
    try:
        document, fault = parse_text(text, flagged, at), None
    except RejectedError as error:
        document, fault = None, error.reason
    return Line(at=at, document=document, fault=fault, flagged=tuple(flagged))
