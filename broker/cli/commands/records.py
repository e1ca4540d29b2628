"""`mash records`: an organisation's own files into its own store, and its own account of what it answered.

Both work in that organisation's folder alone. The account shows field names and reasons, never what was in a field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.sdk.agent import SectorAgent
from agents.sdk.importer import import_files
from agents.sdk.store.records import RecordStore
from broker.bootstrap.holder import open_records
from broker.bootstrap.principal import OpenPrincipal, open_principal
from broker.bootstrap.sectors import load_agents
from broker.bootstrap.stores import Store
from broker.cli.output import DONE, FINDING, emit
from broker.cli.reading import canonical_id
from broker.errors import UsageError
from broker.holder.account import SCHEMA, Accounts
from broker.partnership.home import Home, open_home
from schemas.vocabulary import IdentifierScheme, PrincipalRole


def import_records(
    path: Path,
    organisation: str,
    files: Sequence[Path],
    *,
    person: Sequence[str],
    verified_identifiers: bool,
    format_name: str | None,
    json: bool,
) -> int:
    """Import files and print the account; exit 1 when anything was rejected, the rest is imported.

    Raises: UsageError where a file is not there, or an option is wrong; then nothing is imported.
    """
    bindings = _bindings(person)
    document = imported(
        open_home(path),
        organisation,
        files,
        bindings=bindings,
        verified_identifiers=verified_identifiers,
        format_name=format_name,
    )
    if json:
        emit(document)
    else:
        from broker.cli.views.tables import show_import

        show_import(document)
    return FINDING if any(one["rejected"] for one in document["files"]) else DONE


def imported(
    home: Home,
    organisation: str,
    files: Sequence[Path],
    *,
    bindings: Mapping[IdentifierScheme, str],
    verified_identifiers: bool,
    format_name: str | None,
) -> dict[str, Any]:
    """Import files, and return the document that accounts for each. Raises: UsageError."""
    principal = _holder(home, organisation)
    try:
        agent = _agent(principal)
        accounts = import_files(
            files,
            agent=agent,
            store=RecordStore(open_records(principal, agent)),
            now=principal.clock(),
            verified_identifiers=verified_identifiers,
            bindings=bindings,
            format_name=format_name,
        )
    finally:
        principal.close()
    return {"org": organisation, "files": [one.as_json() for one in accounts]}


def account(path: Path, organisation: str, request_id: str, *, json: bool) -> int:
    """Print the holder's own account of one request. Raises: UsageError where there is none of that id."""
    document = account_of(open_home(path), organisation, canonical_id(request_id))
    if json:
        emit(document)
    else:
        from broker.cli.views.tables import show_account

        show_account(document)
    return DONE


def account_of(home: Home, organisation: str, request_id: str) -> dict[str, object]:
    """Return the document of an account: a line a field that was read, and a count a field that was passed over.

    Raises: UsageError where nothing was looked up under this id.
    """
    principal = _holder(home, organisation)
    try:
        accounts = Accounts(principal.database(Store.HOLDER, schema=SCHEMA), rest=principal.keys.rest)
        found = accounts.latest(request_id)
    finally:
        principal.close()
    if found is None:
        raise UsageError(f"{organisation} has no account of request {request_id}: nothing was looked up for it")
    lines, ignored = found
    return {
        "org": organisation,
        "request_id": request_id,
        "fields": [
            {
                "field": line.field,
                "about": line.about,
                "type": line.type,
                "data_class": line.data_class.value,
                "released": line.released,
                "reason": line.reason,
            }
            for line in lines
        ],
        "ignored_fields": ignored,
    }


def _holder(home: Home, organisation: str) -> OpenPrincipal:
    holders = home.of_role(PrincipalRole.HOLDER)
    if organisation not in holders:
        raise UsageError(f"{home.path}: no such organisation; there are: {', '.join(holders)}")
    return open_principal(home.folder(organisation))


def _agent(principal: OpenPrincipal) -> SectorAgent:
    agent = load_agents().get(principal.config.sector)
    if not isinstance(agent, SectorAgent):
        raise UsageError(f"{principal.config.sector.value}: no agent of this sector is installed: it answers by hand")
    return agent


def _bindings(words: Sequence[str]) -> dict[IdentifierScheme, str]:
    """Read `KEY=VALUE` words. Raises: UsageError naming the option's number, never the value."""
    found: dict[IdentifierScheme, str] = {}
    for number, word in enumerate(words, start=1):
        key, equals, value = word.partition("=")
        if not equals or not value or key not in set(IdentifierScheme):
            raise UsageError(f"--person ({number}): is not KEY=VALUE with a key of: {', '.join(IdentifierScheme)}")
        if IdentifierScheme(key) in found:
            raise UsageError(f"--person ({number}): this key is given twice")
        found[IdentifierScheme(key)] = value
    return found
