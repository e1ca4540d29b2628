"""`mash records`: an organisation's own files into its own store, and its own account of what it answered.

Both work in that organisation's folder alone. The account shows field names and reasons, never what was in a field.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.contract import SectorAgent
from agents.importing import FileAccount, import_files
from agents.records import RecordStore
from broker.bootstrap import Principal, load_agents, open_principal, open_records
from broker.cli.output import DONE, FINDING, emit
from broker.cli.reading import canonical_id
from broker.errors import UsageError
from broker.holder.account import SCHEMA, Accounts
from broker.holder.minimise import AccountLine
from broker.home import open_home
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
    principal = _holder(path, organisation)
    try:
        agent = _agent(principal)
        accounts = import_files(
            files,
            agent=agent,
            store=RecordStore(open_records(principal, agent)),
            now=principal.clock(),
            verified_identifiers=verified_identifiers,
            bindings=_bindings(person),
            format_name=format_name,
        )
    finally:
        principal.close()
    _print_import(organisation, accounts, json=json)
    return FINDING if any(one.rejected for one in accounts) else DONE


def account(path: Path, organisation: str, request_id: str, *, json: bool) -> int:
    """Print the holder's own account of one request. Raises: UsageError where there is none of that id."""
    principal = _holder(path, organisation)
    try:
        accounts = Accounts(principal.database("holder", schema=SCHEMA), rest=principal.keys.rest)
        found = accounts.latest(canonical_id(request_id))
    finally:
        principal.close()
    if found is None:
        raise UsageError(f"{organisation} has no account of request {request_id}: nothing was looked up for it")
    document = account_document(organisation, request_id, found)
    if json:
        emit(document)
    else:
        from broker.cli.view import show_account

        show_account(document)
    return DONE


def account_document(
    organisation: str, request_id: str, found: tuple[Sequence[AccountLine], dict[str, int]]
) -> dict[str, object]:
    """Return the document of an account: a line a field that was read, and a count a field that was passed over."""
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


def _print_import(organisation: str, accounts: Sequence[FileAccount], *, json: bool) -> None:
    document = {"org": organisation, "files": [one.as_json() for one in accounts]}
    if json:
        emit(document)
        return
    from broker.cli.view import show_import

    show_import(document)


def _holder(path: Path, organisation: str) -> Principal:
    home = open_home(path)
    holders = home.of_role(PrincipalRole.HOLDER)
    if organisation not in holders:
        raise UsageError(f"{path}: no such organisation; there are: {', '.join(holders)}")
    return open_principal(home.folder(organisation))


def _agent(principal: Principal) -> SectorAgent:
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
