"""Composition of an organisation's record store, which may be taken away or replaced while a process runs.

Promise: every call meets the file that lies there now. A store that was deleted under an open connection would go on
answering from what nobody can see any more, and imports would reach it no more.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import final

from broker.bootstrap.principal import OpenPrincipal, store_file
from broker.bootstrap.stores import Store
from broker.holder.source import Agent, Candidate, Holdings, PersonSought, RecordSource, SourceCondition, SourceTerms
from broker.ports import Database


def open_records(principal: OpenPrincipal, agent: Agent) -> Database:
    """Open an organisation's record store."""
    return principal.database(Store.RECORDS, schema=agent.store_schema)


def source_terms(principal: OpenPrincipal, agent: Agent) -> SourceTerms:
    """Return what an organisation tells its record source."""
    days = (principal.config.holder.records_within_days if principal.config.holder else None) or {}
    return SourceTerms(
        register=principal.database(Store.HOLDER, schema=agent.register_schema),
        within={name: timedelta(days=number) for name, number in days.items()},
        now=principal.clock,
    )


@final
class WatchedRecords:
    """The `RecordSource` of an organisation's own store, opened again whenever another file lies in its place."""

    def __init__(self, principal: OpenPrincipal, agent: Agent) -> None:
        self._principal = principal
        self._agent = agent
        self._terms = source_terms(principal, agent)
        self._path = store_file(principal.folder, Store.RECORDS)
        self._source = agent.source(open_records(principal, agent), self._terms)
        self._lies = _identity(self._path)

    async def find(self, person: PersonSought) -> tuple[Candidate, ...]:
        """Return everybody who might be this person. Raises: UnavailableError, NothingToSearch."""
        return await self._current().find(person)

    async def look_up(self, record_id: str) -> Holdings:
        """Return what is held about one candidate. Raises: UnavailableError, InvariantError when it is gone."""
        return await self._current().look_up(record_id)

    async def coverage(self) -> Holdings:
        """Return what a search covers. Raises: UnavailableError, NothingToSearch."""
        return await self._current().coverage()

    async def condition(self) -> SourceCondition:
        """Return how the sources are, for those who look after them. Raises: UnavailableError."""
        return await self._current().condition()

    def _current(self) -> RecordSource:
        if _identity(self._path) != self._lies:
            # The old one stays open until the process ends: a search in another thread may still be in it.
            self._source = self._agent.source(open_records(self._principal, self._agent), self._terms)
            self._lies = _identity(self._path)
        return self._source


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
