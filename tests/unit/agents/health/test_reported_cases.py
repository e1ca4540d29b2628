"""The reported cases: what each file must be read as, before any store or matching makes something of it."""

import pytest

from schemas.vocabulary import Precision
from tests.sample_files import HERE

REPORTED = HERE / "samples" / "reported"


@pytest.fixture
def case(read):
    """Read one reported file."""
    return lambda name, **more: read(REPORTED / f"{name}.json", **more)


def reasons(found):
    return {one.reason for one in found}


def texts(read):
    return [item.text for record in read.records for item in record.items]


def test_a_moved_childs_records_name_their_own_patient(case):
    first, second = case("moved-child-1"), case("moved-child-2")
    for one in (first, second):
        patient, condition = one.records
        assert condition.subject.custodian_key == patient.subject.custodian_key
    assert first.records[0].subject.custodian_key != second.records[0].subject.custodian_key


def test_two_systems_ids_mean_something_only_in_their_own_file(case):
    first, second = case("two-systems-same-ids-1"), case("two-systems-same-ids-2")
    assert (len(first.records), len(second.records)) == (2, 2)
    assert {one.key for one in first.records}.isdisjoint(one.key for one in second.records)
    keys = [{record.subject.custodian_key for record in one.records} for one in (first, second)]
    assert [len(one) for one in keys] == [1, 1]
    assert keys[0].isdisjoint(keys[1])


def test_two_patients_of_one_id_are_ambiguous_with_all_that_points_there(case):
    read = case("same-id-two-fullurls")
    assert read.records == ()
    assert [(one.at, one.reason) for one in read.rejected] == [
        (f"/entry/{place}/resource", "AMBIGUOUS") for place in range(3)
    ]


def test_contained_patients_are_strangers_each(case):
    read = case("contained-subjects-bound-2", nhs="9998404703")
    assert read.records == ()
    assert reasons(read.rejected) == {"SEVERAL_SUBJECTS"}


@pytest.mark.parametrize("name", ["restricted-label-older-system", "restricted-bundle-label"])
def test_a_restricted_patient_is_restricted_under_every_writing(case, name):
    patient = case(name).records[0]
    assert patient.subject.restricted
    assert patient.items == ()
    assert patient.subject.postcodes == ()


def test_of_negated_conditions_one_stands(case):
    read = case("negated-conditions")
    assert texts(read) == ["Condition: Asthma (active, confirmed), recorded from 5 January 2026."]
    assert len(read.rejected) == 5
    assert reasons(read.rejected) == {"ENTERED_IN_ERROR", "REFUTED", "UNKNOWN_MODIFIER"}
    assert all(one.understood is (one.reason != "UNKNOWN_MODIFIER") for one in read.rejected)


def test_a_retraction_withdraws_what_is_held(case):
    held = {record.key for record in case("retraction-1").records}
    read = case("retraction-2")
    assert [(one.key in held, one.key[2], one.reason) for one in read.withdrawn] == [
        (True, "Condition/c1", "ENTERED_IN_ERROR")
    ]
    assert texts(read) == ["Condition: Eczema (active, confirmed), recorded from 5 January 2026."]


def test_a_merge_by_reference_is_a_key_of_the_same_person(case):
    old, new, *_ = case("merged-by-reference").records
    assert old.subject.other_keys == (new.subject.custodian_key,)
    assert new.subject.other_keys == (old.subject.custodian_key,)
    assert not old.subject.restricted


def test_a_twin_is_known_as_one_of_several(case):
    assert case("newborn-stand-ins").records[0].subject.multiple_birth


def test_a_batch_is_rejected_whole_and_is_no_search_in_vain(case):
    read = case("nothing-readable-2")
    assert (read.records, [(one.at, one.reason, one.understood) for one in read.rejected]) == (
        (),
        [("/type", "UNKNOWN_BUNDLE", False)],
    )


def test_partial_onsets_date_their_items(case):
    items = [item for record in case("partial-onset").records for item in record.items]
    assert [(str(item.date), item.precision) for item in items] == [
        ("2019-01-01", Precision.YEAR),
        ("2026-03-01", Precision.MONTH),
    ]


def test_a_huge_number_is_flagged_and_the_rest_is_read(case):
    read = case("huge-number", sector="probation", crn="X990777")
    assert [(one.at, one.reason) for one in read.flagged] == [("/supervisions/0/number", "OUT_OF_RANGE")]
    assert "Community order" in texts(read)[1]


def test_a_registration_with_an_end_to_come_is_in_force(case):
    read = case("registration-without-end", sector="probation", crn="X990777")
    told = texts(read)
    assert [text.split(".")[0] for text in told] == [
        "Probation registration: Child protection (RCPR)",
        "Probation registration: Child concerns (RCCO)",
    ]
    assert "no end is set" in told[0]
    assert "1 January 2030" in told[1]
    assert [(one.at, one.reason) for one in read.flagged] == [("/data/2", "ENDED")]
