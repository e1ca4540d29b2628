"""Stopping the client's producers and consumers, wherever the brokers are.

Promise: nothing of a stopped client is left: no task, no connection. `aiokafka` alone does not keep it while the
brokers are away: a producer looks for its coordinator for ever, and a consumer that is stopped while it waits to try
again passes its own task's cancellation on and leaves its connections open. So each is stopped in a task of its own,
and what that leaves is ended here; the inner parts that this touches are those of the exact version that we pin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import MessageBatch

_PATIENCE: Final = 2.0


async def stop_producer(producer: AIOKafkaProducer) -> None:
    """Stop it. Safe to call twice."""
    await _carried_through(_stop_producer(producer))


async def stop_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop it, leaving its group. Safe to call twice."""
    await _carried_through(_stop_consumer(consumer))


async def _carried_through(work: Coroutine[None, None, None]) -> None:
    """Do the work to its end, and only then let a cancellation of the caller take effect."""
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
            ending.exception()  # seen: otherwise asyncio logs it as forgotten


async def _stop_consumer(consumer: AIOKafkaConsumer) -> None:
    stopping = asyncio.create_task(consumer.stop())
    await asyncio.wait([stopping])
    _see(stopping)
    if consumer._fetcher is not None:
        for task in consumer._fetcher._pending_tasks:
            task.cancel()
    await consumer._client.close()


def _end_search(producer: AIOKafkaProducer) -> None:
    """End what goes on for ever while the brokers are away: the batches, and the search for a coordinator."""

    async def refused(*_: object) -> int:
        raise KafkaError("closed")

    producer.client.coordinator_lookup = refused
    producer._message_accumulator._pending_batches.update(_batches(producer))  # where each must be, to fail
    producer._message_accumulator.fail_all(KafkaError("closed"))


def _batches(producer: AIOKafkaProducer) -> list[MessageBatch]:
    return [batch for queue in producer._message_accumulator._batches.values() for batch in queue]


def _see(task: asyncio.Task[None]) -> None:
    """Look at how the task ended: what went wrong while a client was stopped changes nothing any more."""
    if not task.cancelled():
        task.exception()
