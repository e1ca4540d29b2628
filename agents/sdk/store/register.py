"""The register of the record store, kept in another file: which store it was, how often it was imported into, and what.

Promise: an empty, an older or another store in the place of the one that files were imported into is noticed, and each
source that it held is missed by name until it is imported again or removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

from broker.ports import Database

REGISTER_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS record_store (store_id TEXT PRIMARY KEY, imports INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS record_sources (source TEXT PRIMARY KEY)",
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The store that files were imported into last, and how often."""

    store_id: str
    imports: int


@final
class StoreRegister:
    """The register of one organisation's record store, over a database made with `REGISTER_SCHEMA`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> Kept | None:
        """Return which store it was; None where nothing was ever imported."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute("SELECT store_id, imports FROM record_store")
        return Kept(store_id=rows[0][0], imports=int(rows[0][1])) if rows else None

    def sources(self) -> tuple[str, ...]:
        """Return every source that was imported and not removed."""
        with self._database.snapshot() as transaction:
            return tuple(row[0] for row in transaction.execute("SELECT source FROM record_sources ORDER BY source"))

    def forget(self, source: str) -> None:
        """Note that a source was removed: nobody misses it."""
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM record_sources WHERE source = :source", source=source)

    def note(self, kept: Kept, sources: Iterable[str]) -> None:
        """Note what the store is now, and which sources came."""
        came = sorted({*sources})
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM record_store")
            transaction.execute(
                "INSERT INTO record_store (store_id, imports) VALUES (:store_id, :imports)",
                store_id=kept.store_id,
                imports=kept.imports,
            )
            for source in came:
                transaction.execute("DELETE FROM record_sources WHERE source = :source", source=source)
            transaction.execute_many(
                "INSERT INTO record_sources (source) VALUES (:source)", [{"source": one} for one in came]
            )
