"""The event log on Apache Kafka, for any number of instances on any number of machines.

Promise: the contract of `EventLog`. Ownership is a transactional id, `{group}-{topic}-{partition}`: a claim starts its
producer first, which fences the previous one, and reads the committed position second. Assignments come from membership
of the group; a group with one writer (an outbox) claims without being a member.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaProducer

from broker.adapters.kafka.admin import Admin
from broker.adapters.kafka.claim import Addressed, ClaimCallbacks, KafkaClaim, Owned
from broker.adapters.kafka.member import Member
from broker.adapters.kafka.member_slot import MemberSlot
from broker.adapters.kafka.reachable import why_not
from broker.adapters.kafka.reader import Reader, Readers
from broker.adapters.kafka.security import Security
from broker.adapters.kafka.settings import Settings
from broker.adapters.kafka.writer import Writer, commit
from broker.adapters.partitioner import partition_for
from broker.errors import UnavailableError
from broker.ports import Claim, CommittedOffset, EventLog, Message, Outgoing

PROVISION: Final = "mash kafka apply HOME"


class KafkaLog(EventLog):
    """One instance's view of the brokers at `bootstrap` (`HOST:PORT,...`). Connects at the first use.

    `session` is how long a silent owner keeps its partition (`session.timeout.ms`; brokers accept 6 s and more by
    default). `client_id` names the instance in the brokers' logs, and no person. `slots` is the folder of member slots:
    a process that is killed and started again on the same folder has its partitions back at once (`member_slot`). Every
    operation may raise UnavailableError (no broker answers, or this instance is closed).
    """

    remote = True

    def __init__(
        self,
        bootstrap: str,
        *,
        client_id: str,
        session: timedelta = timedelta(seconds=6),
        security: Security | None = None,
        slots: Path | None = None,
    ) -> None:
        # Brokers that know who is who deny what nobody granted; brokers in the clear are one machine's own.
        self.provisioned_by = None if security is None else PROVISION
        self._settings = Settings(bootstrap=bootstrap, client_id=client_id, session=session, security=security)
        self._admin = Admin(self._settings)
        self._readers = Readers(self._settings)
        self._slot = MemberSlot(slots)
        self._members: dict[tuple[str, str], Member] = {}
        self._claims: set[KafkaClaim] = set()
        self._closed = False

    async def create_topics(self, partitions: dict[str, int]) -> None:
        await self._admin.create_topics(partitions)

    async def partitions(self, topic: str) -> int:
        return await self._admin.partitions(topic)

    async def wait_for_assignment(self, topic: str, *, group: str) -> int:
        await self._admin.partitions(topic)
        self._check_open()
        member = self._members.get((topic, group))
        if member is None or member.gone:
            member = Member(self._settings, topic, group, held=lambda: self._held(topic, group), slot=self._slot)
            self._members[topic, group] = member
        return await member.wait_for_assignment()

    async def claim(self, topic: str, partition: int, *, group: str) -> Claim:
        await self._admin.check(topic, partition)
        self._check_open()
        writer = Writer(self._settings, group=group, topic=topic, partition=partition, commit=self._commit)
        try:
            await writer.fence()
            # Not before the fence: what the previous owner committed in between would be answered a second time.
            position = await self._admin.committed(topic, partition, group=group)
            self._check_open()
        except BaseException:
            await writer.stop()
            raise
        claim = KafkaClaim(
            Owned(topic=topic, partition=partition, group=group),
            writer,
            Reader(self._settings, topic, partition),
            position=position,
            session=self._settings.session,
            callbacks=ClaimCallbacks(address=self._address, fenced=self._fenced, released=self._released),
        )
        self._claims.add(claim)
        if member := self._members.get((topic, group)):
            member.note_claimed(partition)
        return claim

    async def committed(self, topic: str, partition: int, *, group: str) -> CommittedOffset:
        await self._admin.check(topic, partition)
        return await self._admin.committed(topic, partition, group=group)

    async def read(self, topic: str, partition: int, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        await self._admin.check(topic, partition)
        self._check_open()
        return await self._readers.read(topic, partition, offset=offset, most=most, wait=wait)

    async def end(self, topic: str, partition: int) -> int:
        await self._admin.check(topic, partition)
        self._check_open()
        return await self._readers.end(topic, partition)

    async def why_unavailable(self) -> str:
        security = self._settings.security
        return await why_not(self._settings.bootstrap, security.context if security else None)

    async def close(self) -> None:
        self._closed = True
        for claim in self._claims:
            claim.end(UnavailableError("the event log is closed"))
        await asyncio.gather(
            *(claim.release() for claim in self._claims),
            *(member.leave() for member in self._members.values()),
            self._readers.close(),
            self._admin.close(),
        )
        self._slot.close()

    async def _commit(self, producer: AIOKafkaProducer) -> None:
        """Commit the open transaction; tests override this step to fail before or after it took effect."""
        await commit(producer)

    async def _address(self, messages: Sequence[Outgoing]) -> list[Addressed]:
        """Return each message with its key's partition. Raises: RejectedError `UNKNOWN_TOPIC`."""
        return [
            (message, partition_for(message.key, partitions=await self._admin.partitions(message.topic)))
            for message in messages
        ]

    def _held(self, topic: str, group: str) -> Mapping[int, KafkaClaim]:
        """Return the valid claims by partition; of two on one partition, the one with the higher epoch."""
        ours = [
            claim
            for claim in self._claims
            if not claim.over and (claim.owned.topic, claim.owned.group) == (topic, group)
        ]
        return {claim.owned.partition: claim for claim in sorted(ours, key=lambda claim: claim.fencing)}

    def _fenced(self, claim: KafkaClaim) -> None:
        if member := self._members.get((claim.owned.topic, claim.owned.group)):
            member.rest(claim.owned.partition)

    async def _released(self, claim: KafkaClaim) -> None:
        owned = claim.owned
        self._claims.discard(claim)
        member = self._members.get((owned.topic, owned.group))
        if member is not None and not member.gone and owned.partition not in self._held(owned.topic, owned.group):
            await member.give_up(owned.partition)

    def _check_open(self) -> None:
        if self._closed:
            raise UnavailableError("the event log is closed")
