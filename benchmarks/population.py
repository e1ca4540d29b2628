"""An invented population as several case systems hold it, and questions about its people, with the truth of each.

Families with twins, siblings and namesakes; some people have no number or no postcode. Most are held by a first system
and some by two others, each of which counts its ids from one, so that ids collide. A child who moved stands in another
system under the postcode of before. Some systems say that two of their records are one person, after a change of
family name; some withdraw a record; some restrict a copy that is open elsewhere. In each system a second record names
its person by the system's own key alone, as records do that refer to their patient.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from agents.sdk.mapping.results import RecordRead, Subject, Withdrawn
from agents.sdk.store.records import RecordStore
from benchmarks.people import ask, number_of, record, subject, take_in
from broker.holder.source import PersonSought

SYLLABLES = (
    *("al", "an", "ar", "be", "bo", "ca", "da", "de", "el", "em", "fa", "fi", "ga", "ha", "is", "jo", "ka", "la"),
    *("li", "ma", "mi", "na", "no", "ol", "pa", "ra", "ri", "sa", "so", "ta", "ti", "va", "wi", "za"),
)
SYSTEMS = ("first", "second", "third")
SHARES = (0.9, 0.35, 0.15)
"""How many of the people each system holds."""

ERRORS = (
    "none", "typo given", "typo family", "no postcode", "swap day and month", "day off by one", "names transposed",
    "no number", "co-twin's number", "number mistyped", "only name and date", "other child of the family",
)  # fmt: skip
STRANGER = "stranger"
A_FILE = 20_000


@dataclass(frozen=True)
class Person:
    """Somebody as they really are; `texts` is what the systems hold of them and stand by."""

    person_id: str
    given: str
    family: str
    born: date
    postcode: str | None
    before: str | None
    number: str | None
    restricted: bool = False
    texts: frozenset[str] = frozenset()


@dataclass
class System:
    """One case system: its records, and those that it withdraws afterwards."""

    name: str
    records: list[RecordRead] = field(default_factory=list)
    withdrawn: list[Withdrawn] = field(default_factory=list)
    people: int = 0

    def key(self) -> str:
        """Return the next person's key, which other systems have too."""
        self.people += 1
        return f"{self.name}|{self.people}"

    def add(self, about: Subject, *texts: str) -> RecordRead:
        made = record("hub", str(len(self.records) + 1), about, *texts)
        self.records.append(made)
        return made


@dataclass
class Population:
    """Everybody, and the systems that hold them."""

    people: list[Person] = field(default_factory=list)
    systems: tuple[System, ...] = field(default_factory=lambda: tuple(System(name) for name in SYSTEMS))

    def fill(self, store: RecordStore) -> None:
        """Import every system, file by file, and then what it withdraws."""
        for system in self.systems:
            for start in range(0, len(system.records), A_FILE):
                take_in(store, system.name, system.records[start : start + A_FILE])
            take_in(store, system.name, (), system.withdrawn)


def invent(count: int, dice: random.Random) -> Population:
    """Make families with twins, siblings and namesakes, and put them into the systems."""
    names = ["".join(dice.choices(SYLLABLES, k=2)).title() for _ in range(600)]
    families = ["".join(dice.choices(SYLLABLES, k=3)).title() for _ in range(4000)]
    population = Population()
    while len(population.people) < count:
        family, home = dice.choice(families), _postcode(dice)
        before = _postcode(dice) if dice.random() < 0.1 else None
        born = date(2008, 1, 1) + timedelta(days=dice.randrange(6500))
        for given in dice.sample(names, dice.choices((1, 2, 3), (60, 30, 10))[0]):
            twin = dice.random() < 0.35
            born = born if twin else born + timedelta(days=dice.randrange(400, 1500))
            serial = len(population.people) + 1
            person = Person(
                person_id=f"r{serial}",
                given=given,
                family=family,
                born=born,
                postcode=home if dice.random() < 0.8 else None,
                before=before,
                number=number_of(serial) if dice.random() < 0.7 else None,
            )
            population.people.append(_held(person, population.systems, dice))
    return population


def _postcode(dice: random.Random) -> str:
    return f"ZE{dice.randrange(1, 99)} {dice.randrange(10)}{dice.choice('ABD')}A"


def _held(person: Person, systems: tuple[System, ...], dice: random.Random) -> Person:
    """Put somebody into one system at least, and return them with what is held."""
    among = [place for place, share in enumerate(SHARES) if dice.random() < share] or [0]
    texts: list[str] = []
    restricted = False
    for place in among:
        hidden = dice.random() < 0.01
        restricted = restricted or hidden
        texts += _into(systems[place], person, place, hidden=hidden, dice=dice)
    return Person(
        person_id=person.person_id,
        given=person.given,
        family=person.family,
        born=person.born,
        postcode=person.postcode,
        before=person.before,
        number=person.number,
        restricted=restricted,
        texts=frozenset(texts),
    )


def _into(system: System, person: Person, place: int, *, hidden: bool, dice: random.Random) -> Iterator[str]:
    key = system.key()
    others = (_old_record(system, person),) if dice.random() < 0.02 else ()
    about = subject(
        given=person.given,
        family=person.family,
        born=person.born,
        postcode=(person.before or person.postcode) if place else person.postcode,
        number=person.number if place == 0 or dice.random() < 0.4 else None,
        key=key,
        other_keys=others,
        restricted=hidden,
    )
    text = f"{person.person_id} {system.name}"
    system.add(about, f"{text} told")
    system.add(subject(key=key), f"{text} by key")
    yield from (f"{text} told", f"{text} by key", *(f"{text} before the change of name" for _ in others))
    if dice.random() < 0.03:
        gone = system.add(subject(key=key), f"{text} withdrawn")
        system.withdrawn.append(Withdrawn(at="/withdrawn", key=gone.key, reason="ENTERED_IN_ERROR"))


def _old_record(system: System, person: Person) -> str:
    """Add the record of before a change of family name; return its key, for the merge that the system states."""
    key = system.key()
    old = subject(given=person.given, family=f"Mc{person.family}", born=person.born, key=key)
    system.add(old, f"{person.person_id} {system.name} before the change of name")
    return key


def misspell(word: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(word))
    return word[:place] + dice.choice("abcdefghijklmnopqrstuvwxyz") + word[place + dice.randrange(2) :]


def swapped(born: date) -> date:
    return born.replace(month=born.day, day=born.month) if born.day <= 12 else born


def questions(
    population: Population, count: int, dice: random.Random
) -> Iterator[tuple[str, Person | None, PersonSought]]:
    """Ask about members, in error as people are; yield the error, who is meant (None: nobody of them), and the ask."""
    families: dict[tuple[str, date], list[Person]] = defaultdict(list)
    for one in population.people:
        families[one.family, one.born].append(one)
    for _ in range(count):
        meant = dice.choice(population.people)
        error = dice.choice(ERRORS)
        given, family, born, postcode, number = meant.given, meant.family, meant.born, meant.postcode, meant.number
        truth: Person | None = meant
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
        yield error, truth, ask(given, family, born, postcode, number)


def strangers(population: Population, count: int, dice: random.Random) -> Iterator[tuple[str, None, PersonSought]]:
    """Ask about people of whom nobody holds anything, with names, birthdays and postcodes that others have."""
    for _ in range(count):
        given, family, born, home = (dice.choice(population.people) for _ in range(4))
        yield STRANGER, None, ask(given.given, family.family, born.born, home.postcode, None)
