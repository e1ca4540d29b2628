"""The handlers of screening, one for each kind of message. Each does all of its work in one database transaction.

(1) Verify; (2) move the position, and stop if it was moved before; (3) fold the message into its request's state; (4)
if the state changed, store the next version of the summary; (5) if an answer was opened, store its OPENED event, even
when the answer is then quarantined. A handler returns the alarms to raise after the commit; for a message that cannot
be accepted it raises RejectedError and leaves no trace.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from broker.errors import RejectedError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.parse import parse
from broker.exchange.verify import Verified, Verifier
from broker.ports import Clock, Database, LogOffset, Message, Transaction
from broker.transparency.follow import follow_on, open_ledgers
from consumers.screening.join import (
    RequestState,
    opened_answer,
    summary_of,
    with_answer,
    with_dispatch,
    with_recorded,
)
from consumers.screening.publisher import SummaryPublisher
from consumers.screening.state import ScreeningState
from schemas.answer import Answer
from schemas.exchange import Dispatch
from schemas.scalars import Wire, to_milliseconds
from schemas.summary import SummaryBody

Alarms = tuple[str, ...]
T = TypeVar("T", bound=Wire)


class Handlers:
    """The handlers of dispatches, answers and checkpoints for one requester."""

    def __init__(
        self,
        database: Database,
        *,
        verifier: Verifier,
        state: ScreeningState,
        publisher: SummaryPublisher,
        clock: Clock,
    ) -> None:
        self._database = database
        self._verifier = verifier
        self._state = state
        self._publisher = publisher
        self._clock = clock

    def dispatch(self, message: Message) -> Alarms:
        """Handle a dispatch: add the request, and judge the answers that came before it."""
        now = to_milliseconds(self._clock())
        body, directory = self._verified(message, Dispatch, now).record.body, self._verifier.directory()  # (1)
        with self._database.transaction() as transaction:
            if not self._state.move_past(transaction, message.place):  # (2)
                return ()
            before, version = self._state.load(transaction, body.request_id)
            after, reasons = with_dispatch(before, body)  # (3)
            for reason in reasons:
                self._state.count(transaction, reason)
            summary = self._keep(transaction, before, after, version)
            if summary is None:
                return reasons
            return reasons + self._publisher.changed(transaction, summary, directory=directory, now=now)  # (4)

    def answer(self, message: Message) -> Alarms:
        """Handle an answer. Its OPENED event is written even when the answer is then quarantined."""
        now = to_milliseconds(self._clock())
        verified, directory = self._verified(message, Answer, now), self._verifier.directory()  # (1)
        with self._database.transaction() as transaction:
            if not self._state.move_past(transaction, message.place):  # (2)
                return ()
            summary, reason = self._join(transaction, verified, now)  # (3)
            if reason is not None:
                self._state.count(transaction, reason)
            alarms = self._publisher.opened(  # (4) (5)
                transaction, verified, summary, reason=reason, directory=directory, now=now
            )
            return alarms if reason is None else (reason, *alarms)

    def checkpoint(self, message: Message) -> Alarms:
        """Handle a checkpoint: mark the answers whose events it lists as recorded."""
        now, directory = to_milliseconds(self._clock()), self._verifier.directory()
        checkpoint = open_ledgers(message.value, directory=directory, crypto=self._verifier.crypto)  # (1)
        listed = tuple(leaf.event_id for leaf in checkpoint.leaves)
        alarms: Alarms = ()
        with self._database.transaction() as transaction:
            if not self._state.move_past(transaction, message.place):  # (2)
                return ()
            before = self._state.frontier(transaction, checkpoint.origin)
            after = follow_on(before, checkpoint)
            if after == before:
                return ()
            self._state.save_frontier(transaction, checkpoint.origin, after)
            for request_id in self._state.list_recorded(transaction, listed, now=now):
                alarms += self._record(transaction, request_id, frozenset(listed), directory, now)
        return alarms

    def quarantined(self, place: LogOffset, reason: str) -> None:
        """Handle a message that cannot be accepted: count its reason and move the position past it."""
        with self._database.transaction() as transaction:
            if self._state.move_past(transaction, place):
                self._state.count(transaction, reason)

    def _verified(self, message: Message, record: type[T], now: datetime) -> Verified[T]:
        unverified = parse(message)
        try:
            return self._verifier.verify(unverified, record=record, now=now)
        except RejectedError as error:
            if error.reason == "KEY_DESTROYED":
                self._verifier.check_epoch_over(unverified.header, now=now)
            raise

    def _join(
        self, transaction: Transaction, verified: Verified[Answer], now: datetime
    ) -> tuple[SummaryBody | None, str | None]:
        """Return the summary to publish, None where nothing changed, and why the answer is quarantined, if it is."""
        opened = opened_answer(verified, received_at=now)
        if isinstance(opened, str):
            return None, opened
        request_id = verified.record.status.request_id
        try:
            before, version = self._state.load(transaction, request_id)
        except RejectedError as error:
            return None, error.reason  # the request's row is damaged; that this answer was opened stays accounted for
        after, reason = with_answer(before, opened)
        if reason is None and self._state.recorded(transaction, opened.event_id, request_id=request_id):
            after = with_recorded(after, frozenset({opened.event_id}))
        return self._keep(transaction, before, after, version), reason

    def _record(
        self,
        transaction: Transaction,
        request_id: str,
        listed: frozenset[str],
        directory: TrustedDirectory,
        now: datetime,
    ) -> Alarms:
        try:
            before, version = self._state.load(transaction, request_id)
        except RejectedError as error:
            # One request's row is damaged: the checkpoint still counts for all the others.
            self._state.count(transaction, error.reason)
            return (error.reason,)
        summary = self._keep(transaction, before, with_recorded(before, listed), version)
        if summary is None:
            return ()
        return self._publisher.changed(transaction, summary, directory=directory, now=now)

    def _keep(
        self, transaction: Transaction, before: RequestState, after: RequestState, version: int
    ) -> SummaryBody | None:
        """Keep a changed state; return the summary to publish, None where nothing changed or nothing was asked yet."""
        if after == before:
            return None
        summary = summary_of(after, after.dispatch, version=version + 1) if after.dispatch else None
        self._state.save(transaction, after, summary)
        return summary
