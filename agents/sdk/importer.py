"""Importing an organisation's own files into its record store, and the account of it.

Promise: (1) a file that is broken is rejected whole, and the others go in; (2) nothing that two readers could read
in two ways is read: doubled keys, infinities, bytes that are not UTF-8; (3) the account counts people, records
and every field passed over, and names a place and a word, never a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import final

from agents.sdk.agent import SectorAgent
from agents.sdk.column_map import load_map
from agents.sdk.documents import read_file
from agents.sdk.format import FileTerms, Format
from agents.sdk.mapped_rows import MappedRows
from agents.sdk.mapping.results import FileRead, Flagged, Gap, Rejected
from agents.sdk.store.linkage import Linkable, link
from agents.sdk.store.records import RecordStore
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
    readers = agent.readers
    bound = _bound(bindings, verified_identifiers=verified_identifiers)
    for place, path in enumerate(paths):
        if not path.is_file():
            raise UsageError(f"file {place + 1} of the command is not there or no file")
    terms = FileTerms(
        sector=agent.sector,
        digest="",
        bound=bound,
        verified_identifiers=verified_identifiers,
        today=now.date(),
        source=source,
        is_known=store.holds_key,
    )
    accounts = []
    for path in paths:
        try:
            asked = format_name is not None
            digest, read = read_file(path, among=among, asked_for=asked, columns=columns, terms=terms, readers=readers)
        except RejectedError as error:
            accounts.append(_refused(path, Rejected(at="", reason=error.reason)))  # (1)
            continue
        store.replace(read, digest=digest, imported_at=now)
        accounts.append(_accepted(path, read, store.conflicting_births(read)))
    return tuple(accounts)


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
