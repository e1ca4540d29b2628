"""The request file: one line names the key or word that is wrong, and never quotes a value."""

from __future__ import annotations

import json

import pytest

from broker.errors import UsageError
from broker.requester import compose as composing
from broker.requester.compose import MOST_BYTES
from broker.requester.rating import own_words
from schemas.request_form import RequestForm
from schemas.vocabulary import RatingBand

CANARY = "Zanzibarina-canary"


def compose(data: bytes):
    return composing.compose(data, ratings=own_words())


@pytest.fixture
def form(partnership):
    def make(**changes):
        document = json.loads(partnership.form().model_dump_json(exclude={"band"}))
        document["people"][0]["family_name"] = CANARY
        return {**document, **changes}

    return make


def _refusal(document) -> str:
    with pytest.raises(UsageError) as caught:
        compose(document if isinstance(document, bytes) else json.dumps(document).encode())
    assert CANARY not in str(caught.value)
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
        ({"rating": "PURPLE"}, "rating: unknown word; allowed: RED, AMBER, GREEN, BLUE"),
        ({"section": None}, "section: missing"),
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
    document["people"].append({**document["people"][0], "roles": ["SIBLING"]})
    assert "two people have one ref" in _refusal(document)


def test_an_agreement_of_somebody_unknown(form):
    agreement = {"person": "p9", "status": "OBTAINED", "recorded_by": "sw-014", "recorded_at": "2026-11-20T10:00:00Z"}
    assert "agreements: 0: person names nobody in people" in _refusal(form(agreements=[agreement]))


def test_not_json_says_where(form):
    assert "line 1 column" in _refusal(b"{not json")


def test_a_key_that_stands_twice_is_refused(form):
    text = json.dumps(form())
    assert "stands twice" in _refusal((text[:-1] + ', "rating": "GREEN"}').encode())


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


def test_all_faults_are_told_at_once_each_with_its_place_and_the_allowed_words(form):
    document = form(mode="content", colour="red", purpose="GOSSIP")
    document["people"][0] |= {"sex": "F", "shoe_size": 4, "birth": CANARY}
    document["people"].append({**document["people"][0], "ref": "p1"})
    said = _refusal(document).splitlines()
    assert "request file: mode: unknown word; allowed: EXISTENCE, CONTENT" in said
    assert "request file: people.0.sex: unknown word; allowed: FEMALE, MALE, OTHER, UNKNOWN" in said
    assert "request file: people.1.birth: unknown word; allowed: EXACT, YEAR, ESTIMATED, UNBORN, UNKNOWN" in said
    assert any(line.startswith("request file: colour: unknown key; allowed: case_ref, contact_ref,") for line in said)
    assert any(line.startswith("request file: people.0.shoe_size: unknown key; allowed: ref, roles,") for line in said)
    assert sum("purpose: unknown word; allowed: IMMEDIATE_PROTECTION" in line for line in said) == 1


def test_faults_among_people_are_told_beside_those_of_other_keys(form):
    document = form(mode="content")
    document["people"].append(dict(document["people"][0]))
    said = _refusal(document)
    assert "mode: unknown word" in said
    assert "people: two people have one ref; exactly one SUBJECT_CHILD is needed, not 2" in said


def test_a_rating_of_ones_own_stands_beside_its_band(form):
    """K5: a partnership without colours, or with other ones."""
    ratings = {"LEVEL_4": RatingBand.RED, "LEVEL_3": RatingBand.AMBER}
    rated = composing.compose(json.dumps(form(rating="LEVEL_4")).encode(), ratings=ratings)
    assert (rated.rating, rated.band) == ("LEVEL_4", RatingBand.RED)
    with pytest.raises(UsageError, match="rating: unknown word; allowed: LEVEL_4, LEVEL_3"):
        composing.compose(json.dumps(form(rating="RED")).encode(), ratings=ratings)


def test_what_nobody_rated_releases_nothing(form):
    unrated = compose(json.dumps(form(rating=None)).encode())
    assert (unrated.rating, unrated.band) == (None, RatingBand.BLUE)


def test_the_schema_of_the_form_takes_what_is_taken_and_names_every_key(form):
    schema = composing.form_schema()
    assert set(schema["properties"]) == set(RequestForm.model_fields)
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {name for name, field in RequestForm.model_fields.items() if field.is_required()}
