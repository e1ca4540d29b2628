"""Ask: send one request and return its outcome: refused, sent, or the combined summary.

(1) The request is composed and given its id before anything is sent, so that a front can show the id, and a person who
is interrupted can ask again under it; (2) asking again under the same id sends nothing twice; (3) waiting ends when
every answer is final and recorded; (4) a summary with content is accounted for first, as a look of the person who asks.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from broker.application.acting import ActingPerson, acting_person
from broker.application.session import Hub
from broker.application.summaries import (
    RequestShown,
    Stands,
    account_for,
    canonical_id,
    document_of,
    reader_of,
)
from broker.errors import UnavailableError
from broker.exchange.envelope import request_id_at
from broker.requester.asked_store import Outcome
from broker.requester.compose import MOST_BYTES, compose
from broker.requester.compose import form_schema as form_schema
from consumers.screening.join import is_final
from consumers.screening.reader import SummaryReader
from schemas.summary import SummaryBody
from schemas.vocabulary import Capability

MOST_FORM_BYTES = MOST_BYTES
NEWS = timedelta(seconds=1)
"""The wait of one read for a newer summary; the deadline is checked between two reads."""


def prepare(hub: Hub, form: bytes, *, request_id: str | None) -> str:
    """Check that a request (`request.json`) can be composed; return the id to ask it under, given or new (1).

    Raises: FieldError `request_id`; UsageError naming what is wrong in the form.
    """
    known = canonical_id(request_id) if request_id is not None else None
    compose(form, ratings=hub.requester.ratings)
    return known or request_id_at(hub.principal.clock(), hub.principal.sealer.random(10))


async def ask(hub: Hub, form: bytes, *, request_id: str, patience: timedelta | None) -> RequestShown:
    """Send a request, wait up to `patience` for its answers (None: not at all), and return how it stands.

    Raises: UsageError naming the fault in the form, or where the id was used with other content; UnavailableError
    where the look cannot be accounted for.
    """
    try:
        outcome = await hub.requester.ask(form, request_id=request_id, log=hub.log, now=hub.principal.clock())  # (2)
    except UnavailableError as fault:
        kept = hub.requester.asked(request_id)
        # The request is stored in the outbox; the hub's process publishes it when the log is back.
        return RequestShown(stands=Stands.KEPT, document=document_of(kept, None), notice=str(fault))
    if not outcome.sent:
        return RequestShown(stands=Stands.REFUSED, document=document_of(outcome, None))
    if patience is None:
        return RequestShown(stands=Stands.SENT, document=document_of(outcome, None))
    actor = compose(form, ratings=hub.requester.ratings).requester.actor
    # Whoever may ask this may see what comes of it; the register may have changed since it was first sent.
    may = (Capability.ASK, Capability.LOOK)
    asked_by = acting_person(hub.principal, actor, may=may, band=outcome.band, purpose=outcome.purpose)
    return await _waited(hub, outcome, patience, asked_by=asked_by)


async def _waited(hub: Hub, outcome: Outcome, patience: timedelta, *, asked_by: ActingPerson) -> RequestShown:
    body = await _awaited(reader_of(hub, outcome.request_id), patience)
    if body is not None and any(seen.answer is not None for seen in body.answers):
        await account_for(hub, outcome, body, person=asked_by)  # (4)
    complete = body is not None and body.complete and is_recorded(body)
    stands = Stands.COMPLETE if complete else Stands.INCOMPLETE
    return RequestShown(stands=stands, document=document_of(outcome, body))


async def _awaited(reader: SummaryReader, patience: timedelta) -> SummaryBody | None:  # (3)
    clock = asyncio.get_running_loop().time
    deadline = clock() + patience.total_seconds()
    body = await reader.latest()
    while (body is None or not is_recorded(body)) and (left := deadline - clock()) > 0:
        body = await reader.latest(wait=min(NEWS, timedelta(seconds=left)))
    return body


def is_recorded(body: SummaryBody) -> bool:
    """Return whether every answer is final and recorded: a signed checkpoint covers its event."""
    return all(is_final(seen) and seen.recorded for seen in body.answers)
