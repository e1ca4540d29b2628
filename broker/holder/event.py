"""The audit event of one ending: the whole account of a transaction, metadata only (ref 3.3; DPA 2018 s.62).

The skeleton names no person and no case. The personal part ties it to both, as keyed pseudonyms, and holds the answer's
status block with its salt, so that the reconciler can see that what was audited is what was sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from broker.exchange.envelope import sha256
from broker.exchange.keys import KeyRing
from broker.exchange.seal import Sealed
from broker.exchange.verify import Verified
from broker.exchange.worker import Turn
from broker.holder.minimise import Draft
from broker.ports import Message, Place
from schemas.answer import Answer
from schemas.audit import AuditEvent, Consumed, Personal, Skeleton, Subject
from schemas.request import InformationRequest, PersonAsked
from schemas.vocabulary import Band, EventKind, MatchMethod

Request = Verified[InformationRequest]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Writes the audit events of one organisation's agent."""

    keys: KeyRing = field(repr=False)
    build: str

    def answered(
        self,
        request: Request,
        answer: Answer,
        sealed: Sealed,
        draft: Draft | None,
        *,
        event_id: str,
        item_id: str | None,
        turn: Turn,
    ) -> AuditEvent:
        """Return the account of an answered request."""
        common, addressed, status = request.record.common, request.record.addressed, answer.status
        skeleton = Skeleton(
            event_id=event_id,
            event=EventKind.ANSWERED,
            occurred_at=turn.now,
            organisation=self.keys.principal,
            service=self.keys.principal,
            request_id=common.request_id,
            consumed=_consumed(request.place, request.digest),
            answer_id=sealed.message_id,
            answer_digest=sealed.digest,
            status=status.status,
            stage=status.stage,
            reason=status.reason,
            revision=status.revision,
            desk_item_id=item_id,
            purpose=common.purpose,
            rag=common.rag,
            section=common.section,
            mode=common.mode,
            due_at=common.due_at,
            decision=status.decision,
            agreement_id=addressed.agreement_id,
            agreement_version=addressed.agreement_version,
            item_counts=status.item_counts,
            removed=draft.removed if draft else (),
            recipients=sealed.readers,
            build=self.build,
        )
        return AuditEvent(
            skeleton=skeleton, personal=self._personal(request, sealed, draft, status.approved_by)
        )

    def set_aside(
        self, message: Message, *, event_id: str, item_id: str, reason: str, turn: Turn
    ) -> AuditEvent:
        """Return the account of a message that nobody can vouch for: where it stood, what it hashes to, why."""
        skeleton = Skeleton(
            event_id=event_id,
            event=EventKind.DECIDED,
            occurred_at=turn.now,
            organisation=self.keys.principal,
            service=self.keys.principal,
            consumed=_consumed(message.place, sha256(message.value)),
            reason=reason,
            desk_item_id=item_id,
            build=self.build,
        )
        return AuditEvent(skeleton=skeleton, personal=Personal())

    def _personal(
        self, request: Request, sealed: Sealed, draft: Draft | None, approved_by: str | None
    ) -> Personal:
        common = request.record.common
        return Personal(
            case_ref=common.case_ref,
            actor=common.requester.actor,
            actor_role=common.requester.role,
            approved_by=approved_by,
            overridden_by=common.override.manager if common.override else None,
            oversight_ref=common.override.oversight_ref if common.override else None,
            family_informed=common.family_informed,
            agreements=common.agreements,
            subjects=tuple(self._subject(person, draft) for person in common.people),
            systems_searched=draft.body.systems_searched if draft else (),
            status_block=sealed.parts[0],
            status_salt=sealed.salts[0],
        )

    def _subject(self, person: PersonAsked, draft: Draft | None) -> Subject:
        matches = {match.about: match for match in (draft.match, *draft.matches)} if draft else {}
        match = matches.get(person.ref)
        return Subject(
            ref=person.ref,
            role=person.role,
            pseudonym=self.keys.pseudonym_of(person),
            band=match.band if match else Band.NONE,
            method=match.method if match else MatchMethod.NONE,
            candidates=draft.found.candidates.get(person.ref, 0) if draft else 0,
        )


def _consumed(place: Place, digest: bytes) -> Consumed:
    return Consumed(topic=place.topic, partition=place.partition, offset=place.offset, digest=digest)
