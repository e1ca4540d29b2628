"""Compare a partnership's brokers with the table of access, and correct them: topics, rights, limits (ADR 15)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from broker.application.session import Home
from broker.application.switch_log import check_address
from broker.partnership.home import ADMIN_FOLDER
from broker.partnership.provisioning import Provisioning, document_of, open_provisioning

ADMINISTRATOR = ADMIN_FOLDER
"""The administrator's folder, inside a development authority's."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Brokers:
    """The brokers to open (None: those that HOME runs on), the certificate to show, and whether they are for
    development only."""

    address: str | None
    admin: Path | None
    development: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BrokersShown:
    """The difference as its document; `clean` if nothing is left to do, for a machine or for a person."""

    document: dict[str, Any]
    clean: bool


def plan(home: Home, brokers: Brokers) -> BrokersShown:
    """Return how the brokers differ from the table, and change nothing. Raises: UsageError, UnavailableError."""
    found = _open(home, brokers).plan()
    clean = not (found.changes or found.refused or found.foreign)
    return BrokersShown(document=dict(document_of(found)), clean=clean)


def apply(home: Home, brokers: Brokers) -> BrokersShown:
    """Make the permitted changes and return them, with those that are left to a person.

    Raises: UsageError, UnavailableError; changes made before the fault stay, and the next run goes on from there.
    """
    found = _open(home, brokers).apply()
    return BrokersShown(document=dict(document_of(found)), clean=not found.refused)


def _open(home: Home, brokers: Brokers) -> Provisioning:
    if brokers.address is not None:
        check_address(brokers.address)
    return open_provisioning(home, kafka=brokers.address, admin=brokers.admin, development=brokers.development)
