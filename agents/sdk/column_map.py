"""A mapping file: which column of an agency's CSV export is which of the sector's own fields.

Promise: a column reaches a field only if the sector's release table reads that field, in the shape that the table
says; a mapping that names any other field does not load. `docs/csv.md` says how one is written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

from agents.sdk.mapping.reader import RecordReader
from agents.sdk.mapping.release_table import Shape
from broker.errors import UsageError

STATUS: Final = "status"
"""The last step of a target that no row reads, and that says whether its part of the record is in force."""

_KEYS: Final = {
    "": frozenset({"system", "delimiter", "dates", "nothing", "yes", "no", "person", "record", "columns"}),
    "person": frozenset({"key", "nhs"}),
    "record": frozenset({"id", "updated", "status", "removed"}),
}
_DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_TOKENS: Final = {"DD": "(?P<d>[0-9]{1,2})", "MM": "(?P<m>[0-9]{1,2})", "YYYY": "(?P<y>[0-9]{4})"}
_TOKEN: Final = re.compile("(DD|MM|YYYY)")
_TIME: Final = r"(?:[ T][0-9:.,+\-Z ]+(?:[AaPp][Mm])?)?"
_LONGEST: Final = 300


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a column goes: the record type, the steps of its pointer, and the shape that the field must have."""

    record_type: str
    steps: tuple[str, ...]
    shape: Shape


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """A mapping file, read: columns by what they are. None where the export has no such column."""

    system: str
    delimiter: str
    day: re.Pattern[str]
    month: re.Pattern[str]
    nothing: frozenset[str]
    yes: frozenset[str]
    no: frozenset[str]
    person_key: str | None
    nhs: str | None
    record_id: str | None
    updated: str | None
    status: str | None
    removed: str | None
    columns: Mapping[str, Target] = field(repr=False)

    @property
    def named(self) -> frozenset[str]:
        """Every column that the mapping names."""
        others = (self.person_key, self.nhs, self.record_id, self.updated, self.status, self.removed)
        return frozenset(self.columns) | {name for name in others if name is not None}


def load_map(path: Path, readers: Mapping[str, RecordReader]) -> ColumnMap:
    """Read a mapping file. Raises: UsageError naming the place of what is wrong in it, never a value of the export."""
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"the mapping file cannot be read ({type(error).__name__})") from None
    person, record, columns = (_table(held, key) for key in ("person", "record", "columns"))
    for name, part in (("", held), ("person", person), ("record", record)):
        if unknown := sorted(set(part) - _KEYS[name]):
            raise UsageError(f"the mapping file: unknown key {name and name + '.'}{unknown[0]}")
    if not columns:
        raise UsageError("the mapping file: columns is empty")
    day, month = _days(_text(held, "dates") or "YYYY-MM-DD")
    return ColumnMap(
        system=_text(held, "system") or "csv",
        delimiter=_delimiter(_text(held, "delimiter") or "comma"),
        day=day,
        month=month,
        nothing=_words(held, "nothing", ()),
        yes=_words(held, "yes", ("y", "yes", "true", "1")),
        no=_words(held, "no", ("n", "no", "false", "0")),
        person_key=_text(person, "key"),
        nhs=_text(person, "nhs"),
        record_id=_text(record, "id"),
        updated=_text(record, "updated"),
        status=_text(record, "status"),
        removed=_text(record, "removed"),
        columns={column: _target(column, where, readers) for column, where in columns.items()},
    )


def _table(held: Mapping[str, object], key: str) -> Mapping[str, object]:
    part = held.get(key, {})
    if not isinstance(part, dict):
        raise UsageError(f"the mapping file: {key} is no table")
    return part


def _text(held: Mapping[str, object], key: str) -> str | None:
    value = held.get(key)
    if value is None or (isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST):
        return None if value is None else str(value).strip()
    raise UsageError(f"the mapping file: {key} is no text")


def _words(held: Mapping[str, object], key: str, otherwise: tuple[str, ...]) -> frozenset[str]:
    value = held.get(key, list(otherwise))
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UsageError(f"the mapping file: {key} is a list of words")
    return frozenset(one.strip().casefold() for one in value)


def _delimiter(word: str) -> str:
    if word not in _DELIMITERS:
        raise UsageError(f"the mapping file: delimiter is one of {', '.join(_DELIMITERS)}")
    return _DELIMITERS[word]


def _days(form: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The patterns of a whole date and of a month, from `DD/MM/YYYY` or the like."""
    parts = _TOKEN.split(form)
    if sorted(part for part in parts if part in _TOKENS) != ["DD", "MM", "YYYY"] or len(form) > len("DD MM YYYY"):
        raise UsageError("the mapping file: dates holds DD, MM and YYYY, each once")
    between = next((part for part in parts[1:] if part and part not in _TOKENS), "")
    first, second = ("YYYY", "MM") if form.startswith("YYYY") else ("MM", "YYYY")
    whole = "".join(_TOKENS.get(part, re.escape(part)) for part in parts)
    return re.compile(whole + _TIME), re.compile(_TOKENS[first] + re.escape(between) + _TOKENS[second])


def _target(column: str, where: object, readers: Mapping[str, RecordReader]) -> Target:
    record_type, slash, rest = where.partition("/") if isinstance(where, str) else ("", "", "")
    reader = readers.get(record_type)
    if reader is None or not slash:
        raise UsageError(f"the mapping file: columns.{column!r} names no record type; there are {', '.join(readers)}")
    steps = tuple(rest.split("/"))
    general = "/" + "/".join("*" if step.isascii() and step.isdigit() else step for step in steps)
    shape = reader.shapes.get(general)
    if shape is None and reader.shapes.get(general.rpartition("/")[0]) is Shape.LEVELS:
        shape = Shape.LEVEL
    part = general.removesuffix(f"/{STATUS}")
    if shape is None and part != general and any(known.startswith(f"{part}/") for known in reader.shapes):
        shape = Shape.TEXT
    if shape is None or shape is Shape.LEVELS:
        raise UsageError(f"the mapping file: columns.{column!r} names a field that {record_type} does not read")
    return Target(record_type=record_type, steps=steps, shape=shape)
