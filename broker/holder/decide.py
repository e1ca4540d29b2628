"""Decide: send a decision about a desk item, by a practitioner or the clock, to the organisation's own request topic.

The message has the same key as the request, so that one worker handles both in one order on one path. Nothing is
decided here: the decision is sealed, numbered and sent, and the path takes every step again with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import final

from broker.errors import RejectedError
from broker.exchange.envelope import request_id_at
from broker.exchange.outbox import Outbox
from broker.exchange.parse import parse
from broker.exchange.seal import Sealer, UnsealedMessage
from broker.exchange.verify import Verifier
from broker.holder.desk import waiting_items
from broker.ports import Clock, Database, LogOwner, LogReader, Message
from schemas.answer import Item, Judgement
from schemas.exchange import Chosen, Decided, DecidedBody, DeskItem, DeskItemBody, LeftOut
from schemas.topics import Family, topic_name
from schemas.vocabulary import DecisionAction, Kind, WithholdGround

MOST_AT_ONCE = 256
AT_ONCE = timedelta(0)


@final
class DeskInbox:
    """A follower of an organisation's own desk topic, folded into the items that wait."""

    def __init__(self, *, verifier: Verifier, partnership: str, clock: Clock, alarm: Callable[[str], None]) -> None:
        self._verifier = verifier
        self._clock = clock
        self._alarm = alarm
        self._topic = topic_name(partnership, Family.DESK, verifier.keys.principal)
        self._offset = 0
        self._items: list[DeskItemBody] = []

    async def waiting(self, log: LogReader) -> tuple[DeskItemBody, ...]:
        """Return the items that wait, oldest first. Raises: UnavailableError, RejectedError `UNKNOWN_TOPIC`."""
        while messages := await log.read(self._topic, 0, offset=self._offset, most=MOST_AT_ONCE, wait=AT_ONCE):
            for message in messages:
                self._read(message)
            self._offset = messages[-1].place.offset + 1
        self._items = list(waiting_items(self._items))
        return tuple(self._items)

    @property
    def last_seen(self) -> tuple[DeskItemBody, ...]:
        """The items that waited at the last look, without reading the topic."""
        return waiting_items(self._items)

    def _read(self, message: Message) -> None:
        try:
            item = self._verifier.verify(parse(message), record=DeskItem, now=self._clock())
        except RejectedError as fault:
            self._alarm(fault.reason)  # somebody else wrote here, or its key epoch is over: seen, never shown
        else:
            self._items.append(item.record.body)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision about one item."""

    action: DecisionAction
    by: str | None
    ground: WithholdGround | None = None
    left_out: tuple[LeftOut, ...] = ()
    chosen: tuple[Chosen, ...] = field(default=(), repr=False)
    judgement: Judgement | None = field(default=None, repr=False)
    items: tuple[Item, ...] = field(default=(), repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSender:
    """The sender of one organisation's decisions."""

    database: Database = field(repr=False)
    outbox: Outbox = field(repr=False)
    sealer: Sealer = field(repr=False)
    partnership: str
    clock: Clock = field(repr=False)

    async def decide(self, item: DeskItemBody, choice: Decision, *, log: LogOwner) -> None:
        """Send one decision. Raises: UnavailableError (kept; goes out with the next one)."""
        if item.request_id is None:
            raise RejectedError("NOT_DECIDABLE", "nobody can vouch for that message")
        now = self.clock()
        record = Decided(
            body=DecidedBody(
                item_id=item.item_id,
                request_id=item.request_id,
                reason=item.reason,
                action=choice.action,
                by=choice.by,
                decided_at=now,
                ground=choice.ground,
                left_out=choice.left_out,
                chosen=choice.chosen,
                judgement=choice.judgement,
                items=choice.items,
                original=item.original,
            )
        )
        message_id = request_id_at(now, self.sealer.random(10))
        with self.database.transaction() as transaction:
            sequence = self.outbox.take_sequence(transaction)
            sealed = self.sealer.seal(
                UnsealedMessage(
                    kind=Kind.DECISION,
                    topic=topic_name(self.partnership, Family.REQUESTS, self.sealer.keys.principal),
                    record=record,
                    message_id=message_id,
                    request_id=item.request_id,
                    answers=None,
                    event_id=message_id,  # its audit event is the one that the path writes when it takes it
                    stream=self.outbox.stream,
                    sequence=sequence,
                    issued_at=now,
                )
            )
            self.outbox.put(transaction, sequence, [sealed.outgoing])
        await self.outbox.drain(log)
