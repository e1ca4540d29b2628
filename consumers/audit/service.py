"""The audit service: record every message of the audit topic in the ledger, each batch with a signed checkpoint.

(1) Begin only with keys that others can check and a ledger that may be continued; (2) publish the checkpoints that a
crash left unpublished; (3) follow the topic from the ledger's own position; (4) accept or refuse each message, so that
none blocks those behind it; (5) record the batch with its checkpoint in one transaction; (6) publish. A step is retried
for as long as its store or log is away; damage or contradiction stops the process, for a person to look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, final

from broker.errors import InvariantError, RejectedError, UnavailableError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.early import EarlyMessages
from broker.exchange.follower import follow, insist
from broker.exchange.keys import KeyRing
from broker.ports import Clock, Crypto, Database, LogOwner, LogReader, Message
from broker.transparency.follow import ledger_name
from broker.transparency.note import MAX_LEAVES
from consumers.audit.checkpoint import CheckpointPublisher, Checkpoints
from consumers.audit.intake import Entry, Intake, Refused, refused
from consumers.audit.ledger import Ledger, Recorded
from consumers.audit.vault import Vault
from schemas.topics import Family, topic_name
from schemas.vocabulary import PrincipalRole

Observe = Callable[[str, dict[str, int | str]], None]
"""Writes an event word with counts or names to the log; never a value of a record."""

DATABASE_DAMAGED = "DATABASE_DAMAGED"

T = TypeVar("T")


@final
class AuditService:
    """The only audit consumer of a partnership."""

    def __init__(
        self,
        *,
        log: LogReader,
        owner: LogOwner,
        database: Database,
        partnership: str,
        keys: KeyRing,
        crypto: Crypto,
        random: Callable[[int], bytes],
        directory: Callable[[], TrustedDirectory],
        known_version: Callable[[int], bytes | None],
        clock: Clock,
        stop: asyncio.Event,
        observe: Observe,
    ) -> None:
        origin = ledger_name(partnership)
        self._log = log
        self._topic = topic_name(partnership, Family.AUDIT)
        self._keys = keys
        self._directory = directory
        self._stop = stop
        self._early = EarlyMessages(directory, stop=stop)
        self._position = 0
        self._observe = observe
        vault = Vault(rest=keys.rest, crypto=crypto, random=random, origin=origin)
        self._ledger = Ledger(database=database, vault=vault, origin=origin)
        self._checkpoints = Checkpoints(signer=keys.signer, origin=origin)
        self._publisher = CheckpointPublisher(
            log=owner,
            database=database,
            origin=origin,
            partnership=partnership,
            group=f"{keys.principal}.checkpoints",
        )
        self._intake = Intake(
            keys=keys,
            crypto=crypto,
            directory=directory,
            known_version=known_version,
            clock=clock,
        )

    async def run(self) -> None:
        """Record and publish until `stop` is set. Checkpoints still unpublished then go out at the next start.

        Raises: InvariantError, RejectedError `DATABASE_DAMAGED` or `UNKNOWN_TOPIC`.
        """
        try:
            await self._insist(self._begin)  # (1) (2)
            following = follow(self._log, self._topic, 0, offset=self._position, stop=self._stop)
            async for messages in following:  # (3)
                for first in range(0, len(messages), MAX_LEAVES):
                    await self._batch(messages[first : first + MAX_LEAVES])
        except UnavailableError:
            if not self._stop.is_set():
                raise
        finally:
            await self._publisher.close()

    async def _begin(self) -> None:
        own = self._directory().only(PrincipalRole.AUDIT)
        if own.id != self._keys.principal or self._keys.signer.key_id not in {key.key_id for key in own.signing_keys}:
            raise InvariantError("the directory does not name this principal's signing key as the ledger's")
        if await self._log.partitions(self._topic) != 1:
            raise InvariantError("the audit topic must have one partition: its order is the ledger's")
        self._position = await asyncio.to_thread(self._ledger.start)
        await self._publish()

    async def _batch(self, messages: Sequence[Message]) -> None:
        # Crash here, or stopped while a message waits for its directory: the next start reads the whole batch again.
        taken = [await self._take(message) for message in messages]  # (4)

        async def record() -> None:  # (5)
            following = messages[-1].place.offset + 1
            recorded = await asyncio.to_thread(
                self._ledger.record,
                taken,
                since=self._position,
                following=following,
                issue=self._checkpoints.issue,
            )
            self._position = recorded.position
            self._tell(recorded)

        await self._insist(record)
        # Crash here: leaves, position and checkpoint are stored; the next start publishes the checkpoint first (2).
        await self._insist(self._publish)  # (6)

    async def _take(self, message: Message) -> Entry | Refused:
        async def verdict() -> Entry:
            return await self._insist(lambda: asyncio.to_thread(self._intake.take, message))

        try:
            return await self._early.judge(message, verdict)
        except RejectedError as error:
            if error.reason == DATABASE_DAMAGED:
                raise  # our own fault: refusing the message for it would lose an event
            return refused(message, error.reason)

    async def _publish(self) -> None:
        published = await self._publisher.publish()
        if published:
            self._observe("checkpoints_published", {"count": published})

    async def _insist(self, step: Callable[[], Awaitable[T]]) -> T:
        return await insist(step, stop=self._stop, waits=self._tell_waiting)

    def _tell_waiting(self) -> None:
        self._observe("audit_waits", {"step": "storage or event log"})

    def _tell(self, recorded: Recorded) -> None:
        counts = {"leaves": recorded.leaves, "copies": recorded.copies, "refused": recorded.refused}
        self._observe("audit_recorded", {**counts, "size": recorded.size})
