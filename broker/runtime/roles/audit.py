"""What runs in the audit process: the ledger keeper, and the watch that reconciles what the ledger holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from broker.bootstrap.principal import Principal
from broker.ports import EventLog
from broker.runtime.observability.endpoints import Observed
from broker.runtime.observability.gauges import Rows, by_word
from consumers.audit.checkpoint import log_name
from consumers.audit.reconciliation.monitor import LedgerReader, Watch
from consumers.audit.service import AuditService
from consumers.audit.tables import SCHEMA, refusal_counts
from consumers.audit.vault import Vault

Service = Callable[[], Coroutine[None, None, None]]
STORE = "ledger"


def audit_services(
    principal: Principal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None], seen: Observed | None
) -> tuple[Service, ...]:
    """Return both; `ready` is called when the keeper begins, and `seen` shows what was refused."""
    if seen is not None:
        _show_refused(seen)
    keeper = audit_service(principal, log, stop)
    watch = Watch(
        ledger_reader(principal),
        log=log,
        partnership=principal.config.partnership,
        clock=principal.clock,
        stop=stop,
        observe=principal.observe,
    )

    async def keep() -> None:
        ready()
        await keeper.run()

    return keep, watch.run


def audit_service(principal: Principal, log: EventLog, stop: asyncio.Event) -> AuditService:
    """Return the partnership's ledger keeper."""
    return AuditService(
        log=log,
        database=principal.database(STORE, schema=SCHEMA),
        partnership=principal.config.partnership,
        keys=principal.keys,
        crypto=principal.crypto,
        random=principal.sealer.random,
        directory=principal.published.current,
        known_version=principal.published.known_version,
        clock=principal.clock,
        stop=stop,
        observe=principal.observe,
    )


def ledger_reader(principal: Principal) -> LedgerReader:
    """Return a reader of the ledger's events, for the reconciler."""
    vault = Vault(
        rest=principal.keys.rest,
        crypto=principal.crypto,
        random=principal.sealer.random,
        origin=log_name(principal.config.partnership),
    )
    database = principal.database(STORE, schema=SCHEMA)
    return LedgerReader(database=database, vault=vault, directory=principal.published.current)


def _show_refused(seen: Observed) -> None:
    database = seen.principal.database(STORE, schema=SCHEMA)

    def read() -> dict[str, int]:
        with database.snapshot() as transaction:
            return refusal_counts(transaction)

    async def read_beside() -> Rows:
        return {"mash_set_aside_messages": by_word(await asyncio.to_thread(read))}

    seen.sample("set_aside", ("mash_set_aside_messages",), read_beside)
