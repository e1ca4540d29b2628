"""The services of an organisation's agent.

They are the worker on its request topic, the checkpoint follower, the desk's clock, the publisher of decisions and
looks that a command left behind in an outbox, and the watch over its records.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine

from broker.bootstrap.holder import build_checkpoint_follower, build_desk, build_holder, build_looks
from broker.bootstrap.principal import OpenPrincipal
from broker.exchange.seal import SealedBatch
from broker.exchange.trace import trace_id
from broker.exchange.worker import Delivery, Handler, Worker
from broker.holder.decide import DeskInbox
from broker.holder.desk_clock import AWAITED_REVISION, DeskClock
from broker.ports import EventLog, Message, Meter
from broker.runtime.left_behind import publish_left_behind
from broker.runtime.observability.endpoints import Endpoints
from broker.runtime.observability.gauges import Rows, add_journal
from broker.runtime.records_watch import RecordsWatch, show_records
from schemas.topics import Family, topic_name

Service = Callable[[], Coroutine[None, None, None]]

TROUBLES = {"Fenced": "FENCED", "OutcomeUnknown": "OUTCOME_UNKNOWN", "UnavailableError": "UNAVAILABLE"}
"""The reason word logged when a partition is given back, by the type of the fault."""

QUARANTINED, NO_ANSWER = "QUARANTINED", "NO_ANSWER"
"""The words counted for a message that ended without an answer: not authentic, or the item stays on the desk."""


def holder_services(
    principal: OpenPrincipal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None], seen: Endpoints | None
) -> tuple[Service, ...]:
    """Return all services; the worker calls `ready` for each partition it claims, `seen` shows the desk."""
    config = principal.config
    pipeline = build_holder(principal)
    reader, sender = build_desk(principal)
    if seen is not None:
        add_journal(seen)
        _show_desk(seen, reader)
        if pipeline.source is not None:
            show_records(seen, pipeline.source)
    worker = Worker(
        log=log,
        topic=topic_name(config.partnership, Family.REQUESTS, config.principal),
        group=config.group("requests"),
        journal=principal.journal,
        handle=observed(principal, pipeline.end, seen.meter if seen else None),
        clock=principal.clock,
        stop=stop,
        claimed=ready,
        troubled=lambda fault: principal.observe("partition_given_back", {"reason": TROUBLES.get(fault, fault)}),
    )
    clock = DeskClock(
        log=log,
        owner=log,
        reader=reader,
        sender=sender,
        source=pipeline.source,
        clock=principal.clock,
        stop=stop,
    )
    outboxes = (sender.outbox, build_looks(principal).outbox)

    async def publish_left() -> None:
        await publish_left_behind(outboxes, log=log, stop=stop)

    services = worker.run, build_checkpoint_follower(principal, log=log, stop=stop).run, clock.run, publish_left
    if pipeline.source is None:
        return services
    return *services, RecordsWatch(principal=principal, source=pipeline.source, stop=stop).run


def observed(principal: OpenPrincipal, handle: Handler, meter: Meter | None = None) -> Handler:
    """Wrap a handler to log one line for each message: the event that accounts for it, never what was found.

    The meter, if there is one, counts answers by their status: a count names no request.
    """

    async def handled(message: Message, delivery: Delivery) -> SealedBatch:
        begun = time.monotonic()
        batch = await handle(message, delivery)
        facts: dict[str, int | str] = {
            "status": "quarantined" if batch.entry.reason else "ended",
            "reason": batch.entry.reason or "",
            "event_id": batch.entry.event_id,
            "sequence": delivery.sequence,
            "offset": message.place.offset,
            "milliseconds": round((time.monotonic() - begun) * 1000),
            "trace_id": trace_id(message.trace),
        }
        principal.observe("message", facts)
        if meter is not None:
            meter.count("mash_outcomes_total", *_outcome(batch))
        return batch

    return handled


def _outcome(batch: SealedBatch) -> tuple[str, str]:
    return (QUARANTINED, batch.entry.reason) if batch.entry.reason else (batch.status or NO_ANSWER, batch.reason)


def _show_desk(seen: Endpoints, reader: DeskInbox) -> None:
    clock = seen.principal.clock

    async def read() -> Rows:
        now, depth = clock(), Counter[tuple[str, ...]]()
        oldest: dict[tuple[str, ...], float] = {}
        due: dict[tuple[str, ...], float] = {}
        for item in reader.last_seen:
            rag = item.band.value if item.band else ""
            kind = (item.reason.value, rag)
            depth[kind] += 1
            oldest[kind] = max(oldest.get(kind, 0.0), (now - item.opened_at).total_seconds())
            if item.due_at is not None and item.revision == AWAITED_REVISION:
                due[rag,] = min(due.get((rag,), float("inf")), (item.due_at - now).total_seconds())
        return {"mash_desk_items": depth, "mash_desk_oldest_seconds": oldest, "mash_desk_due_seconds": due}

    seen.sample("desk", ("mash_desk_items", "mash_desk_oldest_seconds", "mash_desk_due_seconds"), read)
