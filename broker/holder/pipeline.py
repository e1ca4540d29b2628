"""The path of one request through an organisation's agent, top to bottom: read this first.

receive, gate, search (find, identify, look up), minimise, review, end. Every message comes out as one sealed batch;
what cannot be decided goes to a person at once. Faults that are nobody's message (InvariantError) are left to stop
the process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError, UnavailableError
from broker.exchange.seal import SealedBatch
from broker.exchange.verify import Verified, Verifier
from broker.exchange.worker import Turn
from broker.gate.engine import gate
from broker.gate.evidence import Standing
from broker.gate.outcome import Authority, NeedsPerson, Refusal
from broker.gate.tables import Tables
from broker.holder.account import Accounts
from broker.holder.minimise import minimise
from broker.holder.outcome import FIRST_REVISION, Endings
from broker.holder.receive import receive, sought
from broker.holder.review import Disclosure, review
from broker.holder.search import search
from broker.holder.source import RecordSource
from broker.ports import Message
from schemas.request import InformationRequest
from schemas.vocabulary import DeskReason

MOST_ATTEMPTS = 2


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One organisation's path. `source` is None where it answers by hand."""

    verifier: Verifier = field(repr=False)
    endings: Endings = field(repr=False)
    accounts: Accounts = field(repr=False)
    tables: Tables = field(repr=False)
    source: RecordSource | None = field(repr=False)
    standing: Callable[[Verified[InformationRequest], Turn], Standing] = field(repr=False)

    async def end(self, message: Message, turn: Turn) -> SealedBatch:
        """Take one message to its end."""
        if turn.attempts >= MOST_ATTEMPTS:
            return self.endings.set_aside(message, "POISON", turn)
        try:
            request = receive(message, verifier=self.verifier, now=turn.now)
        except RejectedError as fault:
            return self.endings.set_aside(message, fault.reason, turn)
        asked = request.record.common
        match gate(asked, standing=self.standing(request, turn), tables=self.tables, now=turn.now):
            case Refusal() as refusal:
                return self.endings.refused(request, message, refusal, turn)
            case NeedsPerson() as wait:
                return self.endings.waiting(request, message, wait, None, turn)
            case Authority() as authority:
                return await self._answer(request, message, authority, turn)

    async def _answer(
        self, request: Verified[InformationRequest], message: Message, authority: Authority, turn: Turn
    ) -> SealedBatch:
        asked = request.record.common
        try:
            found = await search(sought(request.record, authority.people), source=self._records())
        except UnavailableError:
            wait = NeedsPerson(reason=DeskReason.SOURCE, detail="SOURCE_AWAY", decision=authority.decision)
            return self.endings.waiting(request, message, wait, None, turn)
        draft = minimise(found, asked=asked, authority=authority, today=turn.now.date())
        self.accounts.keep(asked.request_id, FIRST_REVISION, draft)
        match review(draft, authority=authority):
            case NeedsPerson() as wait:
                return self.endings.waiting(request, message, wait, draft, turn)
            case Disclosure() as disclosure:
                return self.endings.disclosed(request, message, disclosure, authority, turn)

    def _records(self) -> RecordSource:
        if self.source is None:
            raise UnavailableError("this organisation answers by hand")
        return self.source
