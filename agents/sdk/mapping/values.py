"""One value of a record, read as what the release table says it must be, or not read at all.

Promise: null and empty are nothing held; a placeholder ("None", "string", -2147483648) is nothing held and is
flagged; what is of another shape is flagged and not read; text is fit for the wire. No flag holds the value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, final

from agents.sdk.mapping.release_table import DAYS, VALUE, Shape
from agents.sdk.mapping.results import Flagged, Json
from agents.sdk.mapping.risk_levels import NO_LEVEL, read_level, write_levels
from broker.errors import InvariantError
from schemas.scalars import seen
from schemas.vocabulary import Precision


@final
@dataclass(frozen=True, slots=True)
class Unreadable:
    """A date stands there that cannot be read: the item is still told, without it."""


UNREADABLE: Final = Unreadable()
Value = str | bool | date | Decimal | Unreadable | None


@final
class PartialDay(date):
    """The first day of a month or a year of which no more is known; of a school year, its last."""

    __slots__ = ("precision",)
    precision: Precision

    @staticmethod
    def of(year: int, month: int | None = None) -> PartialDay:
        """Return a year, or a month of one. Raises: ValueError for what is none."""
        made = PartialDay(year, month or 1, 1)
        made.precision = Precision.MONTH if month else Precision.YEAR
        return made

    @property
    def last(self) -> date:
        """The last day that it can have been."""
        if self.precision is Precision.YEAR or self.month == DECEMBER:
            return date(self.year, DECEMBER, 31)
        return date(self.year, self.month + 1, 1) - timedelta(days=1)

    @property
    def short(self) -> str:
        """As much of the date as is known: `2008` or `2008-03`."""
        return f"{self.year:04}" if self.precision is Precision.YEAR else f"{self.year:04}-{self.month:02}"


DECEMBER: Final = 12
MOST_TEXT: Final = 10_000
"""Characters kept of one value; the wire holds 20,000 for a whole text."""

OUT_OF_RANGE: Final = "OUT_OF_RANGE"
_PLACEHOLDER_TEXTS: Final = frozenset({"none", "string", "n/a"})
_PLACEHOLDER_NUMBERS: Final = (-(2**31), -(2**53 - 1), Decimal("-1.7976931348623157E308"))
"""The least number of each kind: what generators write where there is none."""

_DAY: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[T ][0-9:.+\-Z]+)?)?)?")
_UNKNOWN_PART: Final = "00"
_NO_WORDS: Final = frozenset({"no", "n", "false", "0"})
_YES_NO: Final = {"yes": True, "true": True, "no": False, "false": False}
_MONTHS: Final = (  # not from the locale: an answer reads the same wherever the agent runs
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day_in_words(day: date) -> str:
    """Write a date as people do: 30 October 2024, or October 2024 or 2024 where no more is known."""
    if isinstance(day, PartialDay):
        return str(day.year) if day.precision is Precision.YEAR else f"{_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def when(day: date) -> str:
    """Write when something happened: on 30 October 2024, in October 2024."""
    return f"{'in' if isinstance(day, PartialDay) else 'on'} {day_in_words(day)}"


def last_day(day: date | None) -> date | None:
    """Return the last day that a date can mean."""
    return day.last if isinstance(day, PartialDay) else day


def precision_of(day: date) -> Precision:
    """Return how much of a date is known."""
    return day.precision if isinstance(day, PartialDay) else Precision.DAY


def is_nothing(value: Json) -> bool:
    """Return whether this holds nothing at all: null, empty text, an empty list or object."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (not value and isinstance(value, (list, dict)))


def is_placeholder(value: Json) -> bool:
    """Return whether this stands for nothing: what a generator or an empty form leaves behind."""
    if isinstance(value, str):
        return value.strip().casefold() in _PLACEHOLDER_TEXTS
    return not isinstance(value, bool) and value in _PLACEHOLDER_NUMBERS


def clean(text: str) -> str:
    """Make text fit for the wire: what nobody can see is gone, and a control character is a space."""
    if text.isprintable():
        return text.strip()
    marks = text.replace("\r\n", "\n").strip()
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n" else c for c in marks)
    return seen(spaced, instead="")


def one_line(text: str) -> str:
    """Write a name or a number on one line, as the wire wants them."""
    return " ".join(text.split())


def read_value(value: Json, shape: Shape, *, at: str, flagged: list[Flagged]) -> Value:
    """Read one value. What is flagged goes to `flagged` with its place."""
    if isinstance(value, bool):
        return _shaped(value, shape, at, flagged)
    if is_nothing(value):
        return None
    if isinstance(value, Decimal) and not value.is_finite():
        flagged.append(Flagged(at=at, reason=OUT_OF_RANGE))
        return None
    if is_placeholder(value):
        flagged.append(Flagged(at=at, reason="PLACEHOLDER"))
        return None
    return _shaped(value, shape, at, flagged)


def _shaped(value: Json, shape: Shape, at: str, flagged: list[Flagged]) -> Value:
    read = _READERS[shape](value)
    if isinstance(read, Unreadable):
        dated = shape in DAYS  # something did happen: it is told, without its day
        flagged.append(Flagged(at=at, reason="NOT_A_DATE" if dated else "WRONG_SHAPE"))
        return read if dated else None
    if isinstance(read, str) and len(read) > MOST_TEXT:
        flagged.append(Flagged(at=at, reason="SHORTENED"))
        return read[:MOST_TEXT] + " [shortened]"
    return read


def _text(value: Json) -> Value:
    if isinstance(value, str):
        return clean(value)
    return str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else UNREADABLE


def _yes_no(value: Json) -> Value:
    if isinstance(value, bool):
        return value
    return _YES_NO.get(value.strip().casefold(), UNREADABLE) if isinstance(value, str) else UNREADABLE


def _date(value: Json) -> Value:
    match = _DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return UNREADABLE
    year, month, day = match.groups()
    try:
        if month in (None, _UNKNOWN_PART):
            return PartialDay.of(int(year))
        if day in (None, _UNKNOWN_PART):
            return PartialDay.of(int(year), int(month))
        return date(int(year), int(month), int(day))
    except ValueError:  # 2023-02-29: the form of a date, and no day
        return UNREADABLE


def _number(value: Json) -> Value:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else UNREADABLE


def _school_year(value: Json) -> Value:
    is_year = isinstance(value, int | str) and re.fullmatch("(19|20)[0-9]{2}", str(value))
    if not is_year:
        return UNREADABLE
    year = PartialDay(int(str(value)), 8, 31)
    year.precision = Precision.YEAR
    return year


def _level(value: Json) -> Value:
    word = read_level(value)
    if word is None:
        return UNREADABLE
    return None if word == NO_LEVEL else word


def _levels(value: Json) -> Value:
    return write_levels(value) or UNREADABLE


def _anything_but_no(value: Json) -> Value:
    word = str(value).strip().casefold() if isinstance(value, str | int) else ""
    return word not in _NO_WORDS


_READERS: Final = {
    Shape.TEXT: _text,
    Shape.YES_NO: _yes_no,
    Shape.DATE: _date,
    Shape.NUMBER: _number,
    Shape.SCHOOL_YEAR: _school_year,
    Shape.LEVEL: _level,
    Shape.LEVELS: _levels,
    Shape.ANYTHING_BUT_NO: _anything_but_no,
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The values that a row shows to its narrative: what the row reads, and its context; nothing else."""

    values: Mapping[str, Value] = field(repr=False)

    def text(self, name: str = VALUE) -> str | None:
        """Return a text; None where there is none. Raises: InvariantError for what the row does not read."""
        value = self._value(name)
        return value if isinstance(value, str) else None

    def yes_no(self, name: str = VALUE) -> bool | None:
        """Return a yes or no; None where there is none."""
        value = self._value(name)
        return value if isinstance(value, bool) else None

    def day(self, name: str = VALUE) -> date | None:
        """Return a date; None where there is none or it cannot be read."""
        value = self._value(name)
        return value if isinstance(value, date) else None

    def number(self, name: str = VALUE) -> Decimal | None:
        """Return a number; None where there is none."""
        value = self._value(name)
        return value if isinstance(value, Decimal) else None

    def _value(self, name: str) -> Value:
        if name not in self.values:
            raise InvariantError(f"a mapping asks for {name or 'the value'}, which its row does not read")
        return self.values[name]
