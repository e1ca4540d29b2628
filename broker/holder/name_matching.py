"""How names, dates of birth and postcodes are written alike, indexed and compared: one place for all of it.

Promise: the index of a record store and the rule of `identify` use the same keys, so nobody whom the rule
calls a candidate is missed by the index. Nothing here says that two people are one: it says how alike two
writings are, and a doubtful likeness is never called the same (ref 7.2 rules 4 and 5).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Final, final

from broker.holder.name_words import (
    NO_GIVEN,
    NO_NAME,
    NO_PART,
    PARTICLES,
    SUFFIXES,
    TITLES,
    is_stand_in,
    is_stand_in_for_family,
    joined,
)
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


_UMLAUTS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe"}
)
"""What a keyboard without them writes; "Müller" is also found as "Muller", which folding gives."""
_SPLIT: Final = re.compile(r"[\s\-\u2010-\u2015]+")
_PIECES: Final = re.compile(r"[\x00-/:-@\[-`{-~]+")
_TITLE_BEHIND: Final = re.compile(r"\s*\(([^()]*)\)\s*$")
_SHORTEST_IN_CAPITALS: Final = 3
_POSTCODE: Final = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
_NO_ADDRESS: Final = "ZZ99"
"""Postcodes from here on say "no fixed abode", "abroad" or "not known": shared by thousands."""


_MOST_REMEMBERED: Final = 16_384
"""Halves of names whose keys are remembered: most people share theirs with many."""


def _parts(text: str) -> frozenset[str]:
    keys = (name_key(part) for part in _SPLIT.split(text))
    return frozenset(key for key in keys if len(key) > 1 and key not in PARTICLES)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _given(names: tuple[str, ...]) -> tuple[str, ...]:
    """Give each given name its key, double names as one; "Unknown", "Miss", "Jr" and "Baby" are no names."""
    keys = tuple(joined([name_key(word) for text in names for word in text.split()]))
    kept = (key for place, key in enumerate(keys) if not (place and key in SUFFIXES))
    named = [key for key in kept if key and key not in NO_GIVEN]
    return tuple(key for key in named if not is_stand_in(key, alone=len(named) == 1))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _family_words(name: str | None) -> tuple[str, ...]:
    words = tuple(joined([name_key(word) for word in _SPLIT.split(name or "")]))
    kept = tuple(word for place, word in enumerate(words) if word and not (place and word in SUFFIXES))
    return tuple(word for word in kept if not is_stand_in_for_family(word, alone=len(kept) == 1))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _family(name: str | None) -> str:
    key = "".join(_family_words(name))
    return "" if key in NO_NAME else key


@lru_cache(maxsize=_MOST_REMEMBERED)
def is_newborn(given_names: tuple[str, ...]) -> bool:
    """Return whether any word stands in for a name not given yet ("Baby", "Twin 2", "B/O"), or all are titles."""
    text = " ".join(given_names)
    words = tuple(joined([key for word in _SPLIT.split(text) if (key := name_key(word))]))
    pieces = [key for piece in _PIECES.split(text) if len(key := name_key(piece)) > 1 and key not in NO_NAME]
    stated = [word for word in words if word not in NO_GIVEN]
    return bool(words) and (
        all(word in TITLES for word in words)
        or any(is_stand_in(word, alone=len(stated) == 1) for word in stated)
        or any(is_stand_in(piece, alone=False) for piece in pieces)
    )


def is_unnamed(name: NameHeld) -> bool:
    """Return whether a stand-in for a newborn's name is in either half of a name."""
    return is_newborn(name.given_names) or _is_newborns_family(name.family_name)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _is_newborns_family(name: str | None) -> bool:
    keys = tuple(joined([key for word in _SPLIT.split(name or "") if (key := name_key(word))]))
    return any(is_stand_in_for_family(key, alone=len(keys) == 1) for key in keys)


def _writings(name: NameHeld) -> tuple[NameHeld, ...]:
    """The name as it is, and as it is written where there are no umlauts."""
    if _is_ascii(name):
        return (name,)
    given, family = (
        [unicodedata.normalize("NFC", one).translate(_UMLAUTS) for one in names]
        for names in (name.given_names, (name.family_name or "",))
    )
    return name, NameHeld(given_names=tuple(given), family_name=family[0] or None)


def _is_ascii(name: NameHeld) -> bool:
    return (name.family_name or "").isascii() and all(map(str.isascii, name.given_names))


def given_keys(name: NameHeld) -> frozenset[str]:
    """Every key under which the given names can be found; none for a stand-in."""
    if _is_ascii(name):
        return _given_keys(name.given_names)
    return frozenset().union(*(_given_keys(one.given_names) for one in _writings(name)))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _given_keys(given_names: tuple[str, ...]) -> frozenset[str]:
    whole = _given(given_names)
    parts = frozenset().union(*(_parts(text) for text in given_names))
    named = frozenset(part for part in parts - NO_PART if not is_stand_in(part, alone=not whole))
    return (frozenset({*whole, "".join(whole)}) | named) - NO_NAME - {""}


def family_keys(name: NameHeld) -> frozenset[str]:
    """Every key under which the family name can be found: whole, and each half of a double one."""
    if _is_ascii(name):
        return _family_keys(name.family_name)
    return frozenset().union(*(_family_keys(one.family_name) for one in _writings(name)))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _family_keys(family_name: str | None) -> frozenset[str]:
    words = _family_words(family_name)
    halves = frozenset(word for word in words if len(word) > 1 and word not in PARTICLES)
    return (frozenset({"".join(words)}) | halves) - NO_NAME - {""}


def full_name_key(name: NameHeld) -> str | None:
    """All given names and the family name as one key; None unless both are really stated."""
    given, family = "".join(_given(name.given_names)), _family(name.family_name)
    if not given or not family or len(given) == 1 or is_unnamed(name):
        return None
    return f"{given}|{family}"


def _middles_agree(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    pairs = zip(ours, theirs, strict=False)
    return all(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for a, b in pairs)


def compare_given(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Likeness:
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
    if any(is_unnamed(NameHeld(given_names=(), family_name=one)) for one in (ours, theirs)):
        return Likeness.UNNAMED
    a, b = _family(ours), _family(theirs)
    if not a or not b:
        return Likeness.UNKNOWN
    if a == b:
        return Likeness.SAME
    return _by_halves(frozenset(_family_words(ours)) - PARTICLES, frozenset(_family_words(theirs)) - PARTICLES)


def _by_parts(ours: Iterable[str], theirs: Iterable[str]) -> Likeness:
    a = frozenset().union(*(_parts(text) for text in ours))
    b = frozenset().union(*(_parts(text) for text in theirs))
    return _by_halves(a, b)


def _by_halves(a: frozenset[str], b: frozenset[str]) -> Likeness:
    return Likeness.CLOSE if a and b and (a <= b or b <= a) else Likeness.DIFFERENT


def compare_names(ours: NameHeld, theirs: NameHeld) -> NameLikeness:
    """Compare both halves; names entered in each other's field are CLOSE, never the same."""
    found = [_compare_written(a, b) for a in _writings(ours) for b in _writings(theirs)]
    return max(found, key=lambda one: (not one.contradicts, one.given + one.family))


def _compare_written(ours: NameHeld, theirs: NameHeld) -> NameLikeness:
    given = compare_given(ours.given_names, theirs.given_names)
    family = compare_family(ours.family_name, theirs.family_name)
    if min(given, family) is Likeness.DIFFERENT and _transposed(ours, theirs):
        return NameLikeness(given=Likeness.CLOSE, family=Likeness.CLOSE)
    a, b = _suffix(ours), _suffix(theirs)
    if a and b and a != b:  # the elder and the younger of one name
        return NameLikeness(given=given, family=Likeness.DIFFERENT)
    return NameLikeness(given=given, family=family)


def _suffix(name: NameHeld) -> str | None:
    halves = [" ".join(name.given_names).split(), _SPLIT.split(name.family_name or "")]
    found = (SUFFIXES.get(name_key(word)) for half in halves for word in half[1:])
    return next((suffix for suffix in found if suffix), None)


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


def compare_dates(ours: date | None, held: Sequence[date], partial: Sequence[str] = ()) -> DateLikeness:
    """Compare a date of birth with all that are held: one that fits beside one that does not is DOUBTFUL.

    `partial` are held as `2008` or `2008-03`: one that differs contradicts, and one that agrees proves nothing.
    """
    contradicted = ours is not None and any(not ours.isoformat().startswith(text) for text in partial)
    if ours is None or not held:
        return DateLikeness.DIFFERENT if contradicted else DateLikeness.UNKNOWN
    if all(day == ours for day in held) and not contradicted:
        return DateLikeness.SAME_PLACEHOLDER if is_placeholder_date(ours) else DateLikeness.SAME
    swapped = any((day.year, day.month, day.day) == (ours.year, ours.day, ours.month) for day in held)
    year_only = any(day.year == ours.year and (is_placeholder_date(day) or is_placeholder_date(ours)) for day in held)
    return DateLikeness.DOUBTFUL if swapped or year_only or ours in held else DateLikeness.DIFFERENT


def postcode_key(text: str) -> str | None:
    """Write a postcode without its space; None for what is no postcode, or stands for no address."""
    key = "".join(text.split()).upper()
    return key if _POSTCODE.fullmatch(key) and not key.startswith(_NO_ADDRESS) else None


def split_name(full_name: str) -> NameHeld:
    """Read a name written on one line; titles are left out, wherever they stand.

    The family name is the last word, with the suffix behind it; what stands before a comma ("BELL, Ann Marie"); or
    what alone is in capitals ("BELL Ann Marie (Miss)").
    """
    line, titled = _TITLE_BEHIND.subn("", full_name)
    before, comma, after = line.partition(",")
    if comma and _words_of(before) and any(name_key(word) not in SUFFIXES for word in _words_of(after)):
        return NameHeld(given_names=tuple(_words_of(after)), family_name=" ".join(_words_of(before)))
    words = _words_of(line.replace(",", " "))
    shortest = 2 if titled else _SHORTEST_IN_CAPITALS
    capitals = next((place for place, word in enumerate(words) if len(word) < shortest or not word.isupper()), 0)
    if capitals:
        return NameHeld(given_names=tuple(words[capitals:]), family_name=" ".join(words[:capitals]))
    suffixed = len(words) > 2 and name_key(words[-1]) in SUFFIXES
    last = len(words) - (2 if suffixed else 1)
    if last < 1:
        return NameHeld(given_names=(), family_name=words[0] if words else None)
    return NameHeld(given_names=tuple(words[:last]), family_name=" ".join(words[last:]))


def _words_of(text: str) -> list[str]:
    return [word for word in text.split() if name_key(word) and name_key(word) not in TITLES]
