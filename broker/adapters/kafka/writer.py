"""One transactional producer: it fences the earlier producer of its id, then commits messages and position together.

Promise: (1) when `fence` returns, no earlier producer of this id can write, and its open transaction is ended. A
publish (2) keeps the pause after the last commit, (3) begins, (4) awaits every send, (5) adds the position, (6)
commits. A failure before (6) publishes nothing; one in (6) is OutcomeUnknown. After a failure whose transaction could
not be aborted, every later call raises it: only a new claim helps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from broker.adapters.kafka.assignment import Fence
from broker.adapters.kafka.faults import FAULTS, is_fencing, translated, unavailable
from broker.adapters.kafka.settings import TRANSACTION, Settings
from broker.adapters.kafka.teardown import stop_producer
from broker.errors import Fenced, MashError, OutcomeUnknown, UnavailableError
from broker.exchange.trace import HEADER
from broker.ports import CommittedOffset, Outgoing

Commit = Callable[[AIOKafkaProducer], Awaitable[None]]

_RHYTHM: Final = 0.0055
"""Seconds between a commit and the next begin. A transaction that begins while the last one's markers are being written
is refused with CONCURRENT_TRANSACTIONS, and aiokafka then waits for 20 ms (measured: 28 ms a transaction instead of 7
to 10)."""
_FENCE_PATIENCE: Final = 20.0
"""Seconds. InitProducerId waits until the predecessor's transaction is ended, 5 s at most, and may meet the election of
a new coordinator first."""
_SEND_PATIENCE: Final = TRANSACTION.total_seconds() - 1
"""Seconds. Given up before the coordinator's own timeout, whose abort raises the epoch and so fences this owner too."""
_COMMIT_PATIENCE: Final = TRANSACTION.total_seconds()
"""Seconds. After the transaction timeout the coordinator has decided; a longer wait would learn nothing."""
_ABORT_PATIENCE: Final = 2.0
"""Seconds. Without an answer the transaction is left to the coordinator's timeout, or to the next claim."""


async def commit(producer: AIOKafkaProducer) -> None:
    """Commit the producer's open transaction."""
    await producer.commit_transaction()


class Writer:
    """The producer of one group and partition, under the transactional id that all instances of the group share."""

    def __init__(self, settings: Settings, *, group: str, topic: str, partition: int, commit: Commit) -> None:
        self._producer = AIOKafkaProducer(**settings.writer(f"{group}-{topic}-{partition}"))
        self._group = group
        self._where = TopicPartition(topic, partition)
        self._commit = commit
        self._lock = asyncio.Lock()
        self._not_before = 0.0
        self._lost: MashError | None = None

    async def fence(self) -> None:
        """Fence the previous owner (1). Raises: UnavailableError."""
        with translated():
            async with asyncio.timeout(_FENCE_PATIENCE):
                await self._producer.start()

    @property
    def fencing(self) -> Fence:
        """Producer id and epoch; the owner's are the highest."""
        state = self._producer._txn_manager  # aiokafka has no public name for them
        return state.producer_id, state.producer_epoch

    async def publish(self, messages: Sequence[tuple[Outgoing, int]], *, position: CommittedOffset) -> None:
        """Publish to the partitions given and move the position, all or nothing.

        Raises: Fenced, OutcomeUnknown, UnavailableError.
        """
        async with self._lock:
            await self._begun(messages, position)
            try:
                # Crash before the coordinator has written PREPARE_COMMIT: nothing happened. After: all of it did.
                async with asyncio.timeout(_COMMIT_PATIENCE):
                    await self._commit(self._producer)  # (6)
            except FAULTS as error:
                # Unknown even for a fencing error: aiokafka may have sent EndTxn before, with success.
                self._lost = _fenced() if is_fencing(error) else unavailable(error)
                raise OutcomeUnknown(f"the answer to a commit was lost ({type(error).__name__})") from error
            self._ended()

    async def prove(self, position: CommittedOffset) -> None:
        """Prove with an aborted transaction that this producer is not fenced. Raises: Fenced, UnavailableError."""
        async with self._lock:
            await self._begun((), position)
            try:
                async with asyncio.timeout(_COMMIT_PATIENCE):
                    await self._producer.abort_transaction()
            except FAULTS as error:
                raise await self._failed(error) from error
            self._ended()

    async def stop(self) -> None:
        """Stop the producer in any state, also while no broker answers. Safe to call twice."""
        self._lost = self._lost or UnavailableError("this claim has ended")
        await stop_producer(self._producer)

    async def _begun(self, messages: Sequence[tuple[Outgoing, int]], position: CommittedOffset) -> None:
        if self._lost is not None:
            raise self._lost
        await asyncio.sleep(self._not_before - _now())  # (2)
        # Cancelled below, the transaction stays open, and only a new claim ends it.
        self._lost = UnavailableError("a publish was cut short: claim again")
        try:
            async with asyncio.timeout(_SEND_PATIENCE):
                await self._producer.begin_transaction()  # (3)
                sent = [await self._send(message, partition) for message, partition in messages]
                # Without this a produce races with the transaction's change of state, and its retry costs 100 ms.
                await _all(sent)  # (4)
                moved = {self._where: OffsetAndMetadata(position.offset, position.metadata)}
                await self._producer.send_offsets_to_transaction(moved, self._group)  # (5)
        except FAULTS as error:
            raise await self._failed(error) from error

    async def _send(self, message: Outgoing, partition: int) -> asyncio.Future[object]:
        headers = [(HEADER, message.trace.encode())] if message.trace else []
        sent: asyncio.Future[object] = await self._producer.send(
            message.topic, message.value, key=message.key, partition=partition, headers=headers
        )
        sent.add_done_callback(_see)  # also where a later send fails and this one is not awaited
        return sent

    async def _failed(self, error: BaseException) -> MashError:
        """Abort the transaction, and return the fault to raise."""
        if is_fencing(error):
            self._lost = _fenced()
            return self._lost
        try:
            async with asyncio.timeout(_ABORT_PATIENCE):
                await self._producer.abort_transaction()
        except FAULTS as worse:
            # The transaction stays open until the next claim's fence, or the coordinator's timeout, aborts it.
            self._lost = _fenced() if is_fencing(worse) else unavailable(error)
            return self._lost
        self._ended()
        return unavailable(error)

    def _ended(self) -> None:
        self._not_before = _now() + _RHYTHM
        self._lost = None


async def _all(sent: Sequence[asyncio.Future[object]]) -> None:
    """Await every send, so that no exception goes unretrieved, then raise the first."""
    results = await asyncio.gather(*sent, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _see(sent: asyncio.Future[object]) -> None:
    if not sent.cancelled():
        sent.exception()


def _fenced() -> Fenced:
    return Fenced("another instance owns this partition now")


def _now() -> float:
    return asyncio.get_running_loop().time()
