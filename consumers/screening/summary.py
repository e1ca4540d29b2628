"""The combined summary as the JSON document of the command line contract, and nothing that nobody wrote.

Promise: every answer has every key, whatever came; an organisation that has not answered yet looks like nothing else;
risk and protective factors hold practitioners' words only, each with whose they are. Keys are stable; more may come.
Times are ISO 8601 in UTC with `Z`, dates `YYYY-MM-DD`, digests hex. Source: the command line contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from consumers.screening.join import is_final
from schemas.answer import Answer, AnswerBody, Item, Judgement, Match
from schemas.decision import GateDecision
from schemas.summary import AnswerSeen, SummaryBody
from schemas.vocabulary import Stage, Status

LEFT_OUT = (
    "{count} items of this answer do not fit into one combined summary and are left out of it:"
    " ask the organisation for them."
)
_MOST_GAPS_CHARACTERS = 20_000


def document(body: SummaryBody) -> dict[str, Any]:
    """Return the document that `mash summary --json` and `mash request --wait --json` print."""
    return {
        "request_id": body.request_id,
        "case_ref": body.case_ref,
        "rag": body.rag.value,
        "received_at": _moment(body.received_at),
        "due_at": _moment(body.due_at),
        "version": body.version,
        "complete": body.complete,
        "waiting_for": [seen.organisation for seen in body.answers if not is_final(seen)],
        "hub_decision": decision_document(body.decision),
        "answers": {seen.organisation: answer_document(seen) for seen in body.answers},
        "chronology": _chronology(body),
        "risk_factors": list(_written(body, "risk_to_child")),
        "protective_factors": list(_written(body, "protective_factors")),
    }


def is_settled(body: SummaryBody) -> bool:
    """Say whether every answer is final and recorded: what `mash request --wait` waits for."""
    return body.complete and all(seen.recorded for seen in body.answers)


def decision_document(decision: GateDecision) -> dict[str, Any]:
    """Return a gate's decision, the hub's or a holder's; what `mash gate explain --json` prints."""
    return {
        "outcome": decision.outcome.value,
        "rows": list(decision.rows),
        "reasons": list(decision.reasons),
        "dropped": [{"data_class": one.data_class.value, "reason": one.reason} for one in decision.dropped],
        "missing_evidence": [word.lower() for word in decision.missing_evidence],
        "obligations": list(decision.obligations),
        "basis": [one.model_dump(mode="json") for one in decision.basis],
        "table_version": decision.table_version,
        "table_hash": decision.table_hash.hex(),
    }


def without_largest(body: SummaryBody) -> SummaryBody | None:
    """Return the summary without the items of the answer that has the most text; None where no items are left.

    For a summary that is larger than the event log takes. What is left out is counted where the reader looks for gaps.
    """
    sizes = {seen.organisation: _size(seen) for seen in body.answers}
    largest = max(sizes, key=sizes.__getitem__, default=None)
    if largest is None or not sizes[largest]:
        return None
    answers = tuple(_emptied(seen) if seen.organisation == largest else seen for seen in body.answers)
    return body.model_copy(update={"answers": answers})


def _size(seen: AnswerSeen) -> int:
    # One more for each item, so that an answer of empty texts counts too.
    return sum(1 + len(item.text) for item in seen.answer.body.items) if seen.answer else 0


def _emptied(seen: AnswerSeen) -> AnswerSeen:
    if seen.answer is None:
        return seen
    notice = LEFT_OUT.format(count=len(seen.answer.body.items))
    gaps = f"{notice} {seen.answer.body.gaps}".strip()[:_MOST_GAPS_CHARACTERS]
    less = seen.answer.body.model_copy(update={"items": (), "gaps": gaps})
    return seen.model_copy(update={"answer": seen.answer.model_copy(update={"body": less})})


def answer_document(seen: AnswerSeen) -> dict[str, Any]:
    """Return one organisation's answer, or what is known while there is none; every key is always there."""
    said = _status(seen.answer) | _body(seen.answer.body) if seen.answer else _nothing_said()
    return said | {
        "late": seen.late,
        "recorded": seen.recorded,
        "sector": seen.sector.value,
        "received_at": _moment(seen.received_at),
        "answer_digest": seen.answer_digest.hex() if seen.answer_digest else None,
    }


def _nothing_said() -> dict[str, Any]:
    """An organisation that has not answered: AWAITED, SENT. Null, never an empty text: nobody said even that."""
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
        "band": match.band.value,
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
        "dsar_hint": item.dsar_hint.value if item.dsar_hint else None,
        "onward": item.onward.value,
    }


def _professional(judgement: Judgement) -> dict[str, str | None]:
    return {name: getattr(judgement, name) for name in Judgement.model_fields}


def _chronology(body: SummaryBody) -> list[dict[str, Any]]:
    """Return the dated items of all answers in date order (Y3); what has no date stands with its answer only."""
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


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
