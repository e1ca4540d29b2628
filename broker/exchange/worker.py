"""The worker owns partitions, and ends every message in one transaction: what it led to, and the committed position.

(1) wait for an assignment; (2) claim, which fences the previous owner and then reads the position; (3) count the
attempt before anything parses the message; (4) handle the batch side by side, sequence numbers given out in order; (5)
journal the outcome; (6) publish all of it with the position. Fenced: publish nothing, wait for the next assignment. Any
other fault: claim again, where the position tells whether the commit happened, and (7) handle that batch's messages one
by one. A message that killed the process is tried alone, one that never ends ends the process. A message that the log
refuses for good counts towards poison; an outage does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import final

from broker.errors import Fenced, InvariantError, OutcomeUnknown, RejectedError, UnavailableError
from broker.exchange.journal import Journal
from broker.exchange.seal import SealedBatch
from broker.ports import Claim, Clock, CommittedOffset, LogOffset, LogOwner, Message

MOST_AT_ONCE = 64
IDLE = timedelta(milliseconds=250)
"""How long a fetch waits for the first message: a stop is noticed four times a second."""
PAUSE_AFTER_TROUBLE_SECONDS = 0.2
"""Between a fault and the next claim: short beside any deadline, long enough not to spin on a log that is away."""
LONGEST_BATCH = timedelta(minutes=2)
"""Longer than every look-up of the largest request at its deadline: a batch that takes longer will never end."""
FIRST_SEQUENCE = 1


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The context of one message for its handler. `attempts` were made before and never came to an end."""

    stream: str
    sequence: int
    attempts: int
    now: datetime


Handler = Callable[[Message, Delivery], Awaitable[SealedBatch]]


def _nobody_waits() -> None:
    """The default of `claimed`."""


def _nobody_counts(_trouble: str) -> None:
    """The default of `troubled`."""


@final
@dataclass(kw_only=True)
class Worker:
    """Runs one topic for one group until `stop` is set. An InvariantError ends the process: its supervisor restarts it.

    `claimed` is called each time that a partition is owned: from then on this process answers. `troubled` is called
    with the fault's name each time that a partition is given back: Fenced, OutcomeUnknown, UnavailableError.
    """

    log: LogOwner
    topic: str
    group: str
    journal: Journal
    handle: Handler
    clock: Clock
    stop: asyncio.Event
    claimed: Callable[[], None] = _nobody_waits
    troubled: Callable[[str], None] = _nobody_counts
    _one_by_one: dict[str, int] = field(default_factory=dict)
    """By stream: the offset up to which a batch has failed."""
    _attempts_to_undo: dict[LogOffset, int] = field(default_factory=dict)

    async def run(self) -> None:
        """Claim every partition that is assigned; return once `stop` is set and every batch in hand is committed."""
        async with asyncio.TaskGroup() as owned:
            while not self.stop.is_set():
                partition = await self._next_assignment()  # (1)
                if partition is None:
                    continue
                try:
                    claim = await self.log.claim(self.topic, partition, group=self.group)  # (2)
                except (Fenced, UnavailableError):
                    await asyncio.sleep(PAUSE_AFTER_TROUBLE_SECONDS)
                    continue
                self.claimed()
                owned.create_task(self._own(claim, stream=f"{self.topic}.{partition}"))

    async def _next_assignment(self) -> int | None:
        assigned = asyncio.ensure_future(self.log.wait_for_assignment(self.topic, group=self.group))
        stopped = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({assigned, stopped}, return_when=asyncio.FIRST_COMPLETED)
            return assigned.result() if assigned.done() else None
        except UnavailableError:
            await asyncio.sleep(PAUSE_AFTER_TROUBLE_SECONDS)
            return None
        finally:
            # Cancelled only when the process stops, and before anything is released: an assignment that is cancelled
            # just as it arrives leaves its partition to nobody for a whole session.
            assigned.cancel()
            stopped.cancel()
            await asyncio.wait({assigned, stopped})

    async def _own(self, claim: Claim, *, stream: str) -> None:
        try:
            await self._work(claim, stream)
        except (Fenced, OutcomeUnknown) as fault:
            self.troubled(type(fault).__name__)  # the next claim reads from the position whether the commit happened
        except UnavailableError as fault:
            self.troubled(type(fault).__name__)
            await asyncio.sleep(PAUSE_AFTER_TROUBLE_SECONDS)
        finally:
            # Crash here: the claim lapses with its session, and the partition is assigned again.
            await claim.release()

    async def _work(self, claim: Claim, stream: str) -> None:
        sequence = int(claim.position.metadata or FIRST_SEQUENCE)
        while not self.stop.is_set():
            messages = await claim.fetch(most=MOST_AT_ONCE, wait=IDLE)
            for batch in self._batches(messages, stream):
                if self.stop.is_set():
                    return  # what was not begun is redelivered; a process that takes too long to stop is killed
                try:
                    sequence = await self._end(claim, batch, stream, sequence)
                except UnavailableError:
                    # The cause may be one message, or the size of the batch: it must not hold up the others.
                    self._one_by_one[stream] = batch[-1].place.offset + 1  # (7)
                    raise

    def _batches(self, messages: Sequence[Message], stream: str) -> Sequence[Sequence[Message]]:
        if not messages:
            return ()
        failed = messages[0].place.offset < self._one_by_one.get(stream, 0)
        alone = failed or self.journal.attempted([message.place for message in messages])
        return [[message] for message in messages] if alone else _without_repeated_keys(messages)

    async def _end(self, claim: Claim, batch: Sequence[Message], stream: str, sequence: int) -> int:
        now = self.clock()
        self._undo_attempts()
        attempts = self.journal.count_attempt([message.place for message in batch], now=now)  # (3)
        # Crash from here to (5): the attempts stand; redelivery tries each message alone.
        deliveries = [
            Delivery(stream=stream, sequence=sequence + index, attempts=attempts[message.place], now=now)
            for index, message in enumerate(batch)
        ]
        try:
            ended = await self._side_by_side(batch, deliveries)  # (4)
            self.journal.record_outcome([one.entry for one in ended])  # (5)
        except UnavailableError:
            # Our own store was away, or full: an outage must not make poison of what was in hand.
            self._attempts_to_undo.update(attempts)
            with suppress(UnavailableError):
                self._undo_attempts()
            raise
        # Crash here: the journal has the answers; redelivery publishes them under the same ids.
        following = sequence + len(batch)
        try:
            await claim.publish(  # (6)
                [outgoing for one in ended for outgoing in one.outgoing],
                position=CommittedOffset(offset=batch[-1].place.offset + 1, metadata=str(following)),
            )
        except RejectedError:
            # The log refuses it for good (too large, no such topic). Not counted, it would end each new process.
            self.journal.set_attempts({place: count + 1 for place, count in attempts.items()})
            raise
        return following

    def _undo_attempts(self) -> None:
        """Undo the attempt count after an outage: only crashes count towards poison.

        Raises: UnavailableError; nothing new is begun before the journal is corrected.
        """
        if self._attempts_to_undo:
            self.journal.set_attempts(self._attempts_to_undo)
            self._attempts_to_undo.clear()

    async def _side_by_side(self, batch: Sequence[Message], deliveries: Sequence[Delivery]) -> Sequence[SealedBatch]:
        work = [asyncio.ensure_future(self.handle(*one)) for one in zip(batch, deliveries, strict=True)]
        try:
            async with asyncio.timeout(LONGEST_BATCH.total_seconds()):
                return await asyncio.gather(*work)
        except TimeoutError:
            # The attempt is counted: the next process tries each alone, and quarantines the one that does it again.
            raise InvariantError("a message did not come to its end") from None
        finally:
            # Where one failed, the others must not go on beside the partition's next owner.
            for one in work:
                one.cancel()
            await asyncio.wait(work)


def _without_repeated_keys(messages: Sequence[Message]) -> Sequence[Sequence[Message]]:
    """Split before each repeated key, so that messages about one request are handled one after the other."""
    batches: list[list[Message]] = [[]]
    for message in messages:
        if any(message.key == earlier.key for earlier in batches[-1]):
            batches.append([])
        batches[-1].append(message)
    return batches
