"""The one door to prometheus_client: one process's numbers, in a registry of its own.

Promise: every name stands in the tables below; a label is a code word or a topic's name, of which each metric takes a
bounded number, so that no id, date or number ever becomes one, whatever is handed in. Whoever reads a scrape learns how
much and how long, never about whom. Nothing is kept in the library's global registry.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Final, final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from broker.errors import InvariantError

COUNTERS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "mash_outcomes_total": ("Messages ended, by the answer's status and reason.", ("status", "reason")),
    "mash_alarms_total": ("What must not happen and did, by reason.", ("reason",)),
    "mash_transactions_total": ("Publishing with the position, by how it ended.", ("outcome",)),
    "mash_given_back_total": ("How often a partition was given back in trouble, and begun again.", ("reason",)),
    "mash_ledger_total": ("What the ledger did with messages.", ("what",)),
}
GAUGES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "mash_started_timestamp_seconds": ("When the process began.", ()),
    "mash_alarm_timestamp_seconds": ("When it last happened, by reason.", ("reason",)),
    "mash_ready": ("1 where the process does its work, else 0.", ()),
    "mash_not_ready": ("1 for each reason why it does not.", ("reason",)),
    "mash_not_sampled": ("1 for each part whose gauges could not be read at this scrape.", ("part",)),
    "mash_lag_messages": ("Messages that stand in a topic and are not worked on yet.", ("topic",)),
    "mash_owned_partitions": ("Partitions that this process works on.", ("topic",)),
    "mash_log_silent_seconds": ("Since a read of the topic was last answered.", ("topic",)),
    "mash_desk_items": ("What waits for a practitioner.", ("reason", "rag")),
    "mash_desk_oldest_seconds": ("How long the oldest of these waits.", ("reason", "rag")),
    "mash_desk_due_seconds": ("Until the first of these is due, whose requester was told nothing else yet.", ("rag",)),
    "mash_record_sources": ("Sources of the organisation's records, by how they are.", ("state",)),
    "mash_records_searchable": ("1 where there are records to search, else 0.", ()),
    "mash_records_oldest_seconds": ("Since the oldest source's extract, or its import where it does not say.", ()),
    "mash_requests_open": ("Requests without every answer.", ("rag",)),
    "mash_requests_oldest_seconds": ("How long the oldest of these waits.", ("rag",)),
    "mash_requests_overdue": ("Requests without every answer past their clock.", ("rag",)),
    "mash_quarantined_messages": ("Messages quarantined since this store began, by reason.", ("reason",)),
    "mash_unrecorded_messages": ("Messages ended whose event no checkpoint covers yet.", ()),
    "mash_unrecorded_oldest_seconds": ("How long ago the oldest of these was met.", ()),
    "mash_outbox_messages": ("Messages that the hub stored and that are not published yet.", ()),
    "mash_directory_version": ("The directory's version.", ()),
    "mash_directory_age_seconds": ("Since the directory was issued.", ()),
    "mash_directory_expires_seconds": ("Until the directory expires; negative when it has.", ()),
    "mash_certificate_expires_seconds": ("Until the certificate for the event log expires.", ()),
}
STAGES: Final = "mash_stage_seconds"
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)

OUTCOMES: Final = ("committed", "aborted", "unknown", "fenced")
"""How a transaction ends. Begun at nought: a counter that appears with its first increment has no increase."""

TROUBLES: Final = ("FENCED", "OUTCOME_UNKNOWN", "UNAVAILABLE")
"""Why a partition is given back."""

OTHER: Final = "OTHER"
"""What a label says that is no word, or one too many."""

_WORD: Final = re.compile(r"[A-Z][A-Z_]{0,39}|[a-z][a-z_]{0,39}|mash\.[a-z][a-z0-9.-]{1,199}|")
_MOST_ROWS: Final = 100


@final
class Metrics:
    """One process's numbers; see `broker.ports.Meter`. Every metric has the label `principal` before its own."""

    def __init__(self, principal: str, *, clock: Callable[[], float] = time.time) -> None:
        self._principal = principal
        self._clock = clock
        # When a word was first counted is nobody's business.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        ProcessCollector(namespace="mash", registry=self._registry)
        self._counters = {
            name: Counter(name, help_text, ("principal", *labels), registry=self._registry)
            for name, (help_text, labels) in COUNTERS.items()
        }
        self._gauges = {
            name: Gauge(name, help_text, ("principal", *labels), registry=self._registry)
            for name, (help_text, labels) in GAUGES.items()
        }
        self._stages = Histogram(
            STAGES, "Time in each stage of the path.", ("principal", "stage"), buckets=BUCKETS, registry=self._registry
        )
        self._rows: dict[str, set[tuple[str, ...]]] = {}
        for outcome in OUTCOMES:
            self.count("mash_transactions_total", outcome, many=0)
        for trouble in TROUBLES:
            self.count("mash_given_back_total", trouble, many=0)
        self.show("mash_started_timestamp_seconds", {(): clock()})

    def count(self, name: str, *words: str, many: int = 1) -> None:
        """Add to a counter. Raises: InvariantError for a name that is not in the table."""
        if name not in self._counters:
            raise InvariantError(f"{name} is no counter")
        self._counters[name].labels(self._principal, *self._bounded(name, words)).inc(many)

    def show(self, name: str, rows: Mapping[tuple[str, ...], float]) -> None:
        """Set a gauge to exactly these rows. Raises: InvariantError for a name that is not in the table."""
        if name not in self._gauges:
            raise InvariantError(f"{name} is no gauge")
        self._gauges[name].clear()
        self._rows.pop(name, None)
        for words, number in rows.items():
            self._gauges[name].labels(self._principal, *self._bounded(name, words)).set(number)

    def alarm(self, reason: str, *, many: int = 1) -> None:
        """Count what must not happen, and remember when it did."""
        self.count("mash_alarms_total", reason, many=many)
        name = "mash_alarm_timestamp_seconds"
        self._gauges[name].labels(self._principal, *self._bounded(name, (reason,))).set(self._clock())

    def time_stage(self, stage: str, seconds: float) -> None:
        """Add the time that one stage took."""
        self._stages.labels(self._principal, *self._bounded(STAGES, (stage,))).observe(seconds)

    def text(self) -> bytes:
        """Return all of it in Prometheus's text format, version 0.0.4."""
        return generate_latest(self._registry)

    def _bounded(self, name: str, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return the label words as they may stand: a value that got here by mistake is not shown."""
        kept = tuple(word if _WORD.fullmatch(word) else OTHER for word in words)
        known = self._rows.setdefault(name, set())
        if kept not in known and len(known) >= _MOST_ROWS:
            return (OTHER,) * len(words)
        known.add(kept)
        return kept


def fold(meter: Metrics, event: str, facts: Mapping[str, int | str]) -> None:
    """Count what a process says it does: the lines of its log, by their event word, are told to the meter as well."""
    match event:
        case "alarm" | "directory_refused" | "checkpoint_refused" | "desk_item_refused" | "certificate_refused":
            meter.alarm(str(facts.get("reason", "")))
        case "message" if facts.get("status") == "quarantined":
            meter.alarm(str(facts.get("reason", "")))
        case "audit_recorded":
            for what in ("leaves", "copies", "refused"):
                meter.count("mash_ledger_total", what, many=int(facts.get(what, 0)))
        case "checkpoints_published":
            meter.count("mash_ledger_total", "checkpoints", many=int(facts.get("count", 0)))
        case "partition_given_back":
            meter.count("mash_given_back_total", str(facts.get("reason", "")))
        case "audit_waits":
            meter.alarm("AUDIT_WAITS")
        case _:
            pass  # that it began, ends, or goes on is told by what is not counted any more
