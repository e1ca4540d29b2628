"""Ask: the hub's path, top to bottom. compose, gate, address, seal, and one ending: dispatch, requests, audit event.

(1) the same request id again sends nothing twice; with other content it is an error; (2) the gate decides before
anything is sealed, and its refusal is accounted for like a dispatch; (3) each organisation gets its own addressed part,
with what was decided about it, beside the common part that all get under one salt; (4) everything goes into the outbox
in one transaction with the memory of it, so that a crash at any point leaves either nothing or all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import final

from broker.errors import UsageError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.envelope import derived_id, request_id_at, sha256
from broker.exchange.outbox import Outbox
from broker.exchange.seal import Sealed, Sealer, UnsealedMessage
from broker.gate.context import GateContext, under_title
from broker.gate.engine import gate
from broker.gate.outcome import Authority, NeedsPerson, Refusal
from broker.gate.tables import Tables
from broker.ports import Database, LogOwner, Transaction
from broker.requester.address import SchemesOf, address, addressees, known_to_all
from broker.requester.asked_store import AskedStore, Outcome
from broker.requester.audit_event import asked_event
from broker.requester.clock import Clocks, due_at
from broker.requester.compose import compose
from broker.requester.rating import Ratings
from schemas.decision import GateDecision
from schemas.directory import Principal
from schemas.exchange import Asked, Dispatch, DispatchBody
from schemas.request import InformationRequest, PersonAsked, RequestCommon, RequestSaid
from schemas.request_form import RatedForm
from schemas.scalars import Wire
from schemas.topics import Family, topic_name
from schemas.vocabulary import GateOutcome, Kind

PUBLIC_TASK_STATEMENT = (
    "The requester needs this information for processing described in Article 6(1)(e) of the UK GDPR"
    " that has a legal basis satisfying Article 6(3)."
)
"""DUAA 2025 Annex 1 para 1 works only if the request states it (ref 5.0)."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """One requester, which composes, gates and seals requests."""

    database: Database = field(repr=False)
    outbox: Outbox = field(repr=False)
    sealer: Sealer = field(repr=False)
    tables: Callable[[], Tables] = field(repr=False)
    clocks: Clocks
    ratings: Ratings
    schemes: SchemesOf = field(repr=False)
    context: Callable[[tuple[Principal, ...], datetime], GateContext] = field(repr=False)
    build: str

    def explain(self, data: bytes, *, now: datetime) -> Authority | Refusal | NeedsPerson:
        """Say what the hub's gate would decide; sends and stores nothing. Raises: UsageError."""
        form = compose(data, ratings=self.ratings)
        holders = addressees(form, directory=self.sealer.directory())
        return self.gate(form, self.context(holders, now), now)

    async def ask(self, data: bytes, *, request_id: str | None, log: LogOwner, now: datetime) -> Outcome:
        """Send one request.

        Raises: UsageError (file or id), UnavailableError (what was asked is kept and goes out with the next command).
        """
        form = compose(data, ratings=self.ratings)
        request_id = request_id or request_id_at(now, self.sealer.random(10))
        with self.database.transaction() as transaction:  # (4)
            outcome = self._ask_once(transaction, form, request_id, now)
        # Crash here: the outbox has the request; the next command or the hub's service sends it.
        await self.outbox.drain(log)
        return outcome

    def asked(self, request_id: str) -> Outcome:
        """Return what came of an earlier ask. Raises: UsageError where nothing was asked under that id."""
        with self.database.transaction() as transaction:
            known = self._memory.find(transaction, request_id)
        if known is None:
            raise UsageError(f"request {request_id}: nothing was asked under this id")
        return known[0]

    def gate(self, form: RatedForm, context: GateContext, now: datetime) -> Authority | Refusal | NeedsPerson:
        """Return what this requester's gate decides in this context."""
        tables = self.tables()  # after the context: never an older version's tables beside a newer directory
        return gate(form, context=context, tables=tables, now=now, judged_by=None)

    @property
    def _memory(self) -> AskedStore:
        return AskedStore(rest=self.sealer.keys.rest)

    def _ask_once(self, transaction: Transaction, form: RatedForm, request_id: str, now: datetime) -> Outcome:
        digest = self.sealer.keys.pseudonym(b"form" + sha256(form.model_dump_json().encode()))
        known = self._memory.find(transaction, request_id)  # (1)
        if known is None:
            return self._decide(transaction, form, request_id, digest, now)
        if known[1] != digest:
            raise UsageError(f"request {request_id} was made before with other content: use a new id")
        return known[0]

    def _decide(
        self, transaction: Transaction, form: RatedForm, request_id: str, digest: bytes, now: datetime
    ) -> Outcome:
        directory = self.sealer.directory()
        holders = addressees(form, directory=directory)
        context = self.context(holders, now)
        form = under_title(form, context=context)  # the records name the title, also where the file left it out
        allowed = self.gate(form, context, now)  # (2)
        hub = _Ending(requester=self, directory=directory, form=form, request_id=request_id, now=now)
        sequence = self.outbox.take_sequence(transaction)
        match allowed:
            case Authority() as authority:
                sealed, outcome = hub.dispatch(authority, holders, sequence)
            case Refusal() | NeedsPerson():
                sealed, outcome = hub.refuse(allowed.decision, sequence)
        self.outbox.put(transaction, sequence, [one.outgoing for one in sealed])
        self._memory.keep(transaction, outcome, form_digest=digest)
        return outcome


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """Writes what one ask ends in."""

    requester: Requester
    directory: TrustedDirectory
    form: RatedForm
    request_id: str
    now: datetime

    def dispatch(
        self, authority: Authority, holders: tuple[Principal, ...], sequence: int
    ) -> tuple[list[Sealed], Outcome]:
        due = due_at(self.form.band, self.now, clocks=self.requester.clocks)
        told = self._told(authority, holders)
        common = self._common(authority, due, known_to_all(tuple(told.values())))
        salt = self.requester.sealer.random(32)  # (3) one salt for all: nobody can be told another story
        agreements = {agreement.holder: agreement for agreement in authority.agreements}
        holders = tuple(holder for holder in holders if holder.id in agreements)  # the others may not be told
        requests = [
            self._seal(
                Kind.REQUEST,
                topic_name(self._partnership, Family.REQUESTS, holder.id),
                InformationRequest(
                    common=common,
                    addressed=address(
                        self.form,
                        holder,
                        agreement=agreements[holder.id],
                        decision=told[holder.id],
                        people=authority.people,
                        schemes=self.requester.schemes,
                    ),
                ),
                sequence,
                salts=(salt, None),
                about=holder.id,
            )
            for holder in holders
        ]
        asked = tuple(
            Asked(organisation=holder.id, sector=holder.sector, request_digest=sealed.digest)
            for holder, sealed in zip(holders, requests, strict=True)
        )
        body = self._dispatch_body(authority.decision, due, asked)
        topic = topic_name(self._partnership, Family.DISPATCHES, self._me)
        dispatch = self._seal(Kind.DISPATCH, topic, Dispatch(body=body), sequence, about=self._me)
        event = self._event(authority.decision, sequence, due=due, asked=asked)
        return [dispatch, *requests, event], self._outcome(authority.decision, due=due, asked=asked)

    def _dispatch_body(self, decision: GateDecision, due: datetime | None, asked: tuple[Asked, ...]) -> DispatchBody:
        return DispatchBody(
            request_id=self.request_id,
            case_ref=self.form.case_ref,
            contact_ref=self.form.contact_ref,
            rating=self.form.rating,
            band=self.form.band,
            level=self.form.level,
            received_at=self.now,
            due_at=due,
            decision=decision,
            asked=asked,
        )

    def _told(self, authority: Authority, holders: tuple[Principal, ...]) -> dict[str, GateDecision]:
        """Return what the gate decides about each holder that is asked alone: the others' is not its business."""
        asked = {agreement.holder for agreement in authority.agreements}
        alone = (
            (one.id, self.requester.gate(self.form, self.requester.context((one,), self.now), self.now))
            for one in holders
            if one.id in asked
        )
        return {holder: outcome.decision for holder, outcome in alone}

    def refuse(self, decision: GateDecision, sequence: int) -> tuple[list[Sealed], Outcome]:
        event = self._event(decision, sequence, due=None, asked=())
        return [event], self._outcome(decision, due=None, asked=())

    def _outcome(self, decision: GateDecision, *, due: datetime | None, asked: tuple[Asked, ...]) -> Outcome:
        return Outcome(
            request_id=self.request_id,
            case_ref=self.form.case_ref,
            purpose=self.form.purpose,
            contact_ref=self.form.contact_ref,
            rating=self.form.rating,
            band=self.form.band,
            level=self.form.level,
            received_at=self.now,
            due_at=due,
            decision=decision,
            asked=asked,
        )

    @property
    def _me(self) -> str:
        return self.requester.sealer.keys.principal

    @property
    def _partnership(self) -> str:
        return self.directory.directory.partnership

    @property
    def _event_id(self) -> str:
        return derived_id(Kind.AUDIT_EVENT, sha256(self.request_id.encode()), self._me, 0)

    def _common(self, authority: Authority, due: datetime | None, decision: GateDecision) -> RequestCommon:
        said = {name: getattr(self.form, name) for name in RequestSaid.model_fields}
        return RequestCommon(
            **said | self._cut_down(authority),
            request_id=self.request_id,
            organisation=self._me,
            band=self.form.band,
            received_at=self.now,
            due_at=due,
            public_task_statement=PUBLIC_TASK_STATEMENT,
            decision=decision,
        )

    def _cut_down(self, authority: Authority) -> dict[str, object]:
        """Return what goes out of the form in part: people and classes that the gate allowed, what is said of them."""
        form, people = self.form, authority.people
        consent = form.gdpr_consent
        return {
            "agreements": tuple(one for one in form.agreements if one.person in people),
            "gdpr_consent": consent if consent and consent.person in people else None,
            "data_classes": tuple(one for one in form.data_classes if one in authority.data_classes),
            "people": tuple(_as_asked(person) for person in form.people if person.ref in people),
        }

    def _event(
        self, decision: GateDecision, sequence: int, *, due: datetime | None, asked: tuple[Asked, ...]
    ) -> Sealed:
        event = asked_event(
            self.form,
            decision,
            keys=self.requester.sealer.keys,
            event_id=self._event_id,
            request_id=self.request_id,
            asked=asked,
            due=due,
            profile_digest=self.directory.directory.profile_digest,
            now=self.now,
            build=self.requester.build,
        )
        topic = topic_name(self._partnership, Family.AUDIT)
        return self._seal(Kind.AUDIT_EVENT, topic, event, sequence, message_id=self._event_id)

    def _seal(
        self,
        kind: Kind,
        topic: str,
        record: Wire,
        sequence: int,
        *,
        salts: tuple[bytes | None, ...] = (),
        about: str = "",
        message_id: str | None = None,
    ) -> Sealed:
        subject = sha256(f"{self.request_id}/{about}".encode())
        return self.requester.sealer.seal(
            UnsealedMessage(
                kind=kind,
                topic=topic,
                record=record,
                message_id=message_id or derived_id(kind, subject, self._me, 0),
                request_id=self.request_id,
                answers=None,
                event_id=self._event_id,
                stream=self.requester.outbox.stream,
                sequence=sequence,
                issued_at=self.now,
                salts=salts,
            )
        )


def _as_asked(person: PersonAsked) -> PersonAsked:
    return PersonAsked(**{name: getattr(person, name) for name in PersonAsked.model_fields})


def refused(decision: GateDecision) -> bool:
    """Return whether the hub's gate kept a request back: exit 1 (command line contract)."""
    return decision.outcome in {GateOutcome.DENY, GateOutcome.REFER}
