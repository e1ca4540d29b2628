"""An organisation's records: import its files, and show its own account of an answer, all in its own folder.

The account shows field names and reasons, never a field's value. Even so it tells about a person, so each look at it is
accounted for first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from agents.sdk.agent import SectorAgent
from agents.sdk.importer import ImportTerms, import_files
from agents.sdk.store.records import RecordStore
from broker.application.acting import acting_person
from broker.application.documents import account_document
from broker.application.session import Home, open_organisation
from broker.application.summaries import canonical_id
from broker.bootstrap.holder import build_looks, open_accounts
from broker.bootstrap.principal import OpenPrincipal
from broker.bootstrap.records import open_records, source_terms
from broker.bootstrap.sectors import load_agents
from broker.errors import UsageError
from broker.exchange.looks import Look
from schemas.vocabulary import Capability, IdentifierScheme, LookedAt


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountShown:
    """A holder's own account of one request, as its document."""

    document: dict[str, Any] = field(repr=False)


def imported(
    home: Home,
    organisation: str,
    files: Sequence[Path],
    *,
    bindings: Mapping[IdentifierScheme, str],
    verified_identifiers: bool,
    format_name: str | None,
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
                verified_identifiers=verified_identifiers,
                bindings=bindings,
                format_name=format_name,
            ),
        )
    return {"org": organisation, "files": [one.as_json() for one in accounts]}


async def account_of(home: Home, organisation: str, request_id: str, *, by: str | None) -> AccountShown:
    """Return the latest account of a request, field by field: released, or left out and why.

    Raises: FieldError `request_id`, `actor`; NotPermitted; UsageError where nothing was looked up under this id;
    UnavailableError where the look cannot be accounted for.
    """
    request_id = canonical_id(request_id)
    with open_organisation(home, organisation) as principal:
        person = acting_person(principal, by, may=(Capability.LOOK, Capability.MANAGE_RECORDS))
        found = open_accounts(principal).latest(request_id)
        if found is None:
            raise UsageError(f"{organisation} has no account of request {request_id}: nothing was looked up for it")
        look = Look(at=LookedAt.HOLDERS_ACCOUNT, actor=person.id, role=person.role, request_id=request_id)
        log = principal.log()
        try:
            await build_looks(principal).account_for(look, log=log)
        finally:
            await log.close()
    lines, ignored = found
    return AccountShown(document=account_document(organisation, request_id, lines, ignored))


def _store(principal: OpenPrincipal, agent: SectorAgent) -> RecordStore:
    return agent.source(open_records(principal, agent), source_terms(principal, agent))


def _agent(principal: OpenPrincipal) -> SectorAgent:
    agent = load_agents().get(principal.config.sector)
    if not isinstance(agent, SectorAgent):
        raise UsageError(f"{principal.config.sector.value}: no agent of this sector is installed: it answers by hand")
    return agent
