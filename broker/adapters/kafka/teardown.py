"""Stopping aiokafka's producers and consumers, also while no broker answers.

Promise: a stopped client leaves no task and no connection. aiokafka alone does not keep that while the brokers are
down: a producer searches for its coordinator for ever, and a consumer that is stopped during a retry passes its own
task's cancellation on and leaves its connections open. So each is stopped in a task of its own, and this module ends
what is left; it touches private parts of aiokafka, whose exact version is pinned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import MessageBatch

_PATIENCE: Final = 2.0
"""Seconds for a regular stop: it waits for batches in flight, which a live broker acknowledges within milliseconds."""


async def stop_producer(producer: AIOKafkaProducer) -> None:
    """Stop the producer and close its connections. Safe to call twice."""
    await _carried_through(_stop_producer(producer))


async def stop_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop the consumer, leave its group and close its connections. Safe to call twice."""
    await _carried_through(_stop_consumer(consumer))


async def _carried_through(work: Coroutine[None, None, None]) -> None:
    """Run the work to its end, and only then let a cancellation of the caller take effect."""
    task, cancelled = asyncio.create_task(work), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


async def _stop_producer(producer: AIOKafkaProducer) -> None:
    moving = [future for _, _, future in producer._txn_manager._pending_txn_offsets]
    stopping = asyncio.create_task(producer.stop())
    done, _ = await asyncio.wait([stopping], timeout=_PATIENCE)
    if not done:
        _end_search(producer)
        await asyncio.wait([stopping])
    _see(stopping)
    await producer.client.close()
    drained = (batch._drain_waiter for batch in _batches(producer))
    for ending in (*moving, *drained, producer._txn_manager.wait_for_transaction_end()):
        if ending is not None and ending.done() and not ending.cancelled():
            ending.exception()  # retrieved: otherwise asyncio logs "exception was never retrieved"


async def _stop_consumer(consumer: AIOKafkaConsumer) -> None:
    stopping = asyncio.create_task(consumer.stop())
    await asyncio.wait([stopping])
    _see(stopping)
    if consumer._fetcher is not None:
        for task in consumer._fetcher._pending_tasks:
            task.cancel()
    await consumer._client.close()


def _end_search(producer: AIOKafkaProducer) -> None:
    """Fail what would go on for ever while no broker answers: pending batches, and the search for the coordinator."""

    async def refused(*_: object) -> int:
        raise KafkaError("closed")

    producer.client.coordinator_lookup = refused
    producer._message_accumulator._pending_batches.update(_batches(producer))  # fail_all fails these only
    producer._message_accumulator.fail_all(KafkaError("closed"))


def _batches(producer: AIOKafkaProducer) -> list[MessageBatch]:
    return [batch for queue in producer._message_accumulator._batches.values() for batch in queue]


def _see(task: asyncio.Task[None]) -> None:
    """Retrieve the task's exception: a fault while a client stops changes nothing any more."""
    if not task.cancelled():
        task.exception()
