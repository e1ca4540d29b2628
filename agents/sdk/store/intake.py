"""What becomes of each record of a file, beside what the store holds: pure decisions, made before anything is written.

Promise: (1) an id means something only within its source: the operator's word for it, else the server or system that
the record states, else the file itself; (2) a newer version stays, whichever comes last; (3) what its owner withdrew
comes back only as a newer version, and what a person removed never; (4) a record never silently takes the place of
another person's: it replaces it where the source is known for sure, and both stay where it is not; either is flagged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, final

from agents.sdk.mapping.results import FileRead, Flagged, RecordRead, RecordVersion, Withdrawn
from agents.sdk.store.linkage import is_another
from agents.sdk.store.schema import record_key, run_among, subject_from_text, subject_to_text
from broker.ports import Transaction

OF_FILE: Final = "file:"
"""How the name of a source begins that is one file, because nothing says where the file comes from."""

_HELD: Final = (
    "SELECT base_key, record_id, record_key, subject, updated, version, file_id FROM records "
    "WHERE base_key IN (:values) ORDER BY record_id"
)
_WITHDRAWN: Final = "SELECT base_key, updated, version, final FROM withdrawn WHERE base_key IN (:values)"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """All that some sources hold: the lasting ids of their records."""

    keys: frozenset[str] = field(repr=False)
    sources: frozenset[str]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One file on its way into the store. `place` is a digest of where it lies; `named` the operator's source.

    `whole` is what the operator says that the sources hold, with the last file of an export.
    """

    digest: str
    place: str
    imported_at: datetime
    named: str | None = None
    whole: Whole | None = None

    @property
    def file_source(self) -> str:
        """The file as a source of its own."""
        return f"{OF_FILE}{self.digest[:32]}"

    def source_of(self, key: tuple[str, str, str]) -> str:
        """Return the source within which a record's ids mean something (1)."""
        return self.named or _stated(key) or self.file_source

    def scope_of(self, key: tuple[str, str, str]) -> str:
        """Return what a record's ids need in front of them; nothing where the record itself states its source."""
        return self.named or ("" if _stated(key) else self.file_source)

    def base_key(self, key: tuple[str, str, str]) -> str:
        """Return a record's lasting id."""
        return record_key(self.scope_of(key), *key)

    def is_known_for_sure(self, key: tuple[str, str, str]) -> bool:
        """Return whether one id of this source can only be one record: an operator or a server's address says so."""
        return self.named is not None or "://" in key[1] or not _stated(key)


def _stated(key: tuple[str, str, str]) -> str | None:
    """Return the server or system that a record states: a format that reads none calls it like the custodian."""
    custodian, system, _ = key
    if custodian.startswith(OF_FILE):
        return None
    return system if "://" in system or system != custodian else None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One record in the store."""

    record_id: int
    record_key: str
    subject: str = field(repr=False)
    version: RecordVersion
    file_id: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One record that goes in, under its lasting id."""

    record: RecordRead = field(repr=False)
    subject: str = field(repr=False)
    record_key: str
    base_key: str
    source: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What goes in, what goes out, and which ids its owner withdrew."""

    arrivals: tuple[Arrival, ...]
    gone: frozenset[int]
    flagged: tuple[Flagged, ...]
    withdrawn: tuple[tuple[str, Withdrawn], ...]
    reinstated: frozenset[str]
    left: int
    """Records that go because their owner withdrew them."""


def is_newer(ours: RecordVersion, theirs: RecordVersion) -> bool:
    """Return whether one version says that it is newer: by time where both have one, else by number."""
    if ours.updated is not None and theirs.updated is not None and ours.updated != theirs.updated:
        return ours.updated > theirs.updated
    return ours.number is not None and theirs.number is not None and ours.number > theirs.number


def decide(transaction: Transaction, read: FileRead, intake: Intake) -> Decided:
    """Weigh every record and every withdrawal of a file against what is held."""
    weighing = _Weighing(intake=intake)
    bases = [intake.base_key(one.key) for one in read.records]
    weighing.fetch(transaction, sorted({*bases, *(intake.base_key(one.key) for one in read.withdrawn)}))
    for withdrawal in read.withdrawn:
        weighing.withdraw(withdrawal)
    for record, base in zip(read.records, bases, strict=True):
        weighing.arrive(record, base)
    return weighing.decided()


@final
@dataclass(kw_only=True)
class _Weighing:
    intake: Intake
    held: dict[str, list[Held]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    tombs: dict[str, RecordVersion] = field(default_factory=dict)
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    flagged: list[Flagged] = field(default_factory=list)
    withdrawn: dict[str, Withdrawn] = field(default_factory=dict)
    reinstated: set[str] = field(default_factory=set)
    left: int = 0

    def fetch(self, transaction: Transaction, keys: Sequence[str]) -> None:
        for base, number, key, subject, updated, version, file_id in run_among(transaction, _HELD, keys):
            one = Held(
                record_id=int(number),
                record_key=key,
                subject=subject,
                version=version_from(updated, version),
                file_id=int(file_id),
            )
            self.held.setdefault(base, []).append(one)
        for base, updated, version, final_one in run_among(transaction, _WITHDRAWN, keys):
            self.tombs[base] = version_from(updated, version)
            if final_one:
                self.removed.add(base)

    def withdraw(self, withdrawal: Withdrawn) -> None:
        """Take a record's owner at their word, unless what is held says that it is newer."""
        base = self.intake.base_key(withdrawal.key)
        held = self.held.get(base, [])
        if any(is_newer(one.version, withdrawal.version) for one in held):
            self.flagged.append(Flagged(at=withdrawal.at, reason="OLDER_VERSION"))  # (2)
            return
        self.left += len({one.record_id for one in held} - self.gone)
        self.gone |= {one.record_id for one in held}
        if withdrawal.lasting and (base not in self.tombs or is_newer(withdrawal.version, self.tombs[base])):
            self.tombs[base] = withdrawal.version
            self.withdrawn[base] = withdrawal

    def arrive(self, record: RecordRead, base: str) -> None:
        """Put a record in, unless what is held or removed says otherwise; `base` is its lasting id."""
        if base in self.removed or (base in self.tombs and not is_newer(record.version, self.tombs[base])):
            reason = "REMOVED_BEFORE" if base in self.removed else "WITHDRAWN_BEFORE"
            self.flagged.append(Flagged(at=record.at, reason=reason))  # (3)
            return
        if base in self.tombs:
            self.reinstated.add(base)
            self.withdrawn.pop(base, None)
        held = self.held.get(base, [])
        subject = subject_to_text(record.subject)
        same = [one for one in held if not self._other(one.subject, subject, record)]
        if any(is_newer(one.version, record.version) for one in same or held):
            self.flagged.append(Flagged(at=record.at, reason="OLDER_VERSION"))  # (2)
            return
        key = self._place(record, base, held, same)
        if key in self.arrivals and is_newer(self.arrivals[key].record.version, record.version):
            self.flagged.append(Flagged(at=record.at, reason="OLDER_VERSION"))
            return
        self.arrivals[key] = Arrival(
            record=record, subject=subject, record_key=key, base_key=base, source=self.intake.source_of(record.key)
        )

    def _other(self, held: str, subject: str, record: RecordRead) -> bool:
        return held != subject and is_another(subject_from_text(held), record.subject)

    def _place(self, record: RecordRead, base: str, held: Sequence[Held], same: Sequence[Held]) -> str:
        """Return under which id a record goes in, and note what goes for it (4)."""
        if same:
            self.gone |= {one.record_id for one in same}
            return same[0].record_key
        if not held:
            return base
        newer = all(is_newer(record.version, one.version) for one in held)
        if newer or self.intake.is_known_for_sure(record.key):
            self.flagged.append(Flagged(at=record.at, reason="OTHER_PERSON_REPLACED"))
            self.gone |= {one.record_id for one in held}
            return held[0].record_key
        self.flagged.append(Flagged(at=record.at, reason="ID_OF_ANOTHER_PERSON"))
        return record_key(base, str(len(held)), self.intake.digest)

    def decided(self) -> Decided:
        return Decided(
            arrivals=tuple(self.arrivals.values()),
            gone=frozenset(self.gone),
            flagged=tuple(self.flagged),
            withdrawn=tuple(self.withdrawn.items()),
            reinstated=frozenset(self.reinstated),
            left=self.left,
        )


def version_from(updated: str | None, number: int | None) -> RecordVersion:
    """Read a version from its columns."""
    return RecordVersion(updated=datetime.fromisoformat(updated) if updated else None, number=number)


def version_row(version: RecordVersion) -> dict[str, object]:
    """Write a version into its columns."""
    return {"updated": version.updated.isoformat() if version.updated else None, "version": version.number}


def sources_of(read: FileRead, intake: Intake) -> dict[str, set[str]]:
    """Return the systems of each source that a file brings records of."""
    found: dict[str, set[str]] = {}
    for record in read.records:
        found.setdefault(intake.source_of(record.key), set()).add(record.system)
    return found


def only_source(sources: Iterable[str], intake: Intake) -> str:
    """Return the one source of a file: the named one, the only one it states, or the file itself."""
    stated = set(sources)
    return intake.named or (stated.pop() if len(stated) == 1 else intake.file_source)
