"""What runs in the audit process."""

from __future__ import annotations

import asyncio

from broker.bootstrap import Principal
from broker.ports import EventLog
from consumers.audit.service import AuditService
from consumers.audit.tables import SCHEMA


def audit_service(principal: Principal, log: EventLog, stop: asyncio.Event) -> AuditService:
    """Return the partnership's ledger keeper."""
    return AuditService(
        log=log,
        database=principal.database("ledger", schema=SCHEMA),
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
