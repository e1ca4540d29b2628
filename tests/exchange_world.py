"""What the tests of the exchange share: an insider who seals what he likes, and a log and a journal that die on cue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from broker.adapters.crypto import random_bytes
from broker.adapters.embedded import EmbeddedLog
from broker.adapters.sql import SqlDatabase
from broker.errors import MashError
from broker.exchange import journal as journal_store
from broker.exchange.envelope import digest_of, pad, part_hash, sha256, wrap_info
from broker.exchange.journal import Journal, JournalEntry
from broker.exchange.seal import SealedBatch
from broker.exchange.worker import Delivery, Worker
from broker.ports import Claim, CommittedOffset, EventLog, LogOffset, LogOwner, LogReader, Message, Outgoing
from schemas.answer import Answer, AnswerBody, AnswerStatus, Judgement, Match
from schemas.codec import MODELS, decode, encode, encode_parts, schema_digest
from schemas.decision import GateDecision
from schemas.exchange import SUITE, Asked, Content, Dispatch, DispatchBody, Envelope, Header
from schemas.request import RequestCommon
from schemas.scalars import Wire
from schemas.summary import Summary, SummaryBody
from schemas.topics import RULES, Key
from schemas.vocabulary import Certainty, GateOutcome, Kind, MatchMethod, Sector, Status

WORK, OUT, GROUP = "work", "out", "police"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
AT_ONCE = timedelta(0)


# ---------------------------------------------------------------- an insider


def header_of(outgoing: Outgoing) -> Header:
    """Read the header that anybody can see."""
    return decode(Header, decode(Envelope, outgoing.value).header)


def altered(outgoing: Outgoing, **changes: Any) -> Outgoing:
    """Change parts of the envelope and leave the rest: what somebody without any key can do."""
    envelope = decode(Envelope, outgoing.value)
    fields = {name: getattr(envelope, name) for name in Envelope.model_fields}
    return Outgoing(topic=outgoing.topic, key=outgoing.key, value=encode(Envelope(**{**fields, **changes})))


@dataclass
class Insider:
    """Somebody who holds one principal's signing key and seals without any of the product's checks.

    `readers` are the principals to seal to, where they are not the rule's; `padded` turns the framed content into what
    is encrypted; `header` is changed before anything is encrypted or signed, so that everything else fits it.
    """

    partnership: Any
    sender: str = "hub"

    def seal(
        self,
        record: Wire,
        kind: Kind,
        topic: str,
        *,
        readers: Sequence[str] | None = None,
        parts: tuple[bytes, ...] | None = None,
        salts: tuple[bytes, ...] | None = None,
        content: Content | None = None,
        hashes: tuple[bytes, ...] | None = None,
        padded: Callable[[bytes], bytes] = lambda framed: framed,
        signer: Any = None,
        key: bytes | None = None,
        **header: Any,
    ) -> Outgoing:
        """Seal and sign, wrongly where told so."""
        world = self.partnership
        parts = parts or encode_parts(record)
        salts = salts or tuple(random_bytes(32) for _ in parts)
        names = readers or world.trusted.readers(kind, sender=self.sender, topic=topic)
        kem_keys = [world.openers[name].public_key for name in names]
        signer = signer or world.signers[self.sender]
        letter = world.letter(record, kind, topic)
        values: dict[str, Any] = {
            "suite": SUITE,
            "partnership": world.trusted.directory.partnership,
            "kind": kind,
            "topic": topic,
            **{name: getattr(letter, name) for name in ("message_id", "request_id", "answers", "event_id", "stream")},
            "sender": self.sender,
            "signing_key_id": signer.key_id,
            "recipients": tuple(sha256(one) for one in kem_keys),
            "directory_version": world.trusted.directory.version,
            "directory_digest": world.trusted.digest,
            "schema_digest": schema_digest(MODELS[kind]),
            "sequence": 1,
            "issued_at": world.now,
            "expires_at": world.now + timedelta(days=14),
            "parts": hashes
            or tuple(part_hash(index, *one) for index, one in enumerate(zip(salts, parts, strict=True))),
        }
        made = Header(**{**values, **header})
        framed = pad(content or Content(salts=salts, parts=parts), bucket=RULES[kind].bucket)
        value = self._envelope(encode(made), padded(framed), kem_keys, signer)
        rule_key = made.event_id if RULES[kind].key is Key.EVENT_ID else made.request_id
        return Outgoing(topic=topic, key=key or (rule_key or made.message_id).encode(), value=value)

    def _envelope(self, header: bytes, padded: bytes, kem_keys: Sequence[bytes], signer: Any) -> bytes:
        crypto, content_key = self.partnership.crypto, random_bytes(32)
        ciphertext = crypto.encrypt(content_key, padded, header)
        wraps = tuple(crypto.wrap(one, content_key, wrap_info(header, ciphertext)) for one in kem_keys)
        signature = signer.sign(digest_of(header, ciphertext, wraps))
        return encode(Envelope(header=header, ciphertext=ciphertext, wraps=wraps, signature=signature))


def an_answer(request_id: str, *, status: Status = Status.NO_TRACE, gaps: str = "") -> Answer:
    """Return an answer of the police about one invented child."""
    words = ("rows", "reasons", "dropped", "missing_evidence", "obligations", "basis")
    nothing: dict[str, Any] = dict.fromkeys(words, ())
    match = Match(about="p1", certainty=Certainty.NONE, method=MatchMethod.NONE, identifiers_used=())
    return Answer(
        status=AnswerStatus(
            request_id=request_id,
            organisation="police",
            revision=1,
            status=status,
            stage=None,
            reason=None,
            answered_at=NOW,
            data_as_at=None,
            approved_by=None,
            decision=GateDecision(outcome=GateOutcome.PERMIT, **nothing, table_version="2026.1", table_hash=bytes(32)),
            match=match,
            matches=(),
            item_counts=(),
        ),
        body=AnswerBody(
            items=(),
            systems_searched=(),
            gaps=gaps,
            look_back_from=None,
            known_to_agency=None,
            lead_contact=None,
            author=None,
            judgement=Judgement(),
        ),
    )


def a_dispatch(common: RequestCommon) -> Dispatch:
    """Return the hub's note that the police were asked this."""
    asked = (Asked(organisation="police", sector=Sector.POLICE, request_digest=bytes(32)),)
    names = ("request_id", "case_ref", "rating", "band", "received_at", "due_at", "decision")
    return Dispatch(body=DispatchBody(asked=asked, **{name: getattr(common, name) for name in names}))


def a_summary(common: RequestCommon) -> Summary:
    """Return a summary of this request, to which nobody has answered yet."""
    names = ("request_id", "case_ref", "rating", "band", "received_at", "due_at", "decision")
    fields = {name: getattr(common, name) for name in names}
    return Summary(body=SummaryBody(version=1, complete=False, answers=(), **fields))


def flipped(data: bytes, at: int, *, bit: int = 0) -> bytes:
    """Return the bytes with one bit turned over."""
    changed = bytearray(data)
    changed[at] ^= 1 << bit
    return bytes(changed)


# ---------------------------------------------------------------- dying on cue


class Killed(BaseException):
    """The process dies here. Nothing in the product may catch it."""


@dataclass
class Cue:
    """Decides what happens at each step: counts them, and raises at the one that was named."""

    at: int | None = None
    steps: list[str] = field(default_factory=list)

    def __call__(self, step: str) -> None:
        """Take one step; die if it is the one."""
        self.steps.append(step)
        if len(self.steps) - 1 == self.at:
            raise Killed(step)


class DyingJournal(Journal):
    """The journal of a process that may die just before or just after a write took effect."""

    def __init__(self, database: SqlDatabase, cue: Callable[[str], None]) -> None:
        super().__init__(database)
        self._cue = cue

    def count_attempt(self, places: Sequence[LogOffset], *, now: datetime) -> dict[LogOffset, int]:
        self._cue("count, not written")
        earlier = super().count_attempt(places, now=now)
        self._cue("count, written")
        return earlier

    def record_outcome(self, entries: Sequence[JournalEntry]) -> None:
        self._cue("record, not written")
        super().record_outcome(entries)
        self._cue("record, written")


class DyingClaim(Claim):
    """A claim whose publish may die, or lose its answer, before or after it took effect."""

    def __init__(self, claim: Claim, cue: Callable[[str], None], published: list[tuple[Outgoing, ...]]) -> None:
        self._claim = claim
        self._cue = cue
        self._published = published
        self.position = claim.position

    async def fetch(self, *, most: int, wait: timedelta) -> tuple[Message, ...]:
        return await self._claim.fetch(most=most, wait=wait)

    async def publish(self, messages: Sequence[Outgoing], *, position: CommittedOffset) -> None:
        self._cue("publish, not written")
        await self._claim.publish(messages, position=position)
        self._published.append(tuple(messages))
        self._cue("publish, written")

    async def release(self) -> None:
        await self._claim.release()


class DyingLog(LogOwner, LogReader):
    """The real log, seen by a process that may die; `claiming` runs before each claim."""

    def __init__(self, log: EventLog, cue: Callable[[str], None], claiming: Callable[[], None] = lambda: None) -> None:
        self._log = log
        self._cue = cue
        self._claiming = claiming
        self.published: list[tuple[Outgoing, ...]] = []

    async def partitions(self, topic: str) -> int:
        return await self._log.partitions(topic)

    async def wait_for_assignment(self, topic: str, *, group: str) -> int:
        return await self._log.wait_for_assignment(topic, group=group)

    async def claim(self, topic: str, partition: int, *, group: str) -> Claim:
        self._claiming()
        return DyingClaim(await self._log.claim(topic, partition, group=group), self._cue, self.published)

    async def committed(self, topic: str, partition: int, *, group: str) -> CommittedOffset:
        return await self._log.committed(topic, partition, group=group)

    async def read(self, topic: str, partition: int, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        return await self._log.read(topic, partition, offset=offset, most=most, wait=wait)

    async def end(self, topic: str, partition: int) -> int:
        return await self._log.end(topic, partition)

    async def close(self) -> None:
        await self._log.close()


def failing(step: str, fault: MashError, *, times: int = 1) -> Callable[[str], None]:
    """Return a cue that raises a fault at that step, so many times."""
    left = [fault] * times

    def cue(reached: str) -> None:
        if reached == step and left:
            raise left.pop()

    return cue


# ---------------------------------------------------------------- an organisation at work


def ending(message: Message, delivery: Delivery, *, value: bytes | None = None) -> SealedBatch:
    """End a message as a handler would: one message out, which says what it ends and under which number."""
    told = f"{message.value.decode()} {delivery.sequence} {delivery.attempts}".encode()
    entry = JournalEntry(
        place=message.place,
        event_id=f"event-{message.place.offset}",
        answer_id=None,
        answer_digest=None,
        stream=delivery.stream,
        sequence=delivery.sequence,
        reason=None,
    )
    return SealedBatch(outgoing=(Outgoing(topic=OUT, key=b"k", value=told if value is None else value),), entry=entry)


async def end(message: Message, delivery: Delivery) -> SealedBatch:
    """End every message at once."""
    return ending(message, delivery)


@dataclass
class Desk:
    """One organisation's log and journal on disk, and the processes that come and go over them."""

    folder: Path
    lease: timedelta = timedelta(seconds=30)
    _reader: EmbeddedLog | None = None
    _open: list[EmbeddedLog] = field(default_factory=list)
    _databases: list[SqlDatabase] = field(default_factory=list)

    @property
    def reader(self) -> EmbeddedLog:
        """Somebody who only looks."""
        self._reader = self._reader or self.log()
        return self._reader

    def log(self) -> EmbeddedLog:
        """Return a new process's view of the log."""
        self._open.append(EmbeddedLog(self.folder / "log.sqlite", lease=self.lease))
        return self._open[-1]

    def database(self, name: str = "journal", schema: Sequence[str] = journal_store.SCHEMA) -> SqlDatabase:
        """Return a new process's view of the organisation's own store."""
        self._databases.append(SqlDatabase.open(self.folder / f"{name}.sqlite", schema=schema))
        return self._databases[-1]

    async def given(self, *values: str, key: str = "") -> None:
        """Put messages into the organisation's topic, each under its own key unless told otherwise."""
        log = self.log()
        await log.create_topics({WORK: 1, OUT: 1, "source": 1})
        claim = await log.claim("source", 0, group="hub")
        out = [Outgoing(topic=WORK, key=(key or value).encode(), value=value.encode()) for value in values]
        await claim.publish(out, position=CommittedOffset(offset=1))
        await claim.release()

    def worker(
        self, handle: Any = end, *, cue: Callable[[str], None] | None = None, log: LogOwner | None = None
    ) -> Worker:
        """Return a new process at work; with a cue, one that may die."""
        step = cue or Cue()
        return Worker(
            log=log or DyingLog(self.log(), step),
            topic=WORK,
            group=GROUP,
            journal=DyingJournal(self.database(), step),
            handle=handle,
            clock=lambda: NOW,
            stop=asyncio.Event(),
        )

    @asynccontextmanager
    async def at_work(self, worker: Worker) -> Any:
        """Let a worker run while the block does, then stop it and wait for it."""
        async with asyncio.timeout(30):
            running = asyncio.create_task(worker.run())
            try:
                yield running
            finally:
                worker.stop.set()
                await running

    async def until_dead(self, worker: Worker) -> bool:
        """Let a worker run until it dies, or until it has nothing left to do; say whether it died."""
        running, waiting = asyncio.create_task(worker.run()), asyncio.create_task(self.ended())
        await asyncio.wait({running, waiting}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        worker.stop.set()
        waiting.cancel()
        try:
            await running
        except BaseExceptionGroup as group:
            if group.split(Killed)[1] is not None:
                raise
            return True
        finally:
            await worker.log.close()
        return False

    async def ended(self) -> None:
        """Wait until every message that was given has ended."""
        while not await self._nothing_left():  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.005)

    async def _nothing_left(self) -> bool:
        position = await self.reader.committed(WORK, 0, group=GROUP)
        return position.offset == await self.reader.end(WORK, 0)

    async def told(self) -> list[tuple[str, int, int]]:
        """Return what a reader of committed messages sees: which message, its number, attempts made before."""
        found = await self.reader.read(OUT, 0, offset=0, most=1000, wait=AT_ONCE)
        lines = [message.value.decode().split() for message in found]
        return [(text, int(sequence), int(attempts)) for text, sequence, attempts in lines]

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Ask the organisation's own store."""
        with self.database().transaction() as transaction:
            return transaction.execute(sql, **(parameters or {}))

    async def lose_the_log(self) -> None:
        """End every process, and give them an empty log when they come back; their own stores stay."""
        await self._close_logs()
        for path in self.folder.glob("log.sqlite*"):
            path.unlink()

    async def _close_logs(self) -> None:
        for log in self._open:
            await log.close()
        self._open, self._reader = [], None

    async def close(self) -> None:
        """End every process."""
        await self._close_logs()
        for database in self._databases:
            database.close()
