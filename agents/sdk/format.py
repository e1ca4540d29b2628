"""A file format: which files are its own, and where the records stand in them.

Promise: a format finds records and decides nothing. Reading them by the release table, rejecting and counting are
done here and in `mapping.reader`, for all sectors alike, so no format can forget them.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, final

from agents.sdk.lines import JsonLines
from agents.sdk.mapping.reader import RecordReader
from agents.sdk.mapping.results import FileRead, Json, PassedOver, RecordFound, RecordRead, Rejected, Withdrawn
from agents.sdk.mapping.standing import UNDERSTOOD, stands
from agents.sdk.reading import Reading, Remark
from agents.sdk.table_rows import TableRows
from broker.holder.source import IdentifierHeld
from schemas.vocabulary import Sector

Readers = Mapping[str, RecordReader]

OTHERS_TYPES: Final = frozenset(
    {
        "personal.details",
        "crime-justice.details",
        "education.details",
        "health.details",
        "housing.details",
        "childrens-services.details",
        "child-social-care.details",
        "childrens-social-care.details",
        "local-authority.children-social-care",
        "education.attendance",
        "health.mental-health",
        "housing.homelessness",
    }
)
"""Record types that are known, and that a sector without rows for them passes over."""

Document = Json | JsonLines | TableRows
"""A parsed file: one document, or a file of one record a line, which is read as often as it is gone through."""

Finding = RecordFound | Withdrawn | Remark
"""What a format finds in a file: records, withdrawals, and remarks on what is neither."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FileTerms:
    """On what terms a file is read: whose it is, and what its operator vouches for."""

    sector: Sector
    digest: str
    bound: tuple[IdentifierHeld, ...] = field(repr=False)
    """Whom the operator says the file is about; empty for formats of many records."""

    verified_identifiers: bool
    today: date
    """The day of the import: what has ended by then is not told as in force."""

    source: str | None = None
    """The system that the operator says the file comes from: its ids mean something only there."""

    is_known: Callable[[str], bool] = field(default=lambda key: False, repr=False)
    """Whether the store holds somebody under an owner's key, for records that name their person by it alone."""

    @property
    def owner(self) -> str:
        """Whose ids these are where the file does not say: the named source's, or this file's alone."""
        return self.source or f"file:{self.digest[:32]}"

    @property
    def bound_key(self) -> str | None:
        """Whom the operator binds the file to, as one word: the same person's next answer comes in its place."""
        whose = ";".join(sorted(f"{held.scheme}:{held.value}" for held in self.bound))
        return hashlib.sha256(whose.encode()).hexdigest()[:32] if whose else None


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
    def recognises(self, document: Document, readers: Readers, *, asked_for: bool) -> bool:
        """Return whether a parsed file is of this format; the readers know the fields of each record type.

        `asked_for`: the operator says that it is, so that a sparse file need not prove it.
        """

    @abstractmethod
    def _records(self, document: Document, terms: FileTerms) -> Iterator[Finding]:
        """Find the records of a recognised file in order, and what stands outside them."""

    @final
    def read(self, document: Document, *, terms: FileTerms, readers: Readers) -> FileRead:
        """Read a recognised file. Unknown types and unnamed people are rejected one by one."""
        reading = Reading()
        for found in self._records(document, terms):
            if isinstance(found, Withdrawn):
                reading.take(found)
            elif isinstance(found, RecordFound):
                self._read_one(found, terms, readers, reading)
            else:
                reading.remark(found)
        return reading.file(self.name)

    def _read_one(self, found: RecordFound, terms: FileTerms, readers: Readers, reading: Reading) -> None:
        reader = readers.get(found.record_type)
        if reader is None:
            known = found.record_type in OTHERS_TYPES
            reading.remark(
                PassedOver(record_type=found.record_type)
                if known
                else Rejected(at=f"{found.at}/recordType", reason="UNKNOWN_RECORD_TYPE")
            )
            return
        reason = stands(found.payload)
        if reason is not None:  # news about what is held, whoever it is about
            key = (found.custodian, found.system, found.reference)
            reading.remark(Rejected(at=found.at, reason=reason, understood=reason in UNDERSTOOD))
            reading.take(Withdrawn(at=found.at, key=key, reason=reason, version=found.version))
            return
        read = reader.read(
            found,
            bound=terms.bound if self.names_nobody else (),
            verified_identifiers=terms.verified_identifiers and not found.unverified,
            flagged=reading.flagged,
            today=terms.today,
        )
        if isinstance(read, RecordRead):
            reading.take(read)
        else:
            reading.remark(read)
