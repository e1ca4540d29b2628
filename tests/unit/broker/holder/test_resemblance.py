"""Who resembles: found under the keys, near enough for a person to look, and never a whole household."""

from datetime import date

import pytest

from broker.holder.name_words import is_alike, slips_between, sound
from broker.holder.resemblance import birth_keys_sought, keys_held, names_alike, near_keys_sought, resembles
from broker.holder.source import Candidate, NameHeld, PersonSought
from schemas.vocabulary import Birth, PersonRole

BORN = date(2014, 3, 4)


def sought(given="Robin", family="Testerton", born=BORN, postcode="LS1 6AE", birth=Birth.EXACT):
    return PersonSought(
        ref="p1",
        roles=(PersonRole.SUBJECT_CHILD,),
        name=NameHeld(given_names=(given,) if given else (), family_name=family),
        date_of_birth=born,
        birth=birth,
        sex=None,
        postcodes=(postcode,) if postcode else (),
        identifiers=(),
    )


def held(given="Robin", family="Testerton", born=BORN, postcode="LS1 6AE", partial=()):
    return Candidate(
        record_id="r",
        names=(NameHeld(given_names=(given,) if given else (), family_name=family),),
        dates_of_birth=(born,) if born else (),
        sexes=(),
        postcodes=(postcode,) if postcode else (),
        identifiers=(),
        restricted=False,
        partial_births=partial,
    )


NEAR = {
    "born there": (sought(), held("Alex", "Sample")),
    "born a slip from there": (sought(), held("Alex", "Sample", postcode="LS1 6EA")),
    "two names misspelt": (sought(), held("Robyn", "Testertonn", postcode=None)),
    "two names misspelt, another day": (sought(), held("Robyn", "Testertonn", date(2014, 3, 14), None)),
    "moved, another month": (sought(), held("Robyn", "Testerten", date(2014, 5, 4), "ZE1 0AA")),
    "day and month swapped": (sought(), held("Robyn", "Testerton", date(2014, 4, 3), "ZE1 0AA")),
    "in each other's field": (sought(), held("Testertom", "Robyn", postcode=None)),
    "home and given name": (sought(), held("Robin", "Sample", date(1985, 7, 8))),
    "home, another name and year": (sought(), held("Robyn", "Sample", date(2013, 3, 4))),
    "home and family, no given name": (sought(), held(None, "Testerton", date(1985, 7, 8))),
    "undated asker": (sought(born=None, birth=Birth.UNKNOWN), held("Robyn", "Testertom", BORN, None)),
    "undated record": (sought(postcode=None), held("Robyn", "Testertom", None, None)),
    "undated at home": (sought(), held("Robyn", "Sample", None)),
    "the year only": (sought(birth=Birth.YEAR), held("Robyn", "Testertom", date(2014, 9, 9), None)),
}


@pytest.mark.parametrize(("person", "record"), NEAR.values(), ids=NEAR)
def test_whoever_resembles_is_found_under_a_key(person, record):
    assert resembles(person, record)
    assert (birth_keys_sought(person) | near_keys_sought(person)) & keys_held(record)


@pytest.mark.parametrize(
    "record",
    [
        held("Alex", "Testerton", date(2012, 8, 9)),
        held("Alex", "Testerton", date(1985, 7, 8)),
        held("Robyn", "Sample", date(1985, 7, 8)),
        held("Robyn", "Testertom", date(1985, 7, 8), None),
        held("Robyn", "Sample", BORN, "ZE1 0AA"),
        held("Robyn", "Testertom", None, None, ("2003",)),
        held("Alex", "Sample", date(2014, 3, 5)),
    ],
    ids=["sibling", "mother", "neighbour", "generation", "birthday", "another year", "home and month"],
)
def test_whoever_has_less_in_common_is_nobody(record):
    assert not resembles(sought(), record)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("robin", "robyn"), ("catherine", "kathryn"), ("philip", "filip"), ("white", "whtie"), ("clarke", "clarkde"),
        ("jessica", "jesdicai"), ("mitch", "mitchell"), ("smith", "smyth"), ("eli", "elik"), ("wright", "right"),
    ],
)  # fmt: skip
def test_names_that_sound_alike_or_are_a_slip_apart_are_alike(ours, theirs):
    assert is_alike(ours, theirs)
    assert is_alike(theirs, ours)


@pytest.mark.parametrize(("ours", "theirs"), [("robin", "alex"), ("anna", "emma"), ("jo", "li"), ("tom", "timson")])
def test_other_names_are_not_alike(ours, theirs):
    assert not is_alike(ours, theirs)


def test_a_slip_is_one_letter_too_many_too_few_another_or_two_in_turn():
    assert [slips_between("robin", other, most=1) for other in ("robin", "robiin", "robn", "rogin", "roibn")] == [
        *(0, 1, 1, 1, 1)
    ]
    assert slips_between("robin", "albert", most=2) is None
    assert slips_between("robin", "robinson", most=2) is None


def test_a_word_of_another_script_sounds_as_it_is_written():
    assert sound("комал") == "комал"


def test_a_stand_in_is_like_nobodys_name():
    stand_in = NameHeld(given_names=("Baby",), family_name="Testerton")
    assert names_alike(stand_in, stand_in) == (False, True)


def test_keys_are_few_for_a_record_with_one_name_one_date_and_one_postcode():
    """Each is a row of the store's index: twice as many would cost an import a tenth of its pace."""
    assert len(keys_held(held())) == 6
