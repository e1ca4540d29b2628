"""The JSON documents of the command line contract, made once for every front.

Promise: every answer has every key, whatever its status; an organisation that has not answered yet cannot be mistaken
for one that has; risk and protective factors hold practitioners' own words only, each with its organisation. Keys are
stable, and more may be added. Times are ISO 8601 in UTC with `Z`, dates `YYYY-MM-DD`, digests hex.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from broker.holder.minimise import AccountLine
from broker.requester.asked_store import Outcome
from consumers.screening.join import is_answered
from schemas.answer import Answer, AnswerBody, Item, Judgement, Match
from schemas.decision import GateDecision
from schemas.exchange import DeskItemBody
from schemas.summary import AnswerSeen, SummaryBody
from schemas.vocabulary import Sector, Stage, Status

BEFORE_THE_FIRST = 0
"""The version that stands for a summary not yet published."""


def summary_document(body: SummaryBody) -> dict[str, Any]:
    """Return the document that `mash summary --json` and `mash request --wait --json` print."""
    return {
        "request_id": body.request_id,
        "case_ref": body.case_ref,
        "contact_ref": body.contact_ref,
        "rating": body.rating,
        "band": body.band.value,
        "level": body.level,
        "received_at": _moment(body.received_at),
        "due_at": _moment(body.due_at),
        "version": body.version,
        "complete": body.complete,
        "waiting_for": [seen.organisation for seen in body.answers if not is_answered(seen)],
        "hub_decision": decision_document(body.decision),
        "answers": {seen.organisation: answer_document(seen) for seen in body.answers},
        "chronology": _chronology(body),
        "risk_factors": list(_written(body, "risk_to_child")),
        "protective_factors": list(_written(body, "protective_factors")),
    }


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """Return the document of a request without a summary: the organisations asked, or the reasons for asking none."""
    if not outcome.sent:
        return _refused_document(outcome)
    return summary_document(
        SummaryBody(
            request_id=outcome.request_id,
            case_ref=outcome.case_ref,
            contact_ref=outcome.contact_ref,
            rating=outcome.rating,
            band=outcome.band,
            level=outcome.level,
            received_at=outcome.received_at,
            due_at=outcome.due_at,
            version=BEFORE_THE_FIRST,
            complete=False,
            decision=outcome.decision,
            answers=tuple(_not_answered(one.organisation, one.sector) for one in outcome.asked),
        )
    )


def _refused_document(outcome: Outcome) -> dict[str, Any]:
    """Return the document of a request that the hub's gate refused or referred: no organisation was asked."""
    return {
        "request_id": outcome.request_id,
        "case_ref": outcome.case_ref,
        "contact_ref": outcome.contact_ref,
        "rating": outcome.rating,
        "band": outcome.band.value,
        "level": outcome.level,
        "received_at": _moment(outcome.received_at),
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


def desk_line_document(item: DeskItemBody) -> dict[str, Any]:
    """Return one line of `mash desk list --json`."""
    return {
        "id": item.item_id,
        "request_id": item.request_id,
        "reason": item.reason.value,
        "rating": item.rating,
        "band": item.band.value if item.band else None,
        "due_at": _moment(item.due_at),
    }


def desk_item_document(item: DeskItemBody, *, organisation: str, sector: Sector) -> dict[str, Any]:
    """Return what `mash desk show --json` prints: the item, with its draft as the requester would see it."""
    draft = None if item.draft is None else answer_document(_not_answered(organisation, sector, draft=item.draft))
    return desk_line_document(item) | {
        "detail": item.detail,
        "escalated": item.escalated,
        "candidates": list(item.candidates),
        "draft": draft,
    }


def _not_answered(organisation: str, sector: Sector, *, draft: Answer | None = None) -> AnswerSeen:
    return AnswerSeen(
        organisation=organisation,
        sector=sector,
        answer=draft,
        answer_digest=None,
        received_at=None,
        late=False,
        recorded=False,
    )


def account_document(
    organisation: str, request_id: str, lines: Iterable[AccountLine], ignored: Mapping[str, int]
) -> dict[str, Any]:
    """Return what `mash records account --json` prints: a line for each field read, a count of the others."""
    return {
        "org": organisation,
        "request_id": request_id,
        "fields": [
            {
                "field": line.field,
                "about": line.about,
                "type": line.type,
                "data_class": line.data_class.value,
                "released": line.released,
                "reason": line.reason,
            }
            for line in lines
        ],
        "ignored_fields": dict(ignored),
    }


def decision_document(decision: GateDecision) -> dict[str, Any]:
    """Return a gate's decision, the hub's or a holder's; what `mash gate explain --json` prints."""
    return {
        "outcome": decision.outcome.value,
        "rows": list(decision.rows),
        "reasons": list(decision.reasons),
        "dropped": [one.model_dump(mode="json") for one in decision.dropped],
        "missing_evidence": [word.lower() for word in decision.missing_evidence],
        "obligations": list(decision.obligations),
        "basis": [one.model_dump(mode="json") for one in decision.basis],
        "table_version": decision.table_version,
        "table_hash": decision.table_hash.hex(),
    }


def answer_document(seen: AnswerSeen) -> dict[str, Any]:
    """Return one organisation's answer, or what is known without one; every key is always there."""
    content = _status(seen.answer) | _body(seen.answer.body) if seen.answer else _no_answer()
    return content | {
        "late": seen.late,
        "recorded": seen.recorded,
        "sector": seen.sector.value,
        "received_at": _moment(seen.received_at),
        "answer_digest": seen.answer_digest.hex() if seen.answer_digest else None,
    }


def _no_answer() -> dict[str, Any]:
    """Return the keys of an organisation that has not answered: AWAITED, SENT, and null rather than an empty text."""
    return {
        "status": Status.AWAITED.value,
        "stage": Stage.SENT.value,
        "reason": None,
        "revision": 0,
        "at": None,
        "approved_by": None,
        "data_as_at": None,
        "decision": None,
        "match": None,
        "matches": [],
        "items": [],
        "systems_searched": [],
        "gaps": None,
        "look_back_from": None,
        "known_to_agency": None,
        "lead_contact": None,
        "author": None,
        "professional": _professional(Judgement()),
    }


def _status(answer: Answer) -> dict[str, Any]:
    status = answer.status
    return {
        "status": status.status.value,
        "stage": status.stage.value if status.stage else None,
        "reason": status.reason,
        "revision": status.revision,
        "at": _moment(status.answered_at),
        "approved_by": status.approved_by,
        "data_as_at": _moment(status.data_as_at),
        "decision": decision_document(status.decision),
        "match": _match(status.match),
        "matches": [{"about": one.about} | _match(one) for one in status.matches],
    }


def _body(body: AnswerBody) -> dict[str, Any]:
    return {
        "items": [_item(item) for item in body.items],
        "systems_searched": list(body.systems_searched),
        "gaps": body.gaps,
        "look_back_from": _day(body.look_back_from),
        "known_to_agency": body.known_to_agency,
        "lead_contact": body.lead_contact,
        "author": body.author,
        "professional": _professional(body.judgement),
    }


def _match(match: Match) -> dict[str, Any]:
    return {
        "certainty": match.certainty.value,
        "method": match.method.value,
        "identifiers_used": list(match.identifiers_used),
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "type": item.type,
        "data_class": item.data_class.value,
        "kind": item.kind.value,
        "date": _day(item.date),
        "precision": item.precision.value if item.precision else None,
        "text": item.text,
        "about": item.about,
        "source": item.source,
        "source_ref": item.source_ref,
        "recorded_at": _moment(item.recorded_at),
        "third_party": item.third_party,
        "location": item.location,
        "statutory_bar": item.statutory_bar,
        "dsar_hint": _word(item.dsar_hint),
        "onward": item.onward.value,
        "subject_category": _word(item.subject_category),
        "event_status": _word(item.event_status),
        "regime": _word(item.regime),
        "handling": item.handling,
        "confidence": item.confidence,
        "delete_after": _day(item.delete_after),
    }


def _professional(judgement: Judgement) -> dict[str, str | None]:
    return {name: getattr(judgement, name) for name in Judgement.model_fields}


def _chronology(body: SummaryBody) -> list[dict[str, Any]]:
    """Return the dated items of all answers in date order (Y3); undated items appear with their answer only."""
    dated = [
        (item.date, seen.organisation, item)
        for seen in body.answers
        if seen.answer is not None
        for item in seen.answer.body.items
        if item.date is not None
    ]
    return [
        {
            "date": _day(when),
            "precision": item.precision.value if item.precision else None,
            "agency": organisation,
            "type": item.type,
            "text": item.text,
            "kind": item.kind.value,
            "about": item.about,
        }
        for when, organisation, item in sorted(dated, key=lambda one: (one[0], one[1], one[2].type, one[2].text))
    ]


def _written(body: SummaryBody, name: str) -> Iterator[dict[str, str]]:
    for seen in body.answers:
        text = getattr(seen.answer.body.judgement, name) if seen.answer else None
        if text:
            yield {"agency": seen.organisation, "text": text}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def _word(word: StrEnum | None) -> str | None:
    return word.value if word else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
