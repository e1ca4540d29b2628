"""Ask: one request sent, and what came of it: refused, sent, or the combined summary.

(1) The request is composed and has its id before anything is sent, so that a front can show the id and whoever is
interrupted can ask again under it; (2) the same id again sends nothing twice; (3) waiting ends when every answer is
final and recorded; (4) what is shown with content is accounted for first, as a look of the person who asks.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from broker.application.acting import ActingPerson
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
from consumers.screening.reader import SummaryReader
from schemas.summary import SummaryBody

MOST_FORM_BYTES = MOST_BYTES
NEWS = timedelta(seconds=1)
"""How long one look waits for something new; the deadline is looked at between two."""


def prepare(hub: Hub, form: bytes, *, request_id: str | None) -> str:
    """Check that a request (`request.json`) can be composed; return the id to ask it under: this one or a new one (1).

    Raises: FieldError `request_id`; UsageError naming what is wrong in the form.
    """
    known = canonical_id(request_id) if request_id is not None else None
    compose(form, ratings=hub.requester.ratings)
    return known or request_id_at(hub.principal.clock(), hub.principal.sealer.random(10))


async def ask(hub: Hub, form: bytes, *, request_id: str, patience: timedelta | None) -> RequestShown:
    """Send a request, wait for its answers as long as `patience` says (None: not at all), and return how it stands.

    Raises: UsageError naming what is wrong in the form, or where the id was used with other content; UnavailableError
    where the look cannot be accounted for.
    """
    try:
        outcome = await hub.requester.ask(form, request_id=request_id, log=hub.log, now=hub.principal.clock())  # (2)
    except UnavailableError as fault:
        kept = hub.requester.asked(request_id)
        return RequestShown(stands=Stands.KEPT, document=document_of(kept, None), notice=str(fault))
    if not outcome.sent:
        return RequestShown(stands=Stands.REFUSED, document=document_of(outcome, None))
    if patience is None:
        return RequestShown(stands=Stands.SENT, document=document_of(outcome, None))
    asked_by = compose(form, ratings=hub.requester.ratings).requester
    return await _waited(hub, outcome, patience, asked_by=ActingPerson(id=asked_by.actor, role=asked_by.role))


async def _waited(hub: Hub, outcome: Outcome, patience: timedelta, *, asked_by: ActingPerson) -> RequestShown:
    body = await _awaited(reader_of(hub, outcome.request_id), patience)
    if body is not None and any(seen.answer is not None for seen in body.answers):
        await account_for(hub, outcome, body, person=asked_by)  # (4)
    settled = body is not None and is_settled(body)
    return RequestShown(stands=Stands.COMPLETE if settled else Stands.INCOMPLETE, document=document_of(outcome, body))


async def _awaited(reader: SummaryReader, patience: timedelta) -> SummaryBody | None:  # (3)
    clock = asyncio.get_running_loop().time
    deadline = clock() + patience.total_seconds()
    body = await reader.latest()
    while (body is None or not is_settled(body)) and (left := deadline - clock()) > 0:
        body = await reader.latest(wait=min(NEWS, timedelta(seconds=left)))
    return body


def is_settled(body: SummaryBody) -> bool:
    """Say whether every answer is final and stands in the ledger for certain."""
    return body.complete and all(seen.recorded for seen in body.answers)
