"""What `mash request` and `mash summary` share: the document of a request, before, without and with answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from pydantic import TypeAdapter, ValidationError

from broker.cli.output import emit
from broker.errors import UsageError
from broker.partnership.hub import Hub
from broker.requester.asked_store import Outcome
from broker.requester.summary_opened import account_for_reading
from consumers.screening.reader import SummaryReader
from consumers.screening.summary import decision_document, document
from schemas.request import Actor
from schemas.scalars import Uuid
from schemas.summary import AnswerSeen, SummaryBody

_UUID: TypeAdapter[str] = TypeAdapter(Uuid)
BEFORE_THE_FIRST = 0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a command is to show of one request, and the exit code that goes with it."""

    document: dict[str, object] = field(repr=False)
    code: int


def canonical_id(word: str) -> str:
    """Return a request id. Raises: UsageError where it is not a UUID in canonical lower-case text."""
    try:
        return _UUID.validate_python(word)
    except ValidationError:
        raise UsageError("request id: is not a UUID in canonical lower-case text (RFC 9562)") from None


def reader_of(hub: Hub, request_id: str) -> SummaryReader:
    """Return the reader of one request's summaries."""
    return SummaryReader(
        hub.log,
        request_id=request_id,
        requester=hub.principal.config.principal,
        verifier=hub.principal.verifier,
        clock=hub.principal.clock,
    )


def document_of(outcome: Outcome, body: SummaryBody | None) -> dict[str, object]:
    """Return the document of a request: the summary, or where none came yet, who was asked, or why nobody was."""
    if body is None and outcome.due_at is not None:
        body = SummaryBody(
            request_id=outcome.request_id,
            case_ref=outcome.case_ref,
            rag=outcome.rag,
            received_at=outcome.received_at,
            due_at=outcome.due_at,
            version=BEFORE_THE_FIRST,
            complete=False,
            decision=outcome.decision,
            answers=tuple(
                AnswerSeen(
                    organisation=one.organisation,
                    sector=one.sector,
                    answer=None,
                    answer_digest=None,
                    received_at=None,
                    late=False,
                    recorded=False,
                )
                for one in outcome.asked
            ),
        )
    return _refused(outcome) if body is None else document(body)


def _refused(outcome: Outcome) -> dict[str, object]:
    """Return the document of a request that the hub's gate kept back: nobody was asked, so nothing is waited for."""
    return {
        "request_id": outcome.request_id,
        "case_ref": outcome.case_ref,
        "rag": outcome.rag.value,
        "received_at": outcome.received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "due_at": None,
        "version": BEFORE_THE_FIRST,
        "complete": True,
        "waiting_for": [],
        "hub_decision": decision_document(outcome.decision),
        "answers": {},
        "chronology": [],
        "risk_factors": [],
        "protective_factors": [],
    }


def read_accounted(hub: Hub, body: SummaryBody | None, *, actor: Actor | None) -> None:
    """Account for opening a summary that holds an answer, durably, before it is shown; the caller drains afterwards."""
    if body is not None and any(seen.answer is not None for seen in body.answers):
        account_for_reading(hub.requester, body, actor=actor, now=hub.principal.clock())


def print_summary(summary: dict[str, object], *, json: bool) -> None:
    """Print a summary document, for a program or for people."""
    if json:
        emit(summary)
        return
    from broker.cli.views.summary import show_summary

    show_summary(summary)
