"""The record store as it grows: how long an import and a search take among ten thousand, and among a million people.

Invented custodian files (personal.details and crime-justice.details of each person) go through the real importer into
a fresh store of each size; then people who are in it are found and looked up, by identifier and by demographics alone,
and people who are not. Every search is checked: it must find exactly its person, or nobody. The figure that counts is
the ratio: p50 at N over p50 at the smallest size. Names repeat as they do in a population: more people, more namesakes,
but a date of birth keeps them apart. Fixed seed.

Beside each import stands its floor, of the same run: the same files read by `json` and nothing more, and the rows that
the store then holds written by `executemany` into another one. And one file after another, each twice as large, says
whether memory grows with a file; each is imported in a process of its own, whose peak is its own.

Usage: python benchmarks/store.py [--sizes N,N] [--large] [--searches N] [--files N,N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import resource
import statistics
import subprocess
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
from broker.ports import Transaction
from schemas.vocabulary import IdentifierScheme, PersonRole

SIZES = (10_000, 100_000)
LARGE = 1_000_000
A_FILE = 5_000
"""People in one custodian file: an export comes in parts."""

FILES = (5_000, 10_000, 20_000)
"""People in the files whose imports' peaks of memory are compared."""

ROWS_AT_ONCE = 10_000

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


def export(people: range, path: Path) -> int:
    """Write a custodian file of these people; return its number of records."""
    records = [record for number in people for record in records_of(person_of(number))]
    path.write_text(json.dumps({"orgId": "INVENTED", "orgType": "POLICE", "records": records}))
    return len(records)


def files(size: int, folder: Path) -> Iterator[tuple[Path, int]]:
    """Write `size` people, file by file, each in place of the one before; yield path and number of records."""
    for first in range(0, size, A_FILE):
        path = folder / "custodian.json"
        yield path, export(range(first, min(first + A_FILE, size)), path)


def take_in(store: RecordStore, path: Path, records: int) -> float:
    """Import one file; return CPU seconds in the importer. Raises: SystemExit where a record is rejected."""
    begun = time.process_time()
    [account] = import_files(
        [path],
        agent=AGENT,
        store=store,
        terms=ImportTerms(now=datetime.now(UTC), verified_identifiers=False),
    )
    seconds = time.process_time() - begun
    if account.rejected or account.records != records:
        sys.exit(f"the importer took {account.records} of {records} records")
    return seconds


def floor(filled: SqlDatabase, size: int, folder: Path) -> float:
    """Read the same files and write the same rows, and do nothing else; return CPU seconds."""
    seconds = 0.0
    for path, _ in files(size, folder):
        begun = time.process_time()
        json.loads(path.read_bytes())
        seconds += time.process_time() - begun
    bare = SqlDatabase.open(folder / "bare.sqlite", schema=AGENT.store_schema)
    with filled.snapshot() as source:
        for (table,) in source.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            for rows in pages(source, table):
                sql = f"INSERT INTO {table} VALUES ({', '.join(f':{name}' for name in rows[0])})"
                begun = time.process_time()
                with bare.transaction() as transaction:
                    transaction.executemany(sql, rows)
                seconds += time.process_time() - begun
    bare.close()
    return seconds


def pages(source: Transaction, table: str) -> Iterator[list[dict[str, object]]]:
    """Yield a table's rows in the order in which they were written."""
    after, names = 0, [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
    while rows := source.execute(
        f"SELECT rowid, * FROM {table} WHERE rowid > :after ORDER BY rowid LIMIT :most", after=after, most=ROWS_AT_ONCE
    ):
        after = rows[-1][0]
        yield [dict(zip(names, row[1:], strict=True)) for row in rows]


def peak(path: Path) -> None:
    """Import one file in this process, which did nothing before; print megabytes before it and at the most."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    database = SqlDatabase.open(path.with_suffix(".sqlite"), schema=AGENT.store_schema)
    take_in(RecordStore(database), path, 2 * int(path.stem))
    database.close()
    print(before / 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def report_peaks(sizes: list[int]) -> None:
    print("\none file of       megabytes of JSON   of memory, before and at the most")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{size}.json"
            export(range(size), path)
            done = subprocess.run(
                [sys.executable, __file__, "--peak", str(path)], capture_output=True, text=True, check=True
            )
            before, most = map(float, done.stdout.split())
            print(f"{size:10,} people {path.stat().st_size / 1e6:17.1f}  {before:18.0f}  {most:6.0f}")


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


def report(size: int, seconds: float, bare: float, figures: dict[str, Figures], base: dict[str, Figures]) -> None:
    print(f"\n{size:,} people: imported in {seconds:.1f} CPU s, {size / seconds:,.0f} people a CPU second")
    print(f"json and executemany alone: {size / bare:,.0f} people a CPU second; import / these: {seconds / bare:.1f}")
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
            seconds = sum(take_in(store, *one) for one in files(size, Path(folder)))
            bare = floor(database, size, Path(folder))
            figures = asyncio.run(measure(store, size, searches))
            database.close()
            base, pace = base or figures, pace or size / seconds
            report(size, seconds, bare, figures, base)
            print(f"{path.stat().st_size / 1e6:.0f} MB; pace / pace at the smallest size: {size / seconds / pace:.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="people in the stores, smallest first")
    parser.add_argument("--large", action="store_true", help=f"also {LARGE:,} people")
    parser.add_argument("--searches", type=int, default=500)
    parser.add_argument("--files", default=",".join(map(str, FILES)), help="people in the files compared by memory")
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak is not None:
        peak(options.peak)
        return 0
    sizes = sorted({int(one) for one in options.sizes.split(",")} | ({LARGE} if options.large else set()))
    run(sizes, options.searches)
    report_peaks([int(one) for one in options.files.split(",")])
    return 0


if __name__ == "__main__":
    sys.exit(main())
