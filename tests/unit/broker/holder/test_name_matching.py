"""Names, dates and postcodes: one writing for one name, and no false friends."""

from datetime import date

import pytest

from broker.holder.name_matching import (
    DateLikeness,
    Likeness,
    best_likeness,
    compare_dates,
    compare_family,
    compare_given,
    compare_names,
    family_keys,
    full_name_key,
    given_keys,
    is_newborn,
    postcode_key,
    same_name,
    shares_both_names,
    shares_one_name,
    split_name,
)
from broker.holder.source import NameHeld
from schemas.folding import name_key


def name(given: str, family: str | None) -> NameHeld:
    return NameHeld(given_names=tuple(given.split("|")) if given else (), family_name=family)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Testerton", "o\u2019testerton"),
        ("Flint-Smith", "Flint Smith"),
        ("José", "JOSE"),
        ("Łukasz", "Lukasz"),
        ("Bjørn", "Bjorn"),
        ("Großmann", "Grossmann"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\uff2a\uff41\uff4e\uff45", "Jane"),
    ],
)
def test_one_name_has_one_key(one, other):
    assert name_key(one) == name_key(other)


def test_vowel_marks_outside_latin_keep_names_apart():
    assert name_key("कमल") != name_key("कोमल")


@pytest.mark.parametrize(
    ("ours", "theirs", "likeness"),
    [
        ("Robin", "ROBIN", Likeness.SAME),
        ("Mary|Jane", "Mary Jane", Likeness.SAME),
        ("Mary-Jane", "Maryjane", Likeness.SAME),
        ("Robin", "Robin|Alex", Likeness.SHORTER),
        ("Robin|A", "Robin|Alex", Likeness.SHORTER),
        ("Robin|A", "Robin|A", Likeness.SHORTER),
        ("R", "Robin", Likeness.CLOSE),
        ("J", "J", Likeness.CLOSE),
        ("Jane", "Mary|Jane", Likeness.CLOSE),
        ("Anne", "Anne-Marie", Likeness.CLOSE),
        ("Mohammed|Ali", "Mohammed|Hassan", Likeness.DIFFERENT),
        ("Robin", "Robert", Likeness.DIFFERENT),
        ("Robin", "Robyn", Likeness.DIFFERENT),
        ("J", "Robin", Likeness.DIFFERENT),
        ("Mary|Jane", "Jane|Rose", Likeness.DIFFERENT),
        ("", "Robin", Likeness.UNKNOWN),
        ("Unknown", "Robin", Likeness.UNKNOWN),
        ("Baby", "Robin", Likeness.UNNAMED),
        ("Robin", "Twin 2", Likeness.UNNAMED),
        ("Baby Girl", "Baby Girl", Likeness.UNNAMED),
    ],
)
def test_given_names_compare_on_the_cautious_side(ours, theirs, likeness):
    one, other = name(ours, None).given_names, name(theirs, None).given_names
    assert compare_given(one, other) is likeness
    assert compare_given(other, one) is likeness


@pytest.mark.parametrize(
    ("ours", "theirs", "likeness"),
    [
        ("Testerton", "TESTERTON", Likeness.SAME),
        ("Flint-Smith", "flint smith", Likeness.SAME),
        ("Flint-Smith", "Smith", Likeness.CLOSE),
        ("de la Cruz", "Cruz", Likeness.CLOSE),
        ("Flint-Smith", "Jones-Smith", Likeness.DIFFERENT),
        ("Smith", "Smyth", Likeness.DIFFERENT),
        (None, "Smith", Likeness.UNKNOWN),
        ("Unknown", "Smith", Likeness.UNKNOWN),
    ],
)
def test_family_names_compare_on_the_cautious_side(ours, theirs, likeness):
    assert compare_family(ours, theirs) is likeness
    assert compare_family(theirs, ours) is likeness


def test_names_in_each_others_field_are_close_but_never_the_same():
    likeness = compare_names(name("Robin", "Testerton"), name("Testerton", "Robin"))
    assert (likeness.given, likeness.family) == (Likeness.CLOSE, Likeness.CLOSE)
    assert not likeness.contradicts


def test_an_alias_that_fits_is_not_contradicted_by_the_others():
    likeness = best_likeness(name("Robin", "Testerton"), [name("Baby", "Sample"), name("Robin", "Testerton")])
    assert (likeness.given, likeness.family) == (Likeness.SAME, Likeness.SAME)


def test_half_of_two_aliases_does_not_make_one_that_fits():
    likeness = best_likeness(name("Robin", "Testerton"), [name("Robin", "Sample"), name("Alex", "Testerton")])
    assert likeness.contradicts


def test_no_alias_at_all_contradicts_nothing():
    assert best_likeness(name("Robin", "Testerton"), []).given is Likeness.UNKNOWN


@pytest.mark.parametrize(
    ("held", "likeness"),
    [
        ((), DateLikeness.UNKNOWN),
        ((date(2014, 3, 4),), DateLikeness.SAME),
        ((date(2014, 4, 3),), DateLikeness.DOUBTFUL),
        ((date(2014, 1, 1),), DateLikeness.DOUBTFUL),
        ((date(2014, 3, 4), date(2014, 3, 5)), DateLikeness.DOUBTFUL),
        ((date(2014, 3, 5),), DateLikeness.DIFFERENT),
        ((date(2013, 1, 1),), DateLikeness.DIFFERENT),
    ],
)
def test_dates_of_birth_compare_on_the_cautious_side(held, likeness):
    assert compare_dates(date(2014, 3, 4), held) is likeness


def test_a_first_of_january_is_a_placeholder_even_when_both_say_it():
    assert compare_dates(date(2014, 1, 1), (date(2014, 1, 1),)) is DateLikeness.SAME_PLACEHOLDER


@pytest.mark.parametrize("text", ["ZZ99 3VZ", "", "not known", "LS1", "12345"])
def test_what_is_no_address_is_no_postcode(text):
    assert postcode_key(text) is None


def test_a_postcode_has_one_writing():
    assert postcode_key(" ls1  6ae ") == postcode_key("LS16AE") == "LS16AE"


def test_stand_ins_for_newborns_cannot_be_found_by_name():
    assert is_newborn(("Baby",))
    assert is_newborn(("Twin 1",))
    assert given_keys(name("Baby Girl", "Testerton")) == frozenset()
    assert full_name_key(name("Baby", "Testerton")) is None
    assert given_keys(name("Baby Robin", "Testerton")) == {"robin"}
    assert family_keys(name("", "Baby Testerton")) == {"testerton"}


def test_double_names_can_be_found_by_each_half():
    assert family_keys(name("", "Flint-Smith")) == {"flintsmith", "flint", "smith"}
    assert "mary" in given_keys(name("Mary-Jane", None))


def test_names_are_shared_also_when_entered_in_each_others_field():
    assert shares_both_names(name("Robin", "Testerton"), name("Testerton", "Robin"))
    assert not shares_both_names(name("Robin", "Testerton"), name("Robin", "Sample"))
    assert shares_one_name(name("Robin", "Testerton"), name("Robin", "Sample"))
    assert not shares_one_name(name("Robin", "Testerton"), name("Alex", "Sample"))


def test_a_third_party_is_named_only_by_their_full_family_name():
    assert same_name(split_name("Mrs Julia Testerton"), name("Julia", "Testerton"))
    assert not same_name(split_name("Julia Testerton"), name("Julian", "Testerton"))
    assert not same_name(split_name("J Testerton"), name("Julia", "Testerton"))
    assert not same_name(split_name("Testerton"), name("Julia", "Testerton"))


@pytest.mark.parametrize(
    "given",
    [
        *("Female", "Male Infant", "B/O", "New Born", "NEWBORN", "NB", "Unnamed", "Not Yet Named", "No Name", "Fetus"),
        *("Babe", "Child", "Mstr", "Master", "Infant of Jane", "Baby|Boy", "Robin Baby", "Twin-2", "2nd Twin", "T2"),
        *("Boy/Girl", "BG", "FI", "Triplet C", "Baby1", "Bébé", "XX", "Robin NB", "1", "Robin New Born", "Robin B/O"),
    ],
)
def test_a_stand_in_is_no_name_wherever_it_stands(given):
    assert is_newborn(name(given, None).given_names)
    assert compare_names(name(given, "Testerton"), name(given, "Testerton")).contradicts
    assert full_name_key(name(given, "Testerton")) is None


@pytest.mark.parametrize(
    "given", ["Robin", "Jo", "Li Wei", "Mary Jo", "Al", "Babette", "Ja cob", "Unknown", "NK", "Boyd", "J", ""]
)
def test_a_short_or_missing_name_is_no_stand_in(given):
    assert not is_newborn(name(given, None).given_names)


@pytest.mark.parametrize(
    "family", ["Baby Testerton", "Testerton (Twin 1)", "Testerton NB", "Unnamed", "Child of Testerton"]
)
def test_a_stand_in_in_the_family_name_is_no_name_either(family):
    assert compare_family(family, family) is Likeness.UNNAMED
    assert full_name_key(name("Robin", family)) is None


@pytest.mark.parametrize("family", ["Child", "Male", "Ng", "Le", "Boyd", "Infante"])
def test_a_family_may_be_called_child(family):
    assert compare_family(family, family) is Likeness.SAME


@pytest.mark.parametrize("suffix", ["Jr", "JR.", "Jnr", "Junior", "II", "Sr", "III"])
def test_a_suffix_is_no_part_of_a_name(suffix):
    plain = name("Robin", "Testerton")
    for suffixed in (name("Robin", f"Testerton {suffix}"), name(f"Robin|{suffix}", "Testerton")):
        assert compare_names(plain, suffixed) == compare_names(plain, plain)
        assert full_name_key(suffixed) == full_name_key(plain)
        assert family_keys(suffixed) == family_keys(plain)
        assert given_keys(suffixed) == given_keys(plain)


def test_two_suffixes_that_differ_tell_the_elder_and_the_younger_apart():
    assert compare_names(name("Robin", "Testerton Jr"), name("Robin", "Testerton Sr")).contradicts
    assert compare_names(name("Robin", "Testerton II"), name("Robin|III", "Testerton")).contradicts
    assert not compare_names(name("Robin", "Testerton Jr"), name("Robin|Junior", "Testerton")).contradicts
    assert compare_family("Senior", "Senior") is Likeness.SAME


@pytest.mark.parametrize(
    ("marked", "written"),
    [("Müller", "Mueller"), ("Mu\u0308ller", "MUELLER"), ("Göth", "Goeth"), ("Händel", "Haendel"), ("Bjørn", "Bjoern")],
)
def test_an_umlaut_is_also_its_two_letters(marked, written):
    plain = name_key(marked)
    for other in (written, plain, marked):
        assert compare_names(name("Robin", marked), name("Robin", other)).family is Likeness.SAME
        assert compare_names(name(other, "Testerton"), name(marked, "Testerton")).given is Likeness.SAME
        assert family_keys(name("", marked)) & family_keys(name("", other))
        assert given_keys(name(marked, None)) & given_keys(name(other, None))
    assert compare_family("Samuel", "Samul") is Likeness.DIFFERENT


@pytest.mark.parametrize(
    ("line", "given", "family"),
    [
        ("BELL, Ann Marie", ("Ann", "Marie"), "BELL"),
        ("BELL Ann Marie (Miss)", ("Ann", "Marie"), "BELL"),
        ("BELL, Ann Marie (Miss)", ("Ann", "Marie"), "BELL"),
        ("Bell, Miss Ann Marie", ("Ann", "Marie"), "Bell"),
        ("VAN DER BELL Ann", ("Ann",), "VAN DER BELL"),
        ("NG Ann (Mrs)", ("Ann",), "NG"),
        ("Ann Marie Bell", ("Ann", "Marie"), "Bell"),
        ("ANN MARIE BELL", ("ANN", "MARIE"), "BELL"),
        ("Ann Bell Jr", ("Ann",), "Bell Jr"),
        ("Ann Bell, Jr", ("Ann",), "Bell Jr"),
        ("J Bell", ("J",), "Bell"),
        ("Miss Bell", (), "Bell"),
        ("", (), None),
    ],
)
def test_a_name_on_one_line_is_taken_apart(line, given, family):
    assert split_name(line) == NameHeld(given_names=given, family_name=family)
