"""The form a person writes: exact words, known keys, null as good as absent, nothing of it in an error or a repr."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.request import InformationRequest, PersonAsked, PersonForm, RequestCommon, RequestForm

CANARY = "Testerton-canary"
FORM: dict[str, Any] = {
    "case_ref": "C-000123",
    "purpose": "S47_ENQUIRY",
    "rag": "RED",
    "section": "S47",
    "requester": {"actor": "mm-01", "role": "MASH_MANAGER"},
    "presenting_issues": ["DOMESTIC_ABUSE"],
    "narrative": CANARY,
    "threshold_statement": CANARY,
    "family_informed": {"status": "NO", "reason": "OTHER"},
    "people": [
        {
            "ref": "p1",
            "role": "SUBJECT_CHILD",
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
OPTIONAL = ("no_consent_reason", "child_views", "override")
OPTIONAL_OF_A_PERSON = ("sex", "relation_to_child", "why_needed")


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


def test_null_is_the_same_as_absent_for_what_may_be_absent() -> None:
    form = {**FORM, **dict.fromkeys(OPTIONAL)}
    form["people"] = [{**FORM["people"][0], **dict.fromkeys(OPTIONAL_OF_A_PERSON)}]
    assert read(form) == read(FORM)


@pytest.mark.parametrize("name", [name for name in FORM if name != "people"])
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
        ("rag", "red"),
        ("rag", " RED"),
        ("rag", "RED\n"),
        ("rag", 0),
        ("purpose", "P2"),
        ("purpose", "S47 ENQUIRY"),
        ("mode", "Content"),
        ("requester.role", "mash_manager"),
        ("presenting_issues.0", "domestic_abuse"),
        ("data_classes.0", "SPECIAL_CATEGORY"),
        ("people.0.role", "CHILD"),
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
    assert issubclass(PersonForm, PersonAsked)


def test_narrative_and_identifiers_are_not_in_the_part_that_all_get() -> None:
    assert not {"narrative", "identifiers", "agencies"} & RequestCommon.model_fields.keys()
    assert {"narrative", "identifiers"} <= InformationRequest.model_fields["addressed"].annotation.model_fields.keys()
