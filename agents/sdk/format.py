"""A file format: which files are its own, and where the records stand in them.

Promise: a format finds records and decides nothing. Reading them by the release table, rejecting and counting are
done here and in `mapping.reader`, for all sectors alike, so no format can forget them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import final

from agents.sdk.mapping.reader import RecordReader
from agents.sdk.mapping.results import (
    FileRead,
    Flagged,
    IgnoredField,
    Json,
    PassedOver,
    RecordFound,
    RecordRead,
    Rejected,
)
from broker.holder.source import IdentifierHeld
from schemas.vocabulary import Sector

Readers = Mapping[str, RecordReader]

Finding = RecordFound | Rejected | Flagged | IgnoredField | PassedOver
"""What a format finds in a file: records, places that are no record, remarks, and what nothing reads."""


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
    """Its word for `mash records import --format`, and in the account of an import."""

    names_nobody: bool = False
    """Whether a file is one record that may name nobody, so that the operator may say whom it is about."""

    def decode(self, data: bytes) -> Json:
        """Return the document of a file that is not JSON; None for a file that is not in this format's writing.

        Raises: RejectedError for one that is, and is broken.
        """
        return None

    @abstractmethod
    def recognises(self, document: Json, readers: Readers, *, asked_for: bool) -> bool:
        """Return whether a parsed file is of this format; the readers know the fields of each record type.

        `asked_for`: the operator says that it is, so that a sparse file need not prove it.
        """

    @abstractmethod
    def _records(self, document: Json, terms: FileTerms) -> Iterator[Finding]:
        """Find the records of a recognised file in order, and what stands outside them."""

    @final
    def read(self, document: Json, *, terms: FileTerms, readers: Readers) -> FileRead:
        """Read a recognised file. Unknown types, unnamed people and doubled records are rejected one by one."""
        records: dict[tuple[str, str, str], RecordRead] = {}
        rejected: list[Rejected] = []
        flagged: list[Flagged] = []
        ignored: dict[str, int] = {}
        passed_over: dict[str, int] = {}
        for found in self._records(document, terms):
            if isinstance(found, Flagged):
                flagged.append(found)
                continue
            if isinstance(found, IgnoredField):
                ignored[found.pattern] = ignored.get(found.pattern, 0) + 1
                continue
            if isinstance(found, PassedOver):
                passed_over[found.record_type] = passed_over.get(found.record_type, 0) + 1
                continue
            read = found if isinstance(found, Rejected) else self._read_one(found, terms, readers, flagged)
            if isinstance(read, Rejected):
                rejected.append(read)
            elif read.key in records:  # taken in, it would silently replace the first
                rejected.append(Rejected(at=found.at, reason="DUPLICATE_RECORD"))
            else:
                records[read.key] = read
        return FileRead(
            format=self.name,
            records=tuple(records.values()),
            rejected=tuple(rejected),
            flagged=tuple(dict.fromkeys(flagged)),  # two rows may read one field
            ignored=tuple(ignored.items()),
            passed_over=tuple(passed_over.items()),
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
