"""What runs in an organisation's agent: the worker on its request topic, and the follower of the checkpoints."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine

from broker.bootstrap.principal import Principal, build_desk, build_holder
from broker.exchange.seal import SealedBatch
from broker.exchange.trace import trace_id
from broker.exchange.worker import Handler, Turn, Worker
from broker.holder.decide import DeskReader
from broker.holder.desk_clock import AWAITED_REVISION, DeskClock
from broker.holder.recorded import Settler
from broker.ports import EventLog, Message, Meter
from broker.runtime.observability.endpoints import Observed
from broker.runtime.observability.gauges import Rows, add_journal
from schemas.topics import Family, topic_name

Service = Callable[[], Coroutine[None, None, None]]

TROUBLES = {"Fenced": "FENCED", "OutcomeUnknown": "OUTCOME_UNKNOWN", "UnavailableError": "UNAVAILABLE"}
"""Why a partition is given back, in the log's words."""

SET_ASIDE, NO_ANSWER = "SET_ASIDE", "NO_ANSWER"
"""What is counted where a message ended without an answer: nobody vouches for it, or the desk goes on."""


def holder_services(
    principal: Principal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None], seen: Observed | None
) -> tuple[Service, ...]:
    """Return all three; `ready` is called each time that the worker owns its partition, `seen` shows what waits."""
    config = principal.config
    pipeline = build_holder(principal)
    reader, hand = build_desk(principal)
    if seen is not None:
        add_journal(seen)
        _show_desk(seen, reader)
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
    clock = DeskClock(log=log, reader=reader, hand=hand, source=pipeline.source, clock=principal.clock, stop=stop)
    return worker.run, Settler(principal, log=log, stop=stop).run, clock.run


def observed(principal: Principal, handle: Handler, meter: Meter | None = None) -> Handler:
    """Say one line for each message that ended: which event accounts for it, never what was found or answered.

    What was answered is counted, where somebody counts: a number names no request.
    """

    async def handled(message: Message, turn: Turn) -> SealedBatch:
        begun = time.monotonic()
        batch = await handle(message, turn)
        facts: dict[str, int | str] = {
            "status": "set_aside" if batch.said.reason else "ended",
            "reason": batch.said.reason or "",
            "event_id": batch.said.event_id,
            "sequence": turn.sequence,
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
    return (SET_ASIDE, batch.said.reason) if batch.said.reason else (batch.status or NO_ANSWER, batch.reason)


def _show_desk(seen: Observed, reader: DeskReader) -> None:
    clock = seen.principal.clock

    async def read() -> Rows:
        now, depth = clock(), Counter[tuple[str, ...]]()
        oldest: dict[tuple[str, ...], float] = {}
        due: dict[tuple[str, ...], float] = {}
        for item in reader.last_seen:
            rag = item.rag.value if item.rag else ""
            kind = (item.reason.value, rag)
            depth[kind] += 1
            oldest[kind] = max(oldest.get(kind, 0.0), (now - item.opened_at).total_seconds())
            if item.due_at is not None and item.revision == AWAITED_REVISION:
                due[rag,] = min(due.get((rag,), float("inf")), (item.due_at - now).total_seconds())
        return {"mash_desk_items": depth, "mash_desk_oldest_seconds": oldest, "mash_desk_due_seconds": due}

    seen.sample("desk", ("mash_desk_items", "mash_desk_oldest_seconds", "mash_desk_due_seconds"), read)
