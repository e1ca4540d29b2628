"""Outcome: every message ends in one sealed batch: its audit event, and an answer, a desk item, or both.

(1) a refusal is answered REJECTED_BY_GATE; (2) what needs a person is answered AWAITED (revision 0), with a desk
item that holds the draft; (3) a disclosure goes out, with a desk item where somebody must still look; (4) an
unauthenticated message gets no answer, only an UNREADABLE desk item; (5) the audit event comes last and quotes the
answer's digest and status block, so that what was audited and what was sent can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from broker.exchange.envelope import derived_id, sha256
from broker.exchange.journal import Said
from broker.exchange.seal import Letter, Sealed, SealedBatch, Sealer
from broker.exchange.verify import Verified
from broker.exchange.worker import Turn
from broker.gate.outcome import Authority, NeedsPerson, Refusal
from broker.holder.desk import open_item, open_unreadable
from broker.holder.event import Events
from broker.holder.minimise import Draft, count_types
from broker.holder.review import Disclosure
from broker.ports import Message
from schemas.answer import Answer, AnswerBody, AnswerStatus, Judgement, Match
from schemas.audit import AuditEvent
from schemas.decision import GateDecision
from schemas.exchange import DeskItem
from schemas.request import InformationRequest
from schemas.topics import Family, topic_name
from schemas.vocabulary import Band, DeskReason, Kind, MatchMethod, PersonRole, Stage, Status

AWAITED_REVISION = 0
FIRST_REVISION = 1

Request = Verified[InformationRequest]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """Writes the end of every message for one organisation."""

    organisation: str
    partnership: str
    sealer: Sealer = field(repr=False)
    events: Events = field(repr=False)

    def refused(self, request: Request, message: Message, refusal: Refusal, turn: Turn) -> SealedBatch:
        """End in REJECTED_BY_GATE (1)."""
        answer = _answer(request, turn, status=Status.REJECTED_BY_GATE, decision=refusal.decision)
        return self._end(request, message, answer, None, turn, draft=None)

    def waiting(
        self, request: Request, message: Message, wait: NeedsPerson, draft: Draft | None, turn: Turn
    ) -> SealedBatch:
        """End in AWAITED, stage WITH_PERSON, which says nothing of what was found (2)."""
        answer = _answer(request, turn, status=Status.AWAITED, decision=wait.decision)
        kept = _disclosed(request, turn, draft, wait.decision, approved_by=None) if draft else None
        candidates = draft.candidates if draft else ()
        item = self._item(request, message, wait.reason, wait.detail, kept, candidates, turn)
        return self._end(request, message, answer, item, turn, draft=draft)

    def disclosed(
        self, request: Request, message: Message, disclosure: Disclosure, authority: Authority, turn: Turn
    ) -> SealedBatch:
        """End in what may leave, and in a desk item where somebody must still look (3)."""
        draft = disclosure.draft
        answer = _disclosed(request, turn, draft, authority.decision, approved_by=disclosure.approved_by)
        item = None
        if disclosure.follow_up is not None:
            item = self._item(request, message, disclosure.follow_up, None, answer, draft.candidates, turn)
        return self._end(request, message, answer, item, turn, draft=draft)

    def set_aside(self, message: Message, reason: str, turn: Turn) -> SealedBatch:
        """End a message that nobody can vouch for: a desk item and an event, no answer (4)."""
        event_id = self._id(Kind.AUDIT_EVENT, message)
        item_id = self._id(Kind.DESK_ITEM, message)
        item = open_unreadable(message, item_id=item_id, detail=reason, turn=turn)
        sealed = self._seal(Kind.DESK_ITEM, item, item_id, None, event_id, turn)
        account = self.events.set_aside(message, event_id=event_id, item_id=item_id, reason=reason, turn=turn)
        event = self._seal(Kind.AUDIT_EVENT, account, event_id, None, event_id, turn)
        return _batch(message, (sealed, event), event_id, None, turn, reason)

    def _end(
        self,
        request: Request,
        message: Message,
        answer: Answer,
        item: DeskItem | None,
        turn: Turn,
        *,
        draft: Draft | None,
    ) -> SealedBatch:
        event_id = self._id(Kind.AUDIT_EVENT, message)
        answer_id = derived_id(Kind.ANSWER, request.digest, self.organisation, answer.status.revision)
        sealed = self._seal(Kind.ANSWER, answer, answer_id, request, event_id, turn, answers=request.digest)
        out = [sealed]
        if item is not None:
            out.append(self._seal(Kind.DESK_ITEM, item, item.body.item_id, request, event_id, turn))
        account = self.events.answered(  # (5)
            request,
            answer,
            sealed,
            draft,
            event_id=event_id,
            item_id=item.body.item_id if item else None,
            turn=turn,
        )
        out.append(
            self._seal(Kind.AUDIT_EVENT, account, event_id, request, event_id, turn, answers=sealed.digest)
        )
        return _batch(message, tuple(out), event_id, sealed, turn, None)

    def _item(
        self,
        request: Request,
        message: Message,
        reason: DeskReason,
        detail: str | None,
        draft: Answer | None,
        candidates: tuple[str, ...],
        turn: Turn,
    ) -> DeskItem:
        return open_item(
            request,
            message,
            item_id=self._id(Kind.DESK_ITEM, message),
            reason=reason,
            detail=detail,
            revision=AWAITED_REVISION if draft is None else draft.status.revision,
            draft=draft,
            candidates=candidates,
            turn=turn,
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
        request: Request | None,
        event_id: str,
        turn: Turn,
        *,
        answers: bytes | None = None,
    ) -> Sealed:
        return self.sealer.seal(
            Letter(
                kind=kind,
                topic=self._topic(kind, request),
                record=record,
                message_id=message_id,
                request_id=request.header.request_id if request else None,
                answers=answers,
                event_id=event_id,
                stream=turn.stream,
                sequence=turn.sequence,
                issued_at=turn.now,
            )
        )

    def _topic(self, kind: Kind, request: Request | None) -> str:
        if kind is Kind.ANSWER and request is not None:
            return topic_name(self.partnership, Family.ANSWERS, request.sender.id, self.organisation)
        if kind is Kind.DESK_ITEM:
            return topic_name(self.partnership, Family.DESK, self.organisation)
        return topic_name(self.partnership, Family.AUDIT)


def _answer(request: Request, turn: Turn, *, status: Status, decision: GateDecision) -> Answer:
    """Return an answer without a body: a refusal or a wait. It looks the same whatever is held."""
    waits = status is Status.AWAITED
    return Answer(
        status=AnswerStatus(
            request_id=request.record.common.request_id,
            organisation=request.record.addressed.organisation,
            revision=AWAITED_REVISION if waits else FIRST_REVISION,
            status=status,
            stage=Stage.WITH_PERSON if waits else None,
            reason=None if waits else next(iter(decision.reasons), None),
            answered_at=turn.now,
            data_as_at=None,
            approved_by=None,
            decision=decision,
            match=_no_match(request),
            matches=(),
            item_counts=(),
        ),
        body=AnswerBody(
            items=(),
            systems_searched=(),
            gaps="",
            look_back_from=None,
            known_to_agency=None,
            lead_contact=None,
            author=None,
            judgement=Judgement(),
        ),
    )


def _disclosed(
    request: Request, turn: Turn, draft: Draft, decision: GateDecision, *, approved_by: str | None
) -> Answer:
    """Return the answer that a draft amounts to."""
    return Answer(
        status=AnswerStatus(
            request_id=request.record.common.request_id,
            organisation=request.record.addressed.organisation,
            revision=FIRST_REVISION,
            status=draft.status,
            stage=None,
            reason=None,
            answered_at=turn.now,
            data_as_at=draft.found.coverage.data_as_at,
            approved_by=approved_by,
            decision=decision,
            match=draft.match,
            matches=draft.matches,
            item_counts=count_types([(item.type, item.data_class) for item in draft.body.items]),
        ),
        body=draft.body,
    )


def _no_match(request: Request) -> Match:
    child = next(one.ref for one in request.record.common.people if one.role is PersonRole.SUBJECT_CHILD)
    return Match(about=child, band=Band.NONE, method=MatchMethod.NONE, identifiers_used=())


def _batch(
    message: Message,
    out: tuple[Sealed, ...],
    event_id: str,
    answer: Sealed | None,
    turn: Turn,
    reason: str | None,
) -> SealedBatch:
    return SealedBatch(
        outgoing=tuple(sealed.outgoing for sealed in out),
        said=Said(
            place=message.place,
            event_id=event_id,
            said_id=answer.message_id if answer else None,
            said_digest=answer.digest if answer else None,
            stream=turn.stream,
            sequence=turn.sequence,
            reason=reason,
        ),
    )
