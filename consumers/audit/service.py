"""The audit service: every message of the audit topic into the ledger, and a signed checkpoint over it at once.

(1) begin only with keys that others can check and with a ledger that may be continued; (2) publish what a crash left
unpublished; (3) follow the topic from the ledger's own position; (4) take each message in, or refuse it: none stops
those behind it; (5) record the batch with its checkpoint in one transaction; (6) publish. What is merely away is tried
again for as long as it takes; what is damaged or contradicts itself stops the process, for a person to look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import final

from broker.errors import InvariantError, UnavailableError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.follower import follow
from broker.exchange.keys import KeyRing
from broker.ports import Clock, Crypto, Database, EventLog, Message
from broker.transparency.follow import ledger_name
from broker.transparency.note import MAX_LEAVES
from consumers.audit.checkpoint import CheckpointPublisher, Checkpoints
from consumers.audit.intake import Early, Entry, Intake, Refused
from consumers.audit.ledger import Ledger, Recorded
from consumers.audit.vault import Vault
from schemas.topics import Family, topic_name
from schemas.vocabulary import PrincipalRole

Observe = Callable[[str, dict[str, int | str]], None]
"""Takes an event word and counts or names, for the log; never a value of a record."""

PAUSE_SECONDS = 0.2
DIRECTORY_TRIES = 25
"""How often a message that names a newer directory is tried again before it is refused."""


@final
class AuditService:
    """The one audit consumer of a partnership."""

    def __init__(
        self,
        *,
        log: EventLog,
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
        self._position = 0
        self._observe = observe
        vault = Vault(rest=keys.rest, crypto=crypto, random=random, origin=origin)
        self._ledger = Ledger(database=database, vault=vault, origin=origin)
        self._checkpoints = Checkpoints(signer=keys.signer, origin=origin)
        self._publisher = CheckpointPublisher(
            log=log,
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
            database=database,
            clock=clock,
        )

    async def run(self) -> None:
        """Record and publish until `stop` is set; what is recorded by then is published, here or at the next start.

        Raises: InvariantError, RejectedError `DATABASE_DAMAGED` or `UNKNOWN_TOPIC`.
        """
        try:
            await self._insist(self._begin)  # (1) (2)
            following = follow(self._log, self._topic, 0, offset=self._position, stop=self._stop)
            async for messages in following:  # (3)
                for first in range(0, len(messages), MAX_LEAVES):
                    await self._batch(messages[first : first + MAX_LEAVES])
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
        taken = [await self._take(message) for message in messages]  # (4)
        if self._stop.is_set():
            # One may be refused only because nobody waits for its directory any more: the next start reads all again.
            return

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
        # Crash here: the checkpoint is stored; the next start publishes it first.
        await self._insist(self._publish)  # (6)

    async def _take(self, message: Message) -> Entry | Refused:
        tries = 0
        while isinstance(taken := await asyncio.to_thread(self._intake.take, message), Early):
            tries += 1
            if self._stop.is_set() or tries == DIRECTORY_TRIES:
                return taken.otherwise
            await asyncio.sleep(PAUSE_SECONDS)
        return taken

    async def _publish(self) -> None:
        published = await self._publisher.publish()
        if published:
            self._observe("checkpoints_published", {"count": published})

    async def _insist(self, step: Callable[[], Awaitable[None]]) -> None:
        """Take a step until it succeeds or somebody wants to stop: then the next start takes it again."""
        while True:
            try:
                await step()
            except UnavailableError:
                if self._stop.is_set():
                    return
                self._observe("audit_waits", {"step": "storage or event log"})
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return

    def _tell(self, recorded: Recorded) -> None:
        counts = {"leaves": recorded.leaves, "copies": recorded.copies, "refused": recorded.refused}
        self._observe("audit_recorded", {**counts, "size": recorded.size})
