"""A look: whoever is shown personal data stands in the ledger first (golden rule 7; ref 3.3, event READ).

(1) The READ event is stored durably in the principal's own outbox before anything is handed out: where it cannot be
stored, the caller gets a fault and no data. (2) It is published at once where the event log takes it, else by the
principal's own process. One event a look, however much of the same thing came by while somebody waited for it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import final

from broker.errors import UnavailableError
from broker.exchange.envelope import request_id_at
from broker.exchange.outbox import Outbox
from broker.exchange.seal import Sealer, UnsealedMessage
from broker.ports import Clock, Database, LogOwner
from schemas.audit import AuditEvent, Personal, Skeleton
from schemas.topics import Family, topic_name
from schemas.vocabulary import Authentication, EventKind, Kind, LookedAt, RatingBand


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who is shown what. `actor` is whom the front names (claimed, until people sign in); `revision` the version."""

    at: LookedAt
    actor: str
    role: str | None
    request_id: str | None = None
    case_ref: str | None = field(default=None, repr=False)
    revision: int | None = None
    band: RatingBand | None = None
    due_at: datetime | None = None
    desk_item_id: str | None = None
    hits: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a person changes at their own organisation: `what` and `reason` are code words, `hits` how many."""

    what: str
    reason: str
    actor: str
    role: str | None
    hits: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Writes the looks of one principal's people, numbered in a stream of its outbox."""

    database: Database = field(repr=False)
    outbox: Outbox = field(repr=False)
    sealer: Sealer = field(repr=False)
    clock: Clock = field(repr=False)
    build: str

    async def account_for(self, look: Look, *, log: LogOwner) -> None:
        """Store the event, and publish it where the log takes it. Raises: UnavailableError where it is not stored."""
        self._store(lambda event_id, now: self._event(look, event_id, now))  # (1)
        # Crash here: the ledger says that it was seen, and it may not have been; the other way round would be worse.
        with suppress(UnavailableError):
            await self.outbox.drain(log)  # (2)

    async def account_for_change(self, change: Change, *, log: LogOwner) -> None:
        """Store the event of a change before it is made, as that of a look. Raises: UnavailableError."""
        self._store(lambda event_id, now: self._changed(change, event_id, now))
        with suppress(UnavailableError):
            await self.outbox.drain(log)

    def _store(self, event: Callable[[str, datetime], AuditEvent]) -> None:
        now = self.clock()
        event_id = request_id_at(now, self.sealer.random(10))
        made = event(event_id, now)
        with self.database.transaction() as transaction:
            sequence = self.outbox.take_sequence(transaction)
            sealed = self.sealer.seal(
                UnsealedMessage(
                    kind=Kind.AUDIT_EVENT,
                    topic=topic_name(self.sealer.directory().directory.partnership, Family.AUDIT),
                    record=made,
                    message_id=event_id,
                    request_id=made.skeleton.request_id,
                    answers=None,
                    event_id=event_id,
                    stream=self.outbox.stream,
                    sequence=sequence,
                    issued_at=now,
                )
            )
            self.outbox.put(transaction, sequence, [sealed.outgoing])

    def _event(self, look: Look, event_id: str, now: datetime) -> AuditEvent:
        me = self.sealer.keys.principal
        skeleton = Skeleton(
            event_id=event_id,
            event=EventKind.READ,
            occurred_at=now,
            organisation=me,
            service=me,
            request_id=look.request_id,
            look=look.at,
            hits=look.hits,
            revision=look.revision,
            desk_item_id=look.desk_item_id,
            band=look.band,
            due_at=look.due_at,
            recipients=(me,),
            profile_digest=self.sealer.directory().directory.profile_digest,
            auth=Authentication.CLAIMED,
            build=self.build,
        )
        return AuditEvent(
            skeleton=skeleton, personal=Personal(case_ref=look.case_ref, actor=look.actor, actor_role=look.role)
        )

    def _changed(self, change: Change, event_id: str, now: datetime) -> AuditEvent:
        me = self.sealer.keys.principal
        skeleton = Skeleton(
            event_id=event_id,
            event=EventKind.CHANGED,
            occurred_at=now,
            organisation=me,
            service=me,
            changed=change.what,
            reason=change.reason,
            hits=change.hits,
            recipients=(me,),
            profile_digest=self.sealer.directory().directory.profile_digest,
            auth=Authentication.CLAIMED,
            build=self.build,
        )
        return AuditEvent(skeleton=skeleton, personal=Personal(actor=change.actor, actor_role=change.role))
