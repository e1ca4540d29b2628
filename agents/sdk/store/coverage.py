"""What a search of the store covers: which systems, how fresh, and what of them was not read.

Promise: nothing held is never said of what was not searched. Where no source can be searched, that is a fault with its
reason; where some can, each that failed, is lost or is too old stands in `gaps`, by name, with counts and dates only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, final

from agents.sdk.store.intake import OF_FILE
from agents.sdk.store.register import Kept
from agents.sdk.store.writes import UNREADABLE
from broker.holder.source import Holdings, NothingToSearch, SourceCondition, SourceState
from broker.ports import Transaction

NOTHING_IMPORTED: Final = "NOTHING_IMPORTED"
"""No file was ever imported here."""

NOTHING_READABLE: Final = "NOTHING_READABLE"
"""Files were imported, and nothing in them could be read."""

STORE_LOST: Final = "STORE_LOST"
"""The store that files were imported into is not here any more."""

ANY_SOURCE: Final = "*"
"""The age limit of every source that has none of its own."""

MOST_SYSTEMS: Final = 40
"""The wire's limit."""

MOST_GAPS: Final = 20
"""Sources that are named in one answer's gaps; the others are counted."""

_UNNAMED: Final = "files without a named source"
_COUNTS: Final = "SELECT COUNT(*), COALESCE(SUM(lost), 0), MIN(CASE WHEN lost = 0 THEN as_at END) FROM sources"
_SYSTEMS: Final = "SELECT DISTINCT system FROM systems ORDER BY system LIMIT 41"
_GAPS: Final = "SELECT source, reason, SUM(number) FROM gaps GROUP BY source, reason ORDER BY source, reason"
_LOST: Final = "SELECT source FROM sources WHERE lost = 1 ORDER BY source"
_OLD: Final = "SELECT source, as_at FROM sources WHERE as_at < :before AND lost = 0 ORDER BY as_at"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AgeLimits:
    """How old the records of a source may be: by its name, and for every other under `*`; none where not said."""

    within: Mapping[str, timedelta] = field(default_factory=dict)
    now: Callable[[], datetime] | None = None

    def limit_of(self, source: str) -> timedelta | None:
        """Return the limit of one source."""
        return self.within.get(source, self.within.get(ANY_SOURCE))


def covered(transaction: Transaction, kept: Kept | None, limits: AgeLimits) -> Holdings:
    """Return what a search covers. Raises: NothingToSearch."""
    require_searchable(transaction, kept)
    systems = [str(row[0]) for row in transaction.execute(_SYSTEMS)]
    named = list(dict.fromkeys(_UNNAMED if one.startswith(OF_FILE) else one for one in systems))
    oldest = transaction.execute(_COUNTS)[0][2]
    return Holdings(
        items=(),
        data_as_at=datetime.fromisoformat(oldest),
        systems_searched=(*named[: MOST_SYSTEMS - 1], "others") if len(named) > MOST_SYSTEMS - 1 else tuple(named),
        gaps=_told(list(_gaps(transaction, kept, limits))),
        ignored_fields=(),
    )


def require_searchable(transaction: Transaction, kept: Kept | None) -> None:
    """Raise `NothingToSearch` where no source of this store can be searched, or another store stands in its place."""
    number, lost, _ = transaction.execute(_COUNTS)[0]
    identity = transaction.execute("SELECT store_id FROM store")
    if kept is not None and (not identity or identity[0][0] != kept.store_id):
        raise NothingToSearch(STORE_LOST, "the record store is not the one that files were imported into")
    if number > lost:
        return
    if lost:
        raise NothingToSearch(STORE_LOST, "every source of the record store is lost")
    if transaction.execute("SELECT 1 FROM gaps LIMIT 1"):
        raise NothingToSearch(NOTHING_READABLE, "nothing that was imported could be read")
    raise NothingToSearch(NOTHING_IMPORTED, "no records have been imported here")


def condition(transaction: Transaction, kept: Kept | None, limits: AgeLimits) -> SourceCondition:
    """Return how the sources are; a source in two states is in the worse."""
    reason = None
    try:
        require_searchable(transaction, kept)
    except NothingToSearch as nothing:
        reason = nothing.reason
    number, lost, oldest = transaction.execute(_COUNTS)[0]
    old = {source for source, _ in stale(transaction, limits)}
    with_gaps = {row[0] for row in transaction.execute("SELECT DISTINCT source FROM gaps")} - old
    return SourceCondition(
        reason=reason,
        states={
            SourceState.HELD: max(0, int(number) - int(lost) - len(old | with_gaps)),
            SourceState.GAPS: len(with_gaps),
            SourceState.TOO_OLD: len(old),
            SourceState.LOST: int(lost),
        },
        as_at=datetime.fromisoformat(oldest) if oldest else None,
    )


def stale(transaction: Transaction, limits: AgeLimits) -> list[tuple[str, datetime]]:
    """Return the sources whose records are older than their limit, the oldest first."""
    if limits.now is None or not limits.within:
        return []
    now = limits.now()
    least = (now - min(limits.within.values())).isoformat()
    found = [(str(source), datetime.fromisoformat(at)) for source, at in transaction.execute(_OLD, before=least)]
    return [(one, at) for one, at in found if (limit := limits.limit_of(one)) is not None and now - at > limit]


def _gaps(transaction: Transaction, kept: Kept | None, limits: AgeLimits) -> Iterator[tuple[str, str, int]]:
    """Yield what is missing: of which source, in words, and how often."""
    if kept is not None and _imports(transaction) < kept.imports:
        yield "the record store", "an older copy stands in its place", 1
    for source, reason, number in transaction.execute(_GAPS):
        yield str(source), _WORDS.get(reason, f"something is missing ({reason})"), int(number)
    for (source,) in transaction.execute(_LOST):
        yield str(source), "was imported here and is lost", 1
    for source, at in stale(transaction, limits):
        yield source, f"is of {at:%Y-%m-%d}, older than it may be", 1


_WORDS: Final = {UNREADABLE: "records could not be read, and were not searched"}


def _imports(transaction: Transaction) -> int:
    return int(transaction.execute("SELECT COALESCE(MAX(imports), 0) FROM store")[0][0])


def _told(found: list[tuple[str, str, int]]) -> str:
    """Write the gaps as sentences; files that are sources of their own are counted together."""
    numbers: dict[tuple[str, str], int] = {}
    for source, words, number in found:
        who = _UNNAMED if source.startswith(OF_FILE) else source
        numbers[who, words] = numbers.get((who, words), 0) + number
    lines = [f"{who}: {words}{f' ({number})' if number > 1 else ''}." for (who, words), number in numbers.items()]
    more = len(lines) - MOST_GAPS
    return " ".join((*lines[:MOST_GAPS], f"And {more} more.")) if more > 0 else " ".join(lines)
