"""The scalars of the wire: each has one Avro type, one range, and no second way to write the same value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Final, final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo

ALLOWED_CONTROLS: Final = "\t\n"
JOINERS: Final = "\u200c\u200d"
"""The two marks of category Cf that spell: they join or part letters in Persian, Urdu and the scripts of India."""

UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of Unicode whose characters reorder, hide or break what a reader sees, or mean nothing to them (S8)."""

MOST_WORDS: Final = 64
"""Room in an array of words: there are fewer today, and a word that is added later must fit."""

MOST_ROWS: Final = 1024
"""Room for bases and drops, which may differ by class, by organisation and by person."""

MOST_PEOPLE: Final = 64
"""People in one request: a family, its household, and those alleged to harm it."""

MOST_ORGANISATIONS: Final = 1000
"""Organisations in one request, dispatch or summary."""


class Wire(BaseModel):
    """A frozen record of the wire. Unknown fields are errors; errors never quote the value they refuse.

    Every array has a `max_length`, and `fail_fast`: otherwise a megabyte of wrong items becomes a gigabyte of errors.
    The text under a field is its `doc` in the `.avsc` file.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        ser_json_bytes="hex",
        val_json_bytes="hex",
        use_attribute_docstrings=True,
    )


def seen(text: str, *, instead: str) -> str:
    """Return the text with every character that nobody can see replaced, tab and newline apart."""
    if text.isprintable():
        return text
    return "".join(
        instead if unicodedata.category(one) in UNSEEN and one not in ALLOWED_CONTROLS + JOINERS else one
        for one in text
    )


def _readable(text: str) -> str:
    if not text.isprintable() and seen(text, instead="") != text:
        raise ValueError(
            "text holds a hidden, reordering or unassigned character, or a control other than tab and newline"
        )
    return text


def _one_line(text: str) -> str:
    # A newline in a name draws a second line, which a reader takes for somebody else's.
    if any(control in text for control in ALLOWED_CONTROLS):
        raise ValueError("one line is meant: no tab and no newline")
    return _readable(text)


def _iso(form: re.Pattern[str], read: Callable[[str], date]) -> BeforeValidator:
    """Take dates and times in their ISO form only: a bare number is no date of birth, whatever a parser makes of it."""

    def check(value: object) -> object:
        if not isinstance(value, str):
            return value
        if not form.fullmatch(value):
            raise ValueError("is not in ISO 8601 form")
        return read(value)

    return BeforeValidator(check)


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def _utc_milliseconds(moment: datetime) -> datetime:
    if moment.tzinfo is None or moment.utcoffset() != UTC.utcoffset(None):
        raise ValueError("time is not in UTC")
    if moment.microsecond % 1000:
        raise ValueError("time is finer than a millisecond")
    return moment.astimezone(UTC)


def to_milliseconds(moment: datetime) -> datetime:
    """Return the moment in UTC, cut down to whole milliseconds: what the wire can hold."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_readable)]
"""Free text written by people; never in a header, a key, a log or an error."""

ShortText = Annotated[str, StringConstraints(max_length=300), AfterValidator(_one_line)]
"""A name, a label: one line, without tab or newline."""

READING: Final = {"reading": True}
"""The validation context of whoever reads a record, rather than writes one."""


@final
@dataclass(frozen=True, slots=True)
class _WordOf:
    words: type[StrEnum]

    def __call__(self, word: str, info: ValidationInfo) -> str:
        if info.context is not READING and word not in set(self.words):
            raise ValueError(f"is no word of {self.words.__name__}")
        return str(word)


def WordOf(words: type[StrEnum]) -> AfterValidator:  # noqa: N802 - stands in annotations, like a type
    """Mark a Code that is written with a word of the vocabulary only, and read with any (CODEC-8)."""
    return AfterValidator(_WordOf(words))


Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9_]{0,63}$")]
"""A word of a table: a row id, a reason, an item type, an obligation."""

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""The id of an organisation, process, partnership or actor; fit for a topic name and a folder."""

RESERVED_IDS = frozenset({"admin", "broker", "directory", "kafka"})
"""Ids that no principal can have: the event log's super users, and the folders of a HOME (README, DIR-21)."""

Ref = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")]
"""A short reference chosen by people: a case, a person within a request, an oversight record."""

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
"""A UUID in its canonical lower-case text (RFC 9562)."""

TopicName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]{1,249}$")]

Digest = Annotated[bytes, Field(min_length=32, max_length=32)]
"""SHA-256: 32 bytes, `fixed` in Avro."""

Token = Annotated[bytes, Field(min_length=16, max_length=16)]
"""A keyed digest cut to 16 bytes: `fixed` in Avro."""

Day = Annotated[date, _iso(_DAY, date.fromisoformat)]
"""A day of the calendar: `date` in Avro."""

Timestamp = Annotated[datetime, _iso(_MOMENT, datetime.fromisoformat), AfterValidator(_utc_milliseconds)]
"""A moment in UTC with millisecond precision: `timestamp-millis` in Avro."""

Count = Annotated[int, Field(ge=0, le=2**53)]
"""A non-negative whole number: `long` in Avro."""
