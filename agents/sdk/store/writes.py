"""Writing a file's records into the store and deleting them again, inside one transaction.

Promise: (1) what a file or a record brought before is gone before it comes again, from every table; (2) what of a
source could not be read stands in the store until that source is imported clean: under its own name, from the same
place, or with as many records as were tried before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from agents.sdk.mapping.results import FileRead, Flagged, Rejected
from agents.sdk.store.intake import (
    OF_FILE,
    Arrival,
    Decided,
    Intake,
    Whole,
    decide,
    only_source,
    sources_of,
    version_row,
)
from agents.sdk.store.linkage import link_keys
from agents.sdk.store.schema import item_to_row, run_among, search_keys
from broker.ports import Transaction

_OF_FILE: Final = (
    "SELECT records.record_id FROM records JOIN files ON files.file_id = records.file_id WHERE digest = :digest"
)
_OF_SOURCE: Final = "SELECT record_id, base_key FROM records WHERE source = :source"
_DELETIONS: Final = (
    "DELETE FROM links WHERE record_id IN (:values)",
    "DELETE FROM searches WHERE record_id IN (:values)",
    "DELETE FROM items WHERE record_id IN (:values)",
    "DELETE FROM ignored WHERE record_id IN (:values)",
    "DELETE FROM records WHERE record_id IN (:values)",
)
_NEW_FILE: Final = (
    "INSERT INTO files (file_id, digest, format, imported_at, as_at) "
    "VALUES (:file_id, :digest, :format, :imported_at, :as_at)"
)
_NEW_SOURCE: Final = (
    "INSERT INTO sources (source, named, imported_at, as_at, extracted, lost) "
    "VALUES (:source, :named, :imported_at, :as_at, :extracted, 0)"
)
_NEW_SYSTEM: Final = "INSERT INTO systems (source, system) VALUES (:source, :system)"
_NEW_GAP: Final = (
    "INSERT INTO gaps (digest, reason, source, place, tried, number) "
    "VALUES (:digest, :reason, :source, :place, :tried, :number)"
)
_MENDED: Final = (
    "DELETE FROM gaps WHERE ((digest = :digest OR place = :place) "
    "AND (source = :source OR source LIKE :of_file OR :named = 0)) "
    "OR (:clean = 1 AND source = :source AND (:named = 1 OR tried <= :tried))"
)
_NEW_WITHDRAWN: Final = (
    "INSERT INTO withdrawn (base_key, source, reason, updated, version, final) "
    "VALUES (:base_key, :source, :reason, :updated, :version, :final)"
)
_NEW_RECORD: Final = (
    "INSERT INTO records (record_id, record_key, base_key, file_id, source, system, subject, updated, version) "
    "VALUES (:record_id, :record_key, :base_key, :file_id, :source, :system, :subject, :updated, :version)"
)
_NEW_LINK: Final = "INSERT INTO links (link_key, record_id) VALUES (:key, :record_id)"
_NEW_SEARCH: Final = "INSERT INTO searches (search_key, record_id) VALUES (:key, :record_id)"
_NEW_ITEM: Final = (
    "INSERT INTO items (record_id, place, field, type, data_class, kind, date, precision, text, source, source_ref, "
    "recorded_at, flagged, third_party, location, statutory_bar, dsar_hint, onward, concerns) "
    "VALUES (:record_id, :place, :field, :type, :data_class, :kind, :date, :precision, :text, :source, :source_ref, "
    ":recorded_at, :flagged, :third_party, :location, :statutory_bar, :dsar_hint, :onward, :concerns)"
)
_NEW_IGNORED: Final = "INSERT INTO ignored (record_id, pointer, number) VALUES (:record_id, :pointer, :number)"

_AT_ONCE: Final = 2000
"""Records whose rows are made at once: a large export must not be in memory twice."""

UNREADABLE: Final = "UNREADABLE"
"""The reason of the gap that rejected records leave. What is rightly left out leaves none."""

Numbered = Sequence[tuple[int, Arrival]]

Progress = Callable[[int, int], None]
"""Told how many records of how many are written."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of one file: remarks on its records, how many held records left, and how many would have to."""

    flagged: tuple[Flagged, ...] = ()
    left: int = 0
    sources: tuple[str, ...] = ()
    too_few: bool = False
    """The whole of the source is so small that nothing was withdrawn for not being in it."""


def take_in(transaction: Transaction, read: FileRead, intake: Intake, *, fewer: bool, told: Progress) -> TakenIn:
    """Write one file in place of what it, or its records, brought before."""
    decided = decide(transaction, read, intake)
    again = {int(row[0]) for row in transaction.execute(_OF_FILE, digest=intake.digest)}
    delete_records(transaction, sorted(decided.gone | again))  # (1)
    transaction.execute("DELETE FROM files WHERE digest = :digest", digest=intake.digest)
    _write_withdrawn(transaction, decided, intake)
    systems = sources_of(read, intake)
    source = only_source(systems, intake)
    if read.records or not (read.rejected or read.gaps):
        _write_sources(transaction, read, intake, systems or {source: set()})
    if decided.arrivals:
        _insert_records(transaction, read, decided.arrivals, intake, told)
    missing, too_few = _missing(transaction, intake.whole, fewer=fewer)
    delete_records(transaction, missing)
    delete_empty_files(transaction)
    write_gaps(transaction, intake, source, _gaps_of(read), tried=len(read.records) + len(read.rejected))
    return TakenIn(
        flagged=decided.flagged, left=decided.left + len(missing), sources=tuple(sorted(systems)), too_few=too_few
    )


def delete_records(transaction: Transaction, numbers: Sequence[int]) -> None:
    """Remove records from every table."""
    for deletion in _DELETIONS:
        run_among(transaction, deletion, numbers)


def write_gaps(transaction: Transaction, intake: Intake, source: str, gaps: Mapping[str, int], *, tried: int) -> None:
    """(2) Note what of a file was not read. A clean file mends what was noted of its source before."""
    transaction.execute(
        _MENDED,
        digest=intake.digest,
        place=intake.place,
        source=source,
        of_file=f"{OF_FILE}%",
        named=int(intake.named is not None),
        clean=int(not gaps),
        tried=tried,
    )
    rows = [
        {
            "digest": intake.digest,
            "reason": reason,
            "source": source,
            "place": intake.place,
            "tried": tried,
            "number": number,
        }
        for reason, number in gaps.items()
    ]
    transaction.execute_many(_NEW_GAP, rows)


def _gaps_of(read: FileRead) -> dict[str, int]:
    unread = unreadable(read.rejected)
    found = {UNREADABLE: unread} if unread else {}
    for gap in read.gaps:
        found[gap.reason] = found.get(gap.reason, 0) + 1
    return found


def unreadable(rejected: Sequence[Rejected]) -> int:
    """Return how many of what was rejected could not be read, rather than being rightly left out."""
    return sum(not one.understood for one in rejected)


def _missing(transaction: Transaction, whole: Whole | None, *, fewer: bool) -> tuple[list[int], bool]:
    """Return the records of sources that their whole export no longer has, and whether too many to believe."""
    if whole is None:
        return [], False
    rows = [row for source in sorted(whole.sources) for row in transaction.execute(_OF_SOURCE, source=source)]
    missing = [int(number) for number, base in rows if base not in whole.keys]
    too_few = not fewer and 2 * len(missing) > len(rows)
    return ([], True) if too_few else (missing, False)


def delete_empty_files(transaction: Transaction) -> None:
    """Remove files all of whose records have come again in later ones, or are gone."""
    transaction.execute(
        "DELETE FROM files WHERE NOT EXISTS (SELECT 1 FROM records WHERE records.file_id = files.file_id)"
    )


def _write_withdrawn(transaction: Transaction, decided: Decided, intake: Intake) -> None:
    forgotten = sorted({base for base, _ in decided.withdrawn} | decided.reinstated)
    run_among(transaction, "DELETE FROM withdrawn WHERE base_key IN (:values)", forgotten)
    rows = [
        {
            "base_key": base,
            "source": intake.source_of(one.key),
            "reason": one.reason,
            "final": 0,
            **version_row(one.version),
        }
        for base, one in decided.withdrawn
    ]
    transaction.execute_many(_NEW_WITHDRAWN, rows)


def _write_sources(transaction: Transaction, read: FileRead, intake: Intake, systems: dict[str, set[str]]) -> None:
    as_at = (read.extracted_at or intake.imported_at).isoformat()
    for source, names in sorted(systems.items()):
        before = transaction.execute("SELECT as_at, extracted FROM sources WHERE source = :source", source=source)
        newest = max([(as_at, int(read.extracted_at is not None)), *((str(row[0]), int(row[1])) for row in before)])
        transaction.execute("DELETE FROM sources WHERE source = :source", source=source)
        transaction.execute(
            _NEW_SOURCE,
            source=source,
            named=int(intake.named is not None),
            imported_at=intake.imported_at.isoformat(),
            as_at=newest[0],
            extracted=newest[1],
        )
        for system in sorted(names):
            transaction.execute(
                "DELETE FROM systems WHERE source = :source AND system = :system", source=source, system=system
            )
            transaction.execute(_NEW_SYSTEM, source=source, system=system)


def _insert_records(
    transaction: Transaction, read: FileRead, arrivals: Sequence[Arrival], intake: Intake, told: Progress
) -> None:
    file_id = int(transaction.execute("SELECT COALESCE(MAX(file_id), 0) + 1 FROM files")[0][0])
    first = int(transaction.execute("SELECT COALESCE(MAX(record_id), 0) + 1 FROM records")[0][0])
    transaction.execute(
        _NEW_FILE,
        file_id=file_id,
        digest=intake.digest,
        format=read.format,
        imported_at=intake.imported_at.isoformat(),
        as_at=(read.extracted_at or intake.imported_at).isoformat(),
    )
    for start in range(0, len(arrivals), _AT_ONCE):
        numbered = list(enumerate(arrivals[start : start + _AT_ONCE], start=first + start))
        _insert_subjects(transaction, numbered, file_id)
        _insert_items(transaction, numbered)
        told(start + len(numbered), len(arrivals))


def _insert_subjects(transaction: Transaction, numbered: Numbered, file_id: int) -> None:
    records = [
        {
            "record_id": number,
            "record_key": one.record_key,
            "base_key": one.base_key,
            "file_id": file_id,
            "source": one.source,
            "system": one.record.system,
            "subject": one.subject,
            **version_row(one.record.version),
        }
        for number, one in numbered
    ]
    transaction.execute_many(_NEW_RECORD, records)
    for sql, keys_of in ((_NEW_LINK, link_keys), (_NEW_SEARCH, search_keys)):
        keys = [{"key": key, "record_id": number} for number, one in numbered for key in keys_of(one.record.subject)]
        transaction.execute_many(sql, keys)


def _insert_items(transaction: Transaction, numbered: Numbered) -> None:
    items = [
        {"record_id": number, "place": place, **item_to_row(item)}
        for number, one in numbered
        for place, item in enumerate(one.record.items)
    ]
    ignored = [
        {"record_id": number, "pointer": pointer, "number": count}
        for number, one in numbered
        for pointer, count in one.record.ignored
    ]
    transaction.execute_many(_NEW_ITEM, items)
    transaction.execute_many(_NEW_IGNORED, ignored)
