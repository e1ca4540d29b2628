"""A requester's screening on a real log and a real database, with organisations that answer. Unit and fault tests share
it; their fixtures make it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from broker.adapters.embedded import EmbeddedLog
from broker.adapters.sql import SqlDatabase
from broker.exchange import journal
from broker.exchange.directory import TrustedDirectory
from broker.exchange.envelope import derived_id, request_id_at, sha256
from broker.exchange.journal import Journal
from broker.exchange.parse import parse
from broker.exchange.verify import Verified
from broker.ports import CommittedOffset, LogOffset, Message, Outgoing
from broker.transparency.follow import ledger_name
from broker.transparency.merkle import Frontier
from broker.transparency.note import Checkpoint, CheckpointLeaf, sign_checkpoint
from consumers.screening.service import SCHEMA, ScreeningService
from schemas.answer import Answer, AnswerBody, AnswerStatus, Item, Judgement, Match
from schemas.audit import AuditEvent
from schemas.decision import GateDecision
from schemas.exchange import Asked, Dispatch, DispatchBody
from schemas.scalars import Wire
from schemas.summary import Summary, SummaryBody
from schemas.topics import Family
from schemas.vocabulary import (
    Certainty,
    DataClass,
    GateOutcome,
    ItemKind,
    Kind,
    MatchMethod,
    Onward,
    Precision,
    RatingBand,
    Sector,
    Stage,
    Status,
)

CANARY = "CANARY-7f3a the child was seen by an invented neighbour"
CASE = "C-CANARY-9914"
SECTORS = {"police": Sector.POLICE, "health": Sector.HEALTH, "education": Sector.EDUCATION}
DECISION = GateDecision(
    outcome=GateOutcome.PERMIT,
    rows=("P2", "D1"),
    reasons=(),
    dropped=(),
    missing_evidence=(),
    obligations=(),
    basis=(),
    table_version="2026.1",
    table_hash=b"\x07" * 32,
)
DUE = timedelta(hours=1)
LEDGER = ledger_name("northants")


def an_item(**changes: Any) -> Item:
    values: dict[str, Any] = {
        "type": "MISSING_EPISODE",
        "data_class": DataClass.ORDINARY,
        "kind": ItemKind.FACT_RECORDED,
        "date": date(2024, 10, 30),
        "precision": Precision.DAY,
        "text": CANARY,
        "about": "p1",
        "source": "invented case system",
        "source_ref": "x-1",
        "recorded_at": None,
        "third_party": False,
        "location": False,
        "statutory_bar": None,
        "dsar_hint": None,
        "onward": Onward.MASH_ONLY,
    }
    return Item(**{**values, **changes})


def an_answer(
    request_id: str,
    organisation: str,
    *,
    now: datetime,
    revision: int = 1,
    status: Status = Status.SUMMARY,
    items: tuple[Item, ...] = (),
    judgement: Judgement | None = None,
    **changes: Any,
) -> Answer:
    waits = status is Status.AWAITED
    values: dict[str, Any] = {
        "request_id": request_id,
        "organisation": organisation,
        "revision": revision,
        "status": status,
        "stage": Stage.WITH_PERSON if waits else None,
        "reason": None,
        "answered_at": now,
        "data_as_at": None if waits else now,
        "approved_by": None,
        "decision": DECISION,
        "match": Match(about="p1", certainty=Certainty.AUTO, method=MatchMethod.IDENTIFIER, identifiers_used=("nhs",)),
        "matches": (),
        "item_counts": (),
    }
    return Answer(
        status=AnswerStatus(**{**values, **changes}),
        body=AnswerBody(
            items=items,
            systems_searched=("invented case system",),
            gaps=CANARY if items else "",
            look_back_from=None,
            known_to_agency=None,
            lead_contact=None,
            author=None,
            judgement=judgement or Judgement(),
        ),
    )


@dataclass
class Request:
    """A request as its dispatch describes it, and the ids and digests that answers to it carry."""

    request_id: str
    now: datetime
    asked: tuple[str, ...] = ("police", "health")

    def digest(self, organisation: str) -> bytes:
        """The digest of the envelope that an organisation was sent."""
        return sha256(f"{self.request_id}/{organisation}".encode())

    def event_id(self, organisation: str, revision: int = 1) -> str:
        """The audit event of an answer."""
        return derived_id(Kind.AUDIT_EVENT, self.digest(organisation), organisation, revision)

    def dispatch(self, **changes: Any) -> DispatchBody:
        """The hub's note of who was asked."""
        values: dict[str, Any] = {
            "request_id": self.request_id,
            "case_ref": CASE,
            "band": RatingBand.RED,
            "received_at": self.now,
            "due_at": self.now + DUE,
            "decision": DECISION,
            "asked": tuple(
                Asked(organisation=name, sector=SECTORS[name], request_digest=self.digest(name)) for name in self.asked
            ),
        }
        return DispatchBody(**{**values, **changes})


@dataclass
class World:
    """The partnership, one log file, one database file; services come and go."""

    partnership: Any
    folder: Path
    alarms: list[str] = field(default_factory=list)
    requests: int = 0
    frontier: Frontier = field(default_factory=Frontier)
    late_by: timedelta = timedelta(0)
    observe: Callable[[str, LogOffset | None], None] | None = None
    digests: dict[int, bytes] = field(default_factory=dict)
    openers: dict[bytes, Any] | None = None
    while_running: Callable[[], None] = lambda: None
    log_type: type[EmbeddedLog] = EmbeddedLog
    database_type: type[SqlDatabase] = SqlDatabase

    def __post_init__(self) -> None:
        self.digests[self.partnership.trusted.directory.version] = self.partnership.trusted.digest

    def known_version(self, version: int) -> bytes | None:
        """What screening knows of directory versions; a test may replace it."""
        return self.digests.get(version)

    def directory(self, **changes: Any) -> TrustedDirectory:
        """Another version of the directory, known to everybody by its digest, in force for nobody yet."""
        trusted: TrustedDirectory = self.partnership.trust(
            self.partnership.signed(self.partnership.directory(**changes))
        )
        self.digests[trusted.directory.version] = trusted.digest
        return trusted

    @property
    def now(self) -> datetime:
        """The partnership's moment, moved on by `late_by`."""
        now: datetime = self.partnership.now + self.late_by
        return now

    def topic(self, family: Family, *owners: str) -> str:
        name: str = self.partnership.topic(family, *owners)
        return name

    @property
    def topics(self) -> dict[str, int]:
        """Every topic that screening touches, with its partitions."""
        answers = [self.topic(Family.ANSWERS, "hub", name) for name in ("police", "health")]
        own = [self.topic(family, "hub") for family in (Family.DISPATCHES, Family.SUMMARIES)]
        return dict.fromkeys([*answers, *own, self.topic(Family.AUDIT), self.topic(Family.CHECKPOINTS)], 1)

    @property
    def topic_of_summaries(self) -> str:
        return self.topic(Family.SUMMARIES, "hub")

    def topic_of_answers(self, organisation: str) -> str:
        return self.topic(Family.ANSWERS, "hub", organisation)

    @property
    def sources(self) -> list[str]:
        """The topics that screening follows."""
        return [name for name in self.topics if ".summaries." not in name and ".audit." not in name]

    # ------------------------------------------------------------ messages

    def request(self, *, asked: tuple[str, ...] = ("police", "health")) -> Request:
        self.requests += 1
        return Request(request_id_at(self.partnership.now, bytes([self.requests]) * 10), self.partnership.now, asked)

    def seal(self, sender: str, record: Wire, kind: Kind, topic: str, **changes: Any) -> Outgoing:
        letter = self.partnership.letter(record, kind, topic, issued_at=self.now, **changes)
        outgoing: Outgoing = self.partnership.sealer(sender).seal(letter).outgoing
        return outgoing

    def dispatch(self, request: Request, **changes: Any) -> Outgoing:
        topic = self.topic(Family.DISPATCHES, "hub")
        return self.seal("hub", Dispatch(body=request.dispatch(**changes)), Kind.DISPATCH, topic)

    def answer(self, request: Request, organisation: str, *, answer: Answer | None = None, **about: Any) -> Outgoing:
        """An answer as an agent seals it; keys of the letter may be given to break one."""
        letter = {name: about.pop(name) for name in ("message_id", "answers", "event_id") if name in about}
        record = answer or an_answer(request.request_id, organisation, now=self.now, **about)
        digest, revision = letter.get("answers", request.digest(organisation)), record.status.revision
        values = {
            "answers": digest,
            "message_id": derived_id(Kind.ANSWER, digest or b"", organisation, revision),
            "event_id": request.event_id(organisation, revision),
        }
        topic = self.topic(Family.ANSWERS, "hub", organisation)
        return self.seal(organisation, record, Kind.ANSWER, topic, **{**values, **letter})

    def checkpoint(self, *event_ids: str, skip: int = 0, signer: str = "hub-audit", **changes: Any) -> Outgoing:
        """The next checkpoint of the ledger, over these events; `skip` leaves are appended and never listed."""
        for number in range(skip):
            self.frontier, _ = self.frontier.append(sha256(b"skipped", bytes([number])))
        previous, leaves = self.frontier.size, []
        for index, event_id in enumerate(event_ids, start=previous):
            leaf = sha256(event_id.encode())
            self.frontier, _ = self.frontier.append(leaf)
            leaves.append(CheckpointLeaf(index=index, event_id=event_id, leaf_hash=leaf))
        values = {
            "origin": LEDGER,
            "size": self.frontier.size,
            "root": self.frontier.root(),
            "previous": previous,
            "leaves": tuple(leaves),
        }
        note = sign_checkpoint(Checkpoint(**{**values, **changes}), self.partnership.signers[signer], LEDGER)
        return Outgoing(topic=self.topic(Family.CHECKPOINTS), key=LEDGER.encode(), value=note)

    def verified(self, outgoing: Outgoing, record: type[Any], *, offset: int = 0) -> Verified[Any]:
        """What screening sees when it verifies a message, for tests of pure functions."""
        message = Message(
            place=LogOffset(topic=outgoing.topic, partition=0, offset=offset), key=outgoing.key, value=outgoing.value
        )
        opened: Verified[Any] = self.partnership.verifier("hub-screening").verify(
            parse(message), record=record, now=self.now
        )
        return opened

    # ------------------------------------------------------------ running

    @asynccontextmanager
    async def log(self) -> Any:
        log = self.log_type(self.folder / "log.sqlite")
        try:
            yield log
        finally:
            await log.close()

    async def publish(self, *messages: Outgoing) -> None:
        """Put messages on the log in this order, as their writers would."""
        async with self.log() as log:
            await log.create_topics(self.topics)
            for message in messages:
                claim = await log.claim(message.topic, 0, group="test-writer")
                await claim.publish([message], position=CommittedOffset(offset=claim.position.offset + 1))
                await claim.release()

    def service(
        self, log: EmbeddedLog, database: SqlDatabase, stop: asyncio.Event, *, requester: str = "hub"
    ) -> ScreeningService:
        verifier = replace(self.partnership.verifier("hub-screening"), replay=Journal(database))
        verifier = replace(verifier, known_version=self.known_version)
        if self.openers is not None:
            verifier = replace(verifier, keys=replace(verifier.keys, openers=self.openers))
        return ScreeningService(
            log=log,
            owner=log,
            sealer=self.partnership.sealer("hub-screening"),
            verifier=verifier,
            database=database,
            requester=requester,
            build="test",
            clock=lambda: self.now,
            stop=stop,
            observe=self.observe or (lambda reason, place: self.alarms.append(reason)),
        )

    async def run(self, *messages: Outgoing) -> None:
        """Publish, start a service of its own, and stop it when it has read and published everything."""
        if messages:
            await self.publish(*messages)
        database, stop = self.database(), asyncio.Event()
        try:
            async with self.log() as log:
                running = asyncio.create_task(self.service(log, database, stop).run())
                try:
                    await self._wait(running, log)
                finally:
                    stop.set()
                await running
        finally:
            database.close()

    def database(self) -> SqlDatabase:
        return self.database_type.open(self.folder / "screening.sqlite", schema=(*SCHEMA, *journal.SCHEMA))

    async def _wait(self, running: asyncio.Task[None], log: EmbeddedLog) -> None:
        """Return when the service has read everything, or has ended by itself."""
        self.while_running()
        looking = SqlDatabase.open(self.folder / "screening.sqlite", schema=())
        try:
            while not (running.done() or await self._caught_up(log, looking)):
                await asyncio.wait([running], timeout=0.005)
        finally:
            looking.close()

    async def _caught_up(self, log: EmbeddedLog, looking: SqlDatabase) -> bool:
        with looking.transaction() as transaction:
            rows = transaction.execute("SELECT topic, following FROM screening_position")
        following = {str(topic): int(offset) for topic, offset in rows}
        return all([following.get(topic, 0) >= await log.end(topic, 0) for topic in self.sources])

    # ------------------------------------------------------------ what came out

    async def read(self, topic: str) -> Sequence[Message]:
        async with self.log() as log:
            messages: Sequence[Message] = await log.read(topic, 0, offset=0, most=10_000, wait=timedelta(0))
        return messages

    async def summaries(self, request: Request) -> list[SummaryBody]:
        """Every summary of a request, in the order of the log, opened as the hub."""
        return [one.record.body for one in await self.summary_messages() if one.header.request_id == request.request_id]

    async def summary_messages(self) -> list[Verified[Summary]]:
        return await self._opened(self.topic(Family.SUMMARIES, "hub"), "hub", Summary)

    async def events(self) -> list[Verified[AuditEvent]]:
        """Every audit event that screening wrote, opened as the audit service."""
        return await self._opened(self.topic(Family.AUDIT), "hub-audit", AuditEvent)

    async def _opened(self, topic: str, reader: str, record: type[Any]) -> list[Any]:
        messages = await self.read(topic)
        database = SqlDatabase.open(self.folder / f"{reader}.sqlite", schema=journal.SCHEMA)
        try:
            verifier = replace(
                self.partnership.verifier(reader), replay=Journal(database), known_version=self.digests.get
            )
            return [verifier.verify(parse(one), record=record, now=self.now) for one in messages]
        finally:
            database.close()

    def quarantined(self) -> dict[str, int]:
        """How many messages were quarantined, by reason."""
        database = self.database()
        try:
            with database.transaction() as transaction:
                rows = transaction.execute("SELECT reason, many FROM screening_quarantined ORDER BY reason")
        finally:
            database.close()
        return {str(reason): int(many) for reason, many in rows}
