"""The screening consumer: follows dispatches, answers and checkpoints, and publishes the combined summary they make.

(1) An attempt is counted before anything looks inside; (2) the message is brought to its end in one transaction; (3)
what it led to is published from the outbox. What cannot be accepted is quarantined, counted, alarmed, and blocks
nothing; what is away is waited for; a message that killed the process twice is not looked at again. So each answer that
was opened is accounted for exactly once, and no summary is lost or published twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, final

from broker.errors import InvariantError, RejectedError, UnavailableError
from broker.exchange.early import EarlyMessages
from broker.exchange.follower import follow, insist
from broker.exchange.seal import Sealer
from broker.exchange.verify import Verifier
from broker.ports import Clock, Database, LogOffset, LogOwner, LogReader, Message
from consumers.screening.handlers import Alarms, Handlers
from consumers.screening.publisher import SummaryPublisher
from consumers.screening.state import MEMORY, SCHEMA, ScreeningState
from schemas.scalars import to_milliseconds
from schemas.topics import Family, topic_name

__all__ = ["SCHEMA", "Observe", "ScreeningService"]

Observe = Callable[[str, LogOffset | None], None]
"""Raises an alarm: a stable word, and the place of the message in question."""

LOOK_AGAIN = timedelta(milliseconds=250)
"""The interval at which the directory is read for new organisations."""

TIDY_EVERY = timedelta(hours=1)
MOST_ATTEMPTS = 2

POISON = "POISON"
LOG_AWAY = "LOG_AWAY"
UNDISPATCHED = "UNDISPATCHED"
"""Alarms of this file: a message that killed the process twice; summaries that wait for the log; answers to a request
that was never dispatched here, deleted when its dispatch could no longer come."""

T = TypeVar("T")
_Ending = Callable[[Message], Alarms]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    topic: str
    ending: _Ending


class ScreeningService:
    """One requester's screening; a singleton. A fault of kind InvariantError ends it: the supervisor looks."""

    def __init__(
        self,
        *,
        log: LogReader,
        owner: LogOwner,
        sealer: Sealer,
        verifier: Verifier,
        database: Database,
        requester: str,
        build: str,
        clock: Clock,
        stop: asyncio.Event,
        observe: Observe,
    ) -> None:
        """Take what it works with, all of the screening principal.

        Raises: InvariantError where the directory does not let this principal act for the requester.
        """
        if sealer.directory().principal(sealer.keys.principal).acts_for != requester:
            raise InvariantError("this principal does not act for that requester")
        self._log = log
        self._owner = owner
        self._directory = verifier.directory
        self._database = database
        self._requester = requester
        self._clock = clock
        self._stop = stop
        self._observe = observe
        self._state = ScreeningState(database, rest=sealer.keys.rest)
        self._publisher = SummaryPublisher(database, sealer=sealer, requester=requester, build=build)
        self._handlers = Handlers(
            database, verifier=verifier, state=self._state, publisher=self._publisher, clock=clock
        )
        self._followed: set[str] = set()
        self._undrained = True  # a crash may have left something
        self._draining = asyncio.Lock()
        self._tidied: datetime | None = None

    async def run(self) -> None:
        """Follow everything until `stop` is set; what was begun is then ended, and published if the log takes it."""
        await self._drain()
        async with asyncio.TaskGroup() as followers:
            while not self._stop.is_set():
                for source, partition in await self._new_sources():
                    followers.create_task(self._follow(source, partition))
                self._tidy()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN.total_seconds()):
                        await self._stop.wait()
        await self._drain()

    async def _new_sources(self) -> list[tuple[_Source, int]]:
        """Return what is to be followed and is not yet; a topic that does not exist yet is asked for again."""
        found: list[tuple[_Source, int]] = []
        for source in self._sources():
            if source.topic in self._followed:
                continue
            try:
                partitions = await self._log.partitions(source.topic)
            except UnavailableError:
                continue
            except RejectedError as error:
                if error.reason != "UNKNOWN_TOPIC":
                    raise
                continue
            self._followed.add(source.topic)
            found += [(source, partition) for partition in range(partitions)]
        return found

    def _sources(self) -> list[_Source]:
        directory = self._directory()
        partnership = directory.directory.partnership
        dispatches = topic_name(partnership, Family.DISPATCHES, self._requester)
        checkpoints = topic_name(partnership, Family.CHECKPOINTS)
        answers = (
            topic_name(partnership, Family.ANSWERS, self._requester, holder.id) for holder in directory.holders()
        )
        return [
            _Source(topic=dispatches, ending=self._handlers.dispatch),
            _Source(topic=checkpoints, ending=self._handlers.checkpoint),
            *(_Source(topic=topic, ending=self._handlers.answer) for topic in answers),
        ]

    async def _follow(self, source: _Source, partition: int) -> None:
        early = EarlyMessages(self._directory, stop=self._stop)
        with suppress(UnavailableError):  # raised only once `stop` is set
            offset = await self._insist(lambda: self._state.position(source.topic, partition))
            async for messages in follow(self._log, source.topic, partition, offset=offset, stop=self._stop):
                for message in messages:
                    await self._end(message, source.ending, early)
                    if self._stop.is_set():
                        return
                await self._drain()  # (3)

    async def _end(self, message: Message, ending: _Ending, early: EarlyMessages) -> None:
        """Handle one message, retrying for as long as a store or the log is away.

        Raises: UnavailableError once `stop` is set: the next start takes the message again.
        """
        attempts = await self._insist(lambda: self._state.begin(message.place))  # (1)
        if attempts is None:
            return
        try:
            if attempts >= MOST_ATTEMPTS:
                await self._insist(lambda: self._quarantined(message.place, POISON))
            else:
                await self._try(message, ending, early)  # (2)
        except (UnavailableError, InvariantError):
            self._state.undo_attempt(message.place)  # an outage is not the message's fault: it must not become poison
            raise
        await asyncio.sleep(0)  # let the other followers run: a long backlog here must not starve them

    async def _insist(self, step: Callable[[], T]) -> T:
        """Run a step of our own database until it is done; after an unknown commit, the position tells."""

        async def taken() -> T:
            return step()

        return await insist(taken, stop=self._stop)

    async def _try(self, message: Message, ending: _Ending, early: EarlyMessages) -> None:
        try:
            alarms = await early.judge(message, lambda: self._insist(lambda: ending(message)))
            # Crash here: the outbox has what the message led to; the next start publishes it, once.
        except RejectedError as error:
            reason = error.reason
            await self._insist(lambda: self._quarantined(message.place, reason))
            return
        self._undrained = True
        for alarm in alarms:
            self._observe(alarm, message.place)

    def _quarantined(self, place: LogOffset, reason: str) -> None:
        self._handlers.quarantined(place, reason)
        self._observe(reason, place)

    async def _drain(self) -> None:
        async with self._draining:  # one drain at a time: a waiting caller's messages go out with the running one's
            while self._undrained:
                self._undrained = False
                try:
                    await self._publisher.drain(self._owner)
                except UnavailableError:
                    self._undrained = True
                    self._observe(LOG_AWAY, None)
                    if self._stop.is_set():
                        return  # stored: the next start publishes it

    def _tidy(self) -> None:
        now = to_milliseconds(self._clock())
        if self._tidied is not None and now < self._tidied + TIDY_EVERY:
            return
        self._tidied = now
        with suppress(UnavailableError), self._database.transaction() as transaction:
            for _ in range(self._state.forget_undispatched(transaction, before=now - MEMORY)):
                self._state.count(transaction, UNDISPATCHED)
