"""Linking: records of one person come together, and a contradiction keeps everybody apart."""

from datetime import date
from itertools import permutations

import pytest

from agents.sdk.mapping.results import Subject
from agents.sdk.store import linkage
from agents.sdk.store.linkage import MOST_ALIKE, Linkable, is_another, link
from broker.holder.source import IdentifierHeld, NameHeld
from schemas.vocabulary import IdentifierScheme, Sex

BORN = date(2014, 3, 4)
ONE, OTHER = "9990000018", "9990000026"


def says(given=None, family=None, born=None, nhs=None, postcode=None, key=None, *, sex=None, also=()):
    names = (NameHeld(given_names=(given,) if given else (), family_name=family),) if given or family else ()
    held = IdentifierHeld(scheme=IdentifierScheme.NHS, value=nhs or "")
    return Subject(
        names=names,
        dates_of_birth=(born,) if born else (),
        sexes=(sex,) if sex else (),
        postcodes=(postcode,) if postcode else (),
        identifiers=(held,) if nhs else (),
        custodian_key=key,
        restricted=False,
        other_keys=also,
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
        (says("Robin", "Testerton", BORN, ONE, "LS16AE"), says("ROBIN", "Tester-ton", BORN, None, "LS16AE")),
        (says("Robin", "Testerton", BORN, ONE, "LS16AE"), says("Robin", "Testerton", BORN, ONE, "ZE10AA")),
        (says("R", "Testerton", BORN, ONE), says("Robin", "Testerton", BORN, ONE)),
        (says(key="OWNER|k1", postcode="LS16AE"), says("Robin", key="OWNER|k1", postcode="ZE10AA")),
        (says("Robin", "Testerton", BORN, ONE, key="OWNER|1"), says("Robin", "Sample", BORN, OTHER, key="OWNER|1")),
        (says("Robin", "Testerton", BORN, key="OWNER|1"), says("R", "Sample", key="OWNER|2", also=("OWNER|1",))),
    ],
    ids=[
        "bare number",
        "two bare",
        "owner's key",
        "names, birth and home",
        "moved",
        "initial",
        "moved, owner's key",
        "owner's key is a fact",
        "the owner's system merged them",
    ],
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
        (ROBIN, says("Robin", "Testerton", BORN, ONE)),
        (says("Robin", "Testerton", BORN, ONE, "LS16AE"), says("Robin", "Testerton", BORN)),
        (
            says("Robin", "Testerton", BORN, None, "LS16AE", sex=Sex.FEMALE),
            says("Robin", "Testerton", BORN, None, "LS16AE", sex=Sex.MALE),
        ),
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
        "only names and birth",
        "no home on one side",
        "another sex",
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
    here = says("Robin", "Testerton", BORN, None, "LS16AE")
    assert together(here, says("Robin", "Testerton", BORN, ONE, "LS16AE"), alex) == {(0, 1), (2,)}
    assert together(says("R", "Testerton", BORN, ONE), says("Robin", "Testerton", BORN, ONE), alex) == {(0, 1), (2,)}


def test_a_chain_links_over_several_keys():
    named = says("Robin", "Testerton", BORN, postcode="LS16AE", key="OWNER|k1")
    assert together(says(nhs=ONE), says("Robin", "Testerton", BORN, ONE, "LS16AE"), named, says(key="OWNER|k1")) == {
        (0, 1, 2, 3)
    }


def test_a_chain_never_brings_two_people_together():
    here = says("Robin", "Testerton", BORN, None, "LS16AE")
    there = says("Robin", "Testerton", BORN, None, "ZE10AA")
    assert together(here, ROBIN, there) == {(0,), (1,), (2,)}


def test_a_record_that_names_its_person_by_key_stays_with_them_whoever_else_is_like_them():
    """A bare record agrees with everybody; it is its owner who says whose it is."""
    here = says("Robin", "Testerton", BORN, ONE, "LS16AE", key="GP|1")
    flag = says(key="GP|1")
    elsewhere = says("Robin", "Testerton", BORN, None, "ZE10AA", key="ED|1")
    namesake = says("Robin", "Testerton", BORN, OTHER, "LS16AE", key="ED|2")
    assert together(here, flag, elsewhere, says(key="ED|1")) == {(0, 1), (2, 3)}
    assert together(here, flag, namesake, says(key="ED|2")) == {(0, 1), (2, 3)}


def test_a_bare_number_fits_only_those_who_hold_it():
    robin = says("Robin", "Testerton", BORN, ONE, "LS16AE", sex=Sex.FEMALE)
    namesake = says("Robin", "Testerton", BORN, None, "LS16AE", sex=Sex.MALE)
    assert together(robin, says(nhs=ONE), namesake) == {(0, 1), (2,)}


def test_two_homes_of_one_person_are_one_person_over_the_record_that_has_both():
    both = says("Robin", "Testerton", BORN, ONE, "LS16AE")
    there = says("Robin", "Testerton", BORN, ONE, "ZE10AA")
    assert together(both, there, says("Robin", "Testerton", BORN, None, "LS16AE")) == {(0, 1, 2)}


@pytest.mark.parametrize(
    ("held", "arrived", "another"),
    [
        (says("Robin", "Testerton", BORN, ONE), says("Robin", "Testerton", BORN, OTHER), False),
        (says("Robin", "Testerton", BORN, ONE), says("Robin", "Sample", BORN, ONE), False),
        (says("Robin", "Testerton", BORN, ONE), says("Robin", "Testerton", date(2014, 3, 5), ONE), False),
        (says("Robin", "Testerton", BORN, ONE), says("Alex", "Sample", date(2011, 3, 5), ONE), True),
        (says("Robin", "Testerton", BORN, ONE), says("Alex", "Sample", BORN, OTHER), True),
        (says("Robin", "Testerton", BORN), says("Robin", "Testerton", date(2011, 3, 5)), True),
        (says("Robin", "Testerton", BORN, ONE), says(nhs=OTHER), True),
        (says("Robin", "Testerton", BORN, ONE), says(nhs=ONE), False),
        (says(key="OWNER|1"), says(key="OWNER|2"), True),
        (says(key="OWNER|1"), says("Robin", "Testerton", BORN, key="OWNER|1"), False),
    ],
)
def test_a_record_is_another_persons_where_more_than_one_thing_would_have_been_corrected(held, arrived, another):
    assert is_another(held, arrived) is another
    assert is_another(arrived, held) is another


def test_strangers_stay_strangers():
    assert together(ROBIN, says("Alex", "Sample", BORN, OTHER), says(nhs=ONE)) == {(0,), (1,), (2,)}


def test_nobody_is_nobody():
    assert link([]) == ()


def test_a_number_that_a_crowd_holds_joins_nobody_and_compares_nobody(monkeypatch):
    """A stand-in for "not known" stands in thousands of records: each with each would be millions of comparisons."""
    monkeypatch.setattr(linkage, "agree", lambda *_: pytest.fail("two of a crowd were compared"))
    crowd = [says("Robin", "Testerton", BORN, nhs=ONE, key=f"a|{place}") for place in range(MOST_ALIKE + 1)]
    crowd.append(says(key="a|0"))
    people = link([Linkable(number=place, subject=subject) for place, subject in enumerate(crowd)])
    assert len(people) == MOST_ALIKE + 1
    assert sorted(tuple(record.number for record in person) for person in people)[0] == (0, MOST_ALIKE + 1)


def test_below_a_crowd_the_number_joins():
    few = [says("Robin", "Testerton", BORN, nhs=ONE, key=f"{place}|a") for place in range(MOST_ALIKE)]
    assert len(link([Linkable(number=place, subject=subject) for place, subject in enumerate(few)])) == 1
