"""Linking: records of one person come together, and a contradiction keeps everybody apart."""

from datetime import date
from itertools import permutations

import pytest

from agents.sdk.mapping.results import Subject
from agents.sdk.store.linkage import Linkable, link
from broker.holder.source import IdentifierHeld, NameHeld
from schemas.vocabulary import IdentifierScheme

BORN = date(2014, 3, 4)
ONE, OTHER = "9990000018", "9990000026"


def says(given=None, family=None, born=None, nhs=None, postcode=None, key=None):
    names = (NameHeld(given_names=(given,) if given else (), family_name=family),) if given or family else ()
    held = IdentifierHeld(scheme=IdentifierScheme.NHS, value=nhs or "")
    return Subject(
        names=names,
        dates_of_birth=(born,) if born else (),
        sexes=(),
        postcodes=(postcode,) if postcode else (),
        identifiers=(held,) if nhs else (),
        custodian_key=key,
        restricted=False,
    )


def together(*subjects):
    """Link the subjects in every order; return the one answer as sets of their places."""
    numbered = [Linkable(number=place, subject=subject) for place, subject in enumerate(subjects)]
    answers = {
        frozenset(frozenset(record.number for record in person) for person in link(order))
        for order in permutations(numbered)
    }
    assert len(answers) == 1, "the order of the records changed who is who"
    return {tuple(sorted(person)) for person in answers.pop()}


ROBIN = says("Robin", "Testerton", BORN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (says(nhs=ONE), says("Robin", "Testerton", BORN, ONE)),
        (says(nhs=ONE), says(nhs=ONE)),
        (says(key="OWNER|k1"), says("Robin", "Testerton", BORN, key="OWNER|k1")),
        (says("Robin", "Testerton", BORN, ONE), says("ROBIN", "Tester-ton", BORN)),
        (says("Robin", "Testerton", BORN, ONE, "LS16AE"), says("Robin", "Testerton", BORN, ONE, "ZE10AA")),
        (says("R", "Testerton", BORN, ONE), says("Robin", "Testerton", BORN, ONE)),
        (says(key="OWNER|k1", postcode="LS16AE"), says("Robin", key="OWNER|k1", postcode="ZE10AA")),
    ],
    ids=["bare number", "two bare", "owner's key", "names and birth", "moved", "initial", "moved, owner's key"],
)
def test_records_of_one_person_come_together(one, other):
    assert together(one, other) == {(0, 1)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (says("Robin", "Testerton", BORN, ONE), says("Robin", "Testerton", date(2014, 3, 5), ONE)),
        (says("Robin", "Testerton", BORN, ONE), says("Alex", "Testerton", BORN, ONE)),
        (says("Robin", "Testerton", BORN, ONE), says("Robin", "Testerton", BORN, OTHER)),
        (says("Robin", "Testerton", BORN, None, "LS16AE"), says("Robin", "Testerton", BORN, None, "ZE10AA")),
        (says("Robin", "Testerton", BORN, key="OWNER|1"), says("Robin", "Testerton", BORN, key="OWNER|2")),
        (says("Robin", "Testerton"), says("Robin", "Testerton")),
        (says("Robin", "Testerton", date(2014, 1, 1)), says("Robin", "Testerton", date(2014, 1, 1))),
        (says("Baby", "Testerton", BORN), says("Baby", "Testerton", BORN)),
        (says("J", "Testerton", BORN), says("J", "Testerton", BORN)),
        (says("Robin", "Testerton", BORN), says("Robin Alex", "Testerton", BORN)),
        (says(None, "Testerton", BORN), says("Robin", "Testerton", BORN)),
    ],
    ids=[
        "other birth",
        "co-twin's number",
        "namesakes' numbers",
        "namesakes' homes",
        "owner says two",
        "undated namesakes",
        "january",
        "newborn twins",
        "initials",
        "middle name",
        "half a name",
    ],
)
def test_what_may_be_two_people_stays_two(one, other):
    assert together(one, other) == {(0,), (1,)}


def test_a_bare_record_that_fits_two_people_is_given_to_neither():
    robin, alex = says("Robin", "Testerton", BORN, ONE), says("Alex", "Testerton", BORN, ONE)
    assert together(robin, alex, says(nhs=ONE)) == {(0,), (1,), (2,)}


def test_records_that_contradict_the_same_person_stay_together():
    alex = says("Alex", "Testerton", BORN, ONE)
    assert together(ROBIN, says("Robin", "Testerton", BORN, ONE), alex) == {(0, 1), (2,)}


def test_a_chain_links_over_several_keys():
    named = says("Robin", "Testerton", BORN, key="OWNER|k1")
    assert together(says(nhs=ONE), says("Robin", "Testerton", BORN, ONE), named, says(key="OWNER|k1")) == {(0, 1, 2, 3)}


def test_a_chain_never_brings_two_people_together():
    here = says("Robin", "Testerton", BORN, None, "LS16AE")
    there = says("Robin", "Testerton", BORN, None, "ZE10AA")
    assert together(here, ROBIN, there) == {(0,), (1,), (2,)}


def test_strangers_stay_strangers():
    assert together(ROBIN, says("Alex", "Sample", BORN, OTHER), says(nhs=ONE)) == {(0,), (1,), (2,)}


def test_nobody_is_nobody():
    assert link([]) == ()
