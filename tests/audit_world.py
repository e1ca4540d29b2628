"""A small ledger in a real database, fed with really sealed audit events: for every test of the audit consumer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from broker.adapters.crypto import random_bytes
from broker.adapters.embedded import EmbeddedLog
from broker.adapters.sql import SqlDatabase
from broker.errors import RejectedError
from broker.exchange.seal import UnsealedMessage
from broker.ports import CommittedOffset, EventLog, LogOffset, Message, Outgoing
from broker.transparency.follow import ledger_name
from consumers.audit.checkpoint import Checkpoints
from consumers.audit.intake import Entry, Intake, Refused, refused
from consumers.audit.ledger import Ledger, Recorded
from consumers.audit.service import AuditService
from consumers.audit.tables import SCHEMA
from consumers.audit.vault import Vault
from consumers.audit.verification.check import check_ledger
from consumers.audit.verification.log_view import LogView
from consumers.audit.verification.report import LedgerReport
from schemas.audit import AuditEvent, Personal, Skeleton
from schemas.vocabulary import EventKind, Kind

SECRET_CASE = "C-SECRET-0815"


@dataclass
class Audit:
    """One partnership's audit consumer, by parts or as a whole service."""

    partnership: Any
    folder: Path
    sequences: dict[tuple[str, str], int] = field(default_factory=dict)
    offset: int = 0
    expected: int = 0
    opened: list[SqlDatabase] = field(default_factory=list)
    logs: list[EmbeddedLog] = field(default_factory=list)

    name = "northants"
    topic = "mash.northants.audit.v1"
    checkpoints_topic = "mash.northants.checkpoints.v1"
    origin = ledger_name("northants")

    @property
    def path(self) -> Path:
        return self.folder / "ledger.sqlite"

    def open(self) -> SqlDatabase:
        database = SqlDatabase.open(self.path, schema=SCHEMA)
        self.opened.append(database)
        return database

    # ------------------------------------------------------------ events

    def event(self, sender: str = "police", *, stream: str = "test.0", **changes: Any) -> Outgoing:
        """Seal an audit event; numbers of a sender's stream run on by themselves."""
        number = self.sequences.get((sender, stream), 0) + 1
        event_id = changes.pop("event_id", None) or str(UUID(bytes=random_bytes(16), version=4))
        letter: dict[str, Any] = {
            "kind": Kind.AUDIT_EVENT,
            "topic": self.topic,
            "record": self.record_of(event_id, sender),
            "message_id": event_id,
            "request_id": None,
            "answers": None,
            "event_id": event_id,
            "stream": stream,
            "sequence": number,
            "issued_at": self.partnership.now,
        }
        letter |= changes
        self.sequences[sender, stream] = letter["sequence"]
        outgoing: Outgoing = self.partnership.sealer(sender).seal(UnsealedMessage(**letter)).outgoing
        return outgoing

    def record_of(self, event_id: str, sender: str) -> AuditEvent:
        return AuditEvent(
            skeleton=Skeleton(
                event_id=event_id,
                event=EventKind.ANSWERED,
                occurred_at=self.partnership.now,
                organisation=sender,
                service=sender,
                build="test",
            ),
            personal=Personal(case_ref=SECRET_CASE, systems_searched=("invented",)),
        )

    def placed(self, *outgoing: Outgoing) -> list[Message]:
        """Give messages the offsets that follow in the audit topic; offsets have gaps, as Kafka's do."""
        messages = []
        for one in outgoing:
            place = LogOffset(topic=self.topic, partition=0, offset=self.offset)
            messages.append(Message(place=place, key=one.key, value=one.value))
            self.offset += 2
        return messages

    # ------------------------------------------------------------ parts

    def vault(self) -> Vault:
        return Vault(
            rest=self.partnership.rests["hub-audit"],
            crypto=self.partnership.crypto,
            random=random_bytes,
            origin=self.origin,
        )

    def ledger(self, database: SqlDatabase) -> Ledger:
        return Ledger(database=database, vault=self.vault(), origin=self.origin)

    def intake(self, **changes: Any) -> Intake:
        partnership = self.partnership
        parts: dict[str, Any] = {
            "keys": partnership.keys("hub-audit"),
            "crypto": partnership.crypto,
            "directory": lambda: partnership.trusted,
            "known_version": {partnership.trusted.directory.version: partnership.trusted.digest}.get,
            "clock": lambda: partnership.now,
        }
        return Intake(**(parts | changes))

    def issue(self) -> Any:
        return Checkpoints(signer=self.partnership.signers["hub-audit"], origin=self.origin).issue

    def take(self, messages: Sequence[Message]) -> list[Entry | Refused]:
        taken: list[Entry | Refused] = []
        for message in messages:
            try:
                taken.append(self.intake().take(message))
            except RejectedError as error:
                taken.append(refused(message, error.reason))
        return taken

    def record(self, database: SqlDatabase, messages: Sequence[Message]) -> Recorded:
        """Record messages as one batch, as the service does."""
        ledger = self.ledger(database)
        since = ledger.start()
        following = messages[-1].place.offset + 1
        return ledger.record(self.take(messages), since=since, following=following, issue=self.issue())

    def filled(self, *batches: int) -> list[Message]:
        """Make a ledger with a batch of that many events each, by two senders in turn; return the messages."""
        messages: list[Message] = []
        with closing(self.open()) as database:
            for count in batches:
                batch = self.placed(*(self.event(("police", "health")[number % 2]) for number in range(count)))
                self.record(database, batch)
                messages += batch
        return messages

    def check(self, *, log: LogView | None = None, **changes: Any) -> LedgerReport:
        parts: dict[str, Any] = {
            "vault": self.vault(),
            "directories": [self.partnership.trusted],
            "partnership": self.name,
            "crypto": self.partnership.crypto,
        }
        return check_ledger(self.open, **(parts | changes), log=log)

    # ------------------------------------------------------------ the service

    def log(self) -> EmbeddedLog:
        log = EmbeddedLog(self.folder / "log.sqlite")
        self.logs.append(log)
        return log

    async def topics(self, log: EventLog) -> None:
        await log.create_topics({self.topic: 1, self.checkpoints_topic: 1})

    async def publish(self, log: EventLog, *outgoing: Outgoing) -> None:
        claim = await log.claim(self.topic, 0, group="somebody")
        await claim.publish(outgoing, position=CommittedOffset(offset=claim.position.offset + 1))
        await claim.release()

    def service(self, log: EventLog, database: SqlDatabase, stop: asyncio.Event, **changes: Any) -> AuditService:
        partnership = self.partnership
        parts: dict[str, Any] = {
            "log": log,
            "owner": log,
            "database": database,
            "partnership": self.name,
            "keys": partnership.keys("hub-audit"),
            "crypto": partnership.crypto,
            "random": random_bytes,
            "directory": lambda: partnership.trusted,
            "known_version": {partnership.trusted.directory.version: partnership.trusted.digest}.get,
            "clock": lambda: partnership.now,
            "stop": stop,
            "observe": lambda word, counts: None,
        }
        return AuditService(**(parts | changes))

    def close(self) -> None:
        for database in self.opened:
            database.close()
