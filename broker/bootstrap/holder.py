"""Composition of an organisation: its path over its own records, its desk, and its gate's context."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from broker.errors import RejectedError
from broker.exchange import outbox as outbox_store
from broker.exchange.looks import Looks
from broker.exchange.worker import Delivery
from broker.gate.context import GateContext, HolderAsked, Side
from broker.holder import account as account_store
from broker.holder import identity_claims as claims_store
from broker.holder import revisions as history_store
from broker.holder.account import Accounts
from broker.holder.audit_event import AuditEvents
from broker.holder.checkpoint_follower import SCHEMA as FOLLOWED_SCHEMA
from broker.holder.checkpoint_follower import CheckpointFollower
from broker.holder.decide import DecisionSender, DeskInbox
from broker.holder.endings import Endings
from broker.holder.identity_claims import IdentityClaims
from broker.holder.pipeline import Pipeline
from broker.holder.receive import Enquiry
from broker.holder.revisions import Revisions
from broker.ports import LogOffset, LogReader
from schemas.directory import Principal as Principal
from schemas.topics import Family
from schemas.vocabulary import DataClass

if TYPE_CHECKING:
    pass

from broker.bootstrap.principal import OpenPrincipal, build_id
from broker.bootstrap.records import WatchedRecords
from broker.bootstrap.sectors import ALL_CLASSES, load_agents
from broker.bootstrap.stores import Store

HOLDER_SCHEMA = (*account_store.SCHEMA, *claims_store.SCHEMA, *history_store.SCHEMA)


def build_holder(principal: OpenPrincipal) -> Pipeline:
    """Build an organisation's path over its own records, or without records if its sector has no agent."""
    agent = load_agents().get(principal.config.sector)
    source = WatchedRecords(principal, agent) if agent else None
    holder_store = principal.database(Store.HOLDER, schema=HOLDER_SCHEMA)
    endings = Endings(
        organisation=principal.config.principal,
        partnership=principal.config.partnership,
        sealer=principal.sealer,
        events=AuditEvents(keys=principal.keys, directory=principal.published.current, build=build_id()),
        history=Revisions(holder_store),
    )
    return Pipeline(
        verifier=principal.verifier,
        endings=endings,
        accounts=Accounts(holder_store, rest=principal.keys.rest),
        claims=IdentityClaims(holder_store, pseudonym=principal.keys.pseudonym),
        tables=principal.tables.current,
        source=source,
        context=_holder_context(principal, agent.data_classes if agent else ALL_CLASSES),
    )


def build_desk(principal: OpenPrincipal) -> tuple[DeskInbox, DecisionSender]:
    """Build an organisation's desk: the inbox of waiting items, and the sender of decisions."""
    database = principal.database(Store.DESK, schema=outbox_store.SCHEMA)
    reader = DeskInbox(
        verifier=principal.verifier,
        partnership=principal.config.partnership,
        clock=principal.clock,
        alarm=lambda reason: principal.observe("desk_item_refused", {"reason": reason}),
    )
    sender = DecisionSender(
        database=database,
        outbox=principal.outbox(database, Family.REQUESTS, name="desk"),
        sealer=principal.sealer,
        partnership=principal.config.partnership,
        clock=principal.clock,
    )
    return reader, sender


def build_looks(principal: OpenPrincipal) -> Looks:
    """Build the recorder of looks by an organisation's people, with a stream of its own beside the desk's."""
    database = principal.database(Store.DESK, schema=outbox_store.SCHEMA)
    return Looks(
        database=database,
        outbox=principal.outbox(database, Family.REQUESTS, name="looks"),
        sealer=principal.sealer,
        clock=principal.clock,
        build=build_id(),
    )


def build_checkpoint_follower(principal: OpenPrincipal, *, log: LogReader, stop: asyncio.Event) -> CheckpointFollower:
    """Build the follower that marks an organisation's recorded events in its journal."""

    def refused(fault: RejectedError, place: LogOffset) -> None:
        principal.observe("checkpoint_refused", {"reason": fault.reason, "offset": place.offset})

    return CheckpointFollower(
        log=log,
        partnership=principal.config.partnership,
        database=principal.database(Store.FOLLOWED, schema=FOLLOWED_SCHEMA),
        journal=principal.journal,
        directory=principal.published.current,
        crypto=principal.crypto,
        refused=refused,
        stop=stop,
    )


def open_accounts(principal: OpenPrincipal) -> Accounts:
    """Open an organisation's own accounts of its answers."""
    return Accounts(principal.database(Store.HOLDER, schema=HOLDER_SCHEMA), rest=principal.keys.rest)


def holder_context(
    principal: OpenPrincipal,
    *,
    applicable: frozenset[DataClass],
    requester: str,
    agreement: tuple[str, int] | None,
    now: datetime,
) -> GateContext:
    """Return an organisation's gate context: directory, register, agreement, and its own policy document."""
    directory, policy_document = principal.published.current(), principal.config.holder
    expired = policy_document is None or (
        policy_document.apd_valid_until is not None and policy_document.apd_valid_until <= now
    )
    return GateContext(
        side=Side.HOLDER,
        requester=requester,
        holders=(HolderAsked(organisation=principal.config.principal, sector=principal.config.sector),),
        directory=directory.directory,
        directory_stale=directory.stale(now),
        register=principal.published.register(),
        agreement=agreement,
        apd_ref=None if policy_document is None or expired else policy_document.apd_ref,
        applicable=applicable,
    )


def _holder_context(
    principal: OpenPrincipal, applicable: frozenset[DataClass]
) -> Callable[[Enquiry, Delivery], GateContext]:
    def context(enquiry: Enquiry, delivery: Delivery) -> GateContext:
        addressed = enquiry.request.record.addressed
        return holder_context(
            principal,
            applicable=applicable,
            requester=enquiry.request.sender.id,
            agreement=(addressed.agreement_id, addressed.agreement_version),
            now=delivery.now,
        )

    return context
