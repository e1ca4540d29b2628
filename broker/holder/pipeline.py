"""The path of one message through an organisation's agent, top to bottom: read this first.

receive, gate, search (find, identify, look up), minimise, review, end. Every message comes out as one sealed batch;
what cannot be decided goes to a person at once. A practitioner's decision takes the same path again and skips no
step. Faults that are nobody's message (InvariantError) are left to stop the process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError, UnavailableError
from broker.exchange.seal import SealedBatch
from broker.exchange.verify import Verifier
from broker.exchange.worker import Delivery
from broker.gate.context import GateContext
from broker.gate.engine import gate
from broker.gate.outcome import Authority, NeedsPerson, Refusal
from broker.gate.tables import Tables
from broker.holder.account import Accounts
from broker.holder.endings import Endings
from broker.holder.evidence import Evidence, evidence_of
from broker.holder.identity_claims import IdentityClaims
from broker.holder.minimise import Draft, minimise
from broker.holder.receive import Enquiry, receive, sought
from broker.holder.review import Disclosure, review
from broker.holder.search import search
from broker.holder.source import NothingToSearch, RecordSource
from broker.ports import Message
from schemas.vocabulary import DeskReason

MOST_ATTEMPTS = 2


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One organisation's path. `source` is None where it answers by hand."""

    verifier: Verifier = field(repr=False)
    endings: Endings = field(repr=False)
    accounts: Accounts = field(repr=False)
    claims: IdentityClaims = field(repr=False)
    tables: Callable[[], Tables] = field(repr=False)
    source: RecordSource | None = field(repr=False)
    context: Callable[[Enquiry, Delivery], GateContext] = field(repr=False)

    async def end(self, message: Message, delivery: Delivery) -> SealedBatch:
        """Take one message to its end."""
        if delivery.attempts >= MOST_ATTEMPTS:
            return self.endings.quarantined(message, "POISON", delivery)
        try:
            enquiry = receive(message, verifier=self.verifier, now=delivery.now)
            context = self.context(enquiry, delivery)
            evidence = self._admit(enquiry, context)
        except RejectedError as fault:
            return self.endings.quarantined(message, fault.reason, delivery)
        tables = self.tables()  # after the context: never an older version's tables beside a newer directory
        gated = gate(enquiry.asked, context=context, tables=tables, now=delivery.now, judged_by=evidence.judged_by)
        match gated:
            case Refusal() as refusal:
                return self.endings.refused(enquiry, refusal, delivery)
            case NeedsPerson() as wait:
                return self.endings.waiting(enquiry, wait, None, delivery)
            case Authority() as authority:
                if evidence.withheld:
                    return self.endings.withheld(enquiry, authority, evidence, delivery)
                return await self._answer(enquiry, authority, evidence, delivery)

    async def _answer(
        self, enquiry: Enquiry, authority: Authority, evidence: Evidence, delivery: Delivery
    ) -> SealedBatch:
        people = sought(enquiry.request.record, authority.people)
        try:
            found = await search(people, source=self.source, evidence=evidence, claims=self.claims)
        except NothingToSearch as nothing:
            wait = NeedsPerson(reason=DeskReason.SOURCE, detail=nothing.reason, decision=authority.decision)
            return self.endings.unavailable(enquiry, wait, delivery)
        except UnavailableError:
            wait = NeedsPerson(reason=DeskReason.SOURCE, detail="SOURCE_AWAY", decision=authority.decision)
            return self.endings.waiting(enquiry, wait, None, delivery)
        draft = minimise(found, asked=enquiry.asked, authority=authority, evidence=evidence, today=delivery.now.date())
        match review(draft, authority=authority, evidence=evidence):
            case NeedsPerson() as wait:
                self._account(enquiry, evidence, draft, waits=True)
                return self.endings.waiting(enquiry, wait, draft, delivery)
            case Disclosure() as disclosure:
                self._account(enquiry, evidence, draft, waits=False)
                return self.endings.disclosed(enquiry, disclosure, authority, delivery)

    def _account(self, enquiry: Enquiry, evidence: Evidence, draft: Draft, *, waits: bool) -> None:
        request_id, revision = enquiry.asked.request_id, self.endings.next_revision(enquiry)
        if evidence.signed is None:
            self.accounts.keep(request_id, revision, draft, waits=waits)
        else:
            self.accounts.sign(request_id, revision, draft, left_out=evidence.left_out)

    def _admit(self, enquiry: Enquiry, context: GateContext) -> Evidence:
        """Say what a decision offers. Raises: RejectedError `NOT_A_PRACTITIONER`, `ITEM_CLOSED`."""
        if enquiry.decided is not None:
            item_id, place = enquiry.decided.record.body.item_id, enquiry.incoming.place
            if self.endings.history.is_closed(item_id, apart_from=place):
                raise RejectedError("ITEM_CLOSED", "another decision came first")
        return evidence_of(enquiry, register=context.register, organisation=self.endings.organisation)
