"""An end is told wherever a start is told; a date is known as far as it is known; a death is told; nothing is lost."""

from datetime import date

import pytest

from schemas.vocabulary import DataClass, Precision


def told(read, kind):
    return [item for record in read.records for item in record.items if item.type == kind]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"abatementDateTime": "2016-02-01"}, "Condition: Fever, ended or ending on 1 February 2016."),
        ({"abatementDateTime": "2016"}, "Condition: Fever, ended or ending in 2016."),
        (
            {"onsetDateTime": "2015-01", "abatementPeriod": {"end": "2016-03-01"}},
            "Condition: Fever, recorded from January 2015, ended or ending on 1 March 2016.",
        ),
    ],
)
def test_a_conditions_end_is_told(read, bundle, patient, clinical, fields, text):
    assert [item.text for item in told(read(bundle(patient(), clinical(**fields))), "CONDITION")] == [text]


def test_a_flags_end_is_told(read, bundle, patient, clinical):
    flag = clinical("Flag", code="342191000000101", display="Subject to child protection plan", status="active")
    read = read(bundle(patient(), flag | {"period": {"start": "2015-01-01", "end": "2016-01-01"}}))
    assert [item.text for item in told(read, "SAFEGUARDING_FLAG")] == [
        "Safeguarding flag: Subject to child protection plan (active), recorded from 1 January 2015, "
        "ended or ending on 1 January 2016."
    ]


def test_a_relations_end_is_told(read, bundle, patient):
    mother = {"resourceType": "RelatedPerson", "id": "m", "patient": {"reference": "Patient/robin"}, "active": False}
    mother |= {"relationship": [{"text": "Carer"}], "name": [{"text": "Ann"}], "period": {"end": "2020-05-01"}}
    assert [item.text for item in told(read(bundle(patient(), mother)), "RELATED_PERSON")] == [
        "Ann is recorded as: Carer, ended or ending on 1 May 2020. This is recorded as no longer so."
    ]


def test_an_encounters_end_is_told_where_it_is_another_day(read, bundle, patient, clinical):
    stay = clinical("Encounter", status="finished", period={"start": "2026-01-01", "end": "2026-01-05T10:00:00Z"})
    read = read(bundle(patient(), stay | {"class": {"code": "IMP"}}))
    (item,) = told(read, "ENCOUNTER")
    assert "on 1 January 2026, ended or ending on 5 January 2026." in item.text


# ---------------------------------------------------------------- partial dates


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [
        ("2019", date(2019, 1, 1), Precision.YEAR),
        ("2026-03", date(2026, 3, 1), Precision.MONTH),
        ("2026-03-00", date(2026, 3, 1), Precision.MONTH),
        ("2026-00-00", date(2026, 1, 1), Precision.YEAR),
        ("2026-03-04", date(2026, 3, 4), Precision.DAY),
        ("2026-03-04T10:00:00+01:00", date(2026, 3, 4), Precision.DAY),
    ],
)
def test_a_partial_date_dates_its_item_as_far_as_it_is_known(read, bundle, patient, clinical, written, day, precision):
    (item,) = told(read(bundle(patient(), clinical(onsetDateTime=written))), "CONDITION")
    assert (item.date, item.precision) == (day, precision)


@pytest.mark.parametrize(
    ("sector", "org", "kind", "payload", "words"),
    [
        ("police", "POLICE", "crime-justice.details", {"missingEpisodes": [{"date": "2024-10"}]}, "in October 2024"),
        ("police", "POLICE", "crime-justice.details", {"lastPoliceProtectionPowerEvent": "2023"}, "in 2023"),
        ("health", "HEALTH", "health.details", {"missedAppointments": [{"date": "2024"}]}, "in 2024"),
    ],
)
def test_a_partial_date_is_one_in_every_sector(read, police_file, sector, org, kind, payload, words):
    envelope = {"recordId": "R1", "personId": "9990000018", "recordType": kind, "payload": payload}
    (item,) = read(police_file(envelope, orgType=org), sector).records[0].items
    assert words in item.text
    assert item.precision in (Precision.YEAR, Precision.MONTH)


def test_a_partial_date_of_probations_is_one_too(read):
    (record,) = read({"data": [{"code": "RCCO", "startDate": "2024-05"}]}, "probation", crn="X990001").records
    assert (record.items[0].date, record.items[0].precision) == (date(2024, 5, 1), Precision.MONTH)
    assert "Since: May 2024." in record.items[0].text


@pytest.mark.parametrize("unreadable", ["2019-13", "13", "last year"])
def test_an_onset_that_cannot_be_read_leaves_the_day_of_recording(read, bundle, patient, clinical, unreadable):
    read = read(bundle(patient(), clinical(onsetDateTime=unreadable, recordedDate="2019-06-01")))
    assert [item.date for item in told(read, "CONDITION")] == [date(2019, 6, 1)]


@pytest.mark.parametrize("field", ["recordedDate", "assertedDate", "dateRecorded"])
def test_each_versions_day_of_recording_is_read(read, bundle, patient, clinical, field):
    assert [item.date for item in told(read(bundle(patient(), clinical(**{field: "2019-06"}))), "CONDITION")] == [
        date(2019, 6, 1)
    ]


@pytest.mark.parametrize(
    ("born", "days", "partial"),
    [("2008", 0, ("2008",)), ("2008-03", 0, ("2008-03",)), ("2008-03-04", 1, ()), ("1900", 0, ()), ("9999", 0, ())],
)
def test_a_partial_birth_is_kept_as_one_in_every_sector(read, patient, personal, police_file, born, days, partial):
    in_fhir = read(patient(born=born)).records[0].subject
    in_police = read(police_file(personal("Robin", "Testerton", born)), "police").records[0].subject
    offender = {"firstName": "Sam", "surname": "Sample", "dateOfBirth": born, "otherIds": {"crn": "X990001"}}
    in_probation = read(offender, "probation").records[0].subject
    for subject in (in_fhir, in_police, in_probation):
        assert (len(subject.dates_of_birth), subject.partial_births) == (days, partial)


# ---------------------------------------------------------------- nothing is lost in silence


@pytest.mark.parametrize("field", ["class", "type"])
def test_an_encounter_without_a_class_is_told(read, bundle, patient, clinical, field):
    visit = clinical("Encounter", status="finished", period={"start": "2026-01-01"}, reason=[{"text": "Bruise"}])
    visit |= {field: [{"text": "emergency"}] if field == "type" else {}}
    (item,) = told(read(bundle(patient(), visit)), "ENCOUNTER")
    assert item.text.startswith("Encounter (kind not recorded")
    assert item.text.endswith("Reason: Bruise.")


@pytest.mark.parametrize("code", [None, {}, {"coding": []}, {"text": ""}])
def test_a_condition_without_a_code_is_flagged(read, bundle, patient, clinical, code):
    read = read(bundle(patient(), clinical() | {"code": code}))
    assert [(one.at, one.reason) for one in read.flagged] == [("/entry/1/resource", "NO_ITEM")]


@pytest.mark.parametrize(
    ("sector", "org", "kind"),
    [
        ("police", "POLICE", "crime-justice.details"),
        ("education", "EDUCATION", "education.details"),
        ("health", "HEALTH", "health.details"),
    ],
)
def test_a_record_that_tells_nothing_is_flagged_in_every_sector(read, police_file, sector, org, kind):
    envelope = {"recordId": "R1", "personId": "9990000018", "recordType": kind, "payload": {"unknown": 1}}
    read = read(police_file(envelope, orgType=org), sector)
    assert [(one.at, one.reason) for one in read.flagged] == [("/records/0", "NO_ITEM")]


# ---------------------------------------------------------------- deaths


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"deceasedDateTime": "2020-01-01"}, "This patient died on 1 January 2020."),
        ({"deceasedDateTime": "2020"}, "This patient died in 2020."),
        ({"deceasedBoolean": True}, "This patient is recorded as having died."),
    ],
)
def test_a_patients_death_is_told(read, patient, fields, text):
    (item,) = told(read(patient(**fields)), "DEATH")
    assert (item.text, item.data_class, item.flagged) == (text, DataClass.ORDINARY, True)


def test_the_living_have_no_death(read, patient):
    assert told(read(patient(deceasedBoolean=False)), "DEATH") == []


@pytest.mark.parametrize(("sector", "org"), [("police", "POLICE"), ("education", "EDUCATION"), ("health", "HEALTH")])
def test_a_custodians_death_is_told_in_every_sector(read, police_file, personal, sector, org):
    dead = personal("Robin", "Testerton", "2014-03-04", fields={"dateOfDeath": "2025-01-02"})
    (item,) = told(read(police_file(dead, orgType=org), sector), "DEATH")
    assert item.text == "This person died on 2 January 2025."


def test_an_offenders_death_is_told(read):
    offender = {"surname": "Sample", "otherIds": {"crn": "X990001"}, "dateOfDeath": "2025-01-02"}
    assert [item.text for item in told(read(offender, "probation"), "DEATH")] == [
        "The supervised person died on 2 January 2025."
    ]


@pytest.mark.parametrize(
    ("field", "several"),
    [
        ({"multipleBirthInteger": 2}, True),
        ({"multipleBirthBoolean": True}, True),
        ({"multipleBirthBoolean": False}, False),
        ({}, False),
    ],
)
def test_a_multiple_birth_is_kept(read, patient, field, several):
    assert read(patient(**field)).records[0].subject.multiple_birth is several
