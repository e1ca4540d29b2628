"""Bytes of a file into a document, strictly and at a bounded cost.

Promise: (1) nothing that two readers could read in two ways is read: doubled keys, infinities, bytes that are of no
Unicode encoding; (2) the cost is bounded in values and nesting, not only in bytes; (3) a number that nobody can mean
is no number, and text that no database holds is no text: each is found by its place, and the rest is read. No fault
holds a value.
"""

from __future__ import annotations

import codecs
import json
import re
from decimal import Decimal
from typing import Final, NoReturn

from agents.sdk.mapping.reader import step
from agents.sdk.mapping.results import Flagged, Json, JsonObject
from broker.errors import RejectedError

MOST_BYTES: Final = 256 * 1024 * 1024
"""The largest document that is read at once: the export of a large force fits several times."""

MOST_VALUES: Final = 8_000_000
"""The most values of one document, counted by the marks that part them: one costs a hundred bytes and more."""

MOST_DIGITS: Final = 40
_LARGEST_EXPONENT: Final = 308
"""What a double reaches; a generator's least number is one (`is_placeholder`)."""

NO_NUMBER: Final = Decimal("NaN")
"""Stands where a number is out of range: JSON itself has no such value, and no reader takes it."""

UNREADABLE_TEXT: Final = "UNREADABLE_TEXT"

_ENCODINGS: Final = (  # the longer marks first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NUMBER: Final = re.compile(r"-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_SUSPECT: Final = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")


def encoding_of(data: bytes) -> tuple[str, int]:
    """Return the encoding that a byte order mark names, and the mark's length; UTF-8 without a mark."""
    for mark, encoding in _ENCODINGS:
        if data.startswith(mark):
            return encoding, len(mark)
    return "utf-8", 0


def decode(data: bytes) -> str:
    """Decode a whole file. Raises: RejectedError `NOT_TEXT` for bytes that are of no Unicode encoding."""
    encoding, skipped = encoding_of(data)
    try:
        return data[skipped:].decode(encoding)
    except UnicodeDecodeError:
        raise RejectedError("NOT_TEXT") from None  # (1)


def parse(data: bytes, flagged: list[Flagged] | None = None) -> Json:
    """Read a JSON document.

    Raises: RejectedError `NOT_JSON`, `DUPLICATE_KEYS`, `TOO_MANY_VALUES`. Text that cannot be kept is null
    in the document, and its place goes to `flagged`.
    """
    try:
        text = decode(data)
    except RejectedError:
        raise RejectedError("NOT_JSON") from None
    return parse_text(text, flagged)


def parse_text(text: str, flagged: list[Flagged] | None = None, at: str = "") -> Json:
    """Read a JSON document from text, as `parse`; complaints begin with the place `at`."""
    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        raise RejectedError("TOO_MANY_VALUES")  # (2)
    try:
        document: Json = json.loads(
            text,
            object_pairs_hook=_once,
            parse_int=_bounded_int,
            parse_float=number,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError):  # bad JSON, endless nesting
        raise RejectedError("NOT_JSON") from None
    if _SUSPECT.search(text) or "\x00" in text:
        document = _without_unreadable(document, at, flagged if flagged is not None else [])  # (3)
    return document


def is_text(text: str) -> bool:
    """Return whether UTF-8 and every database can hold this text: no lone surrogate, no NUL."""
    return (text.isascii() and "\x00" not in text) or _NO_TEXT.search(text) is None


def _once(pairs: list[tuple[str, Json]]) -> JsonObject:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise RejectedError("DUPLICATE_KEYS")
    return held


def _bounded_int(word: str) -> int | Decimal:
    return int(word) if len(word) <= MOST_DIGITS else NO_NUMBER


def number(word: str) -> Decimal:
    """Read a number by its writing: 1e400000 costs seconds once anybody calculates with it."""
    match = _NUMBER.fullmatch(word)
    if match is None:
        return NO_NUMBER
    whole, fraction, exponent = match[1], match[2] or "", match[3] or "0"
    if len(whole) + len(fraction) > MOST_DIGITS or len(exponent) > MOST_DIGITS:
        return NO_NUMBER
    return Decimal(word) if abs(int(exponent)) <= _LARGEST_EXPONENT else NO_NUMBER


def _no_number(word: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no numbers of JSON")


def _without_unreadable(document: Json, at: str, flagged: list[Flagged]) -> Json:
    """Put null where text stands that nothing can keep; a key of that kind takes its value with it."""
    if isinstance(document, str):
        if is_text(document):
            return document
        flagged.append(Flagged(at=at, reason=UNREADABLE_TEXT))
        return None
    if isinstance(document, list):
        return [_without_unreadable(one, f"{at}/{place}", flagged) for place, one in enumerate(document)]
    if not isinstance(document, dict):
        return document
    kept: JsonObject = {}
    for key, value in document.items():
        if is_text(key):
            kept[key] = _without_unreadable(value, at + step(key), flagged)
        else:
            flagged.append(Flagged(at=f"{at}/*", reason=UNREADABLE_TEXT))
    return kept
