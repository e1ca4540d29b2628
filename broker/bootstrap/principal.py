"""Composition of one open principal: from its configuration file, its keys, journal and view of the directory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import final

from broker.adapters.crypto import Mash1Crypto, random_bytes, self_test
from broker.adapters.keystore import load_keyring
from broker.adapters.sql import SqlDatabase
from broker.adapters.telemetry import Observe, observer
from broker.bootstrap.event_log import log_access
from broker.bootstrap.gate_tables import GateTables
from broker.bootstrap.stores import Store
from broker.config import FILE_NAME, Config, load_config
from broker.errors import UsageError
from broker.exchange import journal as journal_store
from broker.exchange.directory import TrustedDirectory
from broker.exchange.directory_source import DirectorySource
from broker.exchange.envelope import sha256
from broker.exchange.journal import Journal
from broker.exchange.keys import KeyRing
from broker.exchange.outbox import Outbox
from broker.exchange.seal import Sealer
from broker.exchange.verify import Verifier
from broker.ports import Clock, Credentials, EventLog
from schemas.directory import Principal as Principal
from schemas.scalars import to_milliseconds
from schemas.topics import ACCESS, Family, Topic, topic_name, topics_needed


def build_id() -> str:
    """Return the build of this product, as audit events name it."""
    try:
        return f"mash-broker {metadata.version('mash-broker')}"
    except metadata.PackageNotFoundError:
        return "mash-broker unpackaged"


def utc_now() -> datetime:
    """Return the present moment as the wire can hold it: UTC, whole milliseconds."""
    return to_milliseconds(datetime.now(UTC))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPrincipal:
    """One process identity with its keys, its journal and its view of the partnership.

    `log` opens a new instance of its event log (UsageError for a plaintext connection to another machine).
    """

    config: Config
    folder: Path
    keys: KeyRing = field(repr=False)
    crypto: Mash1Crypto = field(repr=False)
    journal: Journal = field(repr=False)
    published: DirectorySource = field(repr=False)
    tables: GateTables = field(repr=False)
    sealer: Sealer = field(repr=False)
    verifier: Verifier = field(repr=False)
    databases: list[SqlDatabase] = field(repr=False)
    log: Callable[[], EventLog] = field(repr=False)
    credentials: Credentials | None = field(repr=False)
    observe: Observe = field(repr=False)
    clock: Clock = field(repr=False)

    def database(self, store: Store, *, schema: Sequence[str]) -> SqlDatabase:
        """Open one of this principal's own stores."""
        database = SqlDatabase.open(store_file(self.folder, store), schema=schema)
        self.databases.append(database)
        return database

    def outbox(self, database: SqlDatabase, anchor: Family, *, name: str) -> Outbox:
        """Return an outbox with this principal's stream `name`, anchored at a topic of its own that it may read."""
        config = self.config
        return Outbox(
            database,
            stream=config.group(name),
            anchor=topic_name(config.partnership, anchor, config.acts_for),
        )

    def close(self) -> None:
        """Close every store."""
        for database in self.databases:
            database.close()


def store_file(folder: Path, store: Store) -> Path:
    """Return the file of one of a principal's stores."""
    return folder / f"{store}.sqlite"


def open_principal(folder: Path, *, clock: Clock = utc_now, observe: Observe | None = None) -> OpenPrincipal:
    """Open the principal of one folder. Raises: UsageError with one line on the fault."""
    self_test()
    config = load_config(folder / FILE_NAME)
    observe = observe or observer(config.principal)
    crypto = Mash1Crypto()
    keys = load_keyring(config.principal, folder / "keys")
    database = SqlDatabase.open(store_file(folder, Store.JOURNAL), schema=journal_store.SCHEMA)
    journal = Journal(database)
    published = DirectorySource(
        Path(os.path.normpath(folder / config.directory.folder)),
        partnership=config.partnership,
        roots={name: bytes.fromhex(key) for name, key in config.directory.roots.items()},
        minimum_version=config.directory.minimum_version,
        journal=journal,
        crypto=crypto,
        clock=clock,
        alarm=lambda reason: observe("directory_refused", {"reason": reason}),
    )
    check_own_keys(config.principal, keys, published.current(), clock())
    access = log_access(config.log, folder=folder, principal=config.principal, clock=clock)
    return OpenPrincipal(
        config=config,
        folder=folder,
        keys=keys,
        crypto=crypto,
        journal=journal,
        published=published,
        tables=GateTables(published),
        sealer=Sealer(keys=keys, crypto=crypto, random=random_bytes, directory=published.current),
        verifier=Verifier(
            keys=keys,
            crypto=crypto,
            directory=published.current,
            known_version=published.known_version,
            replay=journal,
        ),
        databases=[database],
        log=access.open,
        credentials=access.credentials,
        observe=observe,
        clock=clock,
    )


def check_own_keys(principal: str, keys: KeyRing, directory: TrustedDirectory, now: datetime) -> None:
    """Check that a principal signs with a key of its own, in that key's time. Raises: UsageError."""
    listed = {key.key_id for key in directory.principal(principal).signing_keys}
    if keys.signer.key_id not in listed:
        raise UsageError(f"the signing key of {principal} is not the one that the directory names")
    if not directory.signs(principal, keys.signer.key_id, now):
        raise UsageError(f"the signing key of {principal} is outside the time in which the directory lets it sign")


def keys_lacking(principal: OpenPrincipal) -> frozenset[bytes]:
    """Return the hashes of this principal's live KEM keys in the directory whose private keys are not loaded."""
    now, directory = principal.clock(), principal.published.current()
    own = directory.principal(principal.config.principal)
    live = {sha256(key.public_key) for key in own.kem_keys if key.open_until > now}
    return frozenset(live - set(principal.keys.openers))


def can_open_now(principal: OpenPrincipal) -> bool:
    """Return whether the directory is in force and this process holds the transport key that it names for now."""
    now, directory = principal.clock(), principal.published.current()
    own = directory.principal(principal.config.principal)
    current = {sha256(key.public_key) for key in own.kem_keys if key.seal_from <= now < key.seal_until}
    return not directory.stale(now) and bool(current & set(principal.keys.openers))


def build_crypto() -> Mash1Crypto:
    """Return the cryptographic primitives without any keys, for a stranger who verifies a bundle."""
    self_test()
    return Mash1Crypto()


def topics_of(directory: TrustedDirectory) -> dict[str, int]:
    """Return every topic of the partnership with its number of partitions."""
    return {topic.name: topic.partitions for topic in topics_needed(directory.directory)}


def own_topics(principal: OpenPrincipal) -> Iterator[tuple[Topic, bool]]:
    """Return each topic that the table of access grants this principal, and whether it may read it."""
    directory = principal.published.current()
    own = directory.principal(principal.config.principal)
    for topic in topics_needed(directory.directory):
        access = ACCESS[topic.family]
        reads = any(party.admits(own, topic.owners) for party in access.readers)
        if reads or any(party.admits(own, topic.owners) for party in access.writers):
            yield topic, reads
