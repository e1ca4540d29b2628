"""An organisation's records: imported, listed, found and removed in its own folder, and its own account of an answer.

(1) Sources, counts and gaps are nobody's data and need no person; (2) whoever is shown who is held stands in the ledger
first, and so does whoever removes anything: the event is stored before anything is gone. The account of an answer shows
field names and reasons, never a field's value. Even so it tells about a person, so each look at it is accounted for.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, final

from pydantic import TypeAdapter, ValidationError

from agents.sdk.agent import SectorAgent
from agents.sdk.importer import DISK_FULL, ImportTerms, Watch, import_files, unwatched
from agents.sdk.store.records import RecordStore
from agents.sdk.store.sources import SourceHeld
from broker.application.acting import acting_person
from broker.application.documents import account_document
from broker.application.session import Home, open_organisation
from broker.application.summaries import canonical_id
from broker.bootstrap.holder import build_looks, open_accounts
from broker.bootstrap.principal import OpenPrincipal, store_file
from broker.bootstrap.records import open_records, source_terms
from broker.bootstrap.sectors import agent_of
from broker.bootstrap.stores import Store
from broker.errors import FieldError, UsageError
from broker.exchange.looks import Change, Look
from broker.holder.identify import Known, NoTrace, identify
from broker.holder.source import Candidate, IdentifierHeld, NameHeld, PersonSought
from broker.ports import LogOwner
from schemas.identifiers import check
from schemas.request_form import PersonForm
from schemas.scalars import Code
from schemas.vocabulary import Capability, IdentifierScheme, LookedAt

_PERSON: TypeAdapter[PersonForm] = TypeAdapter(PersonForm)
_CODE: TypeAdapter[str] = TypeAdapter(Code)

PERSON_REMOVED, SOURCE_REMOVED = "RECORDS_OF_PERSON", "RECORDS_OF_SOURCE"
"""What the event of a removal says was changed."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountShown:
    """A holder's own account of one request, as its document."""

    document: dict[str, Any] = field(repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleShown:
    """Who is held, as a document."""

    document: dict[str, Any] = field(repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What is to be removed: one person, by a number, or one source; and why, in a code word."""

    reason: str
    identifier: tuple[IdentifierScheme, str] | None = field(default=None, repr=False)
    source: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWanted:
    """How files are to be imported, as a front passes it in; see `ImportTerms`."""

    bindings: Mapping[IdentifierScheme, str] = field(default_factory=dict, repr=False)
    verified_identifiers: bool
    format_name: str | None = None
    mapping: Path | None = None
    source: str | None = None
    whole: bool = False
    fewer: bool = False
    rehearsal: bool = False


def imported(
    home: Home, organisation: str, files: Sequence[Path], wanted: ImportWanted, *, watch: Watch = unwatched
) -> dict[str, Any]:
    """Import files, and return the document that accounts for each. Raises: UsageError; then nothing is imported."""
    with open_organisation(home, organisation) as principal:
        agent = _agent(principal)
        accounts = import_files(
            files,
            agent=agent,
            store=_store(principal, agent),
            terms=ImportTerms(
                now=principal.clock(),
                verified_identifiers=wanted.verified_identifiers,
                bindings=wanted.bindings,
                format_name=wanted.format_name,
                mapping=wanted.mapping,
                source=wanted.source,
                whole=wanted.whole,
                fewer=wanted.fewer,
                rehearsal=wanted.rehearsal,
            ),
            watch=watch,
        )
        path = store_file(principal.folder, Store.RECORDS)
    full = any(why.reason == DISK_FULL for one in accounts for why in one.rejected)
    return {
        "org": organisation,
        "dry_run": wanted.rehearsal,
        "whole": all(one.is_whole for one in accounts),
        "full_disk": {"path": str(path), "free_bytes": shutil.disk_usage(path.parent).free} if full else None,
        "files": [one.as_json() for one in accounts],
    }


def sources_of(home: Home, organisation: str) -> dict[str, Any]:
    """Return every source with its people, records, age and gaps (1)."""
    with open_organisation(home, organisation) as principal:
        held, unread = _store(principal, _agent(principal)).sources()
    rows = [_source_document(one) for one in held]
    rows += [_absent_source(source, gaps) for source, gaps in unread.items()]
    return {"org": organisation, "sources": rows}


async def people_of(home: Home, organisation: str, *, by: str | None) -> PeopleShown:
    """Return everybody who is held, after accounting for the look (2).

    Raises: FieldError `actor`; NotPermitted; UnavailableError where the look cannot be accounted for.
    """
    async with _acting(home, organisation, by) as acting:
        people = acting.store.people()
        await acting.look(LookedAt.LIST, hits=len(people))
    rows = [_person_document(one) | {"records": number, "sources": list(of)} for one, number, of in people]
    return PeopleShown(document={"org": organisation, "people": rows})


async def found(home: Home, organisation: str, person: bytes, *, by: str | None) -> PeopleShown:
    """Return who of those held may be a person, and what the rule would say, after accounting for the look (2).

    Raises: as `people_of`; FieldError `file` where the file is no person.
    """
    sought = _sought(person)
    async with _acting(home, organisation, by) as acting:
        candidates = await acting.store.find(sought)
        await acting.look(LookedAt.SEARCH, hits=len(candidates))
    outcome = identify((sought,), {sought.ref: candidates}, chosen={}).of(sought.ref)
    word = "AUTO" if isinstance(outcome, Known) else "NONE" if isinstance(outcome, NoTrace) else "REVIEW"
    return PeopleShown(
        document={
            "org": organisation,
            "certainty": word,
            "method": outcome.match.method.value,
            "candidates": [_person_document(one) for one in candidates],
        }
    )


async def removed(home: Home, organisation: str, wanted: Removal, *, by: str | None) -> dict[str, Any]:
    """Remove a person's records, or a source, at once and for good, after accounting for it (2).

    Raises: as `people_of`; FieldError `reason`, `identifier`; UsageError where two people hold the number, or there is
    no such source.
    """
    reason = _reason(wanted.reason)
    async with _acting(home, organisation, by) as acting:
        if wanted.identifier is not None:
            scheme, value = _valid(wanted.identifier)
            number = acting.store.count_under(scheme, value)
            await acting.change(PERSON_REMOVED, reason, hits=number)
            # Crash here: the ledger says that it is gone, and the command is given again.
            number = acting.store.remove_person(scheme, value, reason=reason)
        elif wanted.source is not None:
            held, unread = acting.store.sources()
            number = sum(one.records for one in held if one.source == wanted.source)
            if wanted.source not in {one.source for one in held} | set(unread):
                raise FieldError("source", "there is no such source; see: mash records list HOME ORG")
            await acting.change(SOURCE_REMOVED, reason, hits=number)
            number = acting.store.remove_source(wanted.source)
        else:
            raise FieldError("identifier", "missing: a person's number or a source says what to remove")
    return {"org": organisation, "removed": number, "reason": reason}


async def account_of(home: Home, organisation: str, request_id: str, *, by: str | None) -> AccountShown:
    """Return the latest account of a request, field by field: released, or left out and why.

    Raises: FieldError `request_id`, `actor`; NotPermitted; UsageError where nothing was looked up under this id;
    UnavailableError where the look cannot be accounted for.
    """
    request_id = canonical_id(request_id)
    with open_organisation(home, organisation) as principal:
        person = acting_person(principal, by, may=(Capability.LOOK, Capability.MANAGE_RECORDS))
        kept = open_accounts(principal).latest(request_id)
        if kept is None:
            raise UsageError(f"{organisation} has no account of request {request_id}: nothing was looked up for it")
        look = Look(at=LookedAt.HOLDERS_ACCOUNT, actor=person.id, role=person.role, request_id=request_id)
        log = principal.log()
        try:
            await build_looks(principal).account_for(look, log=log)
        finally:
            await log.close()
    lines, ignored = kept
    return AccountShown(document=account_document(organisation, request_id, lines, ignored))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Acting:
    """A person who may manage an organisation's records, with its store."""

    principal: OpenPrincipal = field(repr=False)
    store: RecordStore = field(repr=False)
    log: LogOwner = field(repr=False)
    actor: str
    role: str | None

    async def look(self, at: LookedAt, *, hits: int) -> None:
        look = Look(at=at, actor=self.actor, role=self.role, hits=hits)
        await build_looks(self.principal).account_for(look, log=self.log)

    async def change(self, what: str, reason: str, *, hits: int) -> None:
        change = Change(what=what, reason=reason, actor=self.actor, role=self.role, hits=hits)
        await build_looks(self.principal).account_for_change(change, log=self.log)


@asynccontextmanager
async def _acting(home: Home, organisation: str, by: str | None) -> AsyncIterator[_Acting]:
    with open_organisation(home, organisation) as principal:
        person = acting_person(principal, by, may=(Capability.MANAGE_RECORDS,))
        store = _store(principal, _agent(principal))
        log = principal.log()
        try:
            yield _Acting(principal=principal, store=store, log=log, actor=person.id, role=person.role)
        finally:
            await log.close()


def _store(principal: OpenPrincipal, agent: SectorAgent) -> RecordStore:
    return agent.source(open_records(principal, agent), source_terms(principal, agent))


def _agent(principal: OpenPrincipal) -> SectorAgent:
    agent = agent_of(principal)
    if not isinstance(agent, SectorAgent):
        sector, name = principal.config.sector.value, principal.config.principal
        raise UsageError(f"{sector}: no agent of this sector is installed, or {name} answers by hand")
    return agent


_EMPTY_SOURCE: dict[str, Any] = {
    "source": None,
    "named": False,
    "people": 0,
    "records": 0,
    "imported_at": None,
    "records_as_at": None,
    "as_at_from": None,
}


def _absent_source(source: str, gaps: Sequence[tuple[str, int]]) -> dict[str, Any]:
    state = "UNREADABLE" if gaps else "LOST"
    return {**_EMPTY_SOURCE, "source": source, "state": state, "gaps": _gaps(gaps)}


def _source_document(one: SourceHeld) -> dict[str, Any]:
    state = "LOST" if one.lost else "TOO_OLD" if one.too_old else "GAPS" if one.gaps else "HELD"
    return {
        "source": one.source,
        "named": one.named,
        "people": one.people,
        "records": one.records,
        "imported_at": None if one.lost else _moment(one.imported_at),
        "records_as_at": None if one.lost else _moment(one.as_at),
        "as_at_from": None if one.lost else "EXTRACT" if one.extracted else "IMPORT",
        "state": state,
        "gaps": _gaps(one.gaps),
    }


def _gaps(gaps: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"reason": reason, "count": number} for reason, number in gaps]


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _person_document(one: Candidate) -> dict[str, Any]:
    return {
        "id": one.record_id,
        "names": [" ".join((*name.given_names, name.family_name or "")).strip() for name in one.names],
        "dates_of_birth": [day.isoformat() for day in one.dates_of_birth],
        "postcodes": [] if one.restricted else list(one.postcodes),
        "identifiers": {held.scheme.value: held.value for held in one.identifiers},
        "restricted": one.restricted,
    }


def _sought(person: bytes) -> PersonSought:
    try:
        form = _PERSON.validate_json(person)
    except ValidationError as error:
        where = "/".join(str(part) for part in error.errors(include_input=False)[0]["loc"]) or "the file"
        raise FieldError("file", f"is no person as in a request: see {where}") from None
    checked = [check(scheme, value) for scheme, value in form.identifiers.items()]
    return PersonSought(
        ref=form.ref,
        roles=form.roles,
        name=NameHeld(given_names=form.given_names, family_name=form.family_name),
        date_of_birth=form.date_of_birth,
        birth=form.birth,
        sex=form.sex,
        postcodes=form.postcodes,
        identifiers=tuple(IdentifierHeld(scheme=one.scheme, value=one.value) for one in checked if one.valid),
    )


def _valid(identifier: tuple[IdentifierScheme, str]) -> tuple[IdentifierScheme, str]:
    checked = check(*identifier)
    if checked.fault is not None:
        raise FieldError("identifier", f"is not a valid {checked.scheme}: {checked.fault}")
    return checked.scheme, checked.value


def _reason(word: str) -> str:
    try:
        return _CODE.validate_python(word)
    except ValidationError:
        raise FieldError("reason", "is no code word: capital letters, digits and _, as SUBJECT_REQUEST") from None
