"""Precision at AUTO: how often the deterministic rules name somebody else, in an invented population with traps.

A population of twins, siblings, namesakes and people without numbers or postcodes is searched for its own members,
each asked about as people are asked about: with typing errors, swapped days and months, nicknames left out, a
co-twin's number, a number mistyped into another's, or nothing but a name and a date. Every AUTO is compared with
the truth. The aim is none wrong (reference 7.2: at least 0.999 before recall is tuned). Fixed seed: the same
figures each time.

Usage: python benchmarks/precision.py [--people N] [--queries N] [--seed N]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from broker.holder.identify import MOST_CANDIDATES, Known, NoTrace, identify
from broker.holder.source import Candidate, IdentifierHeld, NameHeld, PersonSought
from schemas.folding import name_key
from schemas.vocabulary import IdentifierScheme, MatchMethod, PersonRole

SYLLABLES = (
    *("al", "an", "ar", "be", "bo", "ca", "da", "de", "el", "em", "fa", "fi", "ga", "ha", "is", "jo", "ka", "la"),
    *("li", "ma", "mi", "na", "no", "ol", "pa", "ra", "ri", "sa", "so", "ta", "ti", "va", "wi", "za"),
)
ERRORS = (
    "none", "typo given", "typo family", "no postcode", "swap day and month", "day off by one", "names transposed",
    "no number", "co-twin's number", "number mistyped", "only name and date", "other child of the family",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody of the population, as the organisation has recorded them."""

    record_id: str
    given: str
    family: str
    born: date
    postcode: str | None
    number: str | None

    def candidate(self) -> Candidate:
        held = (IdentifierHeld(scheme=IdentifierScheme.NHS, value=self.number),) if self.number else ()
        return Candidate(
            record_id=self.record_id,
            names=(NameHeld(given_names=(self.given,), family_name=self.family),),
            dates_of_birth=(self.born,),
            sexes=(),
            postcodes=(self.postcode,) if self.postcode else (),
            identifiers=held,
            restricted=False,
        )


@dataclass
class Population:
    """People, and the three indexes by which a source finds candidates."""

    people: list[Person] = field(default_factory=list)
    by_number: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_names: dict[tuple[str, str], list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_birth: dict[tuple[date, str], list[Person]] = field(default_factory=lambda: defaultdict(list))

    def add(self, person: Person) -> None:
        self.people.append(person)
        if person.number:
            self.by_number[person.number].append(person)
        given, family = name_key(person.given), name_key(person.family)
        self.by_names[given, family].append(person)
        self.by_birth[person.born, given].append(person)
        self.by_birth[person.born, family].append(person)

    def find(self, sought: PersonSought) -> tuple[Candidate, ...]:
        given, family = name_key(sought.name.given_names[0]), name_key(sought.name.family_name or "")
        found: dict[str, Person] = {}
        for people in (
            *(self.by_number.get(one.value, ()) for one in sought.identifiers),
            self.by_names.get((given, family), ()),
            self.by_names.get((family, given), ()),
            self.by_birth.get((sought.date_of_birth, given), ()),
            self.by_birth.get((sought.date_of_birth, family), ()),
        ):
            found.update({one.record_id: one for one in people})
        return tuple(one.candidate() for one in list(found.values())[: MOST_CANDIDATES + 1])


def number_of(index: int) -> str:
    """Return the next NHS number of the reserved range with a right check digit."""
    while True:
        digits = f"999{index:06d}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return digits + str(check % 11)
        index += 500_000


def invent(count: int, dice: random.Random) -> Population:
    """Make families with twins, siblings and namesakes; some people have no number or no postcode."""
    names = ["".join(dice.choices(SYLLABLES, k=2)).title() for _ in range(600)]
    families = ["".join(dice.choices(SYLLABLES, k=3)).title() for _ in range(4000)]
    population, serial = Population(), 0
    while len(population.people) < count:
        family, postcode = dice.choice(families), f"ZE{dice.randrange(1, 99)} {dice.randrange(10)}AA"
        born = date(2008, 1, 1) + timedelta(days=dice.randrange(6500))
        for _ in range(dice.choices((1, 2, 3), (60, 30, 10))[0]):
            twin = dice.random() < 0.35
            born = born if twin else born + timedelta(days=dice.randrange(400, 1500))
            serial += 1
            population.add(
                Person(
                    record_id=f"r{serial}",
                    given=dice.choice(names),
                    family=family,
                    born=born,
                    postcode=postcode if dice.random() < 0.8 else None,
                    number=number_of(serial) if dice.random() < 0.7 else None,
                )
            )
    return population


def misspell(word: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(word))
    return word[:place] + dice.choice("abcdefghijklmnopqrstuvwxyz") + word[place + dice.randrange(2) :]


def swapped(born: date) -> date:
    return born.replace(month=born.day, day=born.month) if born.day <= 12 else born


def queries(population: Population, count: int, dice: random.Random) -> Iterator[tuple[str, str | None, PersonSought]]:
    """Ask about members, in error as people are; yield the error, who is meant (None: nobody of them), and the ask."""
    families: dict[tuple[str, date], list[Person]] = defaultdict(list)
    for one in population.people:
        families[one.family, one.born].append(one)
    for _ in range(count):
        meant = dice.choice(population.people)
        error = dice.choice(ERRORS)
        given, family, born, postcode, number = meant.given, meant.family, meant.born, meant.postcode, meant.number
        truth: str | None = meant.record_id
        match error:
            case "typo given":
                given = misspell(given, dice)
            case "typo family":
                family = misspell(family, dice)
            case "no postcode":
                postcode = None
            case "swap day and month":
                born = swapped(born)
            case "day off by one":
                born += timedelta(days=1)
            case "names transposed":
                given, family = family, given
            case "no number":
                number = None
            case "co-twin's number":
                others = [one for one in families[family, born] if one.given != given and one.number]
                number = dice.choice(others).number if others else number
            case "number mistyped":
                number = dice.choice(population.people).number or number
            case "only name and date":
                postcode = number = None
            case "other child of the family":  # not in the records at all
                given, number, truth = misspell(misspell(given, dice), dice) + "x", None, None
        yield (
            error,
            truth,
            PersonSought(
                ref="p1",
                roles=(PersonRole.SUBJECT_CHILD,),
                name=NameHeld(given_names=(given,), family_name=family),
                date_of_birth=born,
                sex=None,
                postcodes=(postcode,) if postcode else (),
                identifiers=(IdentifierHeld(scheme=IdentifierScheme.NHS, value=number),) if number else (),
            ),
        )


def measure(people: int, count: int, seed: int) -> tuple[Counter[tuple[str, str]], int, int]:
    """Return outcomes by error and kind, how many AUTO there were, and how many of them were somebody else."""
    dice = random.Random(seed)
    population = invent(people, dice)
    outcomes: Counter[tuple[str, str]] = Counter()
    auto = wrong = 0
    for error, truth, sought in queries(population, count, dice):
        outcome = identify((sought,), {"p1": population.find(sought)}, chosen={}).of("p1")
        if isinstance(outcome, Known) and outcome.match.method is not MatchMethod.CHOSEN:
            auto += 1
            right = outcome.record_id == truth
            wrong += not right
            outcomes[error, "right" if right else "WRONG"] += 1
        else:
            outcomes[error, "no trace" if isinstance(outcome, NoTrace) else "uncertain"] += 1
    return outcomes, auto, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    begun = time.perf_counter()
    outcomes, auto, wrong = measure(options.people, options.queries, options.seed)
    kinds = ("right", "WRONG", "uncertain", "no trace")
    seconds = time.perf_counter() - begun
    print(f"{options.people} people, {options.queries} queries, seed {options.seed}, {seconds:.0f} s\n")
    print(f"{'asked with':28}" + "".join(f"{kind:>11}" for kind in kinds))
    for error in ERRORS:
        print(f"{error:28}" + "".join(f"{outcomes[error, kind]:>11}" for kind in kinds))
    precision = 1 - wrong / auto if auto else 1
    print(f"\nAUTO: {auto}, wrong person at AUTO: {wrong}, precision {precision:.6f}")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
