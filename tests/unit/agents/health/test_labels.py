"""What restricts: every label that is not known to be open, in every spelling of its system, on any level."""

import pytest

R4 = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
SPELLINGS = [
    R4,
    "http://hl7.org/fhir/v3/Confidentiality",
    "https://hl7.org/fhir/v3/Confidentiality/",
    "http://hl7.org/fhir/ValueSet/v3-Confidentiality",
    "http://www.hl7.org/fhir/v3/confidentiality",
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality|2018-08-12",
    "urn:oid:2.16.840.1.113883.5.25",
    "2.16.840.1.113883.5.25",
    "v3-Confidentiality",
    "Confidentiality",
    None,
]


def label(code, system=R4, **more):
    return {key: value for key, value in {"system": system, "code": code, **more}.items() if value is not None}


def restricted(read, resource):
    return [record.subject.restricted for record in read(resource).records]


@pytest.mark.parametrize("system", SPELLINGS)
@pytest.mark.parametrize(("code", "closed"), [("R", True), ("V", True), (" r ", True), ("N", False), ("n", False)])
def test_confidentiality_decides_in_every_spelling_of_its_system(read, patient, system, code, closed):
    assert restricted(read, patient(meta={"security": [label(code, system)]})) == [closed]


@pytest.mark.parametrize(
    "held",
    [
        label("NOPAT", "http://terminology.hl7.org/CodeSystem/v3-ActCode"),
        label("PSY", "http://terminology.hl7.org/CodeSystem/v3-ActCode"),
        label("SEX", "urn:oid:2.16.840.1.113883.5.4"),
        label("DELAU", "http://hl7.org/fhir/v3/ActCode"),
        label("N", "https://example.org/our-own-labels"),
        label("NOT-TO-BE-SHOWN", "https://example.org/our-own-labels"),
        label(None, display="restricted"),
        {},
        {"code": ["N"], "system": R4},
    ],
)
@pytest.mark.parametrize("beside", [[], [label("N")]])
def test_every_other_label_restricts_also_beside_an_open_one(read, patient, held, beside):
    assert restricted(read, patient(meta={"security": [*beside, held]})) == [True]


@pytest.mark.parametrize("code", ["HTEST", "SUBSETTED"])
def test_a_label_that_says_nothing_of_who_may_see_it_is_harmless(read, patient, code):
    assert restricted(read, patient(meta={"security": [label(code, "http://hl7.org/fhir/v3/ActReason")]})) == [False]


@pytest.mark.parametrize("meta", [{"security": [label("R")]}, {"security": label("R")}, "x", {"_security": []}])
def test_a_label_of_the_bundle_is_every_entrys(read, bundle, patient, clinical, meta):
    held = read(bundle(patient(), clinical(), meta=meta))
    assert [record.subject.restricted for record in held.records] == [True, True]
    assert held.records[0].subject.postcodes == ()
    assert held.records[0].items == ()


def test_a_restricted_condition_restricts_its_person(read, bundle, patient, clinical):
    held = read(bundle(patient(), clinical(meta={"security": [label("R", SPELLINGS[1])]})))
    assert [record.subject.restricted for record in held.records] == [False, True]


@pytest.mark.parametrize("mark", [{"restricted": True}, {"confidential": "Y"}, {"sealed": "by order"}])
@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(("sector", "word"), [("police", "POLICE"), ("education", "EDUCATION"), ("health", "HEALTH")])
def test_a_mark_on_a_custodians_record_restricts_in_every_sector(
    read, police_file, personal, mark, inside, sector, word
):
    person = personal("Robin", "Testerton", "2014-03-04", fields=mark if inside else {}, **({} if inside else mark))
    held = read(police_file(person, orgType=word), sector)
    assert [record.subject.restricted for record in held.records] == [True]


@pytest.mark.parametrize("mark", [{"restricted": False}, {"confidential": "no"}, {"sealed": None}])
def test_a_mark_that_says_no_leaves_it_open(read, police_file, personal, mark):
    person = personal("Robin", "Testerton", "2014-03-04", **mark)
    assert [record.subject.restricted for record in read(police_file(person), "police").records] == [False]
