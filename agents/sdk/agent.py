"""What a sector's adapter is made of: the formats that find records, the mappings that put fields into words.

Promise: an adapter holds no decision. What may be read and under which class is its release table, which is data;
reading, rejecting and counting are done here and in `reading`, for all sectors alike, so no adapter can forget
them. An adapter whose table and mappings do not fit each other does not load.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from agents.sdk.mapping.reader import Narrative, RecordReader
from agents.sdk.mapping.release_table import ReleaseTable
from agents.sdk.mapping.results import Flagged, Json, Passed, Read, RecordFound, RecordRead, Rejected
from agents.sdk.store.records import STORE_SCHEMA, RecordStore
from broker.errors import UsageError
from broker.holder.source import IdentifierHeld, RecordSource
from broker.ports import Database
from schemas.vocabulary import DataClass, IdentifierScheme, Sector

Readers = Mapping[str, RecordReader]

Finding = RecordFound | Rejected | Flagged | Passed
"""What a format may come upon in a file."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FileTerms:
    """On what terms a file is read: whose it is, and what its operator vouches for."""

    sector: Sector
    digest: str
    bound: tuple[IdentifierHeld, ...] = field(repr=False)
    """Whom the operator says the file is about; empty for formats of many records."""

    verified_identifiers: bool
    is_known: Callable[[str], bool] = field(default=lambda key: False, repr=False)
    """Whether the store holds somebody under an owner's key, for records that name their person by it alone."""


class Format(ABC):
    """One file format. A subclass says which files are its own, and finds the records in them."""

    name: str
    """The word for `--format` and the account."""

    names_nobody: bool = False
    """Whether a file is one record that may name nobody, so that the operator may say whom it is about."""

    @abstractmethod
    def recognises(self, document: Json, readers: Readers, *, asked_for: bool) -> bool:
        """Say whether a parsed file is of this format; the readers know the fields of each record type.

        `asked_for`: the operator says that it is, so that a sparse file need not prove it.
        """

    @abstractmethod
    def _records(self, document: Json, terms: FileTerms) -> Iterator[Finding]:
        """Find the records of a recognised file in order, and what stands outside them."""

    @final
    def read(self, document: Json, *, terms: FileTerms, readers: Readers) -> Read:
        """Read a recognised file. Unknown types, unnamed people and doubled records are rejected one by one."""
        records: dict[tuple[str, str, str], RecordRead] = {}
        rejected: list[Rejected] = []
        flagged: list[Flagged] = []
        passed: dict[str, int] = {}
        for found in self._records(document, terms):
            if isinstance(found, Flagged):
                flagged.append(found)
                continue
            if isinstance(found, Passed):
                passed[found.pattern] = passed.get(found.pattern, 0) + 1
                continue
            read = found if isinstance(found, Rejected) else self._read_one(found, terms, readers, flagged)
            if isinstance(read, Rejected):
                rejected.append(read)
            elif read.key in records:  # taken in, it would silently replace the first
                rejected.append(Rejected(at=found.at, reason="DUPLICATE_RECORD"))
            else:
                records[read.key] = read
        return Read(
            format=self.name,
            records=tuple(records.values()),
            rejected=tuple(rejected),
            flagged=tuple(dict.fromkeys(flagged)),  # two rows may read one field
            ignored=tuple(passed.items()),
        )

    def _read_one(
        self, found: RecordFound, terms: FileTerms, readers: Readers, flagged: list[Flagged]
    ) -> RecordRead | Rejected:
        reader = readers.get(found.record_type)
        if reader is None:
            return Rejected(at=f"{found.at}/recordType", reason="UNKNOWN_RECORD_TYPE")
        bound = terms.bound if self.names_nobody else ()
        verified = terms.verified_identifiers and not found.unverified
        return reader.read(found, bound=bound, verified_identifiers=verified, flagged=flagged)


@final
class SectorAgent:
    """A sector's plug (`Agent`), made of its table, its mappings and its formats.

    Raises: UsageError when a releasing row has no mapping, or a mapping no row.
    """

    def __init__(
        self,
        *,
        sector: Sector,
        schemes: tuple[IdentifierScheme, ...],
        release: ReleaseTable,
        sayings: Mapping[str, Mapping[str, Narrative]],
        formats: Sequence[Format],
        examples: Path,
    ) -> None:
        said = {(record, pointer) for record, rows in sayings.items() for pointer in rows}
        unmatched = sorted(said ^ release.released())
        if unmatched:
            raise UsageError(f"{sector}: row and mapping do not fit at {''.join(unmatched[0])}")
        self._sector = sector
        self._schemes = schemes
        self._data_classes = release.data_classes
        self._examples = examples
        self.formats = tuple(formats)
        self.readers: Readers = {
            record: RecordReader(record, rows, sayings.get(record, {})) for record, rows in release.records.items()
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

    def source(self, store: Database) -> RecordSource:
        """Open the record source over the organisation's own store."""
        return RecordStore(store)

    def examples(self) -> tuple[Path, ...]:
        """Invented record files in the sector's real formats."""
        return tuple(sorted(self._examples.glob("*.json")))
