"""Precision at AUTO: how often the rules name somebody else, leave out what is theirs, or show what is restricted.

An invented population (see `population`), as several systems hold it in one record store, is searched for its own
members, each asked about as people are asked about: with typing errors, swapped days and months, nicknames left out, a
co-twin's number, a number mistyped into another's, or nothing but a name and a date. Every AUTO is looked up and
compared with the truth: WRONG where something of somebody else is told, or something withdrawn; "lost" where something
of the child's own is not; "released" where any system restricts the child. The aim is none of these (reference 7.2: at
least 0.999 before recall is tuned). Fixed seed: the same figures each time.

Usage: python benchmarks/precision.py [--people N] [--queries N] [--seed N]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from agents.sdk.store.records import RecordStore
from benchmarks.people import record_store
from benchmarks.population import ERRORS, STRANGER, Person, invent, questions, strangers
from broker.holder.identify import Known, NoTrace, identify
from broker.holder.source import PersonSought

KINDS = ("right", "WRONG", "lost", "released", "withheld", "a person's", "no trace")


@dataclass
class Figures:
    """How many outcomes of each kind there were, by what was asked with."""

    counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def of(self, kind: str) -> int:
        return sum(number for (_, one), number in self.counted.items() if one == kind)

    def share(self, kind: str, *, asked: Iterable[str]) -> float:
        """Return the share of a kind among all outcomes of these ways of asking."""
        wanted = set(asked)
        among = {key: number for key, number in self.counted.items() if key[0] in wanted}
        return sum(number for (_, one), number in among.items() if one == kind) / max(1, sum(among.values()))


async def outcome_of(store: RecordStore, truth: Person | None, person: PersonSought) -> str:
    """Ask for one person and return what became of it."""
    outcome = identify((person,), {"p1": await store.find(person)}, chosen={}).of("p1")
    if isinstance(outcome, NoTrace):
        return "no trace"
    if not isinstance(outcome, Known):
        return "a person's"
    told = {item.text for item in (await store.look_up(outcome.record_id)).items}
    if truth is None or not told <= truth.texts:
        return "WRONG"
    if outcome.restricted:
        return "withheld"
    if truth.restricted:
        return "released"
    return "right" if told == truth.texts else "lost"


async def measure(people: int, count: int, seed: int) -> Figures:
    """Fill a store with a population, ask about its members and about strangers, and count."""
    dice = random.Random(seed)
    population = invent(people, dice)
    figures = Figures()
    with record_store() as store:
        population.fill(store)
        asked = chain(questions(population, count, dice), strangers(population, count // 10, dice))
        for error, truth, person in asked:
            figures.counted[error, await outcome_of(store, truth, person)] += 1
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    begun = time.perf_counter()
    figures = asyncio.run(measure(options.people, options.queries, options.seed))
    seconds = time.perf_counter() - begun
    print(f"{options.people} people, {options.queries} queries, seed {options.seed}, {seconds:.0f} s\n")
    print(f"{'asked with':28}" + "".join(f"{kind:>11}" for kind in KINDS))
    for error in (*ERRORS, STRANGER):
        print(f"{error:28}" + "".join(f"{figures.counted[error, kind]:>11}" for kind in KINDS))
    held = [error for error in ERRORS if error != "other child of the family"]
    print(f"\nAUTO and right, of those held: {figures.share('right', asked=held):.2%}")
    print(f"no trace of somebody held:     {figures.share('no trace', asked=held):.2%}")
    print(f"strangers at a person's desk:  {figures.share(KINDS[5], asked=[STRANGER]):.2%}")
    wrong, lost, released = (figures.of(kind) for kind in ("WRONG", "lost", "released"))
    print(f"wrong person at AUTO: {wrong}, own record lost: {lost}, restricted value released: {released}")
    return 0 if not wrong + lost + released else 1


if __name__ == "__main__":
    sys.exit(main())
