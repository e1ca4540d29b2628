"""The life of a source: what the store holds of it, and how a person's records, or a source's, leave it.

Promise: (1) what a person removes is gone from every table at once, and none of its records comes back with a later
import; (2) a source that is removed can be imported again, and nothing of it is missed until then; (3) a number that
two people hold removes nobody: somebody must first say whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from agents.sdk.store.coverage import AgeLimits, stale
from agents.sdk.store.linkage import Linkable, link
from agents.sdk.store.queries import Person, people_with
from agents.sdk.store.schema import run_among, subject_from_text
from agents.sdk.store.writes import delete_empty_files, delete_records
from broker.errors import UsageError
from broker.ports import Transaction

_SOURCES: Final = "SELECT source, named, imported_at, as_at, extracted, lost FROM sources ORDER BY source"
_SUBJECTS: Final = "SELECT record_id, subject FROM records WHERE source = :source"
_EVERYBODY: Final = "SELECT record_id, subject FROM records"
_GAPS: Final = "SELECT source, reason, SUM(number) FROM gaps GROUP BY source, reason ORDER BY source, reason"
_BY_LINK: Final = "SELECT record_id FROM links WHERE link_key = :key"
_BASE_KEYS: Final = "SELECT base_key, source FROM records WHERE record_id IN (:values)"
_SOURCES_OF: Final = "SELECT DISTINCT source FROM records WHERE record_id IN (:values)"
_REMOVED: Final = (
    "INSERT INTO withdrawn (base_key, source, reason, updated, version, final) "
    "VALUES (:base_key, :source, :reason, NULL, NULL, 1)"
)
_OF_SOURCE: Final = (
    "DELETE FROM systems WHERE source = :source",
    "DELETE FROM sources WHERE source = :source",
    "DELETE FROM gaps WHERE source = :source",
    "DELETE FROM withdrawn WHERE source = :source AND final = 0",
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHeld:
    """One source in the store. `extracted`: its own file says how old it is, else the import's time stands for it."""

    source: str
    named: bool
    people: int
    records: int
    imported_at: datetime
    as_at: datetime
    extracted: bool
    lost: bool
    too_old: bool
    gaps: tuple[tuple[str, int], ...]


def sources_held(transaction: Transaction, limits: AgeLimits) -> tuple[SourceHeld, ...]:
    """Return every source, also one of which nothing could be read."""
    gaps: dict[str, list[tuple[str, int]]] = {}
    for source, reason, number in transaction.execute(_GAPS):
        gaps.setdefault(str(source), []).append((str(reason), int(number)))
    old = {source for source, _ in stale(transaction, limits)}
    found = []
    for source, named, imported_at, as_at, extracted, lost in transaction.execute(_SOURCES):
        records = _linkable(transaction.execute(_SUBJECTS, source=source))
        found.append(
            SourceHeld(
                source=source,
                named=bool(named),
                people=len(link(records)),
                records=len(records),
                imported_at=datetime.fromisoformat(imported_at),
                as_at=datetime.fromisoformat(as_at),
                extracted=bool(extracted),
                lost=bool(lost),
                too_old=source in old,
                gaps=tuple(gaps.pop(source, ())),
            )
        )
    return tuple(found)


def unread_sources(transaction: Transaction) -> dict[str, list[tuple[str, int]]]:
    """Return the gaps of sources of which nothing is held."""
    held = {row[0] for row in transaction.execute("SELECT source FROM sources")}
    found: dict[str, list[tuple[str, int]]] = {}
    for source, reason, number in transaction.execute(_GAPS):
        if source not in held:
            found.setdefault(str(source), []).append((str(reason), int(number)))
    return found


def everybody(transaction: Transaction) -> tuple[Person, ...]:
    """Return all people who are held."""
    return link(_linkable(transaction.execute(_EVERYBODY)))


def sources_of_person(transaction: Transaction, person: Person) -> tuple[str, ...]:
    """Return the sources that hold records of one person."""
    return tuple(sorted({row[0] for row in run_among(transaction, _SOURCES_OF, [one.number for one in person])}))


def held_under(transaction: Transaction, key: str) -> tuple[int, ...]:
    """Return all records of the one person who holds a number. Raises: UsageError where two people hold it (3)."""
    seeds = [int(row[0]) for row in transaction.execute(_BY_LINK, key=key)]
    holders = [one for one in people_with(transaction, seeds) if any(record.number in seeds for record in one)]
    if len(holders) > 1:
        raise UsageError(f"{len(holders)} people are held under this number: nobody was removed")
    return tuple(record.number for one in holders for record in one)


def remove_for_good(transaction: Transaction, numbers: Sequence[int], reason: str) -> None:
    """(1) Remove records, and remember that they are not to come back."""
    rows = run_among(transaction, _BASE_KEYS, numbers)
    run_among(transaction, "DELETE FROM withdrawn WHERE base_key IN (:values)", sorted({row[0] for row in rows}))
    kept = [{"base_key": base, "source": source, "reason": reason} for base, source in dict(rows).items()]
    transaction.executemany(_REMOVED, kept)
    delete_records(transaction, numbers)
    delete_empty_files(transaction)


def remove_source(transaction: Transaction, source: str, *, missed: bool = False) -> int:
    """(2) Remove everything that came from one source, and return how many records that were.

    `missed`: the source was held by a store that is lost. Raises: UsageError where there is no such source.
    """
    numbers = [int(row[0]) for row in transaction.execute("SELECT record_id FROM records WHERE source = :s", s=source)]
    known = transaction.execute(
        "SELECT 1 FROM sources WHERE source = :s UNION SELECT 1 FROM gaps WHERE source = :s", s=source
    )
    if not known and not missed:
        raise UsageError("there is no such source; see: mash records list HOME ORG")
    delete_records(transaction, numbers)
    for statement in _OF_SOURCE:
        transaction.execute(statement, source=source)
    delete_empty_files(transaction)
    return len(numbers)


def _linkable(rows: Sequence[tuple[int, str]]) -> list[Linkable]:
    return [Linkable(number=int(number), subject=subject_from_text(text)) for number, text in rows]
