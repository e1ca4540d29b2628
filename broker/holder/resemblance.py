"""Who resembles the person asked about although neither both names, nor the birthday and a name, are written alike.

Promise: whoever resembles is for a person to look at, and is never taken for anybody. Somebody resembles who (1) was
born on the day and lives at the postcode, or one slip from it; (2) is alike in three of given name, family name, date
of birth and postcode; (3) has the given name at the postcode, or the family name where no given name is stated; (4) is
alike in two of names and postcode where no date of birth is known. A family name at a postcode alone is no likeness:
it is the whole household. Names are alike that sound alike or are a slip or two apart, also in each other's field;
dates that agree in two of year, month and day. The keys find them in an index, as Splink's blocking rules do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, Protocol

from broker.holder.name_matching import Likeness, compare_given, family_keys, given_keys, postcode_key
from broker.holder.name_words import is_alike, slips_between, sound
from broker.holder.source import NameHeld, PersonSought
from schemas.vocabulary import Birth

_ENOUGH: Final = 3
_YEARS: Final = range(1900, 2101)
_NO_YEAR: Final = ""


class Described(Protocol):
    """What a record, or all records of a person, say of who it is."""

    @property
    def names(self) -> Sequence[NameHeld]:
        """Every name, aliases too."""
        ...

    @property
    def dates_of_birth(self) -> Sequence[date]:
        """Every date of birth that is stated to the day."""
        ...

    @property
    def partial_births(self) -> Sequence[str]:
        """Every date of birth that is not."""
        ...

    @property
    def postcodes(self) -> Sequence[str]:
        """Every postcode."""
        ...


def keys_held(held: Described) -> frozenset[str]:
    """Every key under which a record is found by somebody whom it resembles."""
    if not (held.names or held.postcodes):
        return frozenset()
    given, family = _sounds(held.names)
    years = frozenset(str(day.year) for day in held.dates_of_birth) or {_NO_YEAR}
    return frozenset(
        (
            *_at_home(frozenset(heard[:1] for heard in given) | family, held.postcodes),
            *_born_there(held.dates_of_birth, held.postcodes),
            *_born_and_named(held.dates_of_birth, given | family),
            *_named_in(years, given, family),
        )
    )


def birth_keys_sought(person: PersonSought) -> frozenset[str]:
    """Every key under which those are found who share a date of birth and, by its sound, one name."""
    given, family = _sounds((person.name,))
    return frozenset(_born_and_named(person.days_of_birth, given | family))


def near_keys_sought(person: PersonSought) -> frozenset[str]:
    """Every other key under which those are found who resemble a person sought."""
    given, family = _sounds((person.name,))
    named = given | family
    day = person.date_of_birth
    days = (day,) if day is not None and person.birth is Birth.EXACT else ()
    years = {str(one.year) for one in person.days_of_birth} or map(str, _YEARS)
    return frozenset(
        (
            *_at_home(frozenset(heard[:1] for heard in named) | named, person.postcodes),
            *_born_there(days, person.postcodes),
            *_named_in((*years, _NO_YEAR), given, family),
        )
    )


def _sounds(names: Sequence[NameHeld]) -> tuple[frozenset[str], frozenset[str]]:
    given = frozenset(sound(key) for name in names for key in given_keys(name))
    return given, frozenset(sound(key) for name in names for key in family_keys(name))


def _at_home(named: frozenset[str], postcodes: Sequence[str]) -> Iterator[str]:
    return (f"at|{heard}|{code}" for code in _codes(postcodes) for heard in named)


def _born_there(days: Iterable[date], postcodes: Sequence[str]) -> Iterator[str]:
    """A date of birth with the letters and digits of a postcode in no order: two in turn are the commonest slip."""
    codes = {"".join(sorted(code)) for code in _codes(postcodes)}
    return (f"at|{day}|{code}" for day in days for code in codes)


def _born_and_named(days: Iterable[date], named: frozenset[str]) -> Iterator[str]:
    return (f"near|{day}|{heard}" for day in days for heard in named)


def _named_in(years: Iterable[str], given: frozenset[str], family: frozenset[str]) -> Iterator[str]:
    pairs = {"|".join(sorted((one, other))) for one in given for other in family}
    return (f"near|{year}|{pair}" for year in years for pair in pairs)


def _codes(postcodes: Sequence[str]) -> frozenset[str]:
    return frozenset(key for code in postcodes if (key := postcode_key(code)))


def resembles(person: PersonSought, held: Described) -> bool:
    """Return whether what is held is near enough to the person sought for somebody to look at."""
    ours, theirs = _codes(person.postcodes), _codes(held.postcodes)
    at_home = not ours.isdisjoint(theirs)
    lives = at_home or any(slips_between(one, other, most=1) for one in ours for other in theirs)
    if lives and not person.days_of_birth.isdisjoint(held.dates_of_birth):  # (1)
        return True
    undated = not (person.days_of_birth and (held.dates_of_birth or held.partial_births))
    others = lives + born_alike(person, held)
    for name in held.names:
        alike = sum(names_alike(person.name, name))
        if alike + others >= _ENOUGH or (undated and alike + at_home > 1):  # (2), (4)
            return True
        if at_home and _is_named_alike(person.name, name):  # (3)
            return True
    return False


def _is_named_alike(ours: NameHeld, theirs: NameHeld) -> bool:
    given, other_given = given_keys(ours), given_keys(theirs)
    if given and other_given:
        return not given.isdisjoint(other_given)
    return names_alike(ours, theirs)[1]


def born_alike(person: PersonSought, held: Described) -> bool:
    """Return whether a date of birth agrees in two of year, month and day, or with day and month swapped.

    Where the person's is not known to the day, it agrees with every day on which they may have been born.
    """
    if person.birth is not Birth.EXACT or person.date_of_birth is None:
        return not person.days_of_birth.isdisjoint(held.dates_of_birth)
    return any(_dates_alike(person.date_of_birth, day) for day in held.dates_of_birth)


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
    """Return whether a given name may be one of these: nothing stated tells them apart, or it is a slip away."""
    return not theirs or any(
        compare_given(ours.given_names, name.given_names) is not Likeness.DIFFERENT or names_alike(ours, name)[0]
        for name in theirs
    )


def _alike(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return any(is_alike(one, other) for one in ours for other in theirs)
