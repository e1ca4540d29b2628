"""Memory: what the hub keeps of each ask, in its own database, sealed under its own rest key.

It makes a repeated ask safe (same id, same content: nothing is sent twice) and lets a later command say who was asked
and what the gate decided. In the clear stand only the request id and a keyed digest of the form, which nobody else
can compute.
"""

from __future__ import annotations

from typing import Annotated, final

from pydantic import Field

from broker.ports import RestKey, Transaction
from schemas.decision import GateDecision
from schemas.exchange import Asked
from schemas.scalars import Code, Ref, Timestamp, Uuid, Wire
from schemas.vocabulary import Purpose, RatingBand

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS asked (request_id TEXT PRIMARY KEY, form_digest BLOB NOT NULL, sealed BLOB NOT NULL)",
)


class Outcome(Wire):
    """The outcome of an ask: the gate's decision and who was asked; nobody, without a clock, where it was kept back."""

    request_id: Uuid
    case_ref: Annotated[Ref, Field(repr=False)]
    purpose: Purpose
    contact_ref: Annotated[Ref | None, Field(repr=False)] = None
    rating: Code | None = None
    band: RatingBand
    level: Code | None = None
    received_at: Timestamp
    due_at: Timestamp | None
    decision: GateDecision
    asked: Annotated[tuple[Asked, ...], Field(max_length=1000)]

    @property
    def sent(self) -> bool:
        """Return whether anything was sent, now or the first time."""
        return bool(self.asked)


@final
class AskedStore:
    """The asks of one requester, by request id."""

    def __init__(self, *, rest: RestKey) -> None:
        self._rest = rest

    def find(self, transaction: Transaction, request_id: str) -> tuple[Outcome, bytes] | None:
        """Return an ask and the digest of its form; None where there is none of that id.

        Raises: RejectedError `REST_ALTERED` where the row is not what was written for this request.
        """
        rows = transaction.execute(
            "SELECT sealed, form_digest FROM asked WHERE request_id = :request_id", request_id=request_id
        )
        if not rows:
            return None
        plain = self._rest.decrypt(bytes(rows[0][0]), context=_context(request_id))
        return Outcome.model_validate_json(plain), bytes(rows[0][1])

    def keep(self, transaction: Transaction, outcome: Outcome, *, form_digest: bytes) -> None:
        """Write an ask in the transaction that stores what it sends."""
        plain = outcome.model_dump_json().encode()
        transaction.execute(
            "INSERT INTO asked (request_id, form_digest, sealed) VALUES (:request_id, :form_digest, :sealed)",
            request_id=outcome.request_id,
            form_digest=form_digest,
            sealed=self._rest.encrypt(plain, context=_context(outcome.request_id)),
        )


def _context(request_id: str) -> bytes:
    return f"asked/{request_id}".encode()
