"""Endings: every message ends in one sealed batch: its audit event, and an answer, desk items, or both.

(1) a refusal is answered REJECTED_BY_GATE; (2) what needs a person is answered AWAITED (revision 0) with a desk
item that holds the draft; asked again by the desk's clock it is escalated, and past its due time answered
UNAVAILABLE; so is at once, with the reason, what there are no records to search for; (3) what a practitioner withheld
is answered HELD_WITHHELD with the ground; (4) a disclosure goes out, with a desk item where somebody must still look;
(5) a decision that did its work closes its item; (6) an unauthenticated message gets no answer, only an UNREADABLE
item; (7) the audit event comes last and quotes the answer's digest and status block.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from broker.errors import InvariantError
from broker.exchange.envelope import derived_id, sha256
from broker.exchange.journal import JournalEntry
from broker.exchange.seal import Sealed, SealedBatch, Sealer, UnsealedMessage
from broker.exchange.trace import carried_on, traced
from broker.exchange.verify import Verified
from broker.exchange.worker import Delivery
from broker.gate.outcome import Authority, NeedsPerson, Refusal
from broker.holder.answer import with_content, without_content
from broker.holder.audit_event import Account, AuditEvents
from broker.holder.desk import Waiting, close_item, open_item, open_unreadable
from broker.holder.evidence import Evidence
from broker.holder.minimise import Draft
from broker.holder.receive import Enquiry
from broker.holder.review import Disclosure
from broker.holder.revisions import Revisions
from broker.ports import Message
from schemas.answer import Answer
from schemas.audit import AuditEvent
from schemas.exchange import DeskItem
from schemas.request import InformationRequest
from schemas.topics import Family, topic_name
from schemas.vocabulary import DecisionAction, Kind, Status

AWAITED_REVISION = 0
NOT_IN_TIME = "NOT_DECIDED_IN_TIME"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """The endings of one organisation's messages."""

    organisation: str
    partnership: str
    sealer: Sealer = field(repr=False)
    events: AuditEvents = field(repr=False)
    history: Revisions = field(repr=False)

    def refused(self, enquiry: Enquiry, refusal: Refusal, delivery: Delivery) -> SealedBatch:
        """End in REJECTED_BY_GATE (1)."""
        decision = refusal.decision
        answer = without_content(
            enquiry,
            Status.REJECTED_BY_GATE,
            revision=self.next_revision(enquiry),
            reason=next(iter(decision.reasons), None),
            decision=decision,
            approved_by=None,
            now=delivery.now,
        )
        return self._end(enquiry, answer, self._closing(enquiry, answer.status.revision, delivery), None, delivery)

    def waiting(self, enquiry: Enquiry, wait: NeedsPerson, draft: Draft | None, delivery: Delivery) -> SealedBatch:
        """End in waiting for a person (2)."""
        if enquiry.decided is None:
            return self._first_wait(enquiry, wait, draft, delivery)
        decided = enquiry.decided.record.body
        if decided.action is DecisionAction.CLOCK:
            return self._wait_on(enquiry, wait, draft, delivery)
        revision = self.next_revision(enquiry) - 1  # nothing is answered: another step asks a person
        waiting = self._waiting_for(enquiry, wait, draft, revision, delivery)
        opened = open_item(enquiry, waiting, item_id=self._id(Kind.DESK_ITEM, enquiry.incoming), delivery=delivery)
        return self._end(enquiry, None, (*self._closing(enquiry, revision, delivery), opened), draft, delivery)

    def unavailable(self, enquiry: Enquiry, wait: NeedsPerson, delivery: Delivery) -> SealedBatch:
        """End in UNAVAILABLE at once, with an item that is tried again when there is something to search (2)."""
        if enquiry.decided is not None:
            return self.waiting(enquiry, wait, None, delivery)
        revision = self.next_revision(enquiry)
        answer = without_content(
            enquiry,
            Status.UNAVAILABLE,
            revision=revision,
            reason=wait.detail,
            decision=wait.decision,
            approved_by=None,
            now=delivery.now,
        )
        waiting = self._waiting_for(enquiry, wait, None, revision, delivery)
        item = open_item(enquiry, waiting, item_id=self._id(Kind.DESK_ITEM, enquiry.incoming), delivery=delivery)
        return self._end(enquiry, answer, (item,), None, delivery)

    def withheld(self, enquiry: Enquiry, authority: Authority, evidence: Evidence, delivery: Delivery) -> SealedBatch:
        """End in HELD_WITHHELD on a practitioner's ground (3)."""
        answer = without_content(
            enquiry,
            Status.HELD_WITHHELD,
            revision=self.next_revision(enquiry),
            reason=evidence.withheld.value if evidence.withheld else None,
            decision=authority.decision,
            approved_by=evidence.by,
            now=delivery.now,
        )
        return self._end(enquiry, answer, self._closing(enquiry, answer.status.revision, delivery), None, delivery)

    def disclosed(
        self, enquiry: Enquiry, disclosure: Disclosure, authority: Authority, delivery: Delivery
    ) -> SealedBatch:
        """End in what may leave, and in a desk item where somebody must still look (4)."""
        draft, revision = disclosure.draft, self.next_revision(enquiry)
        answer = with_content(
            enquiry,
            draft,
            revision=revision,
            decision=authority.decision,
            approved_by=disclosure.approved_by,
            now=delivery.now,
        )
        items = self._closing(enquiry, revision, delivery)
        if disclosure.follow_up is not None:
            waiting = Waiting(
                reason=disclosure.follow_up, detail=None, revision=revision, draft=answer, candidates=draft.candidates
            )
            items += (
                open_item(enquiry, waiting, item_id=self._id(Kind.DESK_ITEM, enquiry.incoming), delivery=delivery),
            )
        return self._end(enquiry, answer, items, draft, delivery)

    def quarantined(self, message: Message, reason: str, delivery: Delivery) -> SealedBatch:
        """End a message that nobody can vouch for: a desk item and an event, no answer (6)."""
        event_id, item_id = self._id(Kind.AUDIT_EVENT, message), self._id(Kind.DESK_ITEM, message)
        item = open_unreadable(message, item_id=item_id, detail=reason, delivery=delivery)
        sealed = self._seal(Kind.DESK_ITEM, item, item_id, None, event_id, delivery)
        account = self.events.quarantined(message, event_id=event_id, item_id=item_id, reason=reason, delivery=delivery)
        event = self._seal(Kind.AUDIT_EVENT, account, event_id, None, event_id, delivery)
        return _batch(message, (sealed, event), event_id, None, None, delivery, reason)

    def next_revision(self, enquiry: Enquiry) -> int:
        """Return the revision that an answer to this message has."""
        return self.history.next_revision(enquiry.asked.request_id, enquiry.incoming.place)

    # ------------------------------------------------------------ waiting

    def _first_wait(self, enquiry: Enquiry, wait: NeedsPerson, draft: Draft | None, delivery: Delivery) -> SealedBatch:
        answer = without_content(
            enquiry,
            Status.AWAITED,
            revision=AWAITED_REVISION,
            reason=None,
            decision=wait.decision,
            approved_by=None,
            now=delivery.now,
        )
        waiting = self._waiting_for(enquiry, wait, draft, AWAITED_REVISION, delivery)
        item = open_item(enquiry, waiting, item_id=self._id(Kind.DESK_ITEM, enquiry.incoming), delivery=delivery)
        return self._end(enquiry, answer, (item,), draft, delivery)

    def _wait_on(self, enquiry: Enquiry, wait: NeedsPerson, draft: Draft | None, delivery: Delivery) -> SealedBatch:
        """Open the same item again: escalated while there is time, and after it UNAVAILABLE, once."""
        revision, answer = self.next_revision(enquiry), None
        due_at = enquiry.asked.due_at
        if due_at is not None and delivery.now >= due_at and revision == AWAITED_REVISION + 1:
            answer = without_content(
                enquiry,
                Status.UNAVAILABLE,
                revision=revision,
                reason=NOT_IN_TIME,
                decision=wait.decision,
                approved_by=None,
                now=delivery.now,
            )
        told = revision if answer else revision - 1
        waiting = self._waiting_for(enquiry, wait, draft, told, delivery, escalated=True)
        item = open_item(enquiry, waiting, item_id=_item_decided(enquiry), delivery=delivery)
        return self._end(enquiry, answer, (item,), draft, delivery)

    def _waiting_for(
        self,
        enquiry: Enquiry,
        wait: NeedsPerson,
        draft: Draft | None,
        revision: int,
        delivery: Delivery,
        *,
        escalated: bool = False,
    ) -> Waiting:
        kept = None
        if draft is not None:
            kept = with_content(
                enquiry, draft, revision=revision + 1, decision=wait.decision, approved_by=None, now=delivery.now
            )
        return Waiting(
            reason=wait.reason,
            detail=wait.detail,
            revision=revision,
            draft=kept,
            candidates=draft.candidates if draft else (),
            escalated=escalated,
        )

    def _closing(self, enquiry: Enquiry, revision: int, delivery: Delivery) -> tuple[DeskItem, ...]:
        if enquiry.decided is None:
            return ()
        item_id, reason = _item_decided(enquiry), enquiry.decided.record.body.reason  # (5)
        self.history.closed(item_id, enquiry.incoming.place)
        return (close_item(enquiry, item_id=item_id, reason=reason, revision=revision, delivery=delivery),)

    # ------------------------------------------------------------ sealing

    def _end(
        self,
        enquiry: Enquiry,
        answer: Answer | None,
        items: tuple[DeskItem, ...],
        draft: Draft | None,
        delivery: Delivery,
    ) -> SealedBatch:
        event_id = self._id(Kind.AUDIT_EVENT, enquiry.incoming)
        sealed = self._seal_answer(enquiry, answer, event_id, delivery) if answer else None
        notes = [
            self._seal(
                Kind.DESK_ITEM,
                item,
                derived_id(Kind.DESK_ITEM, sha256(event_id.encode()), self.organisation, index),
                enquiry.request,
                event_id,
                delivery,
            )
            for index, item in enumerate(items)
        ]
        account = Account(answer=answer, sealed=sealed, items=items, draft=draft)
        event = self._seal(  # (7)
            Kind.AUDIT_EVENT,
            self.events.ended(enquiry, account, event_id=event_id, delivery=delivery),
            event_id,
            enquiry.request,
            event_id,
            delivery,
            answers=sealed.digest if sealed else None,
        )
        out = (*((sealed,) if sealed else ()), *notes, event)
        return _batch(enquiry.incoming, out, event_id, answer, sealed, delivery, None)

    def _seal_answer(self, enquiry: Enquiry, answer: Answer, event_id: str, delivery: Delivery) -> Sealed:
        revision = answer.status.revision
        self.history.gave(answer.status.request_id, revision, enquiry.incoming.place)
        answer_id = derived_id(Kind.ANSWER, enquiry.request.digest, self.organisation, revision)
        return self._seal(
            Kind.ANSWER, answer, answer_id, enquiry.request, event_id, delivery, answers=enquiry.request.digest
        )

    def _id(self, kind: Kind, message: Message) -> str:
        place = message.place
        subject = sha256(f"{place.topic}/{place.partition}/{place.offset}".encode(), sha256(message.value))
        return derived_id(kind, subject, self.organisation, 0)

    def _seal(
        self,
        kind: Kind,
        record: Answer | DeskItem | AuditEvent,
        message_id: str,
        request: Verified[InformationRequest] | None,
        event_id: str,
        delivery: Delivery,
        *,
        answers: bytes | None = None,
    ) -> Sealed:
        return self.sealer.seal(
            UnsealedMessage(
                kind=kind,
                topic=self._topic(kind, request),
                record=record,
                message_id=message_id,
                request_id=request.header.request_id if request else None,
                answers=answers,
                event_id=event_id,
                stream=delivery.stream,
                sequence=delivery.sequence,
                issued_at=delivery.now,
            )
        )

    def _topic(self, kind: Kind, request: Verified[InformationRequest] | None) -> str:
        if kind is Kind.ANSWER and request is not None:
            return topic_name(self.partnership, Family.ANSWERS, request.sender.id, self.organisation)
        if kind is Kind.DESK_ITEM:
            return topic_name(self.partnership, Family.DESK, self.organisation)
        return topic_name(self.partnership, Family.AUDIT)


def _item_decided(enquiry: Enquiry) -> str:
    """Return the id of the item that this decision is about; only decisions get here."""
    if enquiry.decided is None:
        raise InvariantError("a request decides no desk item")
    return enquiry.decided.record.body.item_id


def _batch(
    message: Message,
    out: tuple[Sealed, ...],
    event_id: str,
    answer: Answer | None,
    sealed: Sealed | None,
    delivery: Delivery,
    reason: str | None,
) -> SealedBatch:
    trace = carried_on(message.trace)
    return SealedBatch(
        outgoing=tuple(traced(one.outgoing, trace) for one in out),
        entry=JournalEntry(
            place=message.place,
            event_id=event_id,
            answer_id=sealed.message_id if sealed else None,
            answer_digest=sealed.digest if sealed else None,
            stream=delivery.stream,
            sequence=delivery.sequence,
            reason=reason,
        ),
        status=answer.status.status.value if answer else "",
        reason=(answer.status.reason or "") if answer else "",
    )
