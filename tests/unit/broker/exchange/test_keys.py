"""The key ring: it signs, opens and keeps, shows nothing, and knows a person again without saying who."""

from __future__ import annotations

import pytest

from schemas.request import PersonAsked
from schemas.vocabulary import PersonRole


@pytest.fixture
def pseudonym(partnership):
    def run(given=("Robin",), family="Testerton", born="2015-03-14", who="police", **changes):
        person = PersonAsked(
            ref="p1",
            roles=(PersonRole.SUBJECT_CHILD,),
            given_names=given,
            family_name=family,
            date_of_birth=born,
            **changes,
        )
        return partnership.keys(who).pseudonym_of(person)

    return run


def test_the_same_person_gives_the_same_pseudonym_spelt_either_way(pseudonym):
    spellings = [
        ("ROBIN", "testerton"),
        ("Robin ", "Tester-Ton"),
        ("R\u00f3bin", "Test\u00e9rton"),
        ("Ro\u0301bin", "Testerton"),
    ]
    for given, family in spellings:
        assert pseudonym((given,), family) == pseudonym()
    assert len(pseudonym()) == 32


def test_what_else_is_asked_about_a_person_does_not_change_the_pseudonym(pseudonym):
    assert pseudonym(postcodes=("ZZ99 3VZ",), sex="MALE") == pseudonym()


def test_another_person_gives_another_pseudonym(pseudonym):
    others = [
        pseudonym(("Robyn",)),
        pseudonym(born="2015-03-15"),
        pseudonym(("Robin", "Alex")),
        pseudonym(("Testerton",), "Robin"),
        pseudonym(("RobinAlex",)),
        pseudonym((), "TestertonRobin"),
    ]
    assert len({pseudonym(), *others}) == 7


def test_another_organisation_cannot_make_the_pseudonym(pseudonym):
    assert pseudonym(who="police") != pseudonym(who="health")


def test_the_ring_shows_its_owner_and_nothing_else(partnership):
    assert repr(partnership.keys("police")) == "KeyRing(principal='police')"
