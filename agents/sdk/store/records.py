"""An organisation's own record store: import files, find people. The store never decides who is who.

Promise: (1) a file goes in whole or not at all, and the same file, or the same record of a source, replaces what
it brought before; (2) everybody whom ref 7.2 calls a candidate is found, and where there are too many to list,
one more than the most is returned, so that nobody is taken for being alone; (3) records are linked when they are
looked at, so neither the order of imports nor a corrected file leaves a wrong link behind; (4) a look-up says how
old the oldest extract in it is, and what was not searched; (5) a store that is empty, or not the one that files were
imported into, is never searched in vain.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Final, final

from agents.sdk.mapping.results import FileRead, Rejected
from agents.sdk.store.coverage import AgeLimits, condition, covered, require_searchable
from agents.sdk.store.intake import Intake
from agents.sdk.store.queries import Person, candidate, conflicting_births, people_with, restricted_numbers, seeds_of
from agents.sdk.store.register import Kept, StoreRegister
from agents.sdk.store.schema import STORE_SCHEMA, item_from_row, record_key, run_among
from agents.sdk.store.sources import (
    SourceHeld,
    everybody,
    held_under,
    remove_for_good,
    remove_source,
    sources_held,
    sources_of_person,
    unread_sources,
)
from agents.sdk.store.writes import UNREADABLE, Progress, TakenIn, take_in, unreadable, write_gaps
from broker.errors import InvariantError, UnavailableError
from broker.holder.identify import MOST_CANDIDATES
from broker.holder.source import Candidate, Holdings, PersonSought, SourceCondition
from broker.ports import Database, Transaction
from schemas.scalars import to_milliseconds
from schemas.vocabulary import IdentifierScheme

__all__ = ["STORE_SCHEMA", "RecordStore"]

_ITEMS: Final = (
    "SELECT field, type, data_class, kind, date, precision, text, source, source_ref, recorded_at, flagged, "
    "third_party, location, statutory_bar, dsar_hint, onward, concerns "
    "FROM items WHERE record_id IN (:values) ORDER BY record_id, place"
)
_BY_KEY: Final = "SELECT 1 FROM links WHERE link_key = :key LIMIT 1"
_IGNORED: Final = "SELECT pointer, number FROM ignored WHERE record_id IN (:values)"
_LOST_SOURCE: Final = (
    "INSERT INTO sources (source, named, imported_at, as_at, extracted, lost) VALUES (:source, 0, :at, :at, 0, 1)"
)
_OLDEST: Final = (
    "SELECT MIN(files.as_at) FROM files JOIN records ON records.file_id = files.file_id "
    "WHERE records.record_id IN (:values)"
)


@final
class RecordStore:
    """A `RecordSource` over a database made with `STORE_SCHEMA`. Every call is one transaction.

    `register` knows from another file what was imported; `limits` how old the records of a source may be.
    """

    def __init__(
        self, database: Database, *, register: StoreRegister | None = None, limits: AgeLimits | None = None
    ) -> None:
        self._database = database
        self._register = register
        self._limits = limits or AgeLimits()

    async def find(self, person: PersonSought) -> tuple[Candidate, ...]:
        """Return everybody who might be this person.

        Raises: UnavailableError when too many share a name, NothingToSearch.
        """
        return await asyncio.to_thread(self._find, person)

    async def look_up(self, record_id: str) -> Holdings:
        """Return what is held about one candidate. Raises: InvariantError when the record is gone."""
        return await asyncio.to_thread(self._look_up, record_id)

    async def coverage(self) -> Holdings:
        """Return what a search covers: every system, and how fresh the stalest source is. Raises: NothingToSearch."""
        return await asyncio.to_thread(self._coverage)

    async def condition(self) -> SourceCondition:
        """Return how the sources are, for those who look after them."""
        return await asyncio.to_thread(self._condition)

    def replace(
        self, read: FileRead, intake: Intake, *, fewer: bool = False, told: Progress = lambda done, of: None
    ) -> TakenIn:
        """Take in one file in one transaction, in place of what the file, or its records, brought before.

        `fewer`: believe a whole export however few records of its source are left in it.
        """
        known = self._known()
        with self._database.transaction() as transaction:
            taken = take_in(transaction, read, _rounded(intake), fewer=fewer, told=told)  # (1)
            kept = _count_import(transaction, intake, known)
            # Crash before this line: the store is as it was, and the import is done again.
        # Crash here: the register lags behind the store, which loses nothing.
        self._note(kept, taken.sources)
        return taken

    def rehearse(self, read: FileRead, intake: Intake, *, fewer: bool = False) -> TakenIn:
        """Return what `replace` would do, and change nothing."""
        with self._database.snapshot() as transaction:
            return take_in(transaction, read, _rounded(intake), fewer=fewer, told=lambda done, of: None)

    def reject(self, rejected: Rejected, intake: Intake) -> None:
        """Note that a file could not be read: a gap of its source until it is imported clean."""
        with self._database.transaction() as transaction:
            source = intake.named or intake.file_source
            write_gaps(transaction, intake, source, {UNREADABLE: unreadable([rejected])}, tried=1)

    def sources(self) -> tuple[tuple[SourceHeld, ...], dict[str, list[tuple[str, int]]]]:
        """Return every source that is held, and the gaps of those of which nothing is: no gap where it was lost."""
        registered = self._register.sources() if self._register else ()
        with self._database.snapshot() as transaction:
            held, unread = sources_held(transaction, self._limits), unread_sources(transaction)
        known = {one.source for one in held}
        lost: dict[str, list[tuple[str, int]]] = {one: [] for one in registered if one not in known}
        return held, lost | unread

    def people(self) -> tuple[tuple[Candidate, int, tuple[str, ...]], ...]:
        """Return everybody who is held, with the number of their records and the sources of these."""
        with self._database.snapshot() as transaction:
            held = everybody(transaction)
            restricted = restricted_numbers(held)
            return tuple(
                (candidate(transaction, one, restricted=restricted), len(one), sources_of_person(transaction, one))
                for one in held
            )

    def count_under(self, scheme: IdentifierScheme, value: str) -> int:
        """Return how many records one number's person has. Raises: UsageError where two people hold it."""
        with self._database.snapshot() as transaction:
            return len(held_under(transaction, f"{scheme}:{value}"))

    def remove_person(self, scheme: IdentifierScheme, value: str, *, reason: str) -> int:
        """Remove everything of the one person who holds a number, for good, and return how many records that were."""
        with self._database.transaction() as transaction:
            numbers = held_under(transaction, f"{scheme}:{value}")
            remove_for_good(transaction, numbers, reason)
        return len(numbers)

    def remove_source(self, source: str) -> int:
        """Remove everything that came from one source, and return how many records. Raises: UsageError."""
        registered = self._register is not None and source in self._register.sources()
        with self._database.transaction() as transaction:
            number = remove_source(transaction, source, missed=registered)
        if self._register is not None:
            self._register.forget(source)
        return number

    def holds_key(self, key: str) -> bool:
        """Return whether somebody is held under an owner's own key for a person."""
        with self._database.transaction() as transaction:
            return bool(transaction.execute(_BY_KEY, key=f"key:{key}"))

    def conflicting_births(self, read: FileRead) -> tuple[str, ...]:
        """Return where a file that was taken in gives another date of birth than the store has for that number.

        Linking keeps the two apart and `identify` is unsure of both (ref 7.2): somebody should put it right.
        """
        with self._database.transaction() as transaction:
            return conflicting_births(transaction, read)

    def _find(self, person: PersonSought) -> tuple[Candidate, ...]:
        kept = self._register.last() if self._register else None
        with self._database.snapshot() as transaction:
            require_searchable(transaction, kept)  # (5)
            seeds, overflow = seeds_of(transaction, person)
            people = people_with(transaction, seeds)  # (3)
            likeliest = _in_order_of(seeds, people)[: MOST_CANDIDATES + 1]
            restricted = restricted_numbers(people)
            candidates = tuple(candidate(transaction, one, restricted=restricted) for one in likeliest)
        if overflow and len(candidates) <= MOST_CANDIDATES:
            raise UnavailableError("too many records share a name to search them all")  # (2)
        return candidates

    def _look_up(self, record_id: str) -> Holdings:
        with self._database.snapshot() as transaction:
            rows = transaction.execute("SELECT record_id FROM records WHERE record_key = :key", key=record_id)
            if not rows:
                raise InvariantError("a record that was found is gone")
            number = int(rows[0][0])
            people = people_with(transaction, (number,))
            person = next(one for one in people if any(record.number == number for record in one))
            return _holdings(transaction, sorted(record.number for record in person))

    def _coverage(self) -> Holdings:
        kept = self._register.last() if self._register else None
        with self._database.snapshot() as transaction:
            return covered(transaction, kept, self._limits)

    def _condition(self) -> SourceCondition:
        kept = self._register.last() if self._register else None
        with self._database.snapshot() as transaction:
            return condition(transaction, kept, self._limits)

    def _known(self) -> tuple[Kept | None, tuple[str, ...]]:
        return (self._register.last(), self._register.sources()) if self._register else (None, ())

    def _note(self, kept: Kept, sources: Sequence[str]) -> None:
        if self._register is not None:
            self._register.note(kept, sources)


def _rounded(intake: Intake) -> Intake:
    return dataclasses.replace(intake, imported_at=to_milliseconds(intake.imported_at))


def _count_import(transaction: Transaction, intake: Intake, known: tuple[Kept | None, tuple[str, ...]]) -> Kept:
    """Return which store this is now. A new one in the place of another misses every source that the other held."""
    kept, sources = known
    rows = transaction.execute("SELECT store_id, imports FROM store")
    before = kept.store_id if kept else ""
    store_id = rows[0][0] if rows else record_key(before, intake.digest, intake.imported_at.isoformat())
    if kept is not None and kept.store_id != store_id:
        held = {row[0] for row in transaction.execute("SELECT source FROM sources")}
        missed = [{"source": one, "at": intake.imported_at.isoformat()} for one in sources if one not in held]
        transaction.executemany(_LOST_SOURCE, missed)
    imports = 1 + max(int(rows[0][1]) if rows else 0, kept.imports if kept else 0)
    transaction.execute("DELETE FROM store")
    transaction.execute(
        "INSERT INTO store (store_id, imports) VALUES (:store_id, :imports)", store_id=store_id, imports=imports
    )
    return Kept(store_id=store_id, imports=imports)


def _in_order_of(seeds: Sequence[int], people: Sequence[Person]) -> list[Person]:
    """The people that the seeds found, the likeliest first; people only linked to them are left out."""
    order = {number: place for place, number in enumerate(seeds)}
    places = {one: [order[record.number] for record in one if record.number in order] for one in people}
    return sorted((one for one in people if places[one]), key=lambda one: min(places[one]))


def _holdings(transaction: Transaction, numbers: Sequence[int]) -> Holdings:
    ignored: dict[str, int] = {}
    for pointer, number in run_among(transaction, _IGNORED, numbers):
        ignored[pointer] = ignored.get(pointer, 0) + int(number)
    oldest = min(str(row[0]) for row in run_among(transaction, _OLDEST, numbers))
    return Holdings(
        items=tuple(item_from_row(row) for row in run_among(transaction, _ITEMS, numbers)),
        data_as_at=datetime.fromisoformat(oldest),  # (4)
        systems_searched=(),
        gaps="",
        ignored_fields=tuple(sorted(ignored.items())),
    )
