"""This instance's membership of one consumer group for one topic: which partitions it may claim.

Promise: a partition that another live member holds is not offered; one whose holder died is offered when that member's
session is over. Membership decides only when a partition is *offered*; whether a commit is *safe* the fence decides
alone. So claims survive a rebalance, and end when it assigns their partition to another member. (1) Join with the held
claims as user data; (2) stay, and rejoin when they change; (3) after any fault start again with a new consumer; (4)
leave when no caller waits for an assignment and no claim is held.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from broker.adapters.kafka.assignment import Membership
from broker.adapters.kafka.assignor import Assignor
from broker.adapters.kafka.claim import KafkaClaim
from broker.adapters.kafka.faults import FAULTS, unavailable
from broker.adapters.kafka.member_slot import MemberSlot, evict
from broker.adapters.kafka.settings import Settings, milliseconds
from broker.adapters.kafka.teardown import stop_consumer
from broker.errors import Fenced, UnavailableError

_PAUSE_AFTER_TROUBLE: Final = 0.5
"""Seconds between two consumers: a rejoin starts a rebalance for the whole group, so faults must not cause many."""
_TICKS: Final = 4
"""How often in a session the member looks whether anything has changed: late by a quarter of a session at most."""
_LOST: Final = 4
"""Sessions without an assignment, after which the consumer is taken to be stuck: a rebalance takes two at most."""

HeldClaims = Callable[[], Mapping[int, KafkaClaim]]


class Member:
    """One member of the group. Its constructor starts the join on the running event loop."""

    def __init__(self, settings: Settings, topic: str, group: str, *, held: HeldClaims, slot: MemberSlot) -> None:
        self._settings = settings
        self._topic = topic
        self._group = group
        self._held = held
        self._slot = slot
        self._session = settings.session.total_seconds()
        self._consumer: AIOKafkaConsumer | None = None
        self._assigned: frozenset[int] = frozenset()
        self._not_before: dict[int, float] = {}
        self._freed: set[int] = set()
        self._waiting = 0
        self._last_waited = _now()
        self._said = Membership(held={}, waits=True)
        self._since: float | None = None
        self._trouble: UnavailableError | None = None
        self._news = asyncio.Event()
        self._leaving = False
        self._task = asyncio.create_task(self._run())

    @property
    def gone(self) -> bool:
        """Whether the member has left or is leaving: another assignment needs another member."""
        return self._leaving or self._task.done()

    async def wait_for_assignment(self) -> int:
        """Wait for a partition that this instance may claim, and offer it to nobody else for a session.

        Raises: UnavailableError.
        """
        self._waiting += 1
        try:
            self._correct()
            while True:
                news = self._news
                if free := self._free():
                    self._not_before[free[0]] = _now() + self._session
                    return free[0]
                self._check()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._session / _TICKS if self._not_before else None):
                        await news.wait()
        finally:
            self._waiting -= 1
            self._last_waited = _now()

    def rest(self, partition: int) -> None:
        """Offer a partition again after one session at the earliest: its new owner must not be fenced back."""
        self._not_before[partition] = _now() + self._session
        self._freed.add(partition)

    def note_claimed(self, partition: int) -> None:
        """Record that an offered partition has been claimed."""
        self._not_before.pop(partition, None)

    async def give_up(self, partition: int) -> None:
        """Return the partition to the group: rejoin without it, or leave where nothing else is held."""
        self._assigned -= {partition}
        self._freed.add(partition)
        if self._needed(lately=0.0):
            self._correct()
        else:
            await self.leave()

    async def leave(self) -> None:
        """Leave the group. Safe to call twice."""
        if not self._leaving:
            self._leaving = True
            self._task.cancel()  # once: a second cancellation would interrupt the consumer's own shutdown
        await asyncio.wait([self._task])

    def _free(self) -> list[int]:
        now = _now()
        self._not_before = {number: when for number, when in self._not_before.items() if when > now}
        return sorted(self._assigned - self._held().keys() - self._not_before.keys())

    def _check(self) -> None:
        if self.gone:
            raise UnavailableError("the event log is closed")
        if self._trouble is not None:
            raise self._trouble

    async def _run(self) -> None:
        try:
            while self._needed(lately=self._session):  # (4)
                try:
                    await self._stay()
                except (*FAULTS, UnavailableError) as error:  # (3)
                    self._trouble = error if isinstance(error, UnavailableError) else unavailable(error)
                    self._wake()
                    await asyncio.sleep(_PAUSE_AFTER_TROUBLE)
        finally:
            self._wake()

    async def _stay(self) -> None:
        if (dead := self._slot.predecessor(self._group, self._topic)) is not None:
            # Before the join: with the dead member still in the group, JoinGroup would wait for its whole session.
            await evict(self._settings, self._group, dead)
        consumer = AIOKafkaConsumer(**self._settings.member(self._group, assignor=Assignor(self._tell)))
        self._consumer = consumer
        try:
            consumer.subscribe([self._topic], listener=_Listener(self._assign, self._revoke))
            self._since = _now()
            async with asyncio.timeout(_LOST * self._session):
                await consumer.start()  # (1)
            while self._needed(lately=self._session):
                self._check_assigned()
                # Every partition is paused, so this fetches nothing: getmany is where aiokafka raises its errors.
                async with asyncio.timeout(_LOST * self._session):
                    await consumer.getmany(timeout_ms=milliseconds(self._settings.session / _TICKS))
                self._correct()
        finally:
            self._consumer, self._assigned = None, frozenset()
            await stop_consumer(consumer)

    def _tell(self) -> Membership:
        held = {number: claim.fencing for number, claim in self._held().items()}
        self._said = Membership(held=held, waits=self._waits(self._session))
        self._freed.clear()
        return self._said

    def _correct(self) -> None:
        """Rejoin where the user data of the last join is outdated and another member may wait because of it (2)."""
        waits = self._waits(self._session)
        idle = self._said.waits and not waits and self._free()
        if self._freed or idle or (waits and not self._said.waits):
            coordinator = None if self._consumer is None else self._consumer._coordinator
            if coordinator is not None:
                # `subscribe` is the public way to rejoin, but corrupts the client's state during a coordinator lookup.
                coordinator.request_rejoin()

    def _revoke(self) -> None:
        """Record that a rebalance began. Claims go on: most partitions come back to the same member."""
        self._since = _now()

    def _check_assigned(self) -> None:
        if self._since is not None and _now() > self._since + _LOST * self._session:
            raise UnavailableError(f"no assignment on {self._topic} for too long")

    def _assign(self, assigned: Iterable[TopicPartition]) -> None:
        self._since = None
        if self._consumer is not None:
            self._slot.record(self._group, self._topic, self._consumer._coordinator.member_id)
            for where in assigned:
                self._consumer.pause(where)
                # Otherwise aiokafka asks for the group's position, which may be no offset: checkpoints count in it.
                self._consumer.seek(where, 0)
        self._assigned = frozenset(where.partition for where in assigned)
        self._trouble = None
        for number, claim in self._held().items():
            if number not in self._assigned:
                claim.end(Fenced(f"{self._topic} partition {number} has been given to another instance"))
        self._correct()  # claims may have changed during the rebalance
        self._wake()

    def _waits(self, lately: float) -> bool:
        return self._waiting > 0 or _now() < self._last_waited + lately

    def _needed(self, *, lately: float) -> bool:
        return self._waits(lately) or bool(self._held())

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    def __init__(self, assign: Callable[[Iterable[TopicPartition]], None], revoke: Callable[[], None]) -> None:
        self._assign = assign
        self._revoke = revoke

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._revoke()

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._assign(assigned)


def _now() -> float:
    return asyncio.get_running_loop().time()
