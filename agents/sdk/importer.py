"""Importing an organisation's own files into its record store, and the account of it.

Promise: (1) a file that is broken, or that breaks what reads it, is rejected whole and leaves a gap, and the others go
in; (2) nothing that two readers could read in two ways is read: doubled keys, infinities, bytes that are not UTF-8;
(3) every file has its account, and no account names more than a place and a word; (4) a rehearsal writes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, NoReturn, final

from agents.sdk.account import FileAccount, accepted, refused
from agents.sdk.agent import SectorAgent
from agents.sdk.format import FileTerms, Format
from agents.sdk.mapping.results import FileRead, Json, JsonObject, Rejected
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

MOST_BYTES: Final = 256 * 1024 * 1024
"""The largest file that is read: the export of a large force fits several times."""


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
    `source` names the system that the files come from; `whole`: they are all that the source holds; `fewer`: however
    little that is; `rehearsal`: account, and write nothing.
    """

    now: datetime
    verified_identifiers: bool
    bindings: Mapping[IdentifierScheme, str] = field(default_factory=dict, repr=False)
    format_name: str | None = None
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

    Raises: UsageError for a missing file, a format that the agent does not have, or an invalid binding, before
    anything is imported; UnavailableError or RejectedError when the store fails.
    """
    _check_source(terms)
    formats = _Formats(among=_formats(agent, terms.format_name), asked_for=terms.format_name is not None)
    bound = _bound(terms.bindings, verified_identifiers=terms.verified_identifiers)
    for place, path in enumerate(paths):
        if not path.is_file():
            raise UsageError(f"file {place + 1} of the command is not there or no file")
    run = _Run(agent=agent, store=store, terms=terms, formats=formats, bound=bound, last=len(paths))
    return tuple(run.take(path, number, watch(number, path.name)) for number, path in enumerate(paths, start=1))


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
    formats: _Formats
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
        data = _bytes(path)
        document = parse(data)
        chosen = self.formats.of(document, self.agent)
        if chosen is None:
            raise RejectedError("UNKNOWN_FORMAT")
        bound = self.bound if chosen.names_nobody else ()
        digest = _digest(data, bound)
        terms = FileTerms(
            sector=self.agent.sector,
            digest=digest,
            bound=bound,
            verified_identifiers=self.terms.verified_identifiers,
            is_known=self.store.holds_key,
        )
        return digest, chosen.read(document, terms=terms, readers=self.agent.readers)

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


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Formats:
    """The formats that a file may have."""

    among: tuple[Format, ...]
    asked_for: bool

    def of(self, document: Json, agent: SectorAgent) -> Format | None:
        fitting = (one.recognises(document, agent.readers, asked_for=self.asked_for) for one in self.among)
        return next((one for one, fits in zip(self.among, fitting, strict=True) if fits), None)


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


def _digest(data: bytes, bound: tuple[IdentifierHeld, ...]) -> str:
    """Return a file's identity, with whom it is bound to: two people's records may be equal byte for byte."""
    whose = ";".join(f"{held.scheme}:{held.value}" for held in bound)
    return hashlib.sha256(hashlib.sha256(data).digest() + whose.encode()).hexdigest()


def _place(path: Path) -> str:
    """Return a digest of where a file lies: its name may be a person's."""
    return hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:32]


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)  # not by its size on the disk, which may grow meanwhile
    except OSError:
        raise RejectedError("NOT_READABLE") from None
    if len(data) > MOST_BYTES:
        raise RejectedError("TOO_LARGE")
    return data


def parse(data: bytes) -> Json:
    """Read a JSON document strictly. Raises: RejectedError `NOT_JSON` or `DUPLICATE_KEYS`."""
    try:
        document: Json = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_once,
            parse_float=Decimal,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError):  # bad bytes, bad JSON, a number of thousands of digits, endless nesting
        raise RejectedError("NOT_JSON") from None  # (2)
    return document


def _once(pairs: list[tuple[str, Json]]) -> JsonObject:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise RejectedError("DUPLICATE_KEYS")
    return held


def _no_number(word: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no numbers of JSON")
