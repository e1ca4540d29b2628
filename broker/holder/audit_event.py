"""The audit event of one ending: the whole account of a transaction, metadata only (ref 3.3; DPA 2018 s.62).

The skeleton names no person and no case. The personal part ties it to both, as keyed pseudonyms, and holds the answer's
status block with its salt, so that the reconciler can see that what was audited is what was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

from broker.exchange.directory import TrustedDirectory
from broker.exchange.envelope import sha256
from broker.exchange.keys import KeyRing
from broker.exchange.seal import Sealed
from broker.exchange.search_tokens import SEARCH_EPOCH, search_tokens
from broker.exchange.worker import Delivery
from broker.holder.minimise import Draft
from broker.holder.receive import Enquiry
from broker.ports import LogOffset, Message
from schemas.answer import Answer, TypeCount
from schemas.audit import AuditEvent, Consumed, Personal, Skeleton, Subject
from schemas.exchange import DeskItem
from schemas.recorded import RecordedAgreement, RecordedCount, RecordedDecision, RecordedInformed
from schemas.request import PersonAsked
from schemas.vocabulary import Certainty, DecisionAction, EventKind, MatchMethod


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one message ended in: the answer as sealed, the desk items, and the draft behind both."""

    answer: Answer | None = field(repr=False)
    sealed: Sealed | None = field(repr=False)
    items: tuple[DeskItem, ...] = field(repr=False)
    draft: Draft | None = field(repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvents:
    """Writes the audit events of one organisation's agent."""

    keys: KeyRing = field(repr=False)
    directory: Callable[[], TrustedDirectory] = field(repr=False)
    build: str

    def ended(self, enquiry: Enquiry, account: Account, *, event_id: str, delivery: Delivery) -> AuditEvent:
        """Return the account of an answered request or of a decision about one."""
        asked, addressed = enquiry.asked, enquiry.request.record.addressed
        status = account.answer.status if account.answer else None
        decided = enquiry.decided.record.body if enquiry.decided else None
        skeleton = Skeleton(
            event_id=event_id,
            event=EventKind.DECIDED if enquiry.decided else EventKind.ANSWERED,
            occurred_at=delivery.now,
            organisation=self.keys.principal,
            service=self.keys.principal,
            request_id=asked.request_id,
            consumed=_consumed(enquiry.incoming.place, enquiry.incoming_digest),
            answer_id=account.sealed.message_id if account.sealed else None,
            answer_digest=account.sealed.digest if account.sealed else None,
            status=status.status if status else None,
            stage=status.stage if status else None,
            reason=status.reason if status else None,
            revision=status.revision if status else None,
            desk_item_id=account.items[0].body.item_id if account.items else None,
            purpose=asked.purpose,
            band=asked.band,
            section=asked.section,
            mode=asked.mode,
            due_at=asked.due_at,
            decision=RecordedDecision.of(status.decision) if status else None,
            agreement_id=addressed.agreement_id,
            agreement_version=addressed.agreement_version,
            item_counts=_counts(status.item_counts if status else ()),
            removed=_counts(account.draft.removed if account.draft else ()),
            recipients=account.sealed.readers if account.sealed else (),
            withheld_ground=decided.ground if decided and decided.action is DecisionAction.WITHHOLD else None,
            profile_digest=self.directory().directory.profile_digest,
            search_epoch=SEARCH_EPOCH,
            directory_expired=(enquiry.decided or enquiry.request).directory_expired,
            build=self.build,
        )
        return AuditEvent(skeleton=skeleton, personal=self._personal(enquiry, account))

    def quarantined(
        self, message: Message, *, event_id: str, item_id: str, reason: str, delivery: Delivery
    ) -> AuditEvent:
        """Return the account of a message that nobody can vouch for: where it stood, what it hashes to, why."""
        skeleton = Skeleton(
            event_id=event_id,
            event=EventKind.DECIDED,
            occurred_at=delivery.now,
            organisation=self.keys.principal,
            service=self.keys.principal,
            consumed=_consumed(message.place, sha256(message.value)),
            reason=reason,
            desk_item_id=item_id,
            profile_digest=self.directory().directory.profile_digest,
            build=self.build,
        )
        return AuditEvent(skeleton=skeleton, personal=Personal())

    def _personal(self, enquiry: Enquiry, account: Account) -> Personal:
        asked, sealed, draft = enquiry.asked, account.sealed, account.draft
        return Personal(
            case_ref=asked.case_ref,
            actor=asked.requester.actor,
            actor_role=asked.requester.role,
            approved_by=enquiry.decided.record.body.by if enquiry.decided else None,
            overridden_by=asked.override.manager if asked.override else None,
            oversight_ref=asked.override.oversight_ref if asked.override else None,
            family_informed=RecordedInformed.of(asked.family_informed),
            agreements=tuple(RecordedAgreement.of(one) for one in asked.agreements),
            subjects=tuple(self._subject(person, enquiry, draft) for person in asked.people),
            systems_searched=draft.body.systems_searched if draft else (),
            status_block=sealed.parts[0] if sealed else None,
            status_salt=sealed.salts[0] if sealed else None,
        )

    def _subject(self, person: PersonAsked, enquiry: Enquiry, draft: Draft | None) -> Subject:
        matches = {match.about: match for match in (draft.match, *draft.matches)} if draft else {}
        match = matches.get(person.ref)
        asked_by = enquiry.request.record.addressed.identifiers
        identifiers = [(one.scheme, one.value) for one in asked_by if one.person == person.ref]
        return Subject(
            ref=person.ref,
            roles=person.roles,
            pseudonym=self.keys.pseudonym_of(person),
            certainty=match.certainty if match else Certainty.NONE,
            method=match.method if match else MatchMethod.NONE,
            relation=person.relation_to_child,
            candidates=draft.found.candidates.get(person.ref, 0) if draft else 0,
            tokens=search_tokens(person, identifiers, key=self.keys.search),
        )


def _counts(counts: tuple[TypeCount, ...]) -> tuple[RecordedCount, ...]:
    return tuple(RecordedCount.of(one) for one in counts)


def _consumed(place: LogOffset, digest: bytes) -> Consumed:
    return Consumed(topic=place.topic, partition=place.partition, offset=place.offset, digest=digest)
