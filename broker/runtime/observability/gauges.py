"""The gauges of every process, each with the function that reads it. Roles add theirs in `broker.runtime.roles`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from broker.runtime.observability.endpoints import Endpoints

Rows = Mapping[str, Mapping[tuple[str, ...], float]]


def add_common(observed: Endpoints) -> None:
    """Add the gauges of the event log, the directory and the certificate."""
    principal, log = observed.principal, observed.log

    async def read_log() -> Rows:
        return {
            "mash_owned_partitions": by_word(log.owned()),
            "mash_log_silent_seconds": by_word(log.silent()),
        }

    async def read_lag() -> Rows:
        return {"mash_lag_messages": by_word(await log.lags())}

    async def read_directory() -> Rows:
        directory, now = principal.published.current().directory, principal.clock()
        return {
            "mash_directory_version": {(): directory.version},
            "mash_directory_age_seconds": {(): (now - directory.issued_at).total_seconds()},
            "mash_directory_expires_seconds": {(): (directory.expires_at - now).total_seconds()},
        }

    async def read_certificate() -> Rows:
        certified = principal.credentials.certified if principal.credentials else None
        if certified is None:
            return {}
        left = certified.valid_until - principal.clock()
        return {"mash_certificate_expires_seconds": {(): left.total_seconds()}}

    observed.sample("log", ("mash_owned_partitions", "mash_log_silent_seconds"), read_log)
    observed.sample("lag", ("mash_lag_messages",), read_lag)
    directory = ("mash_directory_version", "mash_directory_age_seconds", "mash_directory_expires_seconds")
    observed.sample("directory", directory, read_directory)
    observed.sample("certificate", ("mash_certificate_expires_seconds",), read_certificate)


def add_journal(observed: Endpoints) -> None:
    """Add the journal's gauges: quarantined messages, and events that no checkpoint covers yet."""
    journal, clock = observed.principal.journal, observed.principal.clock

    def read() -> Rows:
        since, now = journal.unrecorded_since(), clock()
        return {
            "mash_quarantined_messages": by_word(journal.reasons()),
            "mash_unrecorded_messages": {(): journal.unrecorded()},
            "mash_unrecorded_oldest_seconds": {(): (now - since).total_seconds() if since else 0.0},
        }

    async def read_beside() -> Rows:
        return await asyncio.to_thread(read)

    names = ("mash_quarantined_messages", "mash_unrecorded_messages", "mash_unrecorded_oldest_seconds")
    observed.sample("journal", names, read_beside)


def by_word(numbers: Mapping[str, float]) -> Mapping[tuple[str, ...], float]:
    """Return a count for each word as the rows of a gauge with one label."""
    return {(word,): number for word, number in numbers.items()}
