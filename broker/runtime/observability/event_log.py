"""A wrapper around an event log that counts how transactions end, which partitions are owned, and each topic's lag.

Promise: every call goes to the wrapped log unchanged. One wrapper serves every process and every adapter, so that the
worker, the outboxes and the followers need no counting of their own.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, final

from broker.errors import Fenced, OutcomeUnknown, RejectedError, UnavailableError
from broker.exchange.timing import stage
from broker.ports import MALFORMED_TRACE, Claim, CommittedOffset, EventLog, Message, Meter, Outgoing

_JUST_NOW: Final = 2.0
"""Seconds: the time of several reads by a follower. A reader that found nothing this recently has no lag: only Kafka's
transaction markers lie between its offset and the end, and they would otherwise be counted."""

TRACE_MALFORMED: Final = "TRACE_MALFORMED"


@dataclass(kw_only=True)
class _Progress:
    """The progress of one partition's reader: `following` is its next offset, `heard` when the log last answered."""

    following: int
    heard: float
    idle: bool = False

    def behind(self, end: int, now: float) -> int:
        if self.idle and now - self.heard < _JUST_NOW:
            self.following = max(self.following, end)
        return max(0, end - self.following)


@final
class ObservedLog(EventLog):
    """The observed log. `now` gives seconds on a monotonic clock."""

    def __init__(self, log: EventLog, meter: Meter, *, now: Callable[[], float] = time.monotonic) -> None:
        self.remote = log.remote
        self.provisioned_by = log.provisioned_by
        self._log = log
        self._meter = meter
        self._now = now
        self._progress: dict[tuple[str, int], _Progress] = {}
        self._owned: Counter[str] = Counter()

    # ------------------------------------------------------------ what is measured

    def owned(self) -> dict[str, int]:
        """Return how many partitions of each topic this process owns and works on."""
        return dict(+self._owned)

    def silent(self) -> dict[str, float]:
        """Return, for each topic that is read, the seconds since the log last answered a read."""
        silent: dict[str, float] = {}
        for (topic, _), one in self._progress.items():
            silent[topic] = max(silent.get(topic, 0.0), self._now() - one.heard)
        return silent

    async def lags(self) -> dict[str, int]:
        """Return the lag of each topic in messages. Raises: UnavailableError."""
        lags: Counter[str] = Counter()
        for (topic, partition), one in tuple(self._progress.items()):
            lags[topic] += one.behind(await self._log.end(topic, partition), self._now())
        return dict(lags)

    # ------------------------------------------------------------ the ports

    async def create_topics(self, partitions: dict[str, int]) -> None:
        await self._log.create_topics(partitions)

    async def partitions(self, topic: str) -> int:
        return await self._log.partitions(topic)

    async def wait_for_assignment(self, topic: str, *, group: str) -> int:
        return await self._log.wait_for_assignment(topic, group=group)

    async def claim(self, topic: str, partition: int, *, group: str) -> Claim:
        return ObservedClaim(await self._log.claim(topic, partition, group=group), self, topic, partition)

    async def committed(self, topic: str, partition: int, *, group: str) -> CommittedOffset:
        return await self._log.committed(topic, partition, group=group)

    async def read(self, topic: str, partition: int, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        found = await self._log.read(topic, partition, offset=offset, most=most, wait=wait)
        self.heard(topic, partition, found, following=found[-1].place.offset + 1 if found else offset)
        return found

    async def end(self, topic: str, partition: int) -> int:
        return await self._log.end(topic, partition)

    async def why_unavailable(self) -> str:
        return await self._log.why_unavailable()

    async def close(self) -> None:
        await self._log.close()

    # ------------------------------------------------------------ what claims and readers report

    def heard(self, topic: str, partition: int, found: Sequence[Message], *, following: int) -> None:
        """Record that the log answered a read of this partition, and the reader's next offset."""
        self._progress[topic, partition] = _Progress(following=following, heard=self._now(), idle=not found)
        if malformed := sum(message.trace == MALFORMED_TRACE for message in found):
            self._meter.alarm(TRACE_MALFORMED, many=malformed)

    def moved(self, topic: str, partition: int, following: int) -> None:
        """Record that everything before `following` is committed."""
        if (one := self._progress.get((topic, partition))) is not None:
            one.following = following

    def note_owned(self, topic: str) -> None:
        """Record that a partition is worked on from now on."""
        self._owned[topic] += 1

    def lost(self, topic: str, partition: int) -> None:
        """Record that a partition is no longer worked on; its next owner reports its lag."""
        self._owned[topic] -= 1
        self._progress.pop((topic, partition), None)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count one transaction by how it ends."""
        try:
            with stage("publish"):
                yield
        except Fenced:
            self._meter.count("mash_transactions_total", "fenced")
            raise
        except OutcomeUnknown:
            self._meter.count("mash_transactions_total", "unknown")
            raise
        except (RejectedError, UnavailableError):
            self._meter.count("mash_transactions_total", "aborted")
            raise
        self._meter.count("mash_transactions_total", "committed")


@final
class ObservedClaim(Claim):
    """An observed claim. A claim that never fetches (an outbox's) only writes, and counts as owning nothing."""

    def __init__(self, claim: Claim, log: ObservedLog, topic: str, partition: int) -> None:
        self.position = claim.position
        self._claim = claim
        self._log = log
        self._topic = topic
        self._partition = partition
        self._committed = claim.position.offset
        self._works = False

    async def fetch(self, *, most: int, wait: timedelta) -> tuple[Message, ...]:
        if not self._works:
            self._works = True
            self._log.note_owned(self._topic)
        with self._until_fenced():
            found = await self._claim.fetch(most=most, wait=wait)
        # Not the offset after the last message found: a message counts as lag until its outcome is committed.
        self._log.heard(self._topic, self._partition, found, following=self._committed)
        return found

    async def publish(self, messages: Sequence[Outgoing], *, position: CommittedOffset) -> None:
        with self._until_fenced(), self._log.counted():
            await self._claim.publish(messages, position=position)
        self._committed = position.offset
        if self._works:
            self._log.moved(self._topic, self._partition, position.offset)

    async def release(self) -> None:
        self._over()
        await self._claim.release()

    @contextmanager
    def _until_fenced(self) -> Iterator[None]:
        try:
            yield
        except Fenced:
            self._over()
            raise

    def _over(self) -> None:
        if self._works:
            self._works = False
            self._log.lost(self._topic, self._partition)
