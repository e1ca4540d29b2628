"""A sector's agent, made of its folder: a release table, formats, narratives and examples.

Promise: an agent holds no decision. What may be read and under which class is its release table, which is data; an
agent whose table and narratives do not fit each other does not load. A sector's folder is a package of its own: it
may lie in `agents/`, or be installed by another distribution under that distribution's own import name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

from agents.sdk.format import Format, Readers
from agents.sdk.mapping.reader import Narratives, RecordReader
from agents.sdk.mapping.release_table import load_release
from agents.sdk.store.coverage import AgeLimits
from agents.sdk.store.records import STORE_SCHEMA, RecordStore
from agents.sdk.store.register import REGISTER_SCHEMA, StoreRegister
from broker.errors import UsageError
from broker.holder.source import SourceTerms
from broker.ports import Database
from schemas.vocabulary import DataClass, IdentifierScheme, Sector

RELEASE_TABLE: Final = "release.toml"
EXAMPLES: Final = "examples"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CommonRecords:
    """Record types that several sectors hold: their rows and their narratives, written once."""

    table: Path
    narratives: Narratives = field(repr=False)


@final
class SectorAgent:
    """A sector's plug (`Agent`), read from its own folder: `release.toml` and `examples/`.

    `common` adds record types that other sectors hold too. Raises: UsageError for a release table that does not
    load, for a row that releases without a narrative, and for a narrative without such a row.
    """

    def __init__(
        self,
        folder: Path,
        *,
        sector: Sector,
        schemes: tuple[IdentifierScheme, ...],
        formats: Sequence[Format],
        narratives: Narratives,
        common: Sequence[CommonRecords] = (),
    ) -> None:
        release = load_release(*(one.table for one in common), folder / RELEASE_TABLE)
        narratives = {record: rows for one in common for record, rows in one.narratives.items()} | {**narratives}
        mapped = {(record, pointer) for record, rows in narratives.items() for pointer in rows}
        unmatched = sorted(mapped ^ release.released())
        if unmatched:
            raise UsageError(f"{sector}: row and narrative do not fit at {''.join(unmatched[0])}")
        self._folder = folder
        self._sector = sector
        self._schemes = schemes
        self._data_classes = release.data_classes
        self.formats = tuple(formats)
        self.readers: Readers = {
            record: RecordReader(record, rows, narratives.get(record, {})) for record, rows in release.records.items()
        }

    @property
    def sector(self) -> Sector:
        """Which organisations this agent can serve."""
        return self._sector

    @property
    def schemes(self) -> tuple[IdentifierScheme, ...]:
        """The identifiers this sector uses."""
        return self._schemes

    @property
    def data_classes(self) -> frozenset[DataClass]:
        """The data classes its release table has."""
        return self._data_classes

    @property
    def store_schema(self) -> tuple[str, ...]:
        """The SQL that makes its record store."""
        return STORE_SCHEMA

    @property
    def register_schema(self) -> tuple[str, ...]:
        """The SQL of what is known of that store from elsewhere."""
        return REGISTER_SCHEMA

    def source(self, store: Database, terms: SourceTerms) -> RecordStore:
        """Open the record source over the organisation's own store."""
        limits = AgeLimits(within=terms.within, now=terms.now)
        return RecordStore(store, register=StoreRegister(terms.register), limits=limits)

    def examples(self) -> tuple[Path, ...]:
        """Invented record files in the sector's real formats."""
        return tuple(sorted((self._folder / EXAMPLES).glob("*.json")))
