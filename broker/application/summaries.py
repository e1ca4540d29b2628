"""Show the newest combined summary of one request to a person, after accounting for the look."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, final

from pydantic import TypeAdapter, ValidationError

from broker.application.acting import ActingPerson, acting_person
from broker.application.documents import BEFORE_THE_FIRST, outcome_document, summary_document
from broker.application.session import Hub
from broker.errors import FieldError
from broker.exchange.looks import Look, Looks
from broker.requester.asked_store import Outcome
from consumers.screening.reader import SummaryReader
from schemas.scalars import Uuid
from schemas.summary import SummaryBody
from schemas.vocabulary import Capability, LookedAt

_UUID: TypeAdapter[str] = TypeAdapter(Uuid)


class Stands(StrEnum):
    """The state of a request."""

    REFUSED = "REFUSED"
    """The hub's gate refused the request: no organisation was asked."""
    KEPT = "KEPT"
    """The request was allowed and is stored; the next command or the hub's process publishes it."""
    SENT = "SENT"
    """The request was sent, and answers were not waited for."""
    INCOMPLETE = "INCOMPLETE"
    """An organisation has not answered, or an answer is not recorded yet."""
    COMPLETE = "COMPLETE"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RequestShown:
    """One request as it stands. `notice` is a sentence for the person at the front, or None."""

    stands: Stands
    document: dict[str, Any] = field(repr=False)
    notice: str | None = None


async def summary(hub: Hub, request_id: str, *, by: str | None) -> RequestShown:
    """Return the newest summary of a request, after accounting for the look.

    Raises: FieldError `request_id` (no UUID), `actor`; NotPermitted; UsageError where no request has this id;
    UnavailableError where the log stays away or the look cannot be accounted for.
    """
    request_id = canonical_id(request_id)
    outcome = hub.requester.asked(request_id)
    person = acting_person(hub.principal, by, may=(Capability.LOOK,), band=outcome.band, purpose=outcome.purpose)
    body = await reader_of(hub, outcome.request_id).latest() if outcome.sent else None
    await account_for(hub, outcome, body, person=person)
    if not outcome.sent:
        return RequestShown(stands=Stands.REFUSED, document=document_of(outcome, None))
    complete = body is not None and body.complete
    return RequestShown(stands=Stands.COMPLETE if complete else Stands.INCOMPLETE, document=document_of(outcome, body))


def canonical_id(word: str) -> str:
    """Return a request id unchanged. Raises: FieldError `request_id` unless it is a UUID in canonical lower case."""
    try:
        return _UUID.validate_python(word)
    except ValidationError:
        raise FieldError("request_id", "is not a UUID in canonical lower-case text (RFC 9562)") from None


def reader_of(hub: Hub, request_id: str) -> SummaryReader:
    """Return the reader of one request's summaries."""
    return SummaryReader(
        hub.log,
        request_id=request_id,
        requester=hub.principal.config.principal,
        verifier=hub.principal.verifier,
        clock=hub.principal.clock,
    )


def document_of(outcome: Outcome, body: SummaryBody | None) -> dict[str, Any]:
    """Return the document of a request: its summary, or the organisations asked if there is none yet."""
    return outcome_document(outcome) if body is None else summary_document(body)


async def account_for(hub: Hub, outcome: Outcome, body: SummaryBody | None, *, person: ActingPerson) -> None:
    """Store the event of showing this version of a summary. Raises: UnavailableError where it cannot be stored."""
    looks = Looks(
        database=hub.requester.database,
        outbox=hub.requester.outbox,
        sealer=hub.requester.sealer,
        clock=hub.principal.clock,
        build=hub.requester.build,
    )
    look = Look(
        at=LookedAt.SUMMARY,
        actor=person.id,
        role=person.role,
        request_id=outcome.request_id,
        case_ref=outcome.case_ref,
        revision=body.version if body else BEFORE_THE_FIRST,
        band=outcome.band,
        due_at=outcome.due_at,
    )
    await looks.account_for(look, log=hub.log)
