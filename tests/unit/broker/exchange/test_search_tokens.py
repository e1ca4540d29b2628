"""Search tokens: writings of one person meet, whoever wrote them; without the key nobody meets anybody."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from typing import Any

import pytest

from broker.exchange.search_tokens import search_tokens
from schemas.request import PersonAsked
from schemas.vocabulary import Birth, IdentifierScheme, PersonRole

BORN = date(2015, 3, 14)
NHS = ((IdentifierScheme.NHS, "9990000018"),)


def tokens(*, key: bytes = b"one", identifiers: Any = (), **changes: Any) -> dict[str, bytes]:
    values: dict[str, Any] = {
        "ref": "p1",
        "roles": (PersonRole.SUBJECT_CHILD,),
        "given_names": ("Robin",),
        "family_name": "Testerton",
        "date_of_birth": BORN,
    }
    person = PersonAsked(**{**values, **changes})
    found = search_tokens(person, identifiers, key=lambda value: hmac.new(key, value, hashlib.sha256).digest())
    return {one.kind: one.token for one in found}


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("ROBIN", "testerton"),
        ("Robin ", "Tester-Ton"),
        ("R\u00f3bin", "Test\u00e9rton"),
        ("Ro\u0301bin", "Tester ton"),
        ("Robin", "Test\u2019erton"),
    ],
)
def test_several_writings_of_one_name_have_one_token(given: str, family: str) -> None:
    assert tokens(given_names=(given,), family_name=family) == tokens()


def test_letters_that_no_accent_explains_fold_too() -> None:
    stroked = tokens(given_names=("\u0141ukasz",), family_name="S\u00f8rensen")
    assert stroked == tokens(given_names=("Lukasz",), family_name="Sorensen")


@pytest.mark.parametrize("written", ["999 000 0018", "999-000-0018", " 9990000018"])
def test_several_writings_of_one_number_have_one_token(written: str) -> None:
    assert tokens(identifiers=((IdentifierScheme.NHS, written),))["NHS"] == tokens(identifiers=NHS)["NHS"]


def test_number_that_cannot_be_one_has_no_token() -> None:
    assert "NHS" not in tokens(identifiers=((IdentifierScheme.NHS, "9990000019"),))


@pytest.mark.parametrize(
    ("changes", "meet"),
    [
        ({"given_names": ("Robin", "Alex")}, {"NAME_DOB", "INITIAL_DOB", "GIVEN_DOB", "FAMILY", "FAMILY_YEAR"}),
        ({"given_names": ("Robyn",)}, {"INITIAL_DOB", "FAMILY", "FAMILY_YEAR"}),
        ({"family_name": "Inventon"}, {"GIVEN_DOB"}),
        ({"date_of_birth": date(2015, 4, 13)}, {"FAMILY", "FAMILY_YEAR"}),
        ({"birth": Birth.YEAR}, {"FAMILY", "FAMILY_YEAR"}),
        ({"birth": Birth.ESTIMATED}, {"FAMILY"}),
        ({"birth": Birth.UNBORN, "date_of_birth": None, "expected": date(2026, 12, 30)}, set()),
    ],
)
def test_what_differs_leaves_the_rest_to_be_found_by(changes: dict[str, Any], meet: set[str]) -> None:
    honest, other = tokens(), tokens(**changes)
    assert {kind for kind, token in other.items() if honest.get(kind) == token} == meet


def test_child_is_found_by_postcode_after_a_change_of_name() -> None:
    one = tokens(postcodes=("ZZ99 3VZ",))
    other = tokens(postcodes=("zz993vz",), given_names=("Alex",), family_name="Inventon")
    assert one["POSTCODE_DOB"] == other["POSTCODE_DOB"]


def test_another_key_gives_other_tokens() -> None:
    one, other = tokens(identifiers=NHS), tokens(key=b"other", identifiers=NHS)
    assert one.keys() == other.keys()
    assert not set(one.values()) & set(other.values())


def test_one_value_is_another_token_under_another_kind() -> None:
    found = tokens(identifiers=((IdentifierScheme.NHS, "9990000018"), (IdentifierScheme.ULN, "9990000018")))
    assert len(set(found.values())) == len(found)
    assert all(len(token) == 16 for token in found.values())
