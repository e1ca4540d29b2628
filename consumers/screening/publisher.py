"""What screening publishes: the account of each answer it opened, and the combined summary each time it changed.

Two numberings, because only audit events must be dense. (1) An ending with an OPENED event numbers all its messages in
the stream `{principal}.opened`, which nothing else uses: 1, 2, 3; a gap is an alarm. (2) An ending without one (of a
dispatch, of a checkpoint) numbers its summary in `{principal}.summaries`. (3) All goes out through the one outbox of
the second stream, in the order of the commits: the last summary of a request in the log is always the newest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import final

from broker.errors import InvariantError, RejectedError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.envelope import derived_id, sha256
from broker.exchange.outbox import Outbox
from broker.exchange.seal import Sealed, Sealer, UnsealedMessage
from broker.exchange.verify import Verified
from broker.ports import MAX_VALUE_BYTES, Database, LogOwner, Outgoing, Transaction
from consumers.screening.too_large import without_largest
from schemas.answer import Answer
from schemas.audit import AuditEvent, Consumed, Personal, Skeleton
from schemas.summary import Summary, SummaryBody
from schemas.topics import Family, topic_name
from schemas.vocabulary import EventKind, Kind

TOO_LARGE = "SUMMARY_TOO_LARGE"
"""A summary that had to go out without some of its items, or could not go out at all."""


class SummaryPublisher:
    """One requester's publisher: seals and stores messages inside the transaction that moves the position."""

    def __init__(self, database: Database, *, sealer: Sealer, requester: str, build: str) -> None:
        principal, partnership = sealer.keys.principal, sealer.directory().directory.partnership
        anchor = topic_name(partnership, Family.DISPATCHES, requester)  # of its own topics the one that it may read
        self._sealer = sealer
        self._requester = requester
        self._build = build
        self._outbox = Outbox(database, stream=f"{principal}.summaries", anchor=anchor)
        self._opened = Outbox(database, stream=f"{principal}.opened", anchor=anchor)  # counts only, never drained

    async def drain(self, log: LogOwner) -> None:
        """Publish every stored message (3). Raises: UnavailableError where the log stays away."""
        await self._outbox.drain(log)

    def opened(
        self,
        transaction: Transaction,
        verified: Verified[Answer],
        body: SummaryBody | None,
        *,
        reason: str | None,
        directory: TrustedDirectory,
        now: datetime,
    ) -> tuple[str, ...]:
        """End an answer: its OPENED event, and the summary where it changed (1). Returns alarms.

        `reason` says why the answer was opened and then quarantined: that it was opened is accounted for all the same.
        """
        ordinal = self._outbox.take_sequence(transaction)
        revision = verified.record.status.revision
        event_id = derived_id(Kind.AUDIT_EVENT, verified.digest, self._sealer.keys.principal, revision)
        sealing = _Sealing(
            sealer=replace(self._sealer, directory=lambda: directory),
            requester=self._requester,
            build=self._build,
            event_id=event_id,
            stream=self._opened.stream,
            sequence=self._opened.take_sequence(transaction),
            now=now,
        )
        summary, alarms = sealing.summary(body) if body else ((), ())
        self._outbox.put(transaction, ordinal, (*summary, sealing.event(verified, event_id, reason=reason)))
        return alarms

    def changed(
        self, transaction: Transaction, body: SummaryBody, *, directory: TrustedDirectory, now: datetime
    ) -> tuple[str, ...]:
        """End a message that changed this summary and opened no answer (2). Returns alarms."""
        sequence = self._outbox.take_sequence(transaction)
        sealing = _Sealing(
            sealer=replace(self._sealer, directory=lambda: directory),
            requester=self._requester,
            build=self._build,
            event_id=None,
            stream=self._outbox.stream,
            sequence=sequence,
            now=now,
        )
        summary, alarms = sealing.summary(body)
        self._outbox.put(transaction, sequence, summary)
        return alarms


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealing:
    """Seals the messages of one ending, under one directory and one number; `event_id` None is each message's own.

    The directory is fixed, because looking for a newer one may need a transaction, and one is open already.
    """

    sealer: Sealer = field(repr=False)
    requester: str
    build: str
    event_id: str | None
    stream: str
    sequence: int
    now: datetime

    def summary(self, body: SummaryBody) -> tuple[tuple[Outgoing, ...], tuple[str, ...]]:
        """Seal the summary, and return alarms with it. One too large for the log goes out with less, and says so."""
        message_id = derived_id(
            Kind.SUMMARY, sha256(body.request_id.encode()), self.sealer.keys.principal, body.version
        )
        alarms: tuple[str, ...] = ()
        smaller: SummaryBody | None = body
        while smaller is not None:
            sealed = self._seal(Kind.SUMMARY, Summary(body=smaller), message_id, body.request_id)
            if len(sealed.outgoing.value) <= MAX_VALUE_BYTES:
                return (sealed.outgoing,), alarms
            # The log would refuse it, and with it everything behind it.
            alarms, smaller = (TOO_LARGE,), without_largest(smaller)
        return (), alarms

    def event(self, verified: Verified[Answer], event_id: str, *, reason: str | None) -> Outgoing:
        """Seal the account of an opened answer: what was opened by whom, quoted by its digest.

        The personal part keeps the status block as it was opened, with its salt: the reconciler compares it, byte for
        byte, with the one that the organisation audited. An order to erase that event's part concerns this one too.
        """
        place, status = verified.place, verified.record.status
        skeleton = Skeleton(
            event_id=event_id,
            event=EventKind.OPENED,
            occurred_at=self.now,
            organisation=self.requester,
            service=self.sealer.keys.principal,
            request_id=verified.header.request_id,
            consumed=Consumed(
                topic=place.topic, partition=place.partition, offset=place.offset, digest=verified.digest
            ),
            answer_id=verified.header.message_id,
            answer_digest=verified.digest,
            status=status.status,
            stage=status.stage,
            reason=reason,
            revision=status.revision,
            profile_digest=self.sealer.directory().directory.profile_digest,
            directory_expired=verified.directory_expired,
            build=self.build,
        )
        content = verified.content
        personal = Personal(status_block=content.parts[0], status_salt=content.salts[0])
        record = AuditEvent(skeleton=skeleton, personal=personal)
        sealed = self._seal(Kind.AUDIT_EVENT, record, event_id, verified.header.request_id, answers=verified.digest)
        return sealed.outgoing

    def _seal(
        self,
        kind: Kind,
        record: Summary | AuditEvent,
        message_id: str,
        request_id: str | None,
        *,
        answers: bytes | None = None,
    ) -> Sealed:
        partnership = self.sealer.directory().directory.partnership
        topic = topic_name(partnership, Family.SUMMARIES, self.requester)
        unsealed = UnsealedMessage(
            kind=kind,
            topic=topic_name(partnership, Family.AUDIT) if kind is Kind.AUDIT_EVENT else topic,
            record=record,
            message_id=message_id,
            request_id=request_id,
            answers=answers,
            event_id=self.event_id or message_id,
            stream=self.stream,
            sequence=self.sequence,
            issued_at=self.now,
        )
        try:
            return self.sealer.seal(unsealed)
        except RejectedError as error:
            # The directory does not let us write: no fault of the message in hand, which must not pay for it.
            raise InvariantError(f"cannot seal for the topic's readers: {error.reason}") from None
