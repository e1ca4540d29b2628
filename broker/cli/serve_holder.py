"""What runs in an organisation's agent: the worker on its request topic, and the follower of the checkpoints."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine

from broker.bootstrap import Principal, build_desk, build_holder
from broker.cli.settle import Settler
from broker.exchange.seal import SealedBatch
from broker.exchange.worker import Handler, Turn, Worker
from broker.holder.desk_clock import DeskClock
from broker.ports import EventLog, Message
from schemas.topics import Family, topic_name

Service = Callable[[], Coroutine[None, None, None]]


def holder_services(
    principal: Principal, log: EventLog, stop: asyncio.Event, ready: Callable[[], None]
) -> tuple[Service, ...]:
    """Return all three; `ready` is called each time that the worker owns its partition."""
    config = principal.config
    pipeline = build_holder(principal)
    reader, hand = build_desk(principal)
    worker = Worker(
        log=log,
        topic=topic_name(config.partnership, Family.REQUESTS, config.principal),
        group=config.group("requests"),
        journal=principal.journal,
        handle=observed(principal, pipeline.end),
        clock=principal.clock,
        stop=stop,
        claimed=ready,
    )
    clock = DeskClock(log=log, reader=reader, hand=hand, source=pipeline.source, clock=principal.clock, stop=stop)
    return worker.run, Settler(principal, log=log, stop=stop).run, clock.run


def observed(principal: Principal, handle: Handler) -> Handler:
    """Say one line for each message that ended: which event accounts for it, never what was found or answered."""

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
        }
        principal.observe("message", facts)
        return batch

    return handled
