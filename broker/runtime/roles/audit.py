"""The services of the audit process: the ledger keeper, and the monitor that reconciles the ledger's contents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from broker.bootstrap.audit import audit_service, ledger_reader, open_ledger
from broker.bootstrap.principal import OpenPrincipal
from broker.ports import EventLog
from broker.runtime.observability.endpoints import Endpoints
from broker.runtime.observability.gauges import Rows, by_word
from consumers.audit.reconciliation.monitor import Monitor
from consumers.audit.tables import refusal_counts

Service = Callable[[], Coroutine[None, None, None]]


def audit_services(
    principal: OpenPrincipal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None], seen: Endpoints | None
) -> tuple[Service, ...]:
    """Return both services; the keeper calls `ready` when it begins, and `seen` shows the refused messages."""
    if seen is not None:
        _show_refused(seen)
    keeper = audit_service(principal, log, stop)
    watch = Monitor(
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


def _show_refused(seen: Endpoints) -> None:
    database = open_ledger(seen.principal)

    def read() -> dict[str, int]:
        with database.snapshot() as transaction:
            return refusal_counts(transaction)

    async def read_beside() -> Rows:
        return {"mash_quarantined_messages": by_word(await asyncio.to_thread(read))}

    seen.sample("quarantined", ("mash_quarantined_messages",), read_beside)
