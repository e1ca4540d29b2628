"""The audit event of an ask: who asked what of whom, on what basis, whether or not it was sent (golden rule 7)."""

from __future__ import annotations

from datetime import datetime

from broker.exchange.keys import KeyRing
from broker.exchange.search_tokens import SEARCH_EPOCH, search_tokens
from schemas.audit import AuditEvent, Personal, Skeleton, Subject
from schemas.decision import GateDecision
from schemas.exchange import Asked
from schemas.recorded import RecordedAgreement, RecordedDecision, RecordedInformed
from schemas.request_form import PersonForm, RatedForm
from schemas.vocabulary import Authentication, Certainty, EventKind, MatchMethod


def asked_event(
    form: RatedForm,
    decision: GateDecision,
    *,
    keys: KeyRing,
    event_id: str,
    request_id: str,
    asked: tuple[Asked, ...],
    due: datetime | None,
    profile_digest: bytes,
    now: datetime,
    build: str,
) -> AuditEvent:
    """Return the account of one ask; `asked` is empty where the gate kept it back."""
    skeleton = Skeleton(
        event_id=event_id,
        event=EventKind.ASKED,
        occurred_at=now,
        organisation=keys.principal,
        service=keys.principal,
        request_id=request_id,
        reason=next(iter(decision.reasons), None),
        purpose=form.purpose,
        band=form.band,
        section=form.section,
        mode=form.mode,
        due_at=due,
        decision=RecordedDecision.of(decision),
        recipients=tuple(one.organisation for one in asked),
        profile_digest=profile_digest,
        auth=Authentication.CLAIMED,
        search_epoch=SEARCH_EPOCH,
        build=build,
    )
    personal = Personal(
        case_ref=form.case_ref,
        actor=form.requester.actor,
        actor_role=form.requester.role,
        overridden_by=form.override.manager if form.override else None,
        oversight_ref=form.override.oversight_ref if form.override else None,
        family_informed=RecordedInformed.of(form.family_informed),
        agreements=tuple(RecordedAgreement.of(one) for one in form.agreements),
        subjects=tuple(_subject(person, keys) for person in form.people),
    )
    return AuditEvent(skeleton=skeleton, personal=personal)


def _subject(person: PersonForm, keys: KeyRing) -> Subject:
    """Return somebody asked about, of whom nothing is known yet, as the hub's own pseudonym."""
    return Subject(
        ref=person.ref,
        roles=person.roles,
        pseudonym=keys.pseudonym_of(person),
        certainty=Certainty.NONE,
        method=MatchMethod.NONE,
        relation=person.relation_to_child,
        candidates=0,
        tokens=search_tokens(person, person.identifiers.items(), key=keys.search),
    )
