"""The document of the command line contract: every key always there, no status looks like another, nothing invented."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from broker.application.ask import is_recorded
from broker.application.documents import decision_document
from broker.application.documents import summary_document as document
from consumers.screening.join import OpenedAnswer, RequestState, summary_of
from consumers.screening.too_large import without_largest
from schemas.answer import Answer, Judgement, Match
from schemas.decision import Basis, Dropped
from schemas.summary import SummaryBody
from schemas.vocabulary import Certainty, DataClass, GateOutcome, MatchMethod, Precision, Regime, Status
from tests.screening_world import DECISION, Request, an_answer, an_item

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
REQUEST = Request("019ab000-0000-7000-8000-000000000001", NOW)

ANSWER_KEYS = {
    "status", "stage", "reason", "late", "revision", "at", "recorded", "approved_by", "data_as_at", "decision",
    "match", "matches", "items", "systems_searched", "gaps", "professional",
}  # fmt: skip
CONTRACT_KEYS = [
    "request_id", "case_ref", "contact_ref", "rating", "band", "level", "due_at", "complete", "waiting_for",
    "hub_decision", "answers", "chronology", "risk_factors", "protective_factors",
]  # fmt: skip


def about(organisation: str, **changes: Any) -> Answer:
    return an_answer(REQUEST.request_id, organisation, now=NOW, **changes)


def summary(*answers: Answer, received_at: datetime = NOW, recorded: bool = True) -> SummaryBody:
    opened = tuple(
        OpenedAnswer(
            organisation=one.status.organisation,
            answers=REQUEST.digest(one.status.organisation),
            answer=one,
            digest=b"\x01" * 32,
            event_id=REQUEST.event_id(one.status.organisation),
            received_at=received_at,
            recorded=recorded,
        )
        for one in answers
    )
    state = RequestState(request_id=REQUEST.request_id, dispatch=REQUEST.dispatch(), opened=opened)
    return summary_of(state, REQUEST.dispatch(), version=3)


def test_document_has_the_contracts_keys_and_is_json() -> None:
    made = document(summary(about("police", items=(an_item(),))))
    assert set(CONTRACT_KEYS) <= set(made)
    assert json.loads(json.dumps(made)) == made
    assert made["due_at"] == "2026-11-23T11:00:00.000Z"
    assert made["band"] == "RED"
    assert list(made["answers"]) == ["police", "health"]


def test_every_answer_has_every_key_whether_it_came_or_not() -> None:
    made = document(summary(about("police", items=(an_item(),))))
    assert set(made["answers"]["police"]) == set(made["answers"]["health"]) >= ANSWER_KEYS


def test_organisation_that_has_not_answered_looks_like_nothing_else() -> None:
    made = document(summary(about("police")))
    health = made["answers"]["health"]
    assert made["waiting_for"] == ["health"]
    assert made["complete"] is False
    assert (health["status"], health["stage"], health["revision"]) == ("AWAITED", "SENT", 0)
    assert (health["late"], health["recorded"]) == (False, False)
    assert [key for key in ("at", "match", "decision", "approved_by", "data_as_at", "reason") if health[key]] == []
    assert (health["items"], health["matches"], health["systems_searched"]) == ([], [], [])
    assert set(health["professional"].values()) == {None}


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_kept_apart(status: Status) -> None:
    made = document(summary(about("police", status=status), about("health")))
    assert made["answers"]["police"]["status"] == status.value
    assert made["answers"]["police"]["stage"] == ("WITH_PERSON" if status is Status.AWAITED else None)
    assert made["waiting_for"] == (["police"] if status in (Status.AWAITED, Status.UNAVAILABLE) else [])


def test_late_and_unrecorded_answers_are_marked() -> None:
    made = document(summary(about("police"), received_at=NOW + timedelta(hours=2), recorded=False))
    assert (made["answers"]["police"]["late"], made["answers"]["police"]["recorded"]) == (True, False)
    made = document(summary(about("police")))
    assert (made["answers"]["police"]["late"], made["answers"]["police"]["recorded"]) == (False, True)


def test_settled_means_final_and_recorded_by_all() -> None:
    both = about("police"), about("health")
    assert is_recorded(summary(*both))
    assert not is_recorded(summary(*both, recorded=False))
    assert not is_recorded(summary(about("police")))
    assert not is_recorded(summary(about("police"), about("health", status=Status.AWAITED)))
    unavailable = summary(about("police"), about("health", status=Status.UNAVAILABLE))
    assert is_recorded(unavailable), "nothing more is waited for"
    assert not unavailable.complete


def test_answer_is_shown_as_it_was_given() -> None:
    parent = Match(about="p2", certainty=Certainty.NONE, method=MatchMethod.NONE, identifiers_used=())
    judgement = Judgement(summary="invented words of a practitioner")
    made = document(
        summary(
            about(
                "police",
                items=(an_item(text="seen", date=None, precision=None),),
                matches=(parent,),
                approved_by="police-pr-01",
                reason="NOT_RELEVANT",
                judgement=judgement,
            )
        )
    )["answers"]["police"]
    assert made["match"] == {"certainty": "AUTO", "method": "IDENTIFIER", "identifiers_used": ["nhs"]}
    assert made["matches"] == [{"about": "p2", "certainty": "NONE", "method": "NONE", "identifiers_used": []}]
    assert (made["at"], made["data_as_at"]) == ("2026-11-23T10:00:00.000Z", "2026-11-23T10:00:00.000Z")
    assert (made["approved_by"], made["reason"]) == ("police-pr-01", "NOT_RELEVANT")
    assert made["professional"]["summary"] == "invented words of a practitioner"
    assert made["professional"]["risk_to_child"] is None
    [item] = made["items"]
    contract = ["type", "data_class", "kind", "date", "precision", "text", "about", "source"]
    assert [item[key] for key in contract] == [
        "MISSING_EPISODE", "ORDINARY", "FACT_RECORDED", None, None, "seen", "p1", "invented case system",
    ]  # fmt: skip


def test_chronology_is_the_dated_items_of_all_in_date_order() -> None:
    police = about(
        "police",
        items=(
            an_item(date=date(2025, 5, 1), text="third"),
            an_item(date=None, precision=None, text="undated"),
            an_item(date=date(2023, 1, 1), precision=Precision.YEAR, text="first"),
        ),
    )
    health = about("health", items=(an_item(date=date(2024, 2, 29), text="second", type="ED_ATTENDANCE"),))
    chronology = document(summary(police, health))["chronology"]
    assert [(one["date"], one["agency"], one["text"]) for one in chronology] == [
        ("2023-01-01", "police", "first"),
        ("2024-02-29", "health", "second"),
        ("2025-05-01", "police", "third"),
    ]
    assert chronology[0]["precision"] == "YEAR"
    assert {"date", "agency", "type", "text", "kind", "about"} <= set(chronology[1])


def test_factors_are_practitioners_words_and_never_made_from_items() -> None:
    items = (an_item(type="EXPLOITATION_RISK", text="high risk"),)
    silent = document(summary(about("police", items=items)))
    assert (silent["risk_factors"], silent["protective_factors"]) == ([], [])
    written = Judgement(risk_to_child="words on risk", protective_factors="words on strengths")
    made = document(summary(about("police", items=items, judgement=written), about("health")))
    assert made["risk_factors"] == [{"agency": "police", "text": "words on risk"}]
    assert made["protective_factors"] == [{"agency": "police", "text": "words on strengths"}]


def test_decision_is_shown_with_what_was_dropped_and_by_which_tables() -> None:
    basis = Basis(
        data_class=DataClass.ORDINARY,
        row="D1",
        regime=Regime.UK_GDPR,
        article_6="ART6_1_E",
        article_9=None,
        article_10=None,
        schedule_1=(),
        gateways=("CA1989_S47",),
        s36_4_authority=None,
        confidentiality_limb=None,
        no_consent_reason=None,
        apd_ref=None,
    )
    decision = DECISION.model_copy(
        update={
            "outcome": GateOutcome.PARTIAL,
            "dropped": (Dropped(data_class=DataClass.SPECIAL, reason="NO_APD"),),
            "missing_evidence": ("APD_REF",),
            "basis": (basis,),
        }
    )
    made = decision_document(decision)
    assert {key: made[key] for key in ("outcome", "rows", "reasons", "dropped", "missing_evidence", "obligations")} == {
        "outcome": "PARTIAL",
        "rows": ["P2", "D1"],
        "reasons": [],
        "dropped": [{"data_class": "SPECIAL", "reason": "NO_APD", "organisations": [], "people": []}],
        "missing_evidence": ["apd_ref"],
        "obligations": [],
    }
    assert (made["table_version"], made["table_hash"]) == ("2026.1", "07" * 32)
    assert json.loads(json.dumps(made)) == made


def test_what_does_not_fit_is_left_out_largest_first_and_said_so() -> None:
    police = about("police", items=(an_item(text="x" * 500),))
    health = about("health", items=(an_item(text="short"),))
    less = without_largest(summary(police, health))
    assert less is not None
    made = document(less)["answers"]
    assert made["police"]["items"] == []
    assert made["police"]["gaps"].startswith("1 items of this answer do not fit")
    assert [item["text"] for item in made["health"]["items"]] == ["short"]
    least = without_largest(less)
    assert least is not None
    assert without_largest(least) is None
