"""The form a person writes: exact words, known keys, null as good as absent, nothing of it in an error or a repr."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.request import InformationRequest, PersonAsked, RequestCommon, RequestSaid
from schemas.request_form import PersonForm, RequestForm

CANARY = "Testerton-canary"
FORM: dict[str, Any] = {
    "case_ref": "C-000123",
    "purpose": "S47_ENQUIRY",
    "rating": "RED",
    "section": "S47",
    "requester": {"actor": "mm-01", "role": "MASH_MANAGER"},
    "presenting_issues": ["DOMESTIC_ABUSE"],
    "narrative": CANARY,
    "threshold_statement": CANARY,
    "family_informed": {"status": "NO", "reason": "OTHER", "note": "nobody was home"},
    "people": [
        {
            "ref": "p1",
            "roles": ["SUBJECT_CHILD"],
            "given_names": [CANARY],
            "family_name": CANARY,
            "date_of_birth": "2015-03-14",
            "identifiers": {"nhs": "9990000018"},
            "postcodes": ["ZZ99 3VZ"],
        }
    ],
    "agencies": ["police"],
    "data_classes": ["ORDINARY"],
    "mode": "CONTENT",
}


def read(form: dict[str, Any]) -> RequestForm:
    return RequestForm.model_validate_json(json.dumps(form), strict=True)


def refusal(form: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        read(form)
    assert CANARY not in str(refused.value)
    return str(refused.value)


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the form with the value at a dotted path set."""
    form = json.loads(json.dumps(FORM))
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    node = form
    for step in steps:
        node = node[step]
    node[last] = value
    return form


def test_form_is_read() -> None:
    assert read(FORM).people[0].family_name == CANARY


@pytest.mark.parametrize("name", [name for name in FORM if name not in {"people", "rating"}])
def test_what_must_be_there_is_named_when_it_is_not(name: str) -> None:
    assert name in refusal({key: value for key, value in FORM.items() if key != name})


@pytest.mark.parametrize(
    "path",
    ["colour", "requester.colour", "people.0.colour", "family_informed.colour", "people.0.identifiers.passport"],
)
def test_unknown_key_is_named(path: str) -> None:
    assert path in refusal(changed(path, CANARY))


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("rating", "red"),
        ("rating", " RED"),
        ("rating", "RED\n"),
        ("rating", 0),
        ("people.0.birth", "GUESSED"),
        ("purpose", "P2"),
        ("purpose", "S47 ENQUIRY"),
        ("mode", "Content"),
        ("requester.role", "mash_manager"),
        ("presenting_issues.0", "domestic_abuse"),
        ("data_classes.0", "SPECIAL_CATEGORY"),
        ("people.0.roles.0", "CHILD"),
        ("people.0.sex", "F"),
        ("family_informed.status", True),
    ],
)
def test_word_that_is_not_exact_is_refused_and_its_key_named(path: str, word: object) -> None:
    assert path in refusal(changed(path, word))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("people.0.date_of_birth", "14/03/2015"),
        ("people.0.date_of_birth", "2015-02-29"),
        ("people.0.date_of_birth", "2015-03-14T00:00:00"),
        ("people.0.date_of_birth", 1_426_291_200),
        ("people.0.date_of_birth", "20150314"),
        ("people.0.family_name", 7),
        ("people.0.given_names", CANARY),
        ("case_ref", 123),
        ("narrative", f"{CANARY}\u0000"),
        ("people", []),
        ("people.0.family_name", "Test\nerton"),
        ("case_ref", "C-1\u202e"),
        ("agencies", []),
        ("data_classes", []),
    ],
)
def test_value_of_another_type_or_form_is_refused(path: str, value: object) -> None:
    assert path in refusal(changed(path, value))


@pytest.mark.parametrize("when", ["2026-11-20T10:00:00", "2026-11-20T10:00:00+01:00", "2026-11-20T10:00:00.123456Z"])
def test_agreement_recorded_at_a_time_that_is_not_plain_utc_is_refused(when: str) -> None:
    agreement = {"person": "p1", "status": "OBTAINED", "recorded_by": "sw-014", "recorded_at": when}
    assert "recorded_at" in refusal({**FORM, "agreements": [agreement]})


def test_nothing_of_the_people_or_the_case_is_in_a_repr() -> None:
    form = read(FORM)
    shown = repr(form) + repr(form.people[0])
    assert CANARY not in shown
    for hidden in ("C-000123", "9990000018", "ZZ99", "2015"):
        assert hidden not in shown


def test_form_and_common_part_agree_on_what_both_have() -> None:
    """What a person wrote travels under the same name and the same limits."""
    both = RequestForm.model_fields.keys() & RequestCommon.model_fields.keys()
    differ = {
        name
        for name in both
        if RequestForm.model_fields[name].annotation != RequestCommon.model_fields[name].annotation
    }
    assert differ == {"people"}
    assert both == RequestSaid.model_fields.keys()
    assert issubclass(PersonForm, PersonAsked)


CHILD: dict[str, Any] = {
    "ref": "p1",
    "roles": ["SUBJECT_CHILD"],
    "family_name": "Testerton",
    "date_of_birth": "2015-03-14",
}
ADULT: dict[str, Any] = {"ref": "p2", "roles": ["PARENT"], "family_name": "Testerton", "date_of_birth": "1985-03-14"}
NOBODY = {"birth": "UNKNOWN", "date_of_birth": None}


def common(**changes: Any) -> RequestCommon:
    """Return the part that a receiver reads, with people whom no form was checked for."""
    said = {name: value for name, value in {**FORM, "people": [CHILD]}.items() if name in RequestSaid.model_fields}
    beside = {
        "request_id": "01a207d9-2100-7fff-bfff-ffffffffffff",
        "organisation": "hub",
        "band": "RED",
        "received_at": "2026-11-23T10:00:00Z",
        "due_at": None,
        "public_task_statement": "invented",
        "decision": {
            "outcome": "PERMIT",
            **{key: [] for key in ("rows", "reasons", "dropped", "missing_evidence", "obligations", "basis")},
            "table_version": "t",
            "table_hash": "00" * 32,
        },
    }
    return RequestCommon.model_validate_json(json.dumps({**said, **beside, **changes}))


@pytest.mark.parametrize(
    ("people", "why"),
    [
        ([], "exactly one SUBJECT_CHILD is needed, not 0"),
        ([ADULT], "exactly one SUBJECT_CHILD is needed, not 0"),
        ([CHILD, {**CHILD, "ref": "p2"}], "exactly one SUBJECT_CHILD is needed, not 2"),
        ([CHILD, {**ADULT, "ref": "p1"}], "two people have one ref"),
        ([{**CHILD, "family_name": " ", "given_names": ["\u2003"]}], "has no name"),
        ([{**CHILD, "roles": []}], "roles"),
        ([{**CHILD, "roles": ["SUBJECT_CHILD", "SUBJECT_CHILD"]}], "one stands twice"),
        ([{**CHILD, "date_of_birth": None}], "date_of_birth"),
        ([{**CHILD, "birth": "UNKNOWN"}], "date_of_birth"),
        ([{**CHILD, "birth": "UNBORN", "date_of_birth": None}], "expected"),
        ([{**CHILD, "expected": "2027-01-31"}], "expected"),
    ],
)
def test_what_a_sender_must_check_a_receiver_refuses_too(people: list[dict[str, Any]], why: str) -> None:
    """S1: whoever holds a requester's key must not be able to send what nobody can answer."""
    assert common(people=[CHILD, ADULT])
    with pytest.raises(ValidationError, match=why):
        common(people=people)


@pytest.mark.parametrize("name", ["agreements", "gdpr_consent"])
def test_nobody_is_named_who_is_not_asked_about(name: str) -> None:
    agreed = {"person": "p9", "status": "OBTAINED", "recorded_by": "sw-014", "recorded_at": "2026-11-20T10:00:00Z"}
    consented = {"person": "p9", "given_at": "2026-11-20T10:00:00Z", "method": "WRITTEN"}
    with pytest.raises(ValidationError, match="person names nobody in people"):
        common(**{name: [agreed] if name == "agreements" else consented})


def test_a_consultation_may_be_about_nobody() -> None:
    assert common(purpose="CONSULTATION", people=[]).people == ()


@pytest.mark.parametrize(
    "person",
    [
        {"roles": ["SUBJECT_CHILD", "CARER"]},
        {"birth": "YEAR", "date_of_birth": "2015-01-01"},
        {"birth": "ESTIMATED", "date_of_birth": "2015-01-01"},
        {"birth": "UNBORN", "date_of_birth": None, "expected": "2027-01-31"},
        NOBODY,
    ],
)
def test_as_much_as_is_known_of_a_person_can_be_said(person: dict[str, Any]) -> None:
    """K4: an unborn child, a parent whose date of birth nobody knows, somebody in two roles."""
    assert common(people=[{**CHILD, **person}]).people[0].is_subject


@pytest.mark.parametrize(
    "said", [{"status": "NO"}, {"status": "DEFERRED", "reason": "OTHER"}, {"status": "NO", "note": " "}]
)
def test_family_that_was_not_informed_needs_a_note(said: dict[str, Any]) -> None:
    """K19: OTHER alone says nothing."""
    with pytest.raises(ValidationError, match="note"):
        common(family_informed=said)


def test_narrative_and_identifiers_are_not_in_the_part_that_all_get() -> None:
    assert not {"narrative", "identifiers", "agencies"} & RequestCommon.model_fields.keys()
    assert {"narrative", "identifiers"} <= InformationRequest.model_fields["addressed"].annotation.model_fields.keys()
