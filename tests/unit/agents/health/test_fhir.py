"""FHIR: who a resource is about and who it is not about, what restricts, and what is said of it."""

import pytest

from broker.holder.identify import Known, Uncertain, identify
from schemas.vocabulary import DataClass, IdentifierScheme

CANARY = "Zanzibarcanary"
NHS = "https://fhir.nhs.uk/Id/nhs-number"
BOUND = {IdentifierScheme.NHS: "9990000018"}


def number(value, **more):
    return {"system": NHS, "value": value} | more


def reasons(account):
    return [(one.at, one.reason) for one in account.rejected]


def flags(account):
    return [(one.at, one.reason) for one in account.flagged]


# ---------------------------------------------------------------- whom a resource is about


async def test_a_condition_of_the_same_bundle_is_its_patients(take_in, items, asked, bundle, patient, clinical):
    (account,) = take_in(bundle(clinical(), patient()))
    assert (account.people, account.records, account.rejected) == (1, 2, ())
    assert "CONDITION" in {item.type for item in await items(asked(nhs="9990000018"))}


async def test_a_resource_may_refer_by_full_url_or_number(take_in, items, asked, bundle, patient, clinical):
    by_url = clinical(about="https://one.example.org/R4/Patient/robin", ident="c1")
    by_number = clinical(about={"identifier": number("999 000 0018")}, ident="c2", display="Cough")
    urn = bundle(patient(), clinical(about="urn:uuid:1", ident="c3", display="Rash"))
    urn["entry"][0]["fullUrl"] = "urn:uuid:1"
    take_in(bundle(patient(), by_url, by_number), urn)
    told = {item.text for item in await items(asked(nhs="9990000018")) if item.type == "CONDITION"}
    assert told == {"Condition: Fever.", "Condition: Cough.", "Condition: Rash."}


async def test_a_condition_finds_its_patient_in_the_store(take_in, items, asked, patient, clinical):
    assert reasons(take_in(clinical(), source="trust")[0]) == [("", "NO_SUBJECT")]
    take_in(patient(), source="trust")
    assert take_in(clinical(), source="trust")[0].rejected == ()
    assert "CONDITION" in {item.type for item in await items(asked(nhs="9990000018"))}


async def test_another_servers_patient_of_the_same_id_is_somebody_else(
    take_in, items, asked, bundle, patient, clinical
):
    take_in(bundle(patient()))
    (account,) = take_in(bundle(clinical(), base="https://two.example.org/R4"))
    assert reasons(account) == [("/entry/0/resource", "NO_SUBJECT")]
    assert "CONDITION" not in {item.type for item in await items(asked(nhs="9990000018"))}


async def test_an_absolute_reference_finds_its_patient_in_the_store(take_in, items, asked, bundle, patient, clinical):
    base = "https://one.example.org/FHIR/R4"
    take_in(bundle(patient(), base=base), clinical(about=f"{base}/Patient/robin"))
    assert "CONDITION" in {item.type for item in await items(asked(nhs="9990000018"))}


def test_an_id_that_looks_like_an_nhs_number_is_none(take_in, clinical):
    assert reasons(take_in(clinical(about="Patient/9990000018"))[0]) == [("", "NO_SUBJECT")]


async def test_only_the_demographics_services_ids_are_nhs_numbers(take_in, outcome, asked, clinical):
    base = "https://api.service.nhs.uk/personal-demographics/FHIR/R4"
    (account,) = take_in(clinical(about=f"{base}/Patient/9990000018"), verified=True)
    assert account.records == 1
    assert isinstance(await outcome(asked(nhs="9990000018")), Known)


def test_another_identifier_is_no_nhs_number(take_in, clinical, patient):
    elsewhere = {"identifier": {"system": "https://hospital.example.org/number", "value": "9990000018"}}
    assert reasons(take_in(clinical(about=elsewhere))[0]) == [("", "NO_SUBJECT")]
    made = patient(identifier=[{"system": "https://hospital.example.org/number", "value": "9990000018"}])
    assert dict(take_in(made)[0].ignored_fields)["/identifier/*"] == 1


async def test_a_file_that_names_nobody_is_bound_to_the_person_given(take_in, items, asked, clinical):
    (account,) = take_in(clinical(about="Patient/x"), bindings=BOUND, verified=True)
    assert (account.people, account.records, account.rejected) == (1, 1, ())
    assert [item.type for item in await items(asked(nhs="9990000018"))] == ["CONDITION"]


def test_two_unknown_subjects_are_never_bound_to_one_person(take_in, bundle, clinical):
    two = bundle(clinical(about="Patient/x"), clinical(about="Patient/y", ident="c2"))
    assert reasons(take_in(two, bindings=BOUND)[0]) == [
        ("/entry/0/resource", "SEVERAL_SUBJECTS"),
        ("/entry/1/resource", "SEVERAL_SUBJECTS"),
    ]


def test_a_group_is_nobody_even_when_bound(take_in, clinical):
    assert reasons(take_in(clinical(about="Group/x"), bindings=BOUND)[0]) == [("", "NO_SUBJECT")]


def test_a_patient_who_names_somebody_refuses_a_binding(take_in, patient):
    (account,) = take_in(patient(), bindings={IdentifierScheme.NHS: "9990000026"})
    assert flags(account) == [("", "BINDING_NOT_USED")]


async def test_an_unverified_number_never_counts_as_verified(take_in, outcome, asked, patient):
    status = {"url": "x/Extension-UKCore-NHSNumberVerificationStatus"}
    for code, known in (("01", Known), ("02", Uncertain)):
        extension = status | {"valueCodeableConcept": {"coding": [{"code": code}]}}
        bare = patient(identifier=[number("9990000018", extension=[extension])], name=[], birthDate=None)
        (account,) = take_in(bare, verified=True)
        assert flags(account) == ([] if code == "01" else [("", "NOT_VERIFIED")])
        assert isinstance(await outcome(asked(nhs="9990000018")), known)


# ---------------------------------------------------------------- who a patient is


@pytest.mark.parametrize("given", ["Robin", "Sam"])
async def test_old_names_find_the_patient_too(take_in, outcome, asked, patient, given):
    old = {"use": "old", "given": ["Sam"], "family": "Sample", "period": {"end": "2018-01-01"}}
    take_in(patient(name=[{"given": ["Robin"], "family": "Testerton"}, old]))
    family = {"Robin": "Testerton", "Sam": "Sample"}[given]
    assert isinstance(await outcome(asked(given, family, nhs="9990000018")), Known)


@pytest.mark.parametrize("code", ["R", "V", "REDACTED", None])
async def test_a_confidential_patient_is_restricted_and_no_place_is_taken_in(
    take_in, store, items, asked, patient, code
):
    (account,) = take_in(patient(code=code))
    (candidate,) = await store.find(asked(nhs="9990000018"))
    assert candidate.restricted
    assert candidate.postcodes == ()
    assert await items(asked(nhs="9990000018")) == ()
    assert {"/address", "/telecom", "/generalPractitioner"} <= set(dict(account.ignored_fields))


@pytest.mark.parametrize("security", [CANARY, [CANARY], {"code": "U"}, True])
async def test_confidentiality_that_cannot_be_read_restricts(take_in, store, asked, patient, security):
    take_in(patient(meta={"security": security}))
    assert [one.restricted for one in await store.find(asked(nhs="9990000018"))] == [True]


async def test_an_open_patients_places_are_locations(take_in, items, asked, patient):
    take_in(patient())
    told = await items(asked(nhs="9990000018"))
    assert [(item.type, item.text) for item in told] == [
        ("ADDRESS", "Address: 1 Invented Row, Exampleford, ZE1 0AA."),
        ("CONTACT_DETAIL", "Phone: 01632 960004."),
        ("GP_REGISTRATION", "Registered GP practice (ODS code): Y12345."),
    ]
    assert all(item.data_class is DataClass.LOCATION and item.location for item in told)


async def test_an_open_record_under_a_restricted_number_is_restricted_too(take_in, store, asked, patient):
    take_in(patient(code="R"), patient("other", born="2014-04-03"))
    held = await store.find(asked(nhs="9990000018"))
    assert [one.restricted for one in held] == [True, True]
    person = asked(born="2014-04-03", nhs="9990000018")
    found = await store.find(person)
    open_one = next(one.record_id for one in found if person.date_of_birth in one.dates_of_birth)
    assert identify((person,), {"p1": found}, chosen={"p1": open_one}).of("p1").restricted


@pytest.mark.parametrize("kind", ["deceasedDateTime", "deceasedBoolean"])
async def test_the_dead_are_flagged_and_still_found(take_in, outcome, asked, patient, kind):
    (account,) = take_in(patient(**{kind: "2020-01-01" if kind.endswith("Time") else True}))
    assert flags(account) == [(f"/{kind}", "DECEASED")]
    assert isinstance(await outcome(asked(nhs="9990000018")), Known)


def test_the_living_are_not_flagged(take_in, patient):
    assert flags(take_in(patient(deceasedBoolean=False))[0]) == []


@pytest.mark.parametrize("sought", ["9990000018", "9990000026"])
async def test_a_superseded_number_is_an_alias_of_one_person(take_in, outcome, asked, bundle, patient, sought):
    link = {"type": "replaced-by", "other": {"identifier": number("9990000026")}}
    (account,) = take_in(bundle(patient("old", link=[link]), patient("new", nhs="9990000026")))
    assert account.people == 1
    assert flags(account) == [("/entry/0/resource/link/0", "SUPERSEDED")]
    assert isinstance(await outcome(asked(nhs=sought)), Known)


@pytest.mark.parametrize("sought", ["9990000018", "9990000026"])
async def test_an_answer_under_a_successors_number_keeps_the_number_asked_for(
    take_in, outcome, asked, bundle, patient, sought
):
    answer = bundle(patient("9990000026", nhs="9990000026"))
    answer["entry"][0]["fullUrl"] = "https://api.service.nhs.uk/personal-demographics/FHIR/R4/Patient/9990000018"
    (account,) = take_in(answer)
    assert (account.people, flags(account)) == (1, [("/entry/0/fullUrl", "SUPERSEDED")])
    assert isinstance(await outcome(asked(nhs=sought)), Known)


def test_a_link_to_another_person_is_no_alias(take_in, patient):
    link = {"type": "seealso", "other": {"identifier": number("9990000026")}}
    assert flags(take_in(patient(link=[link]))[0]) == []


async def test_newborn_twins_without_names_or_numbers_are_never_one(take_in, outcome, asked, bundle, patient):
    twins = [patient(f"t{n}", "Baby", nhs=None, multipleBirthInteger=n) for n in (1, 2)]
    (account,) = take_in(bundle(*twins))
    assert account.people == 2
    assert isinstance(await outcome(asked("Baby", postcode="ZE1 0AA")), Uncertain)


# ---------------------------------------------------------------- what a resource says


@pytest.mark.parametrize("kind", ["Condition", "Flag"])
async def test_a_safeguarding_code_is_a_flag_however_it_is_worded(
    take_in, items, asked, bundle, patient, clinical, kind
):
    take_in(bundle(patient(), clinical(kind, code="342191000000101", display="plan", status="active")))
    (flag,) = (item for item in await items(asked(nhs="9990000018")) if item.type == "SAFEGUARDING_FLAG")
    assert flag.text.startswith("Safeguarding flag: Subject to child protection plan (plan)")
    assert (flag.flagged, flag.data_class) == (True, DataClass.CONFIDENTIAL_HEALTH)


async def test_the_same_code_of_another_system_is_no_safeguarding_flag(
    take_in, items, asked, bundle, patient, clinical
):
    other = clinical(code={"coding": [{"system": "https://local.example.org", "code": "342191000000101"}]})
    take_in(bundle(patient(), other))
    assert "SAFEGUARDING_FLAG" not in {item.type for item in await items(asked(nhs="9990000018"))}


async def test_another_flag_is_counted_and_not_released(take_in, items, asked, bundle, patient, clinical):
    (account,) = take_in(bundle(patient(), clinical("Flag", display="Big dog")))
    assert dict(account.ignored_fields)["/entry/*/resource/code"] == 1
    assert not any("dog" in item.text for item in await items(asked(nhs="9990000018")))


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"onsetDateTime": "2020-01-02", "recordedDate": "2021-01-01"}, "2020-01-02"),
        ({"onsetPeriod": {"start": "2020-01-03"}}, "2020-01-03"),
        ({"recordedDate": "2021-01-01T10:00:00Z"}, "2021-01-01"),
    ],
)
async def test_a_condition_is_dated_by_its_onset_or_its_recording(
    take_in, items, asked, bundle, patient, clinical, dates, expected
):
    take_in(bundle(patient(), clinical(**dates)))
    (told,) = (item for item in await items(asked(nhs="9990000018")) if item.type == "CONDITION")
    assert told.date.isoformat() == expected


def test_a_date_of_a_condition_that_is_no_day_is_flagged(take_in, bundle, patient, clinical):
    (account,) = take_in(bundle(patient(), clinical(onsetDateTime="2013-13")))
    assert flags(account) == [("/entry/1/resource/onsetDateTime", "NOT_A_DATE")]


async def test_an_encounter_says_what_when_where_and_why(take_in, items, asked, bundle, patient, clinical):
    visit = clinical("Encounter", status="finished", period={"start": "2026-10-19T21:10:00+01:00"})
    visit |= {"class": {"code": "EMER", "display": "emergency"}, "reasonCode": [{"text": "Bruise"}, {"text": "Fall"}]}
    take_in(bundle(patient(), visit | {"serviceProvider": {"display": "Invented Hospital"}}))
    (told,) = (item for item in await items(asked(nhs="9990000018")) if item.type == "ENCOUNTER")
    assert told.text == (
        "Encounter (emergency, finished) at Invented Hospital on 19 October 2026. Reason: Bruise; Fall."
    )


async def test_a_related_person_is_a_third_party(take_in, items, asked, bundle, patient):
    mother = {"resourceType": "RelatedPerson", "id": "m", "patient": {"reference": "Patient/robin"}}
    mother |= {"name": [{"given": ["Julia"], "family": "Testerton"}], "relationship": [{"text": "Mother"}]}
    take_in(bundle(patient(), mother))
    (told,) = (item for item in await items(asked(nhs="9990000018")) if item.concerns)
    assert (told.text, told.data_class) == ("Julia Testerton is recorded as: Mother.", DataClass.THIRD_PARTY)
    assert told.concerns.family_name == "Testerton"


@pytest.mark.parametrize("wrong", [{"status": "entered-in-error"}, {"verificationStatus": "error"}])
def test_what_was_entered_in_error_is_rejected(take_in, bundle, patient, clinical, wrong):
    if "verificationStatus" in wrong:
        wrong = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    assert reasons(take_in(bundle(patient(), clinical(**wrong)))[0]) == [("/entry/1/resource", "ENTERED_IN_ERROR")]
