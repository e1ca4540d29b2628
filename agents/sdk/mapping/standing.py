"""Whether a record, or a part of one, stands: one predicate for every sector.

Promise: what says in any writing (a word, a code, a coding, a text; any case) that it is an error, refuted, cancelled
or deleted is not told, and what carries a modifier that nobody here understands is not told either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from agents.sdk.mapping.results import Json, JsonObject

ENTERED_IN_ERROR: Final = "ENTERED_IN_ERROR"
REFUTED: Final = "REFUTED"
CANCELLED: Final = "CANCELLED"
DELETED: Final = "DELETED"
UNKNOWN_MODIFIER: Final = "UNKNOWN_MODIFIER"

UNDERSTOOD: Final = frozenset({ENTERED_IN_ERROR, REFUTED, CANCELLED, DELETED})
"""The reasons that tell what became of a record; a modifier tells nothing that is understood."""

_STEMS: Final = {
    ENTERED_IN_ERROR: ("error", "erron", "invalid", "void", "nullif", "eie"),
    REFUTED: ("refut", "negat", "disprov"),
    CANCELLED: ("cancel",),
    DELETED: ("delet", "retract"),
}
_PHRASES: Final = {
    ENTERED_IN_ERROR: ("inerror", "bymistake", "wrongpatient", "wrongperson", "wrongrecord", "wrongchild"),
    REFUTED: ("ruledout", "notpresent", "knownabsent"),
    CANCELLED: ("notdone", "didnothappen", "notperformed", "donotperform"),
    DELETED: ("removedfromrecord",),
}
"""Beginnings of words, and words run together. A longer list would take "persistently absent" for a refutation."""

_MARKS: Final = {
    "enteredinerror": ENTERED_IN_ERROR,
    "inerror": ENTERED_IN_ERROR,
    "isinerror": ENTERED_IN_ERROR,
    "recordedinerror": ENTERED_IN_ERROR,
    "voided": ENTERED_IN_ERROR,
    "nullified": ENTERED_IN_ERROR,
    "refuted": REFUTED,
    "negated": REFUTED,
    "negationind": REFUTED,
    "notdone": CANCELLED,
    "donotperform": CANCELLED,
    "cancelled": CANCELLED,
    "canceled": CANCELLED,
    "deleted": DELETED,
    "isdeleted": DELETED,
    "softdeleted": DELETED,
    "retracted": DELETED,
    "withdrawn": DELETED,
    "enteredinerrordate": ENTERED_IN_ERROR,
    "deletedat": DELETED,
    "deleteddate": DELETED,
    "datedeleted": DELETED,
    "deletiondate": DELETED,
    "cancelleddate": CANCELLED,
}
"""Fields that say it by being there: anything but a no counts."""

_CLOSED_BY: Final = frozenset({"deregistered", "deregistrations", "deregistration", "closed", "isclosed", "ended"})
_OPEN_BY: Final = frozenset({"active", "isactive", "inforce", "current", "iscurrent"})
_CLOSED: Final = ("closed", "ended", "inactive", "deregist", "expired", "terminated", "removed", "archived", "historic")
"""What says in words that something is no longer in force."""

_MODIFIERS: Final = ("modifierExtension", "implicitRules")
_STATUS: Final = "status"
_STATUSES: Final = frozenset({"state", "recordstate", "verification"})
_NO: Final = frozenset({"no", "n", "false", "0", ""})
_WORDS: Final = re.compile(r"[a-z0-9]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MOST_NESTING: Final = 6


def stands(record: JsonObject) -> str | None:
    """Return None where a record stands as far as its own fields say, else the word of why it does not."""
    for key, value in record.items():
        role = _role(key)
        if role is not None and (reason := _told(role, value)) is not None:
            return reason
    return None


def modified(value: Json, *, besides: str) -> bool:
    """Return whether anything in a record, at any level, carries a modifier; the field `besides` is passed over."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if any(one.get(name) for name in _MODIFIERS):
                return True
            left += [inner for key, inner in one.items() if key != besides and isinstance(inner, (dict, list))]
        elif isinstance(one, list):
            left += [inner for inner in one if isinstance(inner, (dict, list))]
    return False


def is_over(part: JsonObject, last_days: Iterable[date | None], *, today: date) -> bool:
    """Return whether a part of a record says that it is no longer in force: by a day that has passed, or in words."""
    if any(day is not None and day < today for day in last_days):
        return True
    for key, value in part.items():
        plain = _plain(key)
        if (plain in _CLOSED_BY and _is_set(value)) or (plain in _OPEN_BY and value is not None and not _is_set(value)):
            return True
        if _role(key) == _STATUS and any(_is_closed(text) for text in _texts(value, _MOST_NESTING)):
            return True
    return False


@lru_cache(maxsize=4096)
def _is_closed(text: str) -> bool:
    return any(word.startswith(_CLOSED) for word in _WORDS.findall(_HUMP.sub(" ", text).casefold()))


@lru_cache(maxsize=4096)
def _plain(key: str) -> str:
    return "".join(_WORDS.findall(key.lower()))


@lru_cache(maxsize=4096)
def _role(key: str) -> str | None:
    """The part that a field plays here: a mark's or modifier's word, `status`, or none."""
    plain = _plain(key)
    if key in _MODIFIERS:
        return UNKNOWN_MODIFIER
    if plain.endswith(_STATUS) or plain in _STATUSES:
        return _STATUS
    return _MARKS.get(plain)


def _told(role: str, value: Json) -> str | None:
    if role == _STATUS:
        return next((reason for text in _texts(value, _MOST_NESTING) if (reason := _reason(text))), None)
    return role if _is_set(value) else None


def _is_set(value: Json) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() not in _NO
    return bool(value)


def _texts(value: Json, nesting: int) -> Iterator[str]:
    """Every writing of a status: the word itself, or those of a coding, a concept, or a list of them."""
    if isinstance(value, str):
        yield value[:300]
    elif nesting and isinstance(value, list):
        for one in value:
            yield from _texts(one, nesting - 1)
    elif nesting and isinstance(value, dict):
        for key in ("code", "display", "text", "coding", "value", "description", "name", "status"):
            if key in value:
                yield from _texts(value[key], nesting - 1)


@lru_cache(maxsize=4096)
def _reason(text: str) -> str | None:
    words = _WORDS.findall(_HUMP.sub(" ", text).casefold())
    whole = "".join(words)
    for reason, stems in _STEMS.items():
        if any(word.startswith(stems) for word in words) or any(phrase in whole for phrase in _PHRASES[reason]):
            return reason
    return None
