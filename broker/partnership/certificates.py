"""Certificates of a partnership on one machine: a development authority, and those it issues to nodes and processes.

This is the development and pilot case. In production the partnership's own PKI issues the same files, each organisation
makes its own keys, and the authority's key is never here (docs/kafka.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from broker.adapters.crypto.certificates import AUTHORITY, AUTHORITY_KEY, CERTIFICATE, KEY, Authority
from broker.config import TlsConfig
from broker.errors import UsageError
from broker.partnership.home import ADMIN_FOLDER, KAFKA_FOLDER, Home

TLS_FOLDER = "tls"
AUTHORITY_FOLDER = "authority"
BROKER, ADMIN = "broker", ADMIN_FOLDER
"""Kafka's super users: the nodes towards each other, and the administrator who provisions. No process is one."""

HOSTS = ("localhost", "127.0.0.1", "kafka-1", "kafka-2", "kafka-3")
"""The host names of a development cluster's nodes: on this machine, and in `docker/compose.yaml`."""

KEYSTORE = "node.pem"


def make_authority(folder: Path, *, now: datetime, hosts: Sequence[str] = HOSTS) -> Authority:
    """Return the authority in `folder/authority`; the first call makes it, and the nodes' and administrator's files.

    Raises: UsageError.
    """
    home = folder / AUTHORITY_FOLDER
    if (home / AUTHORITY_KEY).exists():
        return Authority.load(home)
    authority = Authority.make(home, name="mash development authority", now=now)
    authority.issue(BROKER, folder / BROKER, now=now, hosts=hosts)
    authority.issue(ADMIN, folder / ADMIN, now=now)
    keystore = folder / BROKER / KEYSTORE
    keystore.touch(mode=0o600)
    # Kafka reads key and chain from one file.
    keystore.write_bytes(b"".join((folder / BROKER / name).read_bytes() for name in (KEY, CERTIFICATE, AUTHORITY)))
    return authority


def check_authority(folder: Path | None) -> None:
    """Check that a folder, if given, holds an authority; raises UsageError otherwise."""
    if folder is not None and not (folder / AUTHORITY_FOLDER / AUTHORITY_KEY).exists():
        raise UsageError(f"{folder}: holds no authority of a development cluster, nor one that mash init made")


def certify(home: Home, *, authority_folder: Path | None, now: datetime) -> None:
    """Issue every principal of a HOME its own certificate, from a new authority in HOME or from an existing one.

    Raises: UsageError where a principal has a certificate already, or there is no such authority.
    """
    check_authority(authority_folder)
    authority = make_authority(authority_folder or home.path / KAFKA_FOLDER, now=now)
    for name in home.principals:
        authority.issue(name, home.folder(name) / TLS_FOLDER, now=now)


def tls_of(folder: Path) -> TlsConfig | None:
    """Return a principal's `[log.tls]` for the certificate in its folder; None if it has no certificate."""
    if not (folder / TLS_FOLDER / KEY).exists():
        return None
    return TlsConfig(
        authority=f"{TLS_FOLDER}/{AUTHORITY}", certificate=f"{TLS_FOLDER}/{CERTIFICATE}", key=f"{TLS_FOLDER}/{KEY}"
    )
