"""An organisation's own record store: import files, find people. The store never decides who is who.

Promise: (1) a file goes in whole or not at all, and the same file, or the same record of a system, replaces what
it brought before; (2) everybody whom ref 7.2 calls a candidate is found, and where there are too many to list,
one more than the most is returned, so that nobody is taken for being alone; (3) records are linked when they are
looked at, so neither the order of imports nor a corrected file leaves a wrong link behind; (4) a look-up says how
old the oldest file in it is, and what was not searched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final, final

from agents.sdk.mapping.results import FileRead
from agents.sdk.store.queries import Person, candidate, conflicting_births, people_with, restricted_numbers, seeds_of
from agents.sdk.store.schema import STORE_SCHEMA, item_from_row, record_key, run_among
from agents.sdk.store.writes import delete_empty_files, delete_records, insert_records
from broker.errors import InvariantError, UnavailableError
from broker.holder.identify import MOST_CANDIDATES
from broker.holder.source import Candidate, Holdings, PersonSought
from broker.ports import Database, Transaction
from schemas.scalars import to_milliseconds

__all__ = ["STORE_SCHEMA", "RecordStore"]

_ITEMS: Final = (
    "SELECT field, type, data_class, kind, date, precision, text, source, source_ref, recorded_at, flagged, "
    "third_party, location, statutory_bar, dsar_hint, onward, concerns "
    "FROM items WHERE record_id IN (:values) ORDER BY record_id, place"
)
_BY_KEY: Final = "SELECT 1 FROM links WHERE link_key = :key LIMIT 1"
_IGNORED: Final = "SELECT pointer, number FROM ignored WHERE record_id IN (:values)"
_OLDEST: Final = (
    "SELECT MIN(files.imported_at) FROM files JOIN records ON records.file_id = files.file_id "
    "WHERE records.record_id IN (:values)"
)


@final
class RecordStore:
    """A `RecordSource` over a database made with `STORE_SCHEMA`. Every call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, person: PersonSought) -> tuple[Candidate, ...]:
        """Return everybody who might be this person. Raises: UnavailableError when too many share a name."""
        return await asyncio.to_thread(self._find, person)

    async def look_up(self, record_id: str) -> Holdings:
        """Return what is held about one candidate. Raises: InvariantError when the record is gone."""
        return await asyncio.to_thread(self._look_up, record_id)

    async def coverage(self) -> Holdings:
        """Return what a search covers: every system, and how fresh the stalest of them is."""
        return await asyncio.to_thread(self._coverage)

    def replace(self, read: FileRead, *, digest: str, imported_at: datetime) -> None:
        """Take in one file in one transaction, in place of what the file, or its records, brought before."""
        with self._database.transaction() as transaction:
            delete_records(transaction, digest, [record_key(record.key) for record in read.records])  # (1)
            if read.records:
                insert_records(transaction, read, digest, to_milliseconds(imported_at))
            delete_empty_files(transaction)
            # Crash before this line: the store is as it was, and the import is done again.

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
        with self._database.snapshot() as transaction:
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
        with self._database.snapshot() as transaction:
            return _covered(transaction)


def _in_order_of(seeds: Sequence[int], people: Sequence[Person]) -> list[Person]:
    """The people that the seeds found, the likeliest first; people only linked to them are left out."""
    order = {number: place for place, number in enumerate(seeds)}
    places = {one: [order[record.number] for record in one if record.number in order] for one in people}
    return sorted((one for one in people if places[one]), key=lambda one: min(places[one]))


def _holdings(transaction: Transaction, numbers: Sequence[int]) -> Holdings:
    covered = _covered(transaction)
    ignored: dict[str, int] = {}
    for pointer, number in run_among(transaction, _IGNORED, numbers):
        ignored[pointer] = ignored.get(pointer, 0) + int(number)
    oldest = min(str(row[0]) for row in run_among(transaction, _OLDEST, numbers))
    return Holdings(
        items=tuple(item_from_row(row) for row in run_among(transaction, _ITEMS, numbers)),
        data_as_at=datetime.fromisoformat(oldest),  # (4)
        systems_searched=covered.systems_searched,
        gaps=covered.gaps,
        ignored_fields=tuple(sorted(ignored.items())),
    )


def _covered(transaction: Transaction) -> Holdings:
    systems = transaction.execute("SELECT system, imported_at FROM systems ORDER BY system")
    rejected = int(transaction.execute("SELECT COALESCE(SUM(rejected), 0) FROM files")[0][0])
    gaps = f"Records of the imported files that could not be read, and were not searched: {rejected}."
    if not systems:  # a store that was never filled must not look like one that was searched in vain
        gaps, rejected = "No records have been imported here: nothing was searched.", 1
    return Holdings(
        items=(),
        data_as_at=datetime.fromisoformat(min(row[1] for row in systems)) if systems else None,
        systems_searched=tuple(row[0] for row in systems),
        gaps=gaps if rejected else "",
        ignored_fields=(),
    )
