"""Writing a file's records into the store and deleting them again, inside one transaction.

Promise: what a file or a record brought before is gone before it comes again, from every table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from agents.sdk.mapping.results import FileRead, RecordRead
from agents.sdk.store.linkage import link_keys
from agents.sdk.store.schema import item_to_row, record_key, run_among, search_keys, subject_to_text
from broker.ports import Transaction

_OF_FILE: Final = (
    "SELECT records.record_id FROM records JOIN files ON files.file_id = records.file_id WHERE digest = :digest"
)
_DELETIONS: Final = (
    "DELETE FROM links WHERE record_id IN (:values)",
    "DELETE FROM searches WHERE record_id IN (:values)",
    "DELETE FROM items WHERE record_id IN (:values)",
    "DELETE FROM ignored WHERE record_id IN (:values)",
    "DELETE FROM records WHERE record_id IN (:values)",
)
_NEW_FILE: Final = (
    "INSERT INTO files (file_id, digest, format, imported_at, rejected) "
    "VALUES (:file_id, :digest, :format, :imported_at, :rejected)"
)
_NEW_SYSTEM: Final = "INSERT INTO systems (system, imported_at) VALUES (:system, :imported_at)"
_NEW_RECORD: Final = (
    "INSERT INTO records (record_id, record_key, file_id, system, subject) "
    "VALUES (:record_id, :record_key, :file_id, :system, :subject)"
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

Numbered = Sequence[tuple[int, RecordRead]]


def delete_records(transaction: Transaction, digest: str, keys: Sequence[str]) -> None:
    """Remove what the file of this digest brought, and every record that has one of these keys."""
    numbers = [int(row[0]) for row in transaction.execute(_OF_FILE, digest=digest)]
    again = run_among(transaction, "SELECT record_id FROM records WHERE record_key IN (:values)", keys)
    numbers += [int(row[0]) for row in again]
    for deletion in _DELETIONS:
        run_among(transaction, deletion, numbers)
    transaction.execute("DELETE FROM files WHERE digest = :digest", digest=digest)


def delete_empty_files(transaction: Transaction) -> None:
    """Remove files all of whose records have come again in later ones."""
    transaction.execute(
        "DELETE FROM files WHERE NOT EXISTS (SELECT 1 FROM records WHERE records.file_id = files.file_id)"
    )


def insert_records(transaction: Transaction, read: FileRead, digest: str, moment: datetime) -> None:
    """Write one file's records."""
    file_id = int(transaction.execute("SELECT COALESCE(MAX(file_id), 0) + 1 FROM files")[0][0])
    first = int(transaction.execute("SELECT COALESCE(MAX(record_id), 0) + 1 FROM records")[0][0])
    transaction.execute(
        _NEW_FILE,
        file_id=file_id,
        digest=digest,
        format=read.format,
        imported_at=moment.isoformat(),
        rejected=len(read.rejected),
    )
    for system in sorted({record.system for record in read.records}):
        transaction.execute("DELETE FROM systems WHERE system = :system", system=system)
        transaction.execute(_NEW_SYSTEM, system=system, imported_at=moment.isoformat())
    for start in range(0, len(read.records), _AT_ONCE):
        numbered = list(enumerate(read.records[start : start + _AT_ONCE], start=first + start))
        _insert_subjects(transaction, numbered, file_id)
        _insert_items(transaction, numbered)


def _insert_subjects(transaction: Transaction, numbered: Numbered, file_id: int) -> None:
    records = [
        {
            "record_id": number,
            "record_key": record_key(record.key),
            "file_id": file_id,
            "system": record.system,
            "subject": subject_to_text(record.subject),
        }
        for number, record in numbered
    ]
    transaction.executemany(_NEW_RECORD, records)
    for sql, keys_of in ((_NEW_LINK, link_keys), (_NEW_SEARCH, search_keys)):
        keys = [{"key": key, "record_id": number} for number, record in numbered for key in keys_of(record.subject)]
        transaction.executemany(sql, keys)


def _insert_items(transaction: Transaction, numbered: Numbered) -> None:
    items = [
        {"record_id": number, "place": place, **item_to_row(item)}
        for number, record in numbered
        for place, item in enumerate(record.items)
    ]
    ignored = [
        {"record_id": number, "pointer": pointer, "number": count}
        for number, record in numbered
        for pointer, count in record.ignored
    ]
    transaction.executemany(_NEW_ITEM, items)
    transaction.executemany(_NEW_IGNORED, ignored)
