"""An organisation's path with real keys, gate and stores, over a hand-written record source."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from broker.errors import UnavailableError
from broker.exchange.parse import parse
from broker.exchange.seal import SealedBatch
from broker.exchange.worker import Delivery
from broker.gate.context import Side
from broker.holder import account as account_store
from broker.holder import identity_claims as claims_store
from broker.holder import revisions as history_store
from broker.holder.account import Accounts
from broker.holder.audit_event import AuditEvents
from broker.holder.endings import Endings
from broker.holder.identity_claims import IdentityClaims
from broker.holder.pipeline import Pipeline
from broker.holder.revisions import Revisions
from broker.holder.source import Candidate, Holding, Holdings, IdentifierHeld, NameHeld, NothingToSearch, PersonSought
from broker.ports import Message
from schemas.answer import Answer
from schemas.audit import AuditEvent
from schemas.exchange import Decided, DecidedBody, DeskItem, DeskItemBody
from schemas.topics import Family
from schemas.vocabulary import DataClass, DecisionAction, IdentifierScheme, ItemKind, Kind, Onward, Precision

COVERAGE = Holdings(
    items=(),
    data_as_at=datetime(2026, 11, 22, tzinfo=UTC),
    systems_searched=("POLICE-SYSTEM-01",),
    gaps="",
    ignored_fields=(),
)


@dataclass
class FakeSource:
    """Answers what it was told to; may be slow or away."""

    candidates: dict[str, tuple[Candidate, ...]] = field(default_factory=dict)
    held: dict[str, tuple[Holding, ...]] = field(default_factory=dict)
    gaps: str = ""
    away: bool = False
    nothing: str = ""
    slow: bool = False
    asked: list[PersonSought] = field(default_factory=list)

    async def find(self, person: PersonSought) -> tuple[Candidate, ...]:
        self.asked.append(person)
        if self.slow:
            await asyncio.sleep(60)
        if self.away:
            raise UnavailableError("away")
        if self.nothing:
            raise NothingToSearch(self.nothing, "nothing to search")
        return self.candidates.get(person.ref, ())

    async def look_up(self, record_id: str) -> Holdings:
        return self._with(self.held.get(record_id, ()))

    async def coverage(self) -> Holdings:
        if self.nothing:
            raise NothingToSearch(self.nothing, "nothing to search")
        return self._with(())

    def _with(self, items: tuple[Holding, ...]) -> Holdings:
        return Holdings(
            items=items,
            data_as_at=COVERAGE.data_as_at,
            systems_searched=COVERAGE.systems_searched,
            gaps=self.gaps,
            ignored_fields=(("/records/*/payload/unknown", 1),) if items else (),
        )


@dataclass
class Opened:
    """One ending, opened by those who may: what went out, in order."""

    kinds: list[Kind]
    answer: Answer | None
    desk: DeskItem | None
    items: list[DeskItem]
    event: AuditEvent
    sizes: dict[Kind, int]
    batch: SealedBatch


@pytest.fixture
def candidate() -> Callable[..., Candidate]:
    def make(**changes: Any) -> Candidate:
        values: dict[str, Any] = {
            "record_id": "r1",
            "names": (NameHeld(given_names=("Robin",), family_name="Testerton"),),
            "dates_of_birth": (date(2015, 3, 14),),
            "sexes": (),
            "postcodes": ("ZZ99 3VZ",),
            "identifiers": (IdentifierHeld(scheme=IdentifierScheme.NHS, value="9990000018"),),
            "restricted": False,
        }
        return Candidate(**{**values, **changes})

    return make


@pytest.fixture
def holding() -> Callable[..., Holding]:
    def make(**changes: Any) -> Holding:
        values: dict[str, Any] = {
            "field": "/missingEpisodes/*",
            "type": "MISSING_EPISODE",
            "data_class": DataClass.ORDINARY,
            "kind": ItemKind.FACT_RECORDED,
            "date": date(2024, 10, 30),
            "precision": Precision.DAY,
            "text": "Missing episode, invented.",
            "source": "POLICE-SYSTEM-01",
            "source_ref": "REC-1",
            "recorded_at": None,
            "flagged": False,
            "third_party": False,
            "location": False,
            "statutory_bar": False,
            "dsar_hint": None,
            "onward": Onward.CSC,
            "concerns": None,
        }
        return Holding(**{**values, **changes})

    return make


@dataclass
class Desk:
    """The police's agent, its source, and ways to ask it and to open what it says."""

    partnership: Any
    source: FakeSource
    pipeline: Pipeline
    sequence: int = 0

    async def decide(self, item: DeskItemBody, *, now: datetime | None = None, **changes: Any) -> Opened:
        """Send a decision about a desk item, as the desk does, and take it to its end."""
        values: dict[str, Any] = {
            "item_id": item.item_id,
            "request_id": item.request_id,
            "reason": item.reason,
            "action": DecisionAction.RELEASE,
            "by": "police-pr-01",
            "decided_at": self.partnership.now,
            "ground": None,
            "left_out": (),
            "chosen": (),
            "judgement": None,
            "items": item.draft.body.items if item.draft else (),
            "original": item.original,
        }
        record = Decided(body=DecidedBody(**{**values, **changes}))
        topic = self.partnership.topic(Family.REQUESTS, "police")
        letter = self.partnership.letter(
            record, Kind.DECISION, topic, message_id=f"0190b5f0-0000-7000-8000-{self.sequence:012d}"
        )
        sealed = self.partnership.sealer("police").seal(letter)
        return await self.ask(self.partnership.placed(sealed.outgoing, offset=100 + self.sequence), now=now)

    async def ask(
        self,
        message: Message | None = None,
        *,
        attempts: int = 0,
        now: datetime | None = None,
        **changes: Any,
    ) -> Opened:
        if message is None:
            sealed = self.partnership.seal_request(self.partnership.request(**changes))
            message = self.partnership.placed(sealed.outgoing, offset=self.sequence)
        self.sequence += 1
        delivery = Delivery(stream="t.0", sequence=self.sequence, attempts=attempts, now=now or self.partnership.now)
        return self.open(await self.pipeline.end(message, delivery), now=delivery.now)

    def open(self, batch: SealedBatch, *, now: datetime) -> Opened:
        records: dict[type, Any] = {}
        kinds, sizes, items = [], {}, []
        for outgoing in batch.outgoing:
            unverified = parse(self.partnership.placed(outgoing, offset=self.sequence * 10 + len(kinds)))
            kind = unverified.kind
            reader, model = {
                Kind.ANSWER: ("hub-screening", Answer),
                Kind.DESK_ITEM: ("police", DeskItem),
                Kind.AUDIT_EVENT: ("hub-audit", AuditEvent),
            }[kind]
            verifier = self.partnership.verifier(reader)
            records[model] = verifier.verify(unverified, record=model, now=now).record
            kinds.append(kind)
            if model is DeskItem:
                items.append(records[model])
            sizes[kind] = len(outgoing.value)
        return Opened(
            kinds=kinds,
            answer=records.get(Answer),
            desk=records.get(DeskItem),
            items=items,
            event=records[AuditEvent],
            sizes=sizes,
            batch=batch,
        )


@pytest.fixture
def make_desk(make_partnership: Callable[..., Any]) -> Callable[..., Desk]:
    def make(*, context: dict[str, Any] | None = None, manual: bool = False, **settings: Any) -> Desk:
        partnership = make_partnership(**settings)
        source = FakeSource()
        database = partnership.database(
            "holder", schema=(*account_store.SCHEMA, *claims_store.SCHEMA, *history_store.SCHEMA)
        )
        pipeline = Pipeline(
            verifier=partnership.verifier("police"),
            endings=Endings(
                organisation="police",
                partnership="northants",
                sealer=partnership.sealer("police"),
                events=AuditEvents(
                    keys=partnership.keys("police"), directory=lambda: partnership.trusted, build="test"
                ),
                history=Revisions(database),
            ),
            accounts=Accounts(database, rest=partnership.rests["police"]),
            claims=IdentityClaims(database, pseudonym=partnership.keys("police").pseudonym),
            tables=lambda: partnership.tables,
            source=None if manual else source,
            context=lambda enquiry, delivery: partnership.context(Side.HOLDER, **(context or {})),
        )
        return Desk(partnership=partnership, source=source, pipeline=pipeline)

    return make


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()
