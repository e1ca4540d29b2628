"""Taking in what a format finds in one file, record by record.

Promise: of several writings of one record the newest counts, a withdrawal among them; two that nothing tells apart
are both rejected, for either may be the wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, final

from agents.sdk.mapping.results import (
    FileRead,
    Flagged,
    Gap,
    IgnoredField,
    PassedOver,
    RecordRead,
    Rejected,
    Withdrawn,
)
from agents.sdk.mapping.versions import is_newer

AMBIGUOUS: Final = "AMBIGUOUS"
OLDER_VERSION: Final = "OLDER_VERSION"

Key = tuple[str, str, str]


@final
@dataclass(frozen=True, slots=True)
class Extracted:
    """When the extract was made, as the file says."""

    at: datetime


Remark = Rejected | Flagged | IgnoredField | Gap | PassedOver | Extracted
"""What stands in a file beside its records and withdrawals."""


@final
@dataclass(slots=True, kw_only=True)
class Reading:
    """One file while it is read."""

    flagged: list[Flagged] = field(default_factory=list)
    _held: dict[Key, RecordRead | Withdrawn] = field(default_factory=dict, repr=False)
    _ambiguous: set[Key] = field(default_factory=set, repr=False)
    _rejected: list[Rejected] = field(default_factory=list)
    _gaps: list[Gap] = field(default_factory=list)
    _ignored: dict[str, int] = field(default_factory=dict)
    _passed_over: dict[str, int] = field(default_factory=dict)
    _extracted_at: datetime | None = None

    def remark(self, found: Remark) -> None:
        """Take in what is no record."""
        if isinstance(found, Flagged):
            self.flagged.append(found)
        elif isinstance(found, Rejected):
            self._rejected.append(found)
        elif isinstance(found, Gap):
            self._gaps.append(found)
        elif isinstance(found, IgnoredField):
            self._ignored[found.pattern] = self._ignored.get(found.pattern, 0) + 1
        elif isinstance(found, PassedOver):
            self._passed_over[found.record_type] = self._passed_over.get(found.record_type, 0) + 1
        else:
            self._extracted_at = found.at

    def take(self, read: RecordRead | Withdrawn) -> None:
        """Take in a record, or that one is withdrawn."""
        if read.key in self._ambiguous:
            self._reject(read, AMBIGUOUS)
            return
        other = self._held.get(read.key)
        if other is None or is_newer(read.version, other.version):
            self._held[read.key] = read
            self._older(other)
        elif is_newer(other.version, read.version):
            self._older(read)
        elif isinstance(read, Withdrawn):
            self._held[read.key] = read
            self._older(other)
        elif isinstance(other, Withdrawn):
            self._older(read)
        elif (read.subject, read.items) == (other.subject, other.items):
            self._reject(read, "DUPLICATE_RECORD", understood=True)
        else:
            del self._held[read.key]
            self._ambiguous.add(read.key)
            self._reject(other, AMBIGUOUS)
            self._reject(read, AMBIGUOUS)

    def file(self, format_name: str) -> FileRead:
        """Return all that was taken in."""
        held = self._held.values()
        return FileRead(
            format=format_name,
            records=tuple(one for one in held if isinstance(one, RecordRead)),
            rejected=tuple(self._rejected),
            flagged=tuple(dict.fromkeys(self.flagged)),  # two rows may read one field
            ignored=tuple(self._ignored.items()),
            withdrawn=tuple(one for one in held if isinstance(one, Withdrawn)),
            gaps=tuple(self._gaps),
            passed_over=tuple(self._passed_over.items()),
            extracted_at=self._extracted_at,
        )

    def _older(self, read: RecordRead | Withdrawn | None) -> None:
        if isinstance(read, RecordRead):
            self.flagged.append(Flagged(at=read.at, reason=OLDER_VERSION))

    def _reject(self, read: RecordRead | Withdrawn, reason: str, *, understood: bool = False) -> None:
        if isinstance(read, RecordRead):
            self._rejected.append(Rejected(at=read.at, reason=reason, understood=understood))
