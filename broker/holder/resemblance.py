"""Who resembles the person asked about although neither both names, nor the birthday and a name, are written alike.

Promise: whoever resembles is for a person to look at, and is never taken for anybody. Somebody resembles who was
born on the day and lives at the postcode, or of whom three facts are alike: a given name, a family name, the date of
birth, the postcode. Names are alike that sound alike or are one slip apart, also in each other's field; dates that
agree in two of year, month and day. `near_keys` finds them in an index, as Splink's blocking rules do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from broker.holder.name_matching import Likeness, compare_given, family_keys, given_keys, postcode_key
from broker.holder.name_words import one_slip_apart, sound, sounds_alike
from broker.holder.source import Candidate, NameHeld, PersonSought
from schemas.vocabulary import Birth

_ENOUGH: Final = 3


def near_keys(names: Sequence[NameHeld], days: Iterable[date], postcodes: Sequence[str]) -> frozenset[str]:
    """Every key under which somebody is found who resembles; the same for a record and for a person sought."""
    given = frozenset(sound(key) for name in names for key in given_keys(name))
    family = frozenset(sound(key) for name in names for key in family_keys(name))
    lives = frozenset(key for code in postcodes if (key := postcode_key(code)))
    return frozenset(_near_keys(given, family, frozenset(days), lives))


def _near_keys(
    given: frozenset[str], family: frozenset[str], born: frozenset[date], lives: frozenset[str]
) -> Iterator[str]:
    named = given | family
    pairs = {"|".join(sorted((one, other))) for one in given for other in family}
    yield from (f"at|{name}|{place}" for name in named for place in lives)
    for day in born:
        yield from (f"at|{day}|{place}" for place in lives)
        yield from (f"near|{day}|{name}" for name in named)
        yield from (f"near|{day.year}|{pair}" for pair in pairs)
        yield from (f"near|{day:%m-%d}|{pair}" for pair in pairs)


def resembles(person: PersonSought, candidate: Candidate) -> bool:
    """Return whether a candidate is near enough to the person sought for somebody to look at."""
    ours = frozenset(key for code in person.postcodes if (key := postcode_key(code)))
    theirs = frozenset(key for code in candidate.postcodes if (key := postcode_key(code)))
    lives = any(one == other or one_slip_apart(one, other) for one in ours for other in theirs)
    if lives and not person.days_of_birth.isdisjoint(candidate.dates_of_birth):
        return True
    born = born_alike(person, candidate)
    undated = not (person.days_of_birth and (candidate.dates_of_birth or candidate.partial_births))
    return any(
        _enough(person.name, name, lives=lives, born=born, undated=undated, at_home=not ours.isdisjoint(theirs))
        for name in candidate.names
    )


def _enough(ours: NameHeld, theirs: NameHeld, *, lives: bool, born: bool, undated: bool, at_home: bool) -> bool:
    given, family = names_alike(ours, theirs)
    if given + family + lives + born >= _ENOUGH:
        return True
    if not undated:
        return False
    nothing_else = family and not (given_keys(ours) and given_keys(theirs))
    return (given and family) or (at_home and (given or nothing_else))


def born_alike(person: PersonSought, candidate: Candidate) -> bool:
    """Return whether a date of birth agrees in two of year, month and day, or with day and month swapped.

    Where the person's is not known to the day, it agrees with every day on which they may have been born.
    """
    if person.birth is not Birth.EXACT or person.date_of_birth is None:
        return not person.days_of_birth.isdisjoint(candidate.dates_of_birth)
    return any(_dates_alike(person.date_of_birth, day) for day in candidate.dates_of_birth)


def _dates_alike(ours: date, theirs: date) -> bool:
    agree = (ours.year == theirs.year) + (ours.month == theirs.month) + (ours.day == theirs.day)
    swapped = (ours.year, ours.month, ours.day) == (theirs.year, theirs.day, theirs.month)
    return agree > 1 or swapped


def names_alike(ours: NameHeld, theirs: NameHeld) -> tuple[bool, bool]:
    """Return whether the given and the family names are alike, as they stand or in each other's field."""
    given, family = given_keys(ours), family_keys(ours)
    other_given, other_family = given_keys(theirs), family_keys(theirs)
    straight = _alike(given, other_given), _alike(family, other_family)
    return max(straight, (_alike(given, other_family), _alike(family, other_given)), key=sum)


def given_names_alike(ours: NameHeld, theirs: Sequence[NameHeld]) -> bool:
    """Return whether a given name may be one of these: nothing stated tells them apart, or it is one slip away."""
    return not theirs or any(
        compare_given(ours.given_names, name.given_names) is not Likeness.DIFFERENT or names_alike(ours, name)[0]
        for name in theirs
    )


def _alike(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return any(sounds_alike(one, other) for one in ours for other in theirs)
