"""The identification rule: whom it knows, whom it is unsure of, and that it never takes the wrong child."""

from datetime import date

import pytest

from broker.errors import InvariantError
from broker.holder.identify import MOST_CANDIDATES, Known, NoTrace, Uncertain, identify
from broker.holder.source import Candidate, IdentifierHeld, NameHeld, PersonSought
from schemas.vocabulary import Birth, Certainty, IdentifierScheme, MatchMethod, PersonRole, Relation, Sex

BORN = date(2014, 3, 4)
OURS, THEIRS = "9990000018", "9990000026"
INVALID = "9991234566"


def nhs(value: str, *, verified: bool = False) -> IdentifierHeld:
    return IdentifierHeld(scheme=IdentifierScheme.NHS, value=value, verified=verified)


def sought(
    given="Robin",
    family="Testerton",
    born=BORN,
    number=None,
    postcodes=("LS1 6AE",),
    ref="p1",
    sex=Sex.FEMALE,
    birth=Birth.EXACT,
    relation=None,
) -> PersonSought:
    return PersonSought(
        ref=ref,
        roles=(PersonRole.PARENT,) if relation else (PersonRole.SUBJECT_CHILD,),
        relation=relation,
        name=NameHeld(given_names=(given,) if given else (), family_name=family),
        date_of_birth=born,
        sex=sex,
        postcodes=postcodes,
        identifiers=(nhs(number),) if number else (),
        birth=birth,
    )


def held(record_id, given=None, family=None, born=None, number=None, postcode=None, **more) -> Candidate:
    names = (NameHeld(given_names=(given,) if given else (), family_name=family),) if given or family else ()
    return Candidate(
        record_id=record_id,
        names=(*names, *more.get("aliases", ())),
        dates_of_birth=(born,) if born else (),
        sexes=more.get("sexes", ()),
        postcodes=(postcode,) if postcode else (),
        identifiers=(nhs(number, verified=more.get("verified", False)),) if number else (),
        restricted=more.get("restricted", False),
        partial_births=more.get("partial", ()),
        multiple_birth=more.get("multiple", False),
    )


def one(person, *candidates, chosen=None):
    people = identify((person,), {person.ref: candidates}, chosen={person.ref: chosen} if chosen else {})
    return people.of(person.ref)


ROBIN = held("robin", "Robin", "Testerton", BORN, OURS, "LS1 6AE")


# ---------------------------------------------------------------- who is known


def test_a_valid_identifier_and_the_date_of_birth_are_enough():
    found = one(sought(number=OURS), held("robin", born=BORN, number=OURS))
    assert found.record_id == "robin"
    assert found.match.certainty is Certainty.AUTO
    assert found.match.method is MatchMethod.IDENTIFIER
    assert found.match.identifiers_used == ("nhs", "date_of_birth")


def test_a_valid_identifier_and_both_names_are_enough():
    found = one(sought(number=OURS), held("robin", "Robin", "Testerton", number=OURS))
    assert found.match.identifiers_used == ("nhs", "given_names", "family_name")


def test_a_valid_identifier_alone_is_never_enough():
    assert isinstance(one(sought(number=OURS), held("robin", number=OURS)), Uncertain)
    assert isinstance(one(sought(number=OURS), held("robin", "Robin", number=OURS)), Uncertain)


def test_a_verified_identifier_alone_is_enough_and_says_so():
    found = one(sought(number=OURS), held("robin", number=OURS, verified=True))
    assert found.match.certainty is Certainty.AUTO
    assert found.match.method is MatchMethod.VERIFIED_IDENTIFIER
    assert found.match.identifiers_used == ("nhs",)


def test_a_verified_identifier_with_an_agreeing_date_of_birth_is_an_ordinary_match():
    found = one(sought(number=OURS), held("robin", born=BORN, number=OURS, verified=True))
    assert found.match.method is MatchMethod.IDENTIFIER


def test_full_names_date_of_birth_and_postcode_are_enough():
    found = one(sought(), ROBIN)
    assert found.match.method is MatchMethod.DEMOGRAPHIC
    assert found.match.identifiers_used == ("given_names", "family_name", "date_of_birth", "postcode")


def test_spelling_of_a_name_does_not_matter():
    record = held("robin", "ROBIN", "testerton", BORN, OURS)
    assert isinstance(one(sought(number=OURS, born=BORN, given="Róbin", family="Tester-Ton"), record), Known)


def test_half_of_a_double_name_and_a_missing_middle_name_do_not_contradict():
    record = held("robin", "Robin Alex", "Sample-Testerton", BORN, OURS)
    assert isinstance(one(sought(number=OURS), record), Known)


def test_a_known_alias_agrees():
    alias = NameHeld(given_names=("Robin",), family_name="Testerton")
    assert isinstance(one(sought(number=OURS), held("r", "Rowan", "Sample", BORN, OURS, aliases=(alias,))), Known)


def test_names_entered_in_each_others_field_do_not_contradict_identifier_and_date_of_birth():
    assert isinstance(one(sought(number=OURS), held("robin", "Testerton", "Robin", BORN, OURS)), Known)


def test_another_postcode_never_contradicts():
    assert isinstance(one(sought(number=OURS), held("r", "Robin", "Testerton", BORN, OURS, "ZE1 0AA")), Known)


@pytest.mark.parametrize("sex", list(Sex))
def test_sex_never_decides(sex):
    record = held("robin", "Robin", "Testerton", BORN, OURS, sexes=(sex,))
    assert isinstance(one(sought(number=OURS, sex=Sex.FEMALE), record), Known)


def test_a_restricted_record_says_so():
    assert one(sought(number=OURS), held("r", born=BORN, number=OURS, restricted=True)).restricted


# ---------------------------------------------------------------- who is nobody


def test_nobody_found_is_no_trace():
    found = one(sought(number=OURS))
    assert isinstance(found, NoTrace)
    assert (found.match.certainty, found.match.method) == (Certainty.NONE, MatchMethod.NONE)


@pytest.mark.parametrize(
    "stranger",
    [
        held("s", "Alex", "Sample", BORN, THEIRS, "ZE1 0AA"),
        held("s", "Robin", "Sample", date(2014, 3, 5), THEIRS, "ZE1 0AA"),
        held("s", "Alex", "Testerton", date(2012, 8, 9), THEIRS, "LS1 6AE"),
        held("s", None, None, BORN, None, "ZE1 0AA"),
        held("s", None, None, None, None, "LS1 6AE"),
        held("s"),
    ],
    ids=["only the birthday", "only the given name", "only the family name", "no name", "only the postcode", "nothing"],
)
def test_a_source_that_returns_strangers_does_not_make_them_candidates(stranger):
    assert isinstance(one(sought(number=OURS), stranger), NoTrace)


def test_an_invalid_identifier_is_never_matched_on_even_when_both_sides_state_it():
    assert isinstance(one(sought(number=INVALID), held("r", number=INVALID, verified=True)), NoTrace)


def test_a_placeholder_number_is_never_matched_on():
    assert isinstance(one(sought(number="1111111111"), held("r", number="1111111111", verified=True)), NoTrace)


def test_transposed_digits_find_nobody_even_where_the_same_slip_is_held():
    slipped = OURS[:-2] + OURS[-1] + OURS[-2]
    assert isinstance(one(sought(number=slipped), held("r", number=OURS, verified=True)), NoTrace)
    assert isinstance(one(sought(number=slipped), held("r", number=slipped, verified=True)), NoTrace)


# ---------------------------------------------------------------- who is for a person to decide


@pytest.mark.parametrize("verified", [False, True])
@pytest.mark.parametrize(
    "record",
    [
        {"given": "Robin", "family": "Testerton", "born": date(2014, 3, 5)},
        {"given": "Robin", "family": "Testerton", "born": date(2014, 4, 3)},
        {"given": "Robin", "family": "Testerton", "born": date(2014, 1, 1)},
        {"given": "Alex", "family": "Testerton", "born": BORN},
        {"given": "Robin", "family": "Sample", "born": BORN},
        {"given": "Baby", "family": "Testerton", "born": BORN},
        {"born": date(2014, 3, 5)},
        {"given": "Alex"},
    ],
    ids=["birthday", "swapped", "january", "given", "family", "newborn", "only birthday", "only given"],
)
def test_what_contradicts_a_valid_identifier_is_for_a_person(record, verified):
    found = one(sought(number=OURS), held("r", number=OURS, verified=verified, **record))
    assert isinstance(found, Uncertain)
    assert found.candidates == ("r",)


def test_what_the_requester_is_told_of_an_unsure_match_gives_nothing_away():
    match = one(sought(number=OURS), held("r", number=OURS)).match
    assert (match.certainty, match.method, match.identifiers_used) == (Certainty.REVIEW, MatchMethod.NONE, ())


def test_two_dates_of_birth_in_one_record_are_for_a_person():
    record = Candidate(
        record_id="r",
        names=(),
        dates_of_birth=(BORN, date(2014, 3, 5)),
        sexes=(),
        postcodes=(),
        identifiers=(nhs(OURS),),
        restricted=False,
    )
    assert isinstance(one(sought(number=OURS), record), Uncertain)


def test_a_first_of_january_proves_nothing():
    born = date(2014, 1, 1)
    assert isinstance(one(sought(number=OURS, born=born), held("r", born=born, number=OURS)), Uncertain)
    assert isinstance(one(sought(born=born), held("r", "Robin", "Testerton", born, None, "LS1 6AE")), Uncertain)
    both_names = one(sought(number=OURS, born=born), held("r", "Robin", "Testerton", born, OURS))
    assert both_names.match.identifiers_used == ("nhs", "given_names", "family_name")


@pytest.mark.parametrize(
    "record",
    [
        {"given": "Robin", "family": "Testerton", "born": BORN},
        {"given": "Robin", "family": "Testerton", "born": BORN, "postcode": "ZE1 0AA"},
        {"given": "Robin", "family": "Testerton", "postcode": "LS1 6AE"},
        {"given": "Robin", "family": "Testerton", "born": date(2014, 4, 3), "postcode": "LS1 6AE"},
        {"given": "R", "family": "Testerton", "born": BORN, "postcode": "LS1 6AE"},
        {"given": "Robin Alex", "family": "Testerton", "born": BORN, "postcode": "LS1 6AE"},
        {"given": "Robin", "family": "Sample-Testerton", "born": BORN, "postcode": "LS1 6AE"},
        {"given": "Testerton", "family": "Robin", "born": BORN, "postcode": "LS1 6AE"},
        {"given": "Robin", "born": BORN, "postcode": "LS1 6AE"},
    ],
    ids=["no postcode", "other postcode", "undated", "swapped", "initial", "middle", "double", "fields", "half"],
)
def test_demographics_that_are_not_full_are_for_a_person(record):
    assert isinstance(one(sought(), held("r", **record)), Uncertain)


def test_demographics_of_somebody_with_another_number_are_for_a_person():
    assert isinstance(one(sought(number=THEIRS), ROBIN), Uncertain)


def test_two_holders_of_one_identifier_are_for_a_person():
    other = held("other", born=BORN, number=OURS)
    assert isinstance(one(sought(number=OURS), ROBIN, other), Uncertain)


def test_two_identifiers_of_two_people_are_for_a_person():
    pnc = IdentifierHeld(scheme=IdentifierScheme.PNC, value="1976/7812661D")
    person = PersonSought(
        ref="p1",
        roles=(PersonRole.PARENT,),
        name=NameHeld(given_names=("Robin",), family_name="Testerton"),
        date_of_birth=BORN,
        sex=None,
        postcodes=(),
        identifiers=(nhs(OURS), pnc),
    )
    other = Candidate(
        record_id="other",
        names=(),
        dates_of_birth=(BORN,),
        sexes=(),
        postcodes=(),
        identifiers=(pnc,),
        restricted=False,
    )
    assert isinstance(one(person, ROBIN, other), Uncertain)


def test_a_newborn_is_never_matched_without_a_person():
    record = held("r", "Baby", "Testerton", BORN, OURS, "LS1 6AE")
    assert isinstance(one(sought(given="Baby", number=OURS), record), Uncertain)


def test_an_overfull_search_does_not_prove_that_there_is_nobody_else():
    namesakes = [held(f"n{i}", "Robin", "Testerton", date(1990, 5, 6)) for i in range(MOST_CANDIDATES)]
    assert isinstance(one(sought(), ROBIN, *namesakes), Uncertain)
    assert isinstance(one(sought(), ROBIN, *namesakes[1:]), Known)
    assert isinstance(one(sought(number=OURS), ROBIN, *namesakes), Known)
    verified = held("v", number=OURS, verified=True)
    assert isinstance(one(sought(number=OURS), verified, *namesakes), Uncertain)


# ---------------------------------------------------------------- twins, siblings, namesakes


ALEX = held("alex", "Alex", "Testerton", BORN, THEIRS, "LS1 6AE")


def test_a_twin_with_the_right_number_is_that_twin():
    assert one(sought(number=OURS), ROBIN, ALEX).record_id == "robin"
    assert one(sought(given="Alex", number=THEIRS), ALEX, ROBIN).record_id == "alex"


def test_a_twin_without_a_number_is_for_a_person_when_both_are_held():
    assert isinstance(one(sought(), ROBIN, ALEX), Uncertain)


def test_the_other_twin_alone_is_for_a_person():
    assert isinstance(one(sought(), ALEX), Uncertain)


def test_a_twin_with_the_other_ones_number_is_for_a_person():
    assert isinstance(one(sought(number=THEIRS), ROBIN, ALEX), Uncertain)
    assert isinstance(one(sought(number=THEIRS), ALEX), Uncertain)


def test_the_other_twins_nameless_record_is_not_taken_while_this_twin_is_held():
    nameless = held("nameless", None, "Testerton", BORN, THEIRS)
    robin = held("robin", "Robin", "Testerton", BORN)
    assert isinstance(one(sought(number=THEIRS), nameless, robin), Uncertain)


def test_a_bare_verified_number_is_not_taken_while_somebody_else_fits_by_name():
    bare = held("bare", number=THEIRS, verified=True)
    robin = held("robin", "Robin", "Testerton", BORN)
    assert isinstance(one(sought(number=THEIRS), bare, robin), Uncertain)


def test_twins_who_share_a_first_name_are_told_apart_by_the_second():
    record = held("ali", "Mohammed Ali", "Testerton", BORN, OURS, "LS1 6AE")
    assert isinstance(one(sought(given="Mohammed Hassan"), record), Uncertain)
    assert isinstance(one(sought(given="Mohammed Hassan", number=OURS), record), Uncertain)


def test_one_number_given_for_both_twins_finds_neither():
    bare = held("bare", born=BORN, number=OURS)
    robin, alex = sought(number=OURS, ref="p1"), sought(given="Alex", number=OURS, ref="p2")
    people = identify((robin, alex), {"p1": (bare,), "p2": (bare,)}, chosen={})
    assert all(isinstance(found, Uncertain) for found in people.outcomes)


def test_a_persons_choice_stands_when_the_rule_takes_the_same_record_for_somebody_else():
    bare = held("bare", born=BORN, number=OURS)
    robin, alex = sought(number=OURS, ref="p1"), sought(given="Alex", number=OURS, ref="p2")
    people = identify((robin, alex), {"p1": (bare,), "p2": (bare,)}, chosen={"p1": "bare"})
    assert isinstance(people.of("p1"), Known)
    assert isinstance(people.of("p2"), Uncertain)


def test_a_namesake_with_another_date_of_birth_is_for_a_person_and_does_not_hide_the_child():
    parent = held("parent", "Robin", "Testerton", date(1985, 7, 8), THEIRS, "LS1 6AE")
    assert isinstance(one(sought(), parent), Uncertain)
    assert one(sought(), ROBIN, parent).record_id == "robin"


def test_an_undated_namesake_makes_demographics_unsure():
    assert isinstance(one(sought(), ROBIN, held("undated", "Robin", "Testerton")), Uncertain)


def test_somebody_of_the_same_given_name_and_birthday_only_does_not_hide_the_child():
    assert one(sought(), ROBIN, held("s", "Robin", "Sample", BORN)).record_id == "robin"


# ---------------------------------------------------------------- a practitioner's choice


def test_a_chosen_candidate_is_known_and_says_that_a_person_chose():
    found = one(sought(), ROBIN, ALEX, chosen="alex")
    assert found.record_id == "alex"
    assert (found.match.certainty, found.match.method) == (Certainty.REVIEW, MatchMethod.CHOSEN)
    assert found.match.identifiers_used == ("date_of_birth", "family_name", "postcode")


def test_a_choice_that_is_no_longer_a_candidate_falls_back_to_nobody():
    assert isinstance(one(sought(number=OURS), ROBIN, chosen="gone"), Uncertain)


def test_a_stranger_cannot_be_chosen():
    assert isinstance(one(sought(), held("s", "Alex", "Sample", BORN), chosen="s"), NoTrace)


# ---------------------------------------------------------------- the account


def test_not_having_searched_never_reads_as_no_trace():
    with pytest.raises(InvariantError):
        identify((sought(),), {}, chosen={})


def test_asking_for_somebody_who_was_not_asked_about_is_a_fault():
    with pytest.raises(InvariantError):
        identify((), {}, chosen={}).of("p9")


def test_no_outcome_shows_a_person():
    shown = repr(identify((sought(number=OURS),), {"p1": (ROBIN, ALEX)}, chosen={}))
    assert not any(value in shown for value in ("Robin", "Testerton", "2014", OURS, "LS1"))


# ---------------------------------------------------------------- whose date of birth is not known to the day


@pytest.mark.parametrize("birth", [Birth.YEAR, Birth.ESTIMATED])
@pytest.mark.parametrize("verified", [False, True])
def test_a_date_that_is_not_known_to_the_day_is_never_certain(birth, verified):
    """K4: the very date, both names, the postcode and an assigned number are still for a person to weigh."""
    robin = held("robin", "Robin", "Testerton", BORN, OURS, "LS1 6AE", verified=verified)
    assert isinstance(one(sought(number=OURS), robin), Known)
    found = one(sought(number=OURS, birth=birth), robin)
    assert isinstance(found, Uncertain)
    assert found.candidates == ("robin",)


@pytest.mark.parametrize("birth", [Birth.UNKNOWN, Birth.UNBORN])
def test_no_date_of_birth_at_all_is_never_certain_and_no_contradiction(birth):
    for candidate in (ROBIN, held("robin", number=OURS, verified=True)):
        assert isinstance(one(sought(born=None, birth=birth, number=OURS), candidate), Uncertain)


def test_about_the_year_that_is_said_somebody_of_one_name_is_looked_at():
    near = held("near", "Rowan", "Testerton", BORN.replace(year=BORN.year + 2))
    assert isinstance(one(sought(birth=Birth.ESTIMATED), near), Uncertain)
    assert isinstance(one(sought(birth=Birth.YEAR), near), NoTrace)


def test_a_practitioner_may_choose_where_no_date_is_known():
    found = one(sought(born=None, birth=Birth.UNKNOWN), ROBIN, chosen="robin")
    assert found.match.certainty is Certainty.REVIEW
    assert "date_of_birth" not in found.match.identifiers_used


# ---------------------------------------------------------------- somebody restricted beside the child


@pytest.mark.parametrize(
    "other",
    [
        {"given": "Robin", "family": "Testerton", "born": BORN, "number": THEIRS},
        {"given": "Robin Alex", "family": "Testerton", "born": BORN},
        {"given": "Robin", "family": "Sample", "born": BORN},
        {"given": "Robyn", "family": "Testerton", "born": BORN},
        {"given": "R", "family": "Testerton", "born": BORN, "number": THEIRS},
        {"given": "Robin", "family": "Testerton"},
        {"given": "Robin", "family": "Testerton", "born": date(2014, 3, 5)},
        {"given": "Robin", "family": "Testerton", "born": date(2014, 4, 3)},
        {"given": "Testerton", "family": "Robin", "born": BORN},
        {"given": "Baby", "family": "Testerton", "born": BORN},
        {"family": "Testerton", "born": BORN},
    ],
    ids=[
        *(
            "number",
            "middle",
            "family",
            "slip",
            "initial",
            "undated",
            "day",
            "swapped",
            "fields",
            "newborn",
            "nameless",
        ),
    ],
)
@pytest.mark.parametrize("number", [None, OURS])
def test_a_restricted_candidate_who_could_be_the_child_makes_it_a_persons(other, number):
    assert isinstance(one(sought(number=number), ROBIN, held("hidden", restricted=True, **other)), Uncertain)


@pytest.mark.parametrize(
    "other",
    [
        {"given": "Alex", "family": "Testerton", "born": BORN, "number": THEIRS},
        {"given": "Robin", "family": "Testerton", "born": date(1985, 7, 8)},
    ],
    ids=["co-twin", "father of the name"],
)
def test_a_restricted_candidate_who_is_somebody_else_does_not_hide_the_child(other):
    assert isinstance(one(sought(number=OURS), ROBIN, held("other", restricted=True, **other)), Known)


def test_beside_an_open_candidate_a_restricted_child_stays_withheld():
    hidden = held("robin", "Robin", "Testerton", BORN, OURS, restricted=True)
    found = one(sought(number=OURS), hidden, held("sample", "Robin", "Sample", BORN, restricted=True))
    assert isinstance(found, Known)
    assert found.restricted


# ---------------------------------------------------------------- a second record of the same names and birthday


@pytest.mark.parametrize("postcode", [None, "LS1 6AE", "ZE1 0AA"])
def test_a_second_record_of_the_name_and_birthday_is_for_a_person_also_where_a_number_agrees(postcode):
    assert isinstance(
        one(sought(number=OURS), ROBIN, held("ed", "Robin", "Testerton", BORN, None, postcode)), Uncertain
    )


def test_a_namesake_of_one_birthday_with_another_number_is_somebody_else():
    assert one(sought(number=OURS), ROBIN, held("s", "Robin", "Testerton", BORN, THEIRS)).record_id == "robin"


# ---------------------------------------------------------------- twins who say so, and names not given yet


def test_one_of_a_multiple_birth_is_certain_only_by_number_and_a_real_name():
    assert isinstance(one(sought(number=OURS), held("r", born=BORN, number=OURS)), Known)
    assert isinstance(one(sought(number=OURS), held("r", born=BORN, number=OURS, multiple=True)), Uncertain)
    initial = held("r", "R", "Testerton", BORN, OURS, multiple=True)
    assert isinstance(one(sought(number=OURS), initial), Uncertain)
    verified = held("r", number=OURS, verified=True, multiple=True)
    assert isinstance(one(sought(number=OURS), verified), Uncertain)
    assert isinstance(one(sought(), held("r", "Robin", "Testerton", BORN, None, "LS1 6AE", multiple=True)), Uncertain)
    assert isinstance(one(sought(number=OURS), held("r", "Robin", "Testerton", BORN, OURS, multiple=True)), Known)


@pytest.mark.parametrize(
    "given", ["Female", "Male Infant", "B/O", "New Born", "NB", "Unnamed", "Not Yet Named", "Robin (Twin 2)", "Mstr"]
)
@pytest.mark.parametrize("number", [None, OURS])
def test_a_stand_in_for_a_newborns_name_is_never_certain(given, number):
    assert isinstance(
        one(sought(given=given, number=number), held("r", given, "Testerton", BORN, OURS, "LS1 6AE")), Uncertain
    )
    in_family = held("r", None, f"{given} Testerton", BORN, OURS, "LS1 6AE")
    assert not isinstance(one(sought(given=None, family=f"{given} Testerton"), in_family), Known)


# ---------------------------------------------------------------- dates of birth in part


@pytest.mark.parametrize("partial", [("2003",), ("2014-04",), ("2014", "2003")])
@pytest.mark.parametrize("verified", [False, True])
def test_a_part_of_a_date_of_birth_that_differs_contradicts(partial, verified):
    record = held("r", "Robin", "Testerton", None, OURS, "LS1 6AE", partial=partial, verified=verified)
    assert isinstance(one(sought(number=OURS), record), Uncertain)
    dated = held("r", "Robin", "Testerton", BORN, OURS, "LS1 6AE", partial=partial)
    assert isinstance(one(sought(number=OURS), dated), Uncertain)
    assert isinstance(one(sought(), dated), Uncertain)


@pytest.mark.parametrize("partial", [("2014",), ("2014-03",)])
def test_a_part_of_a_date_of_birth_that_agrees_contradicts_nothing_and_proves_nothing(partial):
    named = held("r", "Robin", "Testerton", None, OURS, partial=partial)
    assert one(sought(number=OURS), named).match.identifiers_used == ("nhs", "given_names", "family_name")
    assert isinstance(one(sought(number=OURS), held("r", number=OURS, partial=partial)), Uncertain)
    assert isinstance(one(sought(), held("r", "Robin", "Testerton", None, None, "LS1 6AE", partial=partial)), Uncertain)


# ---------------------------------------------------------------- children looked for through their mother


MOTHER = held("mother", "Maria", "Testerton", date(1990, 5, 6), THEIRS)


def with_mother(child, *candidates, chosen=None, relation=Relation.BIRTH_MOTHER):
    mother = sought("Maria", "Testerton", date(1990, 5, 6), THEIRS, ref="p2", relation=relation)
    return identify((child, mother), {"p1": candidates, "p2": (MOTHER,)}, chosen=chosen or {})


@pytest.mark.parametrize(
    "child",
    [
        sought(given=None, born=None, birth=Birth.UNBORN),
        sought(given="Baby"),
        sought(given="Twin 1", born=None, birth=Birth.UNKNOWN),
        sought(born=None, birth=Birth.UNKNOWN),
    ],
    ids=["unborn", "newborn", "twin", "undated"],
)
def test_a_child_not_born_or_named_or_dated_is_looked_for_through_the_mother_for_a_person_to_choose(child):
    people = with_mother(child)
    assert people.of("p1").candidates == ("mother",)
    assert people.of("p2").record_id == "mother"
    chosen = with_mother(child, chosen={"p1": "mother"})
    assert chosen.of("p1").match.method is MatchMethod.CHOSEN
    assert chosen.of("p2").match.method is MatchMethod.IDENTIFIER


def test_only_the_mother_leads_to_a_child_and_only_to_one_who_needs_it():
    assert isinstance(with_mother(sought(given="Baby"), relation=Relation.PARTNER_OF_PARENT).of("p1"), NoTrace)
    assert isinstance(with_mother(sought()).of("p1"), NoTrace)
    assert with_mother(sought(number=OURS), ROBIN).of("p1").record_id == "robin"


# ---------------------------------------------------------------- who only resembles


@pytest.mark.parametrize(
    "near",
    [
        held("n", "Alex", "Sample", BORN, None, "LS1 6AE"),
        held("n", "Robyn", "Sample", BORN, None, "LS1 6AB"),
        held("n", "Robyn", "Testertom", BORN),
        held("n", "Robyn", "Testertom", date(2014, 4, 3)),
        held("n", "Robin", "Testertom", date(2014, 3, 5), None, "ZE1 0AA"),
        held("n", "Robin", "Sample", date(2013, 3, 4), None, "LS1 6AE"),
        held("n", "Testertom", "Robyn", date(2014, 3, 14)),
        held("n", "Robyn", "Testertom"),
        held("n", "Robyn", None, None, None, "LS1 6AE"),
        held("n", "Alex", "Testerton", None, None, "LS1 6AE"),
        held("n", "Robin", "Sample", date(1985, 7, 8), None, "LS1 6AE"),
        held("n", None, "Testerton", date(1985, 7, 8), None, "LS1 6AE"),
    ],
    ids=[
        "home",
        "slip",
        "both",
        "swapped",
        "day",
        "year",
        "fields",
        "undated",
        "undated at home",
        "undated family",
        "given",
        "no given",
    ],
)
def test_whoever_resembles_is_for_a_person_and_never_certain(near):
    assert isinstance(one(sought(), near), Uncertain)
    assert isinstance(one(sought(number=OURS), near), Uncertain)


def test_whoever_resembles_does_not_hide_the_child():
    sibling = held("n", "Robyn", "Testertom", date(2014, 3, 14), None, "LS1 6AE")
    assert one(sought(), ROBIN, sibling).record_id == "robin"
    undated = held("n", "Robyn", "Testerton", None, None, "LS1 6AE")
    assert one(sought(), ROBIN, undated).record_id == "robin"


@pytest.mark.parametrize(
    "stranger",
    [
        held("s", "Alex", "Testerton", date(2012, 8, 9), None, "LS1 6AE"),
        held("s", "Robyn", "Sample", date(2014, 3, 4), None, "ZE1 0AA"),
        held("s", "Robyn", "Testertom", date(1985, 7, 8)),
    ],
    ids=["sibling", "birthday and half a name", "other generation"],
)
def test_whoever_resembles_too_little_is_nobody(stranger):
    assert isinstance(one(sought(), stranger), NoTrace)
