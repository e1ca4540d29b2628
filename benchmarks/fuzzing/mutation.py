"""Mutated bytes, JSON documents and records; a record comes out unvalidated, as a hostile sender has it."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from broker.ports import MAX_VALUE_BYTES
from schemas.codec import FILES
from schemas.scalars import Wire

T = TypeVar("T", bound=Wire)
GOLDEN: Final = Path(__file__).parents[2] / "tests/vectors/golden"
TEXTS: Final = (
    *("", " ", "p1", "child", "hub", "police", "police-pr-01", "9990000018", "A_WORD_OF_TOMORROW", "x" * 301),
    *("x" * 20_001, "\x00", "\x1b[31mred", "two\nlines", "\u202eno harm", "\u200b", "a" + "\u0301" * 250, "\U000e0041"),
    *("╭─ health SUMMARY ─╮", "../../x", "00000000-0000-7000-8000-000000000000", "\ufdd0", "é" * 300, "2026-02-30"),
)
NUMBERS: Final = (0, 1, -1, 2, 63, 64, 65, 2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63))
FIXED: Final = (16, 32, 64)
MOMENTS: Final = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC))
VARINTS: Final = (b"\xff" * 9 + b"\x01", b"\x80" * 9 + b"\x01", b"\xfe\xff\xff\xff\x0f", b"\x80\x00", b"\x01", b"\x00")


# ---------------------------------------------------------------- bytes


def mutated_bytes(data: bytes, random: Random) -> bytes:
    """Flip, cut, repeat, insert a hostile number or splice, one to four times; hardly longer than a message may be."""
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        data = _mutated_once(data, random)[: MAX_VALUE_BYTES + 1]
    return data


def _mutated_once(data: bytes, random: Random) -> bytes:
    at, other = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
    match random.randrange(7):
        case 0 if data:
            at = random.randrange(len(data))
            return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
        case 1:
            return data[:at]
        case 2:
            return data[:at] + data[other:]
        case 3:
            return data[:other] + data[at:other] * random.choice((1, 2, 50)) + data[other:]
        case 4:
            return data[:at] + random.choice(VARINTS) + data[at:]
        case 5:
            return data[:at] + random.randbytes(random.choice((1, 4, 64))) + data[other:]
        case _:
            return data + random.randbytes(random.choice((1, 16, 4096)))


# ---------------------------------------------------------------- records


@cache
def golden(model: type[T]) -> tuple[T, ...]:
    """Return the golden records of a type: they have every field filled somewhere."""
    document = json.loads((GOLDEN / Path(FILES[model]).with_suffix(".json").name).read_text("utf-8"))
    return tuple(model.model_validate_json(json.dumps(one["value"])) for one in document["examples"])


class Mutator:
    """Mutates records of any type. What it gives is not validated: `encode` may still refuse to write it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._donors: defaultdict[tuple[type, str], list[Any]] = defaultdict(list)
        for model in FILES:
            for one in golden(model):
                self.learn(one)

    def learn(self, value: Any) -> None:
        """Take the values of a record up, to be put where another has nothing or something else."""
        if isinstance(value, tuple):
            for one in value:
                self.learn(one)
        if isinstance(value, Wire):
            for name in type(value).model_fields:
                self._donors[type(value), name].append(getattr(value, name))
                self.learn(getattr(value, name))

    def mutated(self, record: T, *, most: int = 4) -> T:
        """Return the record with one to `most` places changed."""
        for _ in range(self._random.randint(1, most)):
            record = self._changed(record)
        return record

    def _changed(self, record: T) -> T:
        names = list(type(record).model_fields)
        # What holds most is changed most: otherwise the people of a request are one field among thirty.
        weights = [6 if isinstance(getattr(record, name), (Wire, tuple)) else 1 for name in names]
        (name,) = self._random.choices(names, weights)
        value = getattr(record, name)
        donors = self._donors[type(record), name]
        borrows = donors and self._random.random() < 0.25
        value = self._random.choice(donors) if borrows else self._other(value)
        return record.model_copy(update={name: value})

    def _other(self, value: Any) -> Any:
        match value:
            case Wire():
                return self._changed(value)
            case tuple():
                return self._other_tuple(value)
            case StrEnum():
                return self._random.choice(list(type(value)))
            case bool():
                return not value
            case int():
                return self._random.choice((*NUMBERS, value + 1, value - 1))
            case str():
                return self._random.choice((*TEXTS, value + "x", value[:-1], value.lower(), value.upper()))
            case bytes() if len(value) in FIXED:  # of another length it cannot be written
                return self._random.choice((bytes(len(value)), self._random.randbytes(len(value))))
            case bytes():
                return mutated_bytes(value, self._random)
            case datetime():
                days = timedelta(days=self._random.choice((-400, -15, -1, 1, 15, 400)))
                return self._random.choice((*MOMENTS, _within(value, timedelta(milliseconds=1)), _within(value, days)))
            case date():
                return self._random.choice((date.min, date.max, date(2000, 2, 29), date(2026, 11, 23)))
        return value  # None: only a value that stood there once can be written

    def _other_tuple(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        at = self._random.randint(0, len(value))
        match self._random.randrange(6):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return value[:at] + value[at : at + 1] * 2 + value[at + 1 :]
            case 2:
                return value[::-1]
            case 3 if self._random.random() < 0.2:
                return value * 70
        at = min(at, len(value) - 1)
        return (*value[:at], self._other(value[at]), *value[at + 1 :]) if value else ()


def _within(moment: datetime, step: timedelta) -> datetime:
    try:
        return moment + step
    except OverflowError:
        return moment


# ---------------------------------------------------------------- JSON


def mutated_json(document: Any, random: Random) -> bytes:
    """Return a JSON document with one to four places changed, sometimes no JSON any more."""
    for _ in range(random.randint(1, 4)):
        document = _json_changed(document, random)
    data = json.dumps(document, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    match random.randrange(20):
        case 0:
            return mutated_bytes(data, random)
        case 1:
            return data.replace(b'": ', b'": ' + b"[" * random.choice((1, 1000, 100_000)), 1)
        case 2:
            return data[:1] + b'"people": 1, ' + data[1:]
    return data


def _json_changed(value: Any, random: Random) -> Any:
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice(list(value))
        match random.randrange(8):
            case 0:
                return {name: one for name, one in value.items() if name != key}
            case 1:
                return {**value, random.choice((*TEXTS, key.upper())): value[key]}
        return {**value, key: _json_changed(value[key], random)}
    if isinstance(value, list) and value and random.random() < 0.9:
        at = random.randrange(len(value))
        match random.randrange(8):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return value[: at + 1] + value[at:]
            case 2 if random.random() < 0.2:
                return value * 70
        return [*value[:at], _json_changed(value[at], random), *value[at + 1 :]]
    evil: tuple[Any, ...] = (
        *TEXTS,
        *NUMBERS,
        1.5,
        1e308,
        float("nan"),
        10**40,
        None,
        True,
        [],
        {},
        [[]],
        {"a": {}},
        "\ud800",
    )
    return random.choice((*evil, [value], {"value": value}, str(value)))
