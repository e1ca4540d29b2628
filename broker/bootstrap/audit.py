"""Composition of the audit consumer: the ledger keeper, and the reader of its events for reconciliation."""

from __future__ import annotations

import asyncio

from broker.adapters.sql import SqlDatabase
from broker.bootstrap.principal import OpenPrincipal
from broker.bootstrap.stores import Store
from broker.ports import EventLog
from broker.transparency.follow import ledger_name
from consumers.audit.reconciliation.monitor import LedgerReader
from consumers.audit.service import AuditService
from consumers.audit.tables import SCHEMA
from consumers.audit.vault import Vault


def open_ledger(principal: OpenPrincipal) -> SqlDatabase:
    """Open the ledger's store."""
    return principal.database(Store.LEDGER, schema=SCHEMA)


def open_vault(principal: OpenPrincipal) -> Vault:
    """Open the vault, which encrypts and opens the parts of the ledger's events."""
    return Vault(
        rest=principal.keys.rest,
        crypto=principal.crypto,
        random=principal.sealer.random,
        origin=ledger_name(principal.config.partnership),
    )


def audit_service(principal: OpenPrincipal, log: EventLog, stop: asyncio.Event) -> AuditService:
    """Return the partnership's ledger keeper."""
    return AuditService(
        log=log,
        owner=log,
        database=open_ledger(principal),
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


def ledger_reader(principal: OpenPrincipal) -> LedgerReader:
    """Return a reader of the ledger's events, for the reconciler."""
    return LedgerReader(
        database=open_ledger(principal), vault=open_vault(principal), directory=principal.published.current
    )
