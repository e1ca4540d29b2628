"""The record store as it grows: how long an import and a search take among ten thousand, and among a million people.

Invented custodian files (personal.details and crime-justice.details of each person) go through the real importer into
a fresh store of each size; then people who are in it are found and looked up, by identifier and by demographics alone,
and people who are not. Every search is checked: it must find exactly its person, or nobody. The figure that counts is
the ratio: p50 at N over p50 at the smallest size. Names repeat as they do in a population: more people, more namesakes,
but a date of birth keeps them apart. Fixed seed.

Usage: python benchmarks/store.py [--sizes N,N] [--large] [--searches N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from agents.police.agent import AGENT
from agents.sdk.importer import ImportTerms, import_files
from agents.sdk.store.records import RecordStore
from broker.adapters.sql import SqlDatabase
from broker.holder.source import IdentifierHeld, NameHeld, PersonSought
from schemas.vocabulary import IdentifierScheme, PersonRole

SIZES = (10_000, 100_000)
LARGE = 1_000_000
A_FILE = 5_000
"""People in one custodian file: an export comes in parts."""

SYLLABLES = ("al", "be", "ca", "do", "el", "fa", "gu", "ha", "is", "jo", "ka", "li", "mo", "ni", "or", "pa", "ru", "so")
BIRTHDAYS = 18 * 365
SEED = 20261120


@dataclass(frozen=True)
class Person:
    """Somebody invented; the same number always gives the same person. NHS numbers are from the range 999."""

    number: int
    given: str
    family: str
    born: date
    postcode: str

    @property
    def nhs(self) -> str | None:
        """The NHS number, of the numbers that start 999; None beyond as many as that range has."""
        return nhs_number(self.number)

    @property
    def key(self) -> str:
        """What the custodian calls the person."""
        return self.nhs or f"RMS-{self.number}"


def nhs_number(place: int) -> str | None:
    """Return the valid number 999 followed by this place (six digits) and a check digit, where there is one."""
    if place >= 10**6:
        return None
    digits = f"999{place:06d}"
    check = 11 - sum(int(digit) * (10 - at) for at, digit in enumerate(digits)) % 11
    return None if check == 10 else f"{digits}{check % 11}"


def person_of(number: int) -> Person:
    """Return one person. Two with the same names and date of birth are rare, as in life."""
    dice = random.Random(SEED * 10**7 + number)
    name = ["".join(dice.choice(SYLLABLES) for _ in range(length)).title() for length in (2, 3)]
    born = date(2008, 11, 20) + timedelta(days=dice.randrange(BIRTHDAYS))
    postcode = f"ZE{dice.randrange(1, 100)} {dice.randrange(10)}{dice.choice('ABDEFGHJ')}{dice.choice('ABDEFGHJ')}"
    return Person(number=number, given=name[0], family=name[1], born=born, postcode=postcode)


def records_of(person: Person) -> Iterator[dict[str, object]]:
    common = {"personId": person.key, "version": "1", "systemId": "INVENTED-RMS"}
    details = {
        "firstName": person.given,
        "lastName": person.family,
        "dateOfBirth": person.born.isoformat(),
        "address": {"line1": f"{person.number} Invented Row", "postcode": person.postcode},
    }
    yield {**common, "recordId": f"P-{person.number}", "recordType": "personal.details", "payload": details}
    crime = {
        "policeMarkerDetails": "Invented marker",
        "missingEpisodes": [{"date": "2026-05-14", "returnedHomeInterviewAttended": True}],
        "riskCriminalExploitation": True,
    }
    yield {**common, "recordId": f"C-{person.number}", "recordType": "crime-justice.details", "payload": crime}


def fill(store: RecordStore, size: int, folder: Path) -> float:
    """Import `size` people, file by file; return seconds in the importer. Raises: SystemExit where one is rejected."""
    seconds = 0.0
    path = folder / "custodian.json"
    for first in range(0, size, A_FILE):
        people = [person_of(number) for number in range(first, min(first + A_FILE, size))]
        records = [record for person in people for record in records_of(person)]
        path.write_text(json.dumps({"orgId": "INVENTED", "orgType": "POLICE", "records": records}))
        begun = time.perf_counter()
        [account] = import_files(
            [path],
            agent=AGENT,
            store=store,
            terms=ImportTerms(now=datetime.now(UTC), verified_identifiers=False),
        )
        seconds += time.perf_counter() - begun
        if account.rejected or account.records != len(records):
            sys.exit(f"the importer took {account.records} of {len(records)} records")
    return seconds


def sought(person: Person, *, by_number: bool) -> PersonSought:
    identifiers = (IdentifierHeld(scheme=IdentifierScheme.NHS, value=person.nhs),) if by_number and person.nhs else ()
    # By number alone: a name and date that nobody has, so that the identifier must do the work.
    name = NameHeld(given_names=("Zyx",), family_name="Zyxwvut")
    return PersonSought(
        ref="p1",
        roles=(PersonRole.SUBJECT_CHILD,),
        name=name if by_number else NameHeld(given_names=(person.given,), family_name=person.family),
        date_of_birth=date(2007, 1, 1) if by_number else person.born,
        sex=None,
        postcodes=() if by_number else (person.postcode,),
        identifiers=identifiers,
    )


async def search(store: RecordStore, person: PersonSought, truth: Person | None) -> tuple[float, int]:
    """Find and look up; return seconds and how many candidates there were. Raises: SystemExit on a wrong outcome."""
    begun = time.perf_counter()
    candidates = await store.find(person)
    held = [await store.look_up(one.record_id) for one in candidates]
    seconds = time.perf_counter() - begun
    right = [
        one
        for one in candidates
        if truth and truth.born in one.dates_of_birth and truth.postcode.replace(" ", "") in one.postcodes
    ]
    if truth is None and candidates:
        sys.exit("somebody was found who is not there")
    if truth is not None and (len(right) != 1 or not any(one.items for one in held)):
        sys.exit(f"{len(right)} of {len(candidates)} candidates are the person sought")
    return seconds, len(candidates)


@dataclass(frozen=True)
class Figures:
    """One way to search in a store of one size: seconds of each search, and the mean number of candidates."""

    seconds: list[float]
    candidates: float

    @property
    def p50(self) -> float:
        return statistics.median(self.seconds) * 1000

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.seconds, n=100)[98] * 1000


async def measure(store: RecordStore, size: int, searches: int) -> dict[str, Figures]:
    dice = random.Random(SEED)
    numbered = [one for one in (person_of(dice.randrange(size)) for _ in range(3 * searches)) if one.nhs][:searches]
    anybody = [person_of(dice.randrange(size)) for _ in range(searches)]
    nobody = [
        PersonSought(
            ref="p1",
            roles=(PersonRole.SUBJECT_CHILD,),
            name=NameHeld(given_names=("Zyx",), family_name=f"Zyxwvut{number}"),
            date_of_birth=person_of(number).born,
            sex=None,
            postcodes=(),
            identifiers=(),
        )
        for number in range(searches)
    ]
    plans: dict[str, list[tuple[PersonSought, Person | None]]] = {
        "by identifier": [(sought(one, by_number=True), one) for one in numbered],
        "by name, birth, postcode": [(sought(one, by_number=False), one) for one in anybody],
        "who is not there": [(one, None) for one in nobody],
    }
    figures = {}
    for name, plan in plans.items():
        for one, truth in plan[:10]:  # the first ones pay for compiling statements
            await search(store, one, truth)
        outcomes = [await search(store, one, truth) for one, truth in plan]
        found = statistics.fmean(count for _, count in outcomes)
        figures[name] = Figures(seconds=[seconds for seconds, _ in outcomes], candidates=found)
    return figures


def report(size: int, seconds: float, megabytes: float, figures: dict[str, Figures], base: dict[str, Figures]) -> None:
    print(f"\n{size:,} people: imported in {seconds:.0f} s, {size / seconds:,.0f} people a second; {megabytes:.0f} MB")
    print("find and look up            p50 ms    p99 ms   candidates   p50 / p50 at the smallest size")
    for name, one in figures.items():
        print(f"{name:26}{one.p50:8.2f}  {one.p99:8.2f}   {one.candidates:10.2f}   {one.p50 / base[name].p50:6.2f}")


def run(sizes: list[int], searches: int) -> None:
    print(f"conditions: {searches} searches of each kind, one after another; a file of {A_FILE:,} people at a time;")
    print(f"            SQLite, Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores;")
    print(
        f"            load {os.getloadavg()[0]:.1f} at the start, machine shared: read the ratios, not the milliseconds"
    )
    base: dict[str, Figures] = {}
    pace = 0.0
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "records.sqlite"
            database = SqlDatabase.open(path, schema=AGENT.store_schema)
            store = RecordStore(database)
            seconds = fill(store, size, Path(folder))
            figures = asyncio.run(measure(store, size, searches))
            database.close()
            base, pace = base or figures, pace or size / seconds
            report(size, seconds, path.stat().st_size / 1e6, figures, base)
            print(f"import pace / pace at the smallest size: {size / seconds / pace:.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="people in the stores, smallest first")
    parser.add_argument("--large", action="store_true", help=f"also {LARGE:,} people")
    parser.add_argument("--searches", type=int, default=500)
    options = parser.parse_args()
    sizes = sorted({int(one) for one in options.sizes.split(",")} | ({LARGE} if options.large else set()))
    run(sizes, options.searches)
    return 0


if __name__ == "__main__":
    sys.exit(main())
