"""An id means something only where it was given, and a merge is what the server says: FHIR's references."""

import pytest

CANARY = "Zanzibarcanary"
NHS = "https://fhir.nhs.uk/Id/nhs-number"
ONE, TWO = "https://one.example.org/R4", "https://two.example.org/R4"


def reasons(read):
    return [(one.at, one.reason) for one in read.rejected]


def keys(read):
    return [record.subject.custodian_key for record in read.records]


def by_urn(document, *urns):
    for entry, urn in zip(document["entry"], urns, strict=True):
        entry["fullUrl"] = f"urn:uuid:{urn}"
    return document


# ---------------------------------------------------------------- within one source


def test_a_local_id_is_another_persons_in_another_file(read, bundle, patient, clinical):
    first = read(by_urn(bundle(patient(), clinical()), "a", "b"))
    second = read(by_urn(bundle(patient(nhs="9990000026"), clinical()), "a", "b"))
    assert set(keys(first)).isdisjoint(keys(second))
    assert {one.key for one in first.records}.isdisjoint(one.key for one in second.records)


def test_a_named_source_gives_its_files_one_owner(read, patient, clinical):
    (held,) = read(patient(), source="trust").records
    (told,) = read(clinical(), source="trust", known=keys(read(patient(), source="trust"))).records
    assert told.subject.custodian_key == held.subject.custodian_key
    assert reasons(read(clinical(), source="other", known=[held.subject.custodian_key])) == [("", "NO_SUBJECT")]


def test_a_patient_of_another_source_is_never_taken_from_the_store(read, bundle, clinical):
    asked = []

    class Known(list):
        def __contains__(self, key):
            asked.append(key)
            return False

    assert reasons(read(by_urn(bundle(clinical()), "a"), known=Known())) == [("/entry/0/resource", "NO_SUBJECT")]
    assert len(asked) == 1
    assert asked[0].startswith("file:")


# ---------------------------------------------------------------- ambiguity


@pytest.mark.parametrize(
    "about", ["Patient/robin", f"{ONE}/Patient/robin", "urn:uuid:a", "urn:uuid:b", "Patient/robin/_history/2"]
)
def test_whatever_points_to_two_patients_of_one_id_is_rejected_with_them(read, bundle, patient, clinical, about):
    document = bundle(patient(), patient(given="Sam", nhs="9990000026"), clinical(about=about))
    if about.startswith("urn:"):
        by_urn(document, "a", "b", "c")
    read = read(document)
    assert read.records == ()
    assert {reason for _, reason in reasons(read)} == {"AMBIGUOUS"}
    assert len(read.rejected) == 3


def test_two_patients_under_one_full_url_are_ambiguous(read, bundle, patient, clinical):
    document = by_urn(
        bundle(patient("p1"), patient("p2", nhs="9990000026"), clinical(about="urn:uuid:a")), "a", "a", "c"
    )
    read = read(document)
    assert (read.records, {reason for _, reason in reasons(read)}) == ((), {"AMBIGUOUS"})


def test_one_patient_twice_is_one_patient(read, bundle, patient, clinical):
    read = read(bundle(patient(), patient(), clinical()))
    assert [record.key[2] for record in read.records] == ["Patient/robin", "Condition/c1"]
    assert reasons(read) == [("/entry/1/resource", "DUPLICATE_RECORD")]


def test_two_records_of_one_id_that_differ_are_both_rejected(read, bundle, patient, clinical):
    read = read(bundle(patient(), clinical(display="Fever"), clinical(display="Cough")))
    assert [record.key[2] for record in read.records] == ["Patient/robin"]
    assert reasons(read) == [("/entry/1/resource", "AMBIGUOUS"), ("/entry/2/resource", "AMBIGUOUS")]


def test_two_custodians_records_of_one_id_for_two_children_are_both_rejected(read, police_file, crime):
    read = read(police_file(crime(), crime(person="9990000026")), "police")
    assert (read.records, reasons(read)) == ((), [("/records/0", "AMBIGUOUS"), ("/records/1", "AMBIGUOUS")])


# ---------------------------------------------------------------- strangers


@pytest.mark.parametrize(
    "two",
    [
        [None, None],
        [{}, {}],
        [{"reference": "#p"}, {"reference": "#p"}],
        [{"reference": "#p"}, None],
        [{"identifier": {"system": "https://h.example", "value": "100"}}] * 2,
        [{"identifier": {"value": "100"}}, {"identifier": {"value": "200"}}],
        [{"reference": "Patient/x"}, {"reference": "#p"}],
        [{"display": "Robin"}, {"display": "Sam"}],
    ],
)
def test_each_stranger_is_one_of_its_own(read, bundle, clinical, two):
    document = bundle(*(clinical(about=about, ident=f"c{place}") for place, about in enumerate(two)))
    read = read(document, nhs="9990000018")
    assert (read.records, {reason for _, reason in reasons(read)}) == ((), {"SEVERAL_SUBJECTS"})


def test_one_stranger_is_whom_the_file_is_bound_to(read, bundle, clinical):
    document = bundle(clinical(about="Patient/x"), clinical(about="Patient/x", ident="c2"))
    assert [len(one.subject.identifiers) for one in read(document, nhs="9990000018").records] == [1, 1]
    assert [len(one.subject.identifiers) for one in read(clinical(about="#p"), nhs="9990000018").records] == [1]


def test_a_contained_patients_number_says_who_it_is_and_no_binding_renames_it(read, clinical):
    inner = {"resourceType": "Patient", "id": "p", "identifier": [{"system": NHS, "value": "9990000026"}]}
    read = read(clinical(about="#p", contained=[inner]), nhs="9990000018")
    assert [held.value for held in read.records[0].subject.identifiers] == ["9990000026"]
    assert [one.reason for one in read.flagged] == ["BINDING_NOT_USED"]


# ---------------------------------------------------------------- merges


@pytest.mark.parametrize("kind", ["replaced-by", "replaces"])
@pytest.mark.parametrize("reference", ["Patient/new", f"{ONE}/Patient/new", "Patient/new/_history/3"])
def test_a_stated_merge_is_followed_by_reference(read, bundle, patient, kind, reference):
    old = patient("old", link=[{"type": kind, "other": {"reference": reference}}])
    (held,) = read(bundle(old)).records
    assert held.subject.other_keys == (f"{ONE}|new",)


@pytest.mark.parametrize(
    "link",
    [
        {"type": "seealso", "other": {"reference": "Patient/new"}},
        {"type": "replaces", "other": {"reference": "RelatedPerson/new"}},
        {"type": "replaces", "other": {"reference": "Patient/old"}},
        {"type": "replaces", "other": {"reference": "#p"}},
        {"type": "replaces", "other": "Patient/new"},
        "Patient/new",
    ],
)
def test_no_other_link_is_a_merge(read, bundle, patient, link):
    (held,) = read(bundle(patient("old", link=[link]))).records
    assert held.subject.other_keys == ()


def test_a_merge_with_an_ambiguous_patient_joins_nobody(read, bundle, patient):
    link = {"type": "replaces", "other": {"reference": "Patient/two"}}
    read = read(bundle(patient("old", link=[link]), patient("two"), patient("two", given="Sam")))
    assert [record.subject.other_keys for record in read.records] == [()]


def test_an_inactive_patient_is_for_a_person_unless_a_merge_says_why(read, bundle, patient):
    link = {"type": "replaced-by", "other": {"reference": "Patient/new"}}
    alone, merged = read(patient(active=False)), read(patient(active=False, link=[link]))
    assert (alone.records[0].subject.restricted, merged.records[0].subject.restricted) == (True, False)
    assert [one.reason for one in alone.flagged] == ["INACTIVE"]
    assert [record.subject.restricted for record in read(patient(active=True)).records] == [False]


# ---------------------------------------------------------------- versions and deletions


def version(number=None, updated=None):
    return {"meta": {key: value for key, value in (("versionId", number), ("lastUpdated", updated)) if value}}


ERROR = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-01T01:30:00+01:00"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (version("1"), version("2")),
        (version("9"), version("10")),
        (version(None, OLD), version(None, NEW)),
        (version("5", OLD), version("4", NEW)),
        (version("1", OLD), version("2", OLD)),
    ],
)
@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_versions_in_one_file_the_newer_counts(read, bundle, patient, clinical, first, second, newest_first):
    two = [clinical(display="Old", **first), clinical(display="New", **second)]
    read_it = read(bundle(patient(), *(two[::-1] if newest_first else two)))
    assert [item.text for item in read_it.records[-1].items] == ["Condition: New."]
    assert [one.reason for one in read_it.flagged] == ["OLDER_VERSION"]
    assert read_it.rejected == ()
    gone = read(bundle(patient(), clinical(**first), clinical(**second, **ERROR)))
    assert [one.key[2] for one in gone.withdrawn] == ["Condition/c1"]
    assert len(gone.records) == 1
    back = read(bundle(patient(), clinical(**first, **ERROR), clinical(**second)))
    assert (len(back.records), back.withdrawn) == (2, ())


def test_a_newer_patient_is_not_ambiguous_with_its_older_version(read, bundle, patient, clinical):
    read = read(bundle(patient(**version("1")), patient(given="Robyn", **version("2")), clinical()))
    assert [record.key[2] for record in read.records] == ["Patient/robin", "Condition/c1"]
    assert read.records[0].subject.names[0].given_names == ("Robyn",)


@pytest.mark.parametrize("url", ["Condition/c1", f"{ONE}/Condition/c1", "Condition/c1?_cascade=delete"])
def test_a_delete_entry_withdraws_its_record(read, bundle, patient, clinical, url):
    held = read(bundle(patient(), clinical())).records[-1].key
    delete = {"request": {"method": "DELETE", "url": url}, "fullUrl": f"{ONE}/Condition/c1"}
    read = read({"resourceType": "Bundle", "type": "transaction", "entry": [delete]})
    assert [(one.key, one.reason) for one in read.withdrawn] == [(held, "DELETED")]
    assert read.rejected == ()


@pytest.mark.parametrize(
    "request_part",
    [
        {"method": "DELETE", "url": "Condition?subject=Patient/1"},
        {"method": "DELETE", "url": "Patient/robin/$x"},
        {"method": "DELETE"},
        {"method": "PATCH", "url": "Condition/c1"},
    ],
)
def test_a_change_that_is_not_read_is_rejected(read, request_part):
    read = read({"resourceType": "Bundle", "type": "transaction", "entry": [{"request": request_part}]})
    assert [one.reason for one in read.rejected] == ["CHANGE_NOT_READ"]


def test_what_is_about_somebody_unknown_now_is_withdrawn_from_whom_it_was_about(read, bundle, clinical):
    read = read(bundle(clinical(about="Patient/else")))
    assert [(one.key[2], one.reason, one.lasting) for one in read.withdrawn] == [("Condition/c1", "NO_SUBJECT", False)]
    assert [one.reason for one in read.rejected] == ["NO_SUBJECT"]


# ---------------------------------------------------------------- NHS numbers and written names

SYSTEMS = [
    NHS,
    "https://fhir.nhs.uk/Id/nhs-number/",
    "http://fhir.nhs.uk/Id/nhs-number",
    "https://fhir.nhs.net/Id/nhs-number",
    "http://fhir.nhs.net/Id/nhs-number",
    "HTTPS://FHIR.NHS.UK/ID/NHS-NUMBER",
    "urn:oid:2.16.840.1.113883.2.1.4.1",
    "2.16.840.1.113883.2.1.4.1",
]


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_nhs_number_is_one_under_every_spelling_of_its_system(read, patient, clinical, system):
    (held,) = read(patient(identifier=[{"system": system, "value": "9990000018"}])).records
    assert [one.value for one in held.subject.identifiers] == ["9990000018"]
    (told,) = read(clinical(about={"identifier": {"system": system, "value": "9990000018"}})).records
    assert [one.value for one in told.subject.identifiers] == ["9990000018"]


@pytest.mark.parametrize("system", ["https://fhir.nhs.uk/Id/local-number", "https://evil.example/nhs-number", "", None])
def test_another_systems_number_is_none(read, patient, system):
    (held,) = read(patient(identifier=[{"system": system, "value": "9990000018"}])).records
    assert held.subject.identifiers == ()


STATUS = "https://fhir.hl7.org.uk/StructureDefinition/Extension-{}"


@pytest.mark.parametrize(
    "url",
    [
        STATUS.format("UKCore-NHSNumberVerificationStatus"),
        STATUS.format("CareConnect-NHSNumberVerificationStatus-1"),
        "https://fhir.nhs.uk/STU3/NHSNumberVerificationStatus-2",
    ],
)
@pytest.mark.parametrize(("codes", "verified"), [(["01"], True), (["03"], False), (["01", "02"], False), ([], False)])
def test_a_verification_status_counts_in_every_version_of_its_extension(read, patient, url, codes, verified):
    extension = {"url": url, "valueCodeableConcept": {"coding": [{"code": code} for code in codes]}}
    number = {"system": SYSTEMS[3], "value": "9990000018", "extension": [extension]}
    held = read(patient(identifier=[number]), verified=True)
    assert [one.verified for one in held.records[0].subject.identifiers] == [verified]
    assert [one.reason for one in held.flagged] == ([] if verified else ["NOT_VERIFIED"])


@pytest.mark.parametrize(
    ("text", "given", "family"),
    [
        ("BELL, Ann Marie", ("Ann", "Marie"), "BELL"),
        ("VAN DYKE, Ann", ("Ann",), "VAN DYKE"),
        ("BELL Ann Marie (Miss)", ("Ann", "Marie"), "BELL"),
        ("Bell, Ann (Mrs)", ("Ann",), "Bell"),
        ("O'BRIEN Sean", ("Sean",), "O'BRIEN"),
        ("SMITH-JONES Ann", ("Ann",), "SMITH-JONES"),
        ("Mrs Ann Bell", ("Ann",), "Bell"),
        ("ANN BELL", ("ANN",), "BELL"),
    ],
)
def test_a_name_that_is_only_written_out_is_taken_apart(read, patient, text, given, family):
    (held,) = read(patient(name=[{"text": text}])).records
    assert [(one.given_names, one.family_name) for one in held.subject.names] == [(given, family)]
