"""The requests that still lack an answer, each with its clock, for screening's gauges.

Promise: a request is opened once, for its band and its clock; nothing else of it is kept, and no id is returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import final

from broker.errors import RejectedError
from broker.ports import Database, RestKey, Transaction
from consumers.screening.state import ScreeningState
from schemas.vocabulary import RatingBand


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """The clock of one request without every answer; `due_at` is None where it has none.

    `band` and `received_at` are None where its row is damaged.
    """

    band: RatingBand | None
    received_at: datetime | None
    due_at: datetime | None


@final
class OpenRequests:
    """A reader of the open requests beside the writing service; each request is decrypted once and remembered."""

    def __init__(self, database: Database, *, rest: RestKey) -> None:
        self._database = database
        self._state = ScreeningState(database, rest=rest)
        self._known: dict[str, OpenRequest] = {}

    def now(self) -> tuple[OpenRequest, ...]:
        """Return all open requests. Raises: UnavailableError."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                "SELECT request_id, due_at FROM screening_request WHERE complete = 0 AND due_at IS NOT NULL"
            )
            due = {str(request_id): datetime.fromisoformat(due_at) if due_at else None for request_id, due_at in rows}
            self._known = {
                request_id: self._known.get(request_id) or self._opened(transaction, request_id, due_at)
                for request_id, due_at in due.items()
            }
        return tuple(self._known.values())

    def quarantined(self) -> dict[str, int]:
        """Return how many messages and answers were quarantined, by reason. Raises: UnavailableError."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute("SELECT reason, many FROM screening_quarantined")
        return {str(reason): int(many) for reason, many in rows}

    def _opened(self, transaction: Transaction, request_id: str, due_at: datetime | None) -> OpenRequest:
        try:
            state, _ = self._state.load(transaction, request_id)
        except RejectedError:
            return OpenRequest(band=None, received_at=None, due_at=due_at)  # it is overdue all the same, one day
        dispatch = state.dispatch
        return OpenRequest(
            band=dispatch.band if dispatch else None,
            received_at=dispatch.received_at if dispatch else None,
            due_at=due_at,
        )
