"""Importing an organisation's own files into its record store, and the account of it.

Promise: (1) a file that is broken, or that breaks what reads it, is rejected whole and leaves a gap, and the others go
in; (2) nothing that two readers could read in two ways is read: doubled keys, infinities, bytes that are not UTF-8;
(3) every file has its account, and no account names more than a place and a word; (4) a rehearsal writes nothing.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, final

from agents.sdk.account import FileAccount, accepted, refused
from agents.sdk.agent import SectorAgent
from agents.sdk.column_map import ColumnMap, load_map
from agents.sdk.documents import read_file
from agents.sdk.format import FileTerms, Format
from agents.sdk.mapped_rows import MappedRows
from agents.sdk.mapping.results import FileRead, Rejected
from agents.sdk.store.intake import OF_FILE, Intake, Whole, only_source, sources_of
from agents.sdk.store.records import RecordStore
from agents.sdk.store.writes import Progress
from broker.errors import FieldError, InvariantError, RejectedError, StoreFull, UsageError
from broker.holder.source import IdentifierHeld
from schemas.identifiers import check
from schemas.vocabulary import IdentifierScheme

DISK_FULL: Final = "DISK_FULL"
"""The reason of a file for which there is no room: what was held stays."""

LONGEST_SOURCE: Final = 100
"""Characters of a source's name."""


_FAULTS: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, InvariantError)
"""What a value can do to whatever reads or writes it. It is one file's, and its text may quote the value."""

Watch = Callable[[int, str], Progress]
"""Told which file is begun, by its number from 1 and its name; returns what is told of its records."""


def unwatched(number: int, name: str) -> Progress:
    """Tell nobody how far an import is."""
    return lambda done, of: None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTerms:
    """On what terms files are imported.

    `bindings` say whom files that name nobody are about; `format_name` asks for one format instead of recognising it;
    `mapping` reads CSV files by a map of their columns;
    `source` names the system that the files come from; `whole`: they are all that the source holds; `fewer`: however
    little that is; `rehearsal`: account, and write nothing.
    """

    now: datetime
    verified_identifiers: bool
    bindings: Mapping[IdentifierScheme, str] = field(default_factory=dict, repr=False)
    format_name: str | None = None
    mapping: Path | None = None
    source: str | None = None
    whole: bool = False
    fewer: bool = False
    rehearsal: bool = False


def import_files(
    paths: Sequence[Path],
    *,
    agent: SectorAgent,
    store: RecordStore,
    terms: ImportTerms,
    watch: Watch = unwatched,
) -> tuple[FileAccount, ...]:
    """Import files one by one and account for each.

    Raises: UsageError for a missing file, a format that the agent does not have, an unsound mapping or an invalid
    binding, before anything is imported; UnavailableError or RejectedError when the store fails.
    """
    _check_source(terms)
    columns = load_map(terms.mapping, agent.readers) if terms.mapping is not None else None
    among = _formats(agent, terms.format_name) if columns is None else (MappedRows(columns),)
    bound = _bound(terms.bindings, verified_identifiers=terms.verified_identifiers)
    for place, path in enumerate(paths):
        if not path.is_file():
            raise UsageError(f"file {place + 1} of the command is not there or no file")
    run = _Run(agent=agent, store=store, terms=terms, among=among, columns=columns, bound=bound, last=len(paths))
    with _without_collector():
        return tuple(run.take(path, number, watch(number, path.name)) for number, path in enumerate(paths, start=1))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hold the collector of cycles back: nothing read here is one, and each pass goes through the whole file again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _check_source(terms: ImportTerms) -> None:
    name = terms.source
    if name is not None and (not name.strip() or len(name) > LONGEST_SOURCE or not name.isprintable() or "|" in name):
        raise FieldError("source", f"is no name: at most {LONGEST_SOURCE} printable characters, none of them |")
    if name is not None and name.startswith(OF_FILE):
        raise FieldError("source", f"may not begin with {OF_FILE}")
    if terms.fewer and not terms.whole:
        raise FieldError("fewer", "is said of a whole export only")


@final
@dataclass(kw_only=True)
class _Run:
    """One command's files, in order. What a whole export holds is known with its last file."""

    agent: SectorAgent
    store: RecordStore
    terms: ImportTerms
    among: Sequence[Format]
    columns: ColumnMap | None
    bound: tuple[IdentifierHeld, ...] = field(repr=False)
    last: int
    keys: set[str] = field(default_factory=set, repr=False)
    sources: set[str] = field(default_factory=set)
    broken: bool = False

    def take(self, path: Path, number: int, told: Progress) -> FileAccount:
        """Take in one file. Nothing in it ends the command (1)."""
        place = _place(path)
        intake = Intake(digest=place, place=place, imported_at=self.terms.now, named=self.terms.source)
        try:
            digest, read = self._read(path)
            intake = replace(intake, digest=digest)
            return self._take_in(path, read, self._whole(read, intake, number), told)
        except StoreFull:
            return self._refuse(path, intake, Rejected(at="", reason=DISK_FULL), noted=False)
        except RejectedError as error:
            if error.reason == "DATABASE_DAMAGED":
                raise
            return self._refuse(path, intake, Rejected(at="", reason=error.reason))
        except _FAULTS:
            return self._refuse(path, intake, Rejected(at="", reason="FAULT"))

    def _read(self, path: Path) -> tuple[str, FileRead]:
        """Read one file. Raises: RejectedError with the reason."""
        terms = FileTerms(
            sector=self.agent.sector,
            digest="",
            bound=self.bound,
            verified_identifiers=self.terms.verified_identifiers,
            today=self.terms.now.date(),
            source=self.terms.source,
            is_known=self.store.holds_key,
        )
        asked = self.terms.format_name is not None
        return read_file(
            path, among=self.among, asked_for=asked, columns=self.columns, terms=terms, readers=self.agent.readers
        )

    def _take_in(self, path: Path, read: FileRead, intake: Intake, told: Progress) -> FileAccount:
        if self.terms.rehearsal:  # (4)
            taken = self.store.rehearse(read, intake, fewer=self.terms.fewer)
        else:
            taken = self.store.replace(read, intake, fewer=self.terms.fewer, told=told)
        return accepted(str(path), read, taken, self.store.conflicting_births(read))

    def _whole(self, read: FileRead, intake: Intake, number: int) -> Intake:
        """Say with the last file what the whole export holds; not where a file of it could not be read."""
        if not self.terms.whole:
            return intake
        self.keys |= {intake.base_key(record.key) for record in read.records}
        systems = sources_of(read, intake)
        self.sources |= set(systems) or {only_source(systems, intake)}
        if number < self.last or self.broken:
            return intake
        return replace(intake, whole=Whole(keys=frozenset(self.keys), sources=frozenset(self.sources)))

    def _refuse(self, path: Path, intake: Intake, why: Rejected, *, noted: bool = True) -> FileAccount:
        self.broken = True
        if noted and not self.terms.rehearsal:
            self.store.reject(why, intake)
        return refused(str(path), why)


def _formats(agent: SectorAgent, name: str | None) -> tuple[Format, ...]:
    if name is None:
        return agent.formats
    asked = tuple(one for one in agent.formats if one.name == name)
    if not asked:
        known = ", ".join(one.name for one in agent.formats)
        raise UsageError(f"{agent.sector} has no such format; it has {known}")
    return asked


def _bound(bindings: Mapping[IdentifierScheme, str], *, verified_identifiers: bool) -> tuple[IdentifierHeld, ...]:
    checked = [check(scheme, value) for scheme, value in bindings.items()]
    for one in checked:
        if one.fault is not None:  # bound to a wrong number, the record could never be found
            raise UsageError(f"the person's {one.scheme} is not valid: {one.fault}")
    return tuple(IdentifierHeld(scheme=one.scheme, value=one.value, verified=verified_identifiers) for one in checked)


def _place(path: Path) -> str:
    """Return a digest of where a file lies: its name may be a person's."""
    return hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:32]
