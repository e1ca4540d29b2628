"""Importing an organisation's own files into its record store, and the account of it.

Promise: (1) a file that is broken is rejected whole, and the others go in; (2) nothing that two readers could read
in two ways is read: doubled keys, infinities, bytes that are not UTF-8; (3) the account counts people, records
and every field passed over, and names a place and a word, never a value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import final

from agents.sdk.agent import SectorAgent
from agents.sdk.column_map import ColumnMap, load_map
from agents.sdk.format import Document, FileTerms, Format
from agents.sdk.lines import JsonLines, digest_of, is_json_lines
from agents.sdk.mapped_rows import MappedRows
from agents.sdk.mapping.results import FileRead, Flagged, Gap, Json, Rejected
from agents.sdk.parse import MOST_BYTES, parse
from agents.sdk.store.linkage import Linkable, link
from agents.sdk.store.records import RecordStore
from agents.sdk.table_rows import TableRows
from broker.errors import RejectedError, UsageError
from broker.holder.source import IdentifierHeld
from schemas.identifiers import check
from schemas.vocabulary import IdentifierScheme


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FileAccount:
    """The account of one imported file (`mash records import --json`). `format` is None for an unreadable file."""

    file: str
    format: str | None
    people: int
    records: int
    rejected: tuple[Rejected, ...]
    flagged: tuple[Flagged, ...]
    ignored_fields: tuple[tuple[str, int], ...]
    passed_over: tuple[tuple[str, int], ...] = ()
    gaps: tuple[Gap, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the account as the command line prints it."""
        return {
            "file": self.file,
            "format": self.format,
            "people": self.people,
            "records": self.records,
            "rejected": [{"at": one.at, "reason": one.reason} for one in self.rejected],
            "flagged": [{"at": one.at, "reason": one.reason} for one in self.flagged],
            "ignored_fields": dict(self.ignored_fields),
            "passed_over": dict(self.passed_over),
            "gaps": [{"at": one.at, "reason": one.reason} for one in self.gaps],
        }


def import_files(
    paths: Sequence[Path],
    *,
    agent: SectorAgent,
    store: RecordStore,
    now: datetime,
    verified_identifiers: bool,
    bindings: Mapping[IdentifierScheme, str],
    format_name: str | None,
    mapping: Path | None = None,
    source: str | None = None,
) -> tuple[FileAccount, ...]:
    """Import files one by one and account for each.

    `bindings` say whom files that name nobody are about; `format_name` asks for one format instead of recognising
    it; `mapping` reads CSV files; `source` names the system that the files come from. Raises: UsageError for a missing
    file, a format that the agent does not have, an unsound mapping or an invalid binding, before anything is imported;
    UnavailableError or RejectedError when the store fails.
    """
    columns = load_map(mapping, agent.readers) if mapping is not None else None
    among = _formats(agent, format_name) if columns is None else (MappedRows(columns),)
    formats = _Formats(among=among, asked_for=format_name is not None)
    bound = _bound(bindings, verified_identifiers=verified_identifiers)
    for place, path in enumerate(paths):
        if not path.is_file():
            raise UsageError(f"file {place + 1} of the command is not there or no file")
    accounts = []
    for path in paths:
        terms = FileTerms(
            sector=agent.sector,
            digest="",
            bound=bound,
            verified_identifiers=verified_identifiers,
            today=now.date(),
            source=source,
            is_known=store.holds_key,
        )
        outcome = _read(path, agent, formats, columns, terms)
        if isinstance(outcome, Rejected):
            accounts.append(_refused(path, outcome))
            continue
        digest, read = outcome
        store.replace(read, digest=digest, imported_at=now)
        accounts.append(_accepted(path, read, store.conflicting_births(read)))
    return tuple(accounts)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Formats:
    """The formats that a file may have."""

    among: tuple[Format, ...]
    asked_for: bool

    def decode(self, data: bytes, flagged: list[Flagged]) -> Json:
        """Read a file in the first format whose writing it is, else as JSON."""
        decoded = (one.decode(data) for one in self.among)
        document = next((one for one in decoded if one is not None), None)
        return parse(data, flagged) if document is None else document

    def of(self, document: Document, agent: SectorAgent) -> Format | None:
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


def _read(
    path: Path, agent: SectorAgent, formats: _Formats, columns: ColumnMap | None, terms: FileTerms
) -> tuple[str, FileRead] | Rejected:
    flagged: list[Flagged] = []
    try:
        content = digest_of(path)
        document = _document(path, columns, formats, flagged)
        chosen = formats.of(document, agent)
        if chosen is None:
            return Rejected(at="", reason="UNKNOWN_FORMAT")
        bound = terms.bound if chosen.names_nobody else ()
        terms = replace(terms, bound=bound, digest=_digest(content, bound))
        read = chosen.read(document, terms=terms, readers=agent.readers)
    except RejectedError as error:
        return Rejected(at="", reason=error.reason)  # (1)
    except RecursionError:  # a document within the parser's reach, and beyond that of whoever goes through it
        return Rejected(at="", reason="NOT_JSON")
    return terms.digest, replace(read, flagged=(*flagged, *read.flagged))


def _document(path: Path, columns: ColumnMap | None, formats: _Formats, flagged: list[Flagged]) -> Document:
    if columns is not None:
        return TableRows(path, columns.delimiter)
    return JsonLines(path) if is_json_lines(path) else formats.decode(_bytes(path), flagged)


def _digest(content: bytes, bound: tuple[IdentifierHeld, ...]) -> str:
    """Return a file's identity, with whom it is bound to: two people's records may be equal byte for byte."""
    whose = ";".join(f"{held.scheme}:{held.value}" for held in bound)
    return hashlib.sha256(content + whose.encode()).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)  # not by its size on the disk, which may grow meanwhile
    except OSError:
        raise RejectedError("NOT_READABLE") from None
    if len(data) > MOST_BYTES:
        raise RejectedError("TOO_LARGE")
    return data


def _refused(path: Path, why: Rejected) -> FileAccount:
    return FileAccount(file=str(path), format=None, people=0, records=0, rejected=(why,), flagged=(), ignored_fields=())


def _accepted(path: Path, read: FileRead, conflicting: Sequence[str]) -> FileAccount:
    numbered = [Linkable(number=place, subject=record.subject) for place, record in enumerate(read.records)]
    ignored: dict[str, int] = dict(read.ignored)
    for record in read.records:
        for pointer, count in record.ignored:
            ignored[pointer] = ignored.get(pointer, 0) + count
    return FileAccount(
        file=str(path),
        format=read.format,
        people=len(link(numbered)),
        records=len(read.records),
        rejected=read.rejected,
        flagged=read.flagged + tuple(Flagged(at=at, reason="CONFLICTING_BIRTH_DATES") for at in conflicting),
        ignored_fields=tuple(sorted(ignored.items())),  # (3)
        passed_over=read.passed_over,
        gaps=read.gaps,
    )
