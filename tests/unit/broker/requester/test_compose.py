"""The request file: one line names the key or word that is wrong, and never quotes a value."""

from __future__ import annotations

import json

import pytest

from broker.errors import UsageError
from broker.requester.compose import MOST_BYTES, compose

CANARY = "Zanzibarina-canary"


@pytest.fixture
def form(partnership):
    def make(**changes):
        document = json.loads(partnership.form().model_dump_json())
        document["people"][0]["family_name"] = CANARY
        return {**document, **changes}

    return make


def _refusal(document) -> str:
    with pytest.raises(UsageError) as caught:
        compose(document if isinstance(document, bytes) else json.dumps(document).encode())
    assert CANARY not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_complete_form_is_read(form):
    assert compose(json.dumps(form()).encode()).people[0].family_name == CANARY


def test_null_is_the_same_as_absent(form):
    with_nulls = form(override=None, child_views=None, agreements=None, no_consent_reason=None)
    without = {key: value for key, value in with_nulls.items() if value is not None}
    assert compose(json.dumps(with_nulls).encode()) == compose(json.dumps(without).encode())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour: unknown key"),
        ({"purpose": "GOSSIP"}, "purpose: unknown word"),
        ({"rag": None}, "rag: missing"),
        ({"colour": None}, "colour: unknown key"),
        ({"mode": "content"}, "mode: unknown word"),
        ({"people": []}, "people"),
        ({"data_classes": ["EVERYTHING"]}, "data_classes.0: unknown word"),
        ({"case_ref": 7}, "case_ref"),
        ({"narrative": "a\u0007b"}, "narrative"),
        ({"requester": {"actor": "mm-01", "role": "a king"}}, "requester.role: string pattern mismatch"),
    ],
)
def test_what_is_wrong_is_named_by_key(form, change, named):
    assert named in _refusal(form(**change))


def test_an_unknown_key_of_a_person_is_named(form):
    document = form()
    document["people"][0]["shoe_size"] = 4
    assert "people.0.shoe_size: unknown key" in _refusal(document)


def test_exactly_one_subject_child(form):
    document = form()
    document["people"].append({**document["people"][0], "ref": "p2"})
    assert "exactly one SUBJECT_CHILD" in _refusal(document)


def test_two_people_of_one_ref(form):
    document = form()
    document["people"].append({**document["people"][0], "role": "SIBLING"})
    assert "two people have one ref" in _refusal(document)


def test_an_agreement_of_somebody_unknown(form):
    agreement = {"person": "p9", "status": "OBTAINED", "recorded_by": "sw-014", "recorded_at": "2026-11-20T10:00:00Z"}
    assert "agreements.0.person" in _refusal(form(agreements=[agreement]))


def test_not_json_says_where(form):
    assert "line 1 column" in _refusal(b"{not json")


def test_a_key_that_stands_twice_is_refused(form):
    text = json.dumps(form())
    assert "stands twice" in _refusal((text[:-1] + ', "rag": "GREEN"}').encode())


def test_a_file_over_the_limit_is_refused_unread():
    assert str(MOST_BYTES) in _refusal(b" " * (MOST_BYTES + 1))


def test_deep_nesting_is_refused():
    assert "request file" in _refusal(b"[" * 200_000)


@pytest.mark.parametrize("written", ["86400", "20101022", "22/10/2010", "2010-10-22T00:00:00Z", "2010-13-41"])
def test_a_date_is_taken_in_its_iso_form_only(form, written):
    """A parser that takes a number for seconds would look for another child."""
    document = form()
    document["people"][0]["date_of_birth"] = written
    assert "people.0.date_of_birth" in _refusal(document)
