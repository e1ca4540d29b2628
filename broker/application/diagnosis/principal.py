"""Diagnosis of one principal from its own folder: directory, key epochs, journal, stores."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import final

from agents.sdk.store.coverage import NOTHING_READABLE, STORE_LOST
from broker.bootstrap.audit import open_ledger
from broker.bootstrap.gate_tables import DECIDING
from broker.bootstrap.principal import OpenPrincipal, keys_lacking
from broker.bootstrap.records import WatchedRecords
from broker.bootstrap.screening import screening_state
from broker.bootstrap.sectors import load_agents
from broker.bootstrap.stores import Store
from broker.errors import UsageError
from broker.exchange.directory_form import MOST_AHEAD
from broker.exchange.outbox import SCHEMA as OUTBOX_SCHEMA
from broker.holder.source import SourceState
from broker.partnership.renewal import home_around, lacking, renewal_due
from consumers.audit.tables import head_of, head_rows, refusal_counts
from schemas.vocabulary import PrincipalRole, PrincipalState

SOON = timedelta(days=2)
CERTIFICATE_SOON = timedelta(days=14)
RENEW = "run: mash up HOME; it renews the directory"


_COMPARE = "somebody sent what cannot be accepted: compare the digests in the ledger with who may write the topic"
_WHAT_TO_DO = {
    "FROM_THE_FUTURE": "compare the clocks of the two machines with a time server",
    "WRONG_SCHEMA": "sender and receiver hold different releases of the contract: bring both to one",
    "WRONG_SUITE": "sender and receiver hold different suites: bring both to one that the directory accepts",
}


class Patience(Enum):
    """How long an event may wait for a checkpoint: while all processes run, the next one comes soon."""

    NONE = timedelta(0)
    WHILE_RUNNING = timedelta(seconds=60)

    @property
    def looks(self) -> int:
        """How often to read the ledger again before reporting that it lags behind."""
        return 20 if self is Patience.WHILE_RUNNING else 1


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault and its remedy, without personal data."""

    what: str
    do: str


def examine(principal: OpenPrincipal, patience: Patience) -> Iterator[Finding]:
    """Return the faults of one principal, judged by its own keys and stores."""
    yield from _directory(principal)
    yield from _tables(principal)
    yield from _keys(principal)
    yield from _certificate(principal)
    match principal.config.role:
        case PrincipalRole.REQUESTER:
            yield from _requester(principal)
        case PrincipalRole.HOLDER:
            yield from _holder(principal, patience)
        case PrincipalRole.SCREENING:
            yield from _screening(principal)
        case PrincipalRole.AUDIT:
            yield from _audit(principal)


def _directory(principal: OpenPrincipal) -> Iterator[Finding]:
    if principal.config.role is not PrincipalRole.REQUESTER:
        return  # all see the same one: it is named once
    directory, now = principal.published.current(), principal.clock()
    if directory.directory.issued_at > now + MOST_AHEAD:
        what = "this machine's clock is behind: the directory was issued in what it takes for the future"
        yield Finding(what=what, do="set the clock from a time server")
    expires = f"{directory.directory.expires_at:%Y-%m-%d %H:%M} UTC"
    if directory.stale(now):
        what = f"the directory (version {directory.directory.version}) expired at {expires}: every request waits"
        yield Finding(what=what, do=RENEW)
    elif directory.directory.expires_at - now < SOON:
        yield Finding(what=f"the directory expires at {expires}", do=RENEW)
    yield from _renewal(principal)


def _renewal(principal: OpenPrincipal) -> Iterator[Finding]:
    home = home_around(principal.folder)
    if not renewal_due(home, principal.published.current(), now=principal.clock()):
        return
    for lack in lacking(home, principal.published):
        whose = f" ({', '.join(lack.principals)})" if lack.principals else ""
        yield Finding(
            what=f"the directory is due and not renewed from here: {lack.reason.value}{whose}", do=lack.reason.do
        )


def _tables(principal: OpenPrincipal) -> Iterator[Finding]:
    if principal.config.role not in DECIDING:
        return
    try:
        principal.tables.current()
    except UsageError as fault:
        what = f"{principal.config.principal} cannot start: {fault}"
        yield Finding(what=what, do="mend what is named; it must decide by the same tables as the others")


def _keys(principal: OpenPrincipal) -> Iterator[Finding]:
    name, now = principal.config.principal, principal.clock()
    lacking = keys_lacking(principal)
    if lacking:
        what = f"{name} lacks {len(lacking)} transport keys that the directory names: what is sealed to them is lost"
        yield Finding(what=what, do="restore its keys folder; else run mash up HOME, which makes the coming ones")
    own = principal.published.current().principal(name)
    if not any(key.seal_from <= now < key.seal_until for key in own.kem_keys):
        yield Finding(what=f"{name} has no transport key for this week", do=RENEW)


def _certificate(principal: OpenPrincipal) -> Iterator[Finding]:
    certified = principal.credentials.certified if principal.credentials else None
    if certified is not None and certified.valid_until - principal.clock() < CERTIFICATE_SOON:
        what = f"the certificate of {certified.name} expires at {certified.valid_until:%Y-%m-%d %H:%M} UTC"
        yield Finding(what=what, do="put a new one in its place: a process that runs takes it up by itself")


def _requester(principal: OpenPrincipal) -> Iterator[Finding]:
    database = principal.database(Store.HUB, schema=OUTBOX_SCHEMA)
    with database.transaction() as transaction:
        waiting = int(transaction.execute("SELECT count(DISTINCT sequence) FROM outbox")[0][0])
    if waiting:
        yield Finding(what=f"{waiting} things the hub said are not published yet", do="run: mash up HOME")


def _holder(principal: OpenPrincipal, patience: Patience) -> Iterator[Finding]:
    name, now, policy_document = principal.config.principal, principal.clock(), principal.config.holder
    if (
        policy_document is None
        or policy_document.apd_ref is None
        or (policy_document.apd_valid_until is not None and policy_document.apd_valid_until <= now)
    ):
        what = f"{name} has no appropriate policy document in force: special and criminal data stay back"
        yield Finding(what=what, do=f"review it, then set holder.apd_ref and apd_valid_until in {name}/config.toml")
    state = principal.published.current().principal(name).state
    if state is PrincipalState.LIVE and principal.config.sector not in load_agents():
        what = f"no agent of sector {principal.config.sector.value} is installed: {name} answers nothing by itself"
        yield Finding(what=what, do="install the agent, or answer by hand")
    yield from _records(principal)
    yield from _quarantined(name, principal.journal.reasons())
    open_rows = principal.journal.unrecorded(met_before=now - patience.value)
    if open_rows:
        what = f"NOT_RECORDED: {name} said {open_rows} things that no checkpoint of the ledger covers"
        yield Finding(what=what, do="see that hub-audit and this agent run; if they do, ask the ledger's keeper why")


_RECORDS_DO = {
    STORE_LOST: "put the store back from a backup, or import every source again",
    NOTHING_READABLE: "mend the files, and import them again",
}


def _records(principal: OpenPrincipal) -> Iterator[Finding]:
    """What is wrong with an organisation's records. That none were ever imported is how each begins, and no fault."""
    name, agent = principal.config.principal, load_agents().get(principal.config.sector)
    if agent is None:
        return
    found = asyncio.run(WatchedRecords(principal, agent).condition())
    if found.reason in _RECORDS_DO:
        what = f"{found.reason}: {name} has no records to search, and answers UNAVAILABLE"
        yield Finding(what=what, do=_RECORDS_DO[found.reason])
        return
    see = f"see which: mash records list HOME {name}"
    if lost := found.states.get(SourceState.LOST):
        yield Finding(what=f"SOURCE_LOST: {lost} sources of {name} are lost", do=f"import them again; {see}")
    if old := found.states.get(SourceState.TOO_OLD):
        yield Finding(what=f"SOURCE_TOO_OLD: {old} sources of {name} are too old", do=f"import them again; {see}")


def _screening(principal: OpenPrincipal) -> Iterator[Finding]:
    state = screening_state(principal)
    yield from _quarantined(principal.config.principal, state.quarantined())


def _audit(principal: OpenPrincipal) -> Iterator[Finding]:
    database = open_ledger(principal)
    with database.snapshot() as transaction:
        refused = sum(head_of(row)[1].refused for row in head_rows(transaction))
        reasons = refusal_counts(transaction)
    if refused:
        why = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
        what = f"the ledger refused {refused} messages{': ' if why else ''}{why}"
        yield Finding(what=what, do="see which: mash ledger verify HOME")


def _quarantined(name: str, reasons: dict[str, int]) -> Iterator[Finding]:
    for reason, count in reasons.items():
        yield Finding(what=f"{name} quarantined {count} messages: {reason}", do=_WHAT_TO_DO.get(reason, _COMPARE))
