"""The watch over an organisation's records: what is wrong with them is said once when it begins, and while it lasts.

(1) A change of state is a line in the log, an alarm where something is wrong; (2) `mash status` reads a small file;
(3) the gauges are read at each scrape.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import final

from broker.bootstrap.principal import OpenPrincipal
from broker.errors import RejectedError, UnavailableError
from broker.holder.source import RecordSource, SourceCondition, SourceState
from broker.partnership.process_files import write_records
from broker.runtime.observability.endpoints import Endpoints
from broker.runtime.observability.gauges import Rows

LOOK_EVERY_SECONDS = 2.0

ALARMS = {SourceState.TOO_OLD: "SOURCE_TOO_OLD", SourceState.LOST: "SOURCE_LOST"}
"""The alarm of a state; gaps are told in every answer, and are no alarm."""


@final
@dataclass(kw_only=True)
class RecordsWatch:
    """Looks after the records of one organisation until `stop` is set."""

    principal: OpenPrincipal
    source: RecordSource
    stop: asyncio.Event
    _said: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Look every two seconds; a store that is away is looked at again."""
        try:
            while not self.stop.is_set():
                with suppress(UnavailableError, RejectedError):
                    self.look(await self.source.condition())
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), LOOK_EVERY_SECONDS)
        finally:
            write_records(self.principal.folder, None)

    def look(self, found: SourceCondition) -> None:
        """Say what is wrong, once for as long as it lasts."""
        wrong = {ALARMS[state] for state in ALARMS if found.states.get(state)}
        wrong |= {found.reason} if found.reason else set()
        for reason in sorted(wrong - self._said):
            self.principal.observe("alarm", {"reason": reason})  # (1)
        for reason in sorted(self._said - wrong):
            self.principal.observe("records_back", {"reason": reason})
        if wrong != self._said:
            write_records(self.principal.folder, found.reason)  # (2)
        self._said = frozenset(wrong)


def show_records(seen: Endpoints, source: RecordSource) -> None:
    """Add the gauges of an organisation's records (3)."""
    clock = seen.principal.clock

    async def read() -> Rows:
        found = await source.condition()
        age = None if found.as_at is None else (clock() - found.as_at).total_seconds()
        return {
            "mash_record_sources": {(state.value,): float(number) for state, number in found.states.items()},
            "mash_records_searchable": {(): float(found.reason is None)},
            "mash_records_oldest_seconds": {} if age is None else {(): age},
        }

    names = ("mash_record_sources", "mash_records_searchable", "mash_records_oldest_seconds")
    seen.sample("records", names, read)
