"""Bootstrap: the only place that names adapters. From one configuration file it builds one process, with its own keys.

`Principal` is what every process has; `holder`, `requester` and the consumers' parts are built on top of it by role.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, final

from broker.adapters.crypto import Mash1Crypto, random_bytes, self_test
from broker.adapters.keystore import load_keyring
from broker.adapters.sql import SqlDatabase
from broker.adapters.telemetry import Observe, observer
from broker.bootstrap.event_log import open_log, security_of
from broker.config import FILE_NAME, Config, load_config
from broker.errors import UsageError
from broker.exchange import journal as journal_store
from broker.exchange import outbox as outbox_store
from broker.exchange.directory import TrustedDirectory
from broker.exchange.directory_source import PublishedDirectory
from broker.exchange.journal import Journal
from broker.exchange.keys import KeyRing
from broker.exchange.outbox import Outbox
from broker.exchange.seal import Sealer
from broker.exchange.verify import Verifier
from broker.exchange.worker import Turn
from broker.gate.evidence import HolderAsked, Side, Standing
from broker.gate.tables import load_tables
from broker.holder import account as account_store
from broker.holder import identity_claims as claims_store
from broker.holder import revisions as history_store
from broker.holder.account import Accounts
from broker.holder.audit_event import Events
from broker.holder.decide import DeskHand, DeskReader
from broker.holder.endings import Endings
from broker.holder.identity_claims import Claims
from broker.holder.pipeline import Pipeline
from broker.holder.receive import Enquiry
from broker.holder.revisions import History
from broker.holder.source import Agent
from broker.ports import Clock, EventLog
from broker.requester import announce as announce_store
from broker.requester import asked_store as memory_store
from broker.requester.ask import Requester
from schemas.directory import Principal as DirectoryPrincipal
from schemas.scalars import to_milliseconds
from schemas.topics import Family, topic_name, topics_needed
from schemas.vocabulary import DataClass, IdentifierScheme, Sector

if TYPE_CHECKING:
    from broker.adapters.kafka import Security

AGENTS = "mash.agents"
HOLDER_SCHEMA = (*account_store.SCHEMA, *claims_store.SCHEMA, *history_store.SCHEMA)
ALL_CLASSES = frozenset(DataClass)
DEFAULT_SCHEMES = frozenset({IdentifierScheme.NHS})
"""What a sector without an adapter is asked with: it answers by hand, and the NHS number is the common one."""


def build_id() -> str:
    """Return which build of this product speaks, for the audit."""
    try:
        return f"mash-broker {metadata.version('mash-broker')}"
    except metadata.PackageNotFoundError:
        return "mash-broker unpackaged"


def utc_now() -> datetime:
    """Return the present moment as the wire can hold it: UTC, whole milliseconds."""
    return to_milliseconds(datetime.now(UTC))


# ---------------------------------------------------------------- what every process has


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """One process identity with its keys, its journal and its view of the partnership."""

    config: Config
    folder: Path
    keys: KeyRing = field(repr=False)
    crypto: Mash1Crypto = field(repr=False)
    journal: Journal = field(repr=False)
    published: PublishedDirectory = field(repr=False)
    sealer: Sealer = field(repr=False)
    verifier: Verifier = field(repr=False)
    databases: list[SqlDatabase] = field(repr=False)
    security: Security | None = field(repr=False)
    observe: Observe = field(repr=False)
    clock: Clock = field(repr=False)

    def database(self, name: str, *, schema: Sequence[str]) -> SqlDatabase:
        """Open one of this principal's own stores."""
        database = SqlDatabase.open(self.folder / f"{name}.sqlite", schema=schema)
        self.databases.append(database)
        return database

    def outbox(self, database: SqlDatabase, anchor: Family, *, name: str) -> Outbox:
        """Return this principal's numbered stream of endings, anchored at a topic of its own that it may read."""
        config = self.config
        return Outbox(
            database,
            stream=config.group(name),
            anchor=topic_name(config.partnership, anchor, config.acts_for),
        )

    def log(self) -> EventLog:
        """Open the event log that the configuration names. Raises: UsageError where it does not say enough."""
        return open_log(
            self.config.log, relative_to=self.folder, client_id=self.config.principal, security=self.security
        )

    def close(self) -> None:
        """Close every store."""
        for database in self.databases:
            database.close()


def open_principal(folder: Path, *, clock: Clock = utc_now, observe: Observe | None = None) -> Principal:
    """Build what every process has, from its own folder. Raises: UsageError with one line on what is wrong."""
    self_test()
    config = load_config(folder / FILE_NAME)
    observe = observe or observer(config.principal)
    crypto = Mash1Crypto()
    keys = load_keyring(config.principal, folder / "keys")
    database = SqlDatabase.open(folder / "journal.sqlite", schema=journal_store.SCHEMA)
    journal = Journal(database)
    published = PublishedDirectory(
        folder / config.directory.folder,
        partnership=config.partnership,
        roots={name: bytes.fromhex(key) for name, key in config.directory.roots.items()},
        minimum_version=config.directory.minimum_version,
        journal=journal,
        crypto=crypto,
        alarm=lambda reason: observe("directory_refused", {"reason": reason}),
    )
    _check_own_keys(config.principal, keys, published.current())
    return Principal(
        config=config,
        folder=folder,
        keys=keys,
        crypto=crypto,
        journal=journal,
        published=published,
        sealer=Sealer(keys=keys, crypto=crypto, random=random_bytes, directory=published.current),
        verifier=Verifier(
            keys=keys,
            crypto=crypto,
            directory=published.current,
            known_version=published.known_version,
            journal=journal,
        ),
        databases=[database],
        security=security_of(config.log, relative_to=folder, principal=config.principal, clock=clock),
        observe=observe,
        clock=clock,
    )


def _check_own_keys(principal: str, keys: KeyRing, directory: TrustedDirectory) -> None:
    listed = {key.key_id for key in directory.principal(principal).signing_keys}
    if keys.signer.key_id not in listed:
        raise UsageError(f"the signing key of {principal} is not the one that the directory names")


def build_crypto() -> Mash1Crypto:
    """Return the primitives alone, for whoever has no keys: a stranger with a bundle."""
    self_test()
    return Mash1Crypto()


def topics_of(directory: TrustedDirectory) -> dict[str, int]:
    """Return every topic that the partnership needs, with its number of partitions."""
    return {topic.name: topic.partitions for topic in topics_needed(directory.directory)}


# ---------------------------------------------------------------- sectors


def load_agents() -> dict[Sector, Agent]:
    """Return the installed sectors' plugs by sector (entry point `mash.agents`)."""
    agents = [entry.load() for entry in metadata.entry_points(group=AGENTS)]
    return {agent.sector: agent for agent in agents}


def schemes_of() -> Callable[[Sector], frozenset[IdentifierScheme]]:
    """Return which identifiers each sector uses; the hub sends it no others."""
    used = {sector: frozenset(agent.schemes) for sector, agent in load_agents().items()}
    return lambda sector: used.get(sector, DEFAULT_SCHEMES)


# ---------------------------------------------------------------- the two sides


def build_holder(principal: Principal) -> Pipeline:
    """Build an organisation's path over its own records, or without records where its sector has no adapter."""
    agent = load_agents().get(principal.config.sector)
    source = agent.source(open_records(principal, agent)) if agent else None
    holder_store = principal.database("holder", schema=HOLDER_SCHEMA)
    endings = Endings(
        organisation=principal.config.principal,
        partnership=principal.config.partnership,
        sealer=principal.sealer,
        events=Events(keys=principal.keys, build=build_id()),
        history=History(holder_store),
    )
    return Pipeline(
        verifier=principal.verifier,
        endings=endings,
        accounts=Accounts(holder_store, rest=principal.keys.rest),
        claims=Claims(holder_store, pseudonym=principal.keys.pseudonym),
        tables=load_tables(),
        source=source,
        standing=_holder_standing(principal, agent.data_classes if agent else ALL_CLASSES),
    )


def build_desk(principal: Principal) -> tuple[DeskReader, DeskHand]:
    """Build an organisation's desk: to read what waits, and to send what is decided."""
    database = principal.database("desk", schema=outbox_store.SCHEMA)
    reader = DeskReader(
        verifier=principal.verifier,
        partnership=principal.config.partnership,
        clock=principal.clock,
        alarm=lambda reason: principal.observe("desk_item_refused", {"reason": reason}),
    )
    hand = DeskHand(
        database=database,
        outbox=principal.outbox(database, Family.REQUESTS, name="desk"),
        sealer=principal.sealer,
        partnership=principal.config.partnership,
        clock=principal.clock,
    )
    return reader, hand


def open_records(principal: Principal, agent: Agent) -> SqlDatabase:
    """Open an organisation's record store."""
    return principal.database("records", schema=agent.store_schema)


def applicable_classes(sector: Sector) -> frozenset[DataClass]:
    """Return the data classes that a sector's release table has; all, where it answers by hand."""
    agent = load_agents().get(sector)
    return agent.data_classes if agent else ALL_CLASSES


def holder_standing(
    principal: Principal,
    *,
    applicable: frozenset[DataClass],
    requester: str,
    agreement: tuple[str, int] | None,
    now: datetime,
) -> Standing:
    """Return what an organisation's gate knows beside a request: directory, register, and its own papers."""
    directory, papers = principal.published.current(), principal.config.holder
    expired = papers is None or (papers.apd_valid_until is not None and papers.apd_valid_until <= now)
    return Standing(
        side=Side.HOLDER,
        requester=requester,
        holders=(HolderAsked(organisation=principal.config.principal, sector=principal.config.sector),),
        directory=directory.directory,
        directory_stale=directory.stale(now),
        register=principal.published.register(),
        agreement=agreement,
        apd_ref=None if papers is None or expired else papers.apd_ref,
        applicable=applicable,
    )


def _holder_standing(principal: Principal, applicable: frozenset[DataClass]) -> Callable[[Enquiry, Turn], Standing]:
    def standing(enquiry: Enquiry, turn: Turn) -> Standing:
        addressed = enquiry.request.record.addressed
        return holder_standing(
            principal,
            applicable=applicable,
            requester=enquiry.request.sender.id,
            agreement=(addressed.agreement_id, addressed.agreement_version),
            now=turn.now,
        )

    return standing


def build_requester(principal: Principal) -> Requester:
    """Build a requester's path."""
    if principal.config.requester is None:
        raise UsageError(f"{principal.folder / FILE_NAME}: requester: missing")
    schema = (*memory_store.SCHEMA, *announce_store.SCHEMA, *outbox_store.SCHEMA)
    database = principal.database("hub", schema=schema)
    return Requester(
        database=database,
        outbox=principal.outbox(database, Family.SUMMARIES, name="asks"),
        sealer=principal.sealer,
        tables=load_tables(),
        clocks=principal.config.requester.clocks,
        schemes=schemes_of(),
        standing=_hub_standing(principal),
        build=build_id(),
    )


def hub_standing(
    principal: Principal, *, requester: str, holders: tuple[DirectoryPrincipal, ...], now: datetime
) -> Standing:
    """Return what a requester's gate knows beside a request; it is all public, so anybody can work it out."""
    directory = principal.published.current()
    return Standing(
        side=Side.HUB,
        requester=requester,
        holders=tuple(HolderAsked(organisation=one.id, sector=one.sector) for one in holders),
        directory=directory.directory,
        directory_stale=directory.stale(now),
        register=principal.published.register(),
        agreement=None,
        apd_ref=None,
        applicable=ALL_CLASSES,
    )


def _hub_standing(principal: Principal) -> Callable[[tuple[DirectoryPrincipal, ...], datetime], Standing]:
    def standing(holders: tuple[DirectoryPrincipal, ...], now: datetime) -> Standing:
        return hub_standing(principal, requester=principal.config.principal, holders=holders, now=now)

    return standing
