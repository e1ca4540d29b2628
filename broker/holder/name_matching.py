"""How names, dates of birth and postcodes are written alike, indexed and compared: one place for all of it.

Promise: the index of a record store and the rule of `identify` use the same keys, so nobody whom the rule
calls a candidate is missed by the index. Nothing here says that two people are one: it says how alike two
writings are, and a doubtful likeness is never called the same (ref 7.2 rules 4 and 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Final, final

from broker.holder.source import NameHeld
from schemas.folding import name_key


class Likeness(IntEnum):
    """The likeness of two names, the least alike first."""

    DIFFERENT = 0
    UNNAMED = 1
    """One of them is a newborn's stand-in ("Baby"): for a person to look at, whatever else agrees."""
    UNKNOWN = 2
    CLOSE = 3
    """An initial, one half of a double name, another order: no contradiction, and no agreement."""
    SHORTER = 4
    """The same first given name, and one side leaves later ones out."""
    SAME = 5

    @property
    def agrees(self) -> bool:
        """Return whether it counts as the same name."""
        return self >= Likeness.SHORTER


class DateLikeness(StrEnum):
    """The likeness of a date of birth to those held."""

    SAME = "SAME"
    SAME_PLACEHOLDER = "SAME_PLACEHOLDER"
    """The same, but a first of January: what systems write when only the year is known."""
    UNKNOWN = "UNKNOWN"
    DOUBTFUL = "DOUBTFUL"
    """Day and month swapped, a first of January of the same year, or held beside another date."""
    DIFFERENT = "DIFFERENT"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NameLikeness:
    """The likeness of two people's names, half by half."""

    given: Likeness
    family: Likeness

    @property
    def contradicts(self) -> bool:
        """Return whether either half is another name, or a newborn's stand-in."""
        return min(self.given, self.family) <= Likeness.UNNAMED


_NEWBORN: Final = frozenset({"baby", "babyboy", "babygirl", "boy", "girl", "infant", "neonate", "newborn"})
_UNBORN: Final = frozenset({"triplet", "twin", "unborn"})
_NO_NAME: Final = frozenset({"unknown", "notknown", "nk", "notrecorded", "notgiven", "tba"})
_PARTICLES: Final = frozenset(
    {
        "al",
        "bin",
        "da",
        "de",
        "del",
        "der",
        "di",
        "dos",
        "du",
        "el",
        "ibn",
        "la",
        "le",
        "of",
        "st",
        "van",
        "von",
    }
)
_TITLES: Final = frozenset({"mr", "mrs", "miss", "ms", "mx", "dr", "master", "rev", "sir", "prof"})
_SPLIT: Final = re.compile(r"[\s\-\u2010-\u2015]+")
_POSTCODE: Final = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
_NO_ADDRESS: Final = "ZZ99"
"""Postcodes from here on say "no fixed abode", "abroad" or "not known": shared by thousands."""


def _parts(text: str) -> frozenset[str]:
    keys = (name_key(part) for part in _SPLIT.split(text))
    return frozenset(key for key in keys if len(key) > 1 and key not in _PARTICLES)


def _given(names: Sequence[str]) -> tuple[str, ...]:
    """Give each given name its key, double names as one; "Unknown" is no name."""
    keys = (name_key(name) for text in names for name in text.split())
    return tuple(key for key in keys if key and key not in _NO_NAME)


def _family(name: str | None) -> str:
    key = name_key(name or "")
    return "" if key in _NO_NAME else key


def is_newborn(given_names: Sequence[str]) -> bool:
    """Return whether these stand in for a name not given yet: "Baby", "Twin 2", "Baby Girl"."""
    parts = (name_key(part) for name in given_names for part in _SPLIT.split(name))
    first = next((part for part in parts if part), "")
    return first.rstrip("0123456789") in _NEWBORN | _UNBORN


def given_keys(name: NameHeld) -> frozenset[str]:
    """Every key under which the given names can be found; none for a stand-in."""
    if is_newborn(name.given_names):
        return frozenset()
    whole = _given(name.given_names)
    parts = frozenset().union(*(_parts(text) for text in name.given_names))
    return (frozenset({*whole, "".join(whole)}) | parts) - _NO_NAME - {""}


def family_keys(name: NameHeld) -> frozenset[str]:
    """Every key under which the family name can be found: whole, and each half of a double one."""
    return (frozenset({_family(name.family_name)}) | _parts(name.family_name or "")) - _NO_NAME - {""}


def full_name_key(name: NameHeld) -> str | None:
    """All given names and the family name as one key; None unless both are really stated."""
    given, family = "".join(_given(name.given_names)), _family(name.family_name)
    if not given or not family or len(given) == 1 or is_newborn(name.given_names):
        return None
    return f"{given}|{family}"


def _middles_agree(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    pairs = zip(ours, theirs, strict=False)
    return all(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for a, b in pairs)


def compare_given(ours: Sequence[str], theirs: Sequence[str]) -> Likeness:
    """Compare given names. Two stated middle names that differ tell twins apart: DIFFERENT."""
    if is_newborn(ours) or is_newborn(theirs):
        return Likeness.UNNAMED
    a, b = _given(ours), _given(theirs)
    if not a or not b:
        return Likeness.UNKNOWN
    if min(len(a[0]), len(b[0])) == 1:  # "J" and "J" may be Jack and James
        return Likeness.CLOSE if a[0][0] == b[0][0] else Likeness.DIFFERENT
    if "".join(a) == "".join(b):
        return Likeness.SAME if min(map(len, a + b)) > 1 else Likeness.SHORTER
    if a[0] == b[0]:
        return Likeness.SHORTER if _middles_agree(a[1:], b[1:]) else Likeness.DIFFERENT
    return _by_parts(ours, theirs)


def compare_family(ours: str | None, theirs: str | None) -> Likeness:
    """Compare family names; one half of a double name is CLOSE."""
    a, b = _family(ours), _family(theirs)
    if not a or not b:
        return Likeness.UNKNOWN
    return Likeness.SAME if a == b else _by_parts([ours or ""], [theirs or ""])


def _by_parts(ours: Iterable[str], theirs: Iterable[str]) -> Likeness:
    a = frozenset().union(*(_parts(text) for text in ours))
    b = frozenset().union(*(_parts(text) for text in theirs))
    return Likeness.CLOSE if a and b and (a <= b or b <= a) else Likeness.DIFFERENT


def compare_names(ours: NameHeld, theirs: NameHeld) -> NameLikeness:
    """Compare both halves; names entered in each other's field are CLOSE, never the same."""
    given = compare_given(ours.given_names, theirs.given_names)
    family = compare_family(ours.family_name, theirs.family_name)
    if min(given, family) is Likeness.DIFFERENT and _transposed(ours, theirs):
        return NameLikeness(given=Likeness.CLOSE, family=Likeness.CLOSE)
    return NameLikeness(given=given, family=family)


def _transposed(ours: NameHeld, theirs: NameHeld) -> bool:
    a, b = "".join(_given(ours.given_names)), "".join(_given(theirs.given_names))
    return bool(a) and bool(b) and a == _family(theirs.family_name) and b == _family(ours.family_name)


def best_likeness(ours: NameHeld, aliases: Sequence[NameHeld]) -> NameLikeness:
    """Compare with every alias and give the best: an alias that fits is not contradicted by the others."""
    found = [compare_names(ours, alias) for alias in aliases]
    unknown = NameLikeness(given=Likeness.UNKNOWN, family=Likeness.UNKNOWN)
    return max(found, key=lambda one: (not one.contradicts, one.given + one.family), default=unknown)


def same_name(ours: NameHeld, theirs: NameHeld) -> bool:
    """Return whether these are one name: the family name whole, the given names as far as both state them."""
    likeness = compare_names(ours, theirs)
    return likeness.given.agrees and likeness.family is Likeness.SAME


def shares_both_names(ours: NameHeld, theirs: NameHeld) -> bool:
    """Return whether some given and some family name are shared, also when entered in each other's field."""
    given, family = given_keys(ours), family_keys(ours)
    other_given, other_family = given_keys(theirs), family_keys(theirs)
    straight = given & other_given and family & other_family
    return bool(straight or (given & other_family and family & other_given))


def shares_one_name(ours: NameHeld, theirs: NameHeld) -> bool:
    """Return whether some given name, or some family name, is shared."""
    return bool(given_keys(ours) & given_keys(theirs) or family_keys(ours) & family_keys(theirs))


def is_placeholder_date(day: date) -> bool:
    """Return whether a date of birth is a first of January."""
    return (day.month, day.day) == (1, 1)


def compare_dates(ours: date | None, held: Sequence[date]) -> DateLikeness:
    """Compare a date of birth with all that are held: one that fits beside one that does not is DOUBTFUL."""
    if ours is None or not held:
        return DateLikeness.UNKNOWN
    if all(day == ours for day in held):
        return DateLikeness.SAME_PLACEHOLDER if is_placeholder_date(ours) else DateLikeness.SAME
    swapped = any((day.year, day.month, day.day) == (ours.year, ours.day, ours.month) for day in held)
    year_only = any(day.year == ours.year and (is_placeholder_date(day) or is_placeholder_date(ours)) for day in held)
    return DateLikeness.DOUBTFUL if swapped or year_only or ours in held else DateLikeness.DIFFERENT


def postcode_key(text: str) -> str | None:
    """Write a postcode without its space; None for what is no postcode, or stands for no address."""
    key = re.sub(r"\s+", "", text).upper()
    return key if _POSTCODE.fullmatch(key) and not key.startswith(_NO_ADDRESS) else None


def split_name(full_name: str) -> NameHeld:
    """Read a name written on one line: the last word is the family name, titles are left out."""
    words = [word for word in full_name.split() if name_key(word) not in _TITLES]
    if len(words) < 2:
        return NameHeld(given_names=(), family_name=words[0] if words else None)
    return NameHeld(given_names=tuple(words[:-1]), family_name=words[-1])
