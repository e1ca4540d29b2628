"""What does not stand is not told, in any sector and any writing; and what was held of it is withdrawn."""

from datetime import date

import pytest

from agents.sdk.mapping.standing import is_over, modified, stands


def concept(code=None, display=None, text=None):
    return {"coding": [{"code": code, "display": display}], "text": text}


ERROR, REFUTED, CANCELLED, DELETED = "ENTERED_IN_ERROR", "REFUTED", "CANCELLED", "DELETED"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"verificationStatus": concept("entered-in-error")}, ERROR),
        ({"verificationStatus": "entered-in-error"}, ERROR),
        ({"verificationStatus": "Entered In Error"}, ERROR),
        ({"verificationStatus": {"text": "Recorded in error"}}, ERROR),
        ({"verificationStatus": concept("EIE", "Entered in Error")}, ERROR),
        ({"clinicalStatus": concept("enteredInError")}, ERROR),
        ({"status": "ENTERED_IN_ERROR"}, ERROR),
        ({"recordStatus": ["void"]}, ERROR),
        ({"state": "erroneous"}, ERROR),
        ({"enteredInError": True}, ERROR),
        ({"voided": "Y"}, ERROR),
        ({"verificationStatus": concept("refuted")}, REFUTED),
        ({"verificationStatus": concept(text="Refuted by the consultant")}, REFUTED),
        ({"verificationStatus": concept("410516002", "Known absent")}, REFUTED),
        ({"verificationStatus": [concept("ruled-out")]}, REFUTED),
        ({"negated": "true"}, REFUTED),
        ({"status": "cancelled"}, CANCELLED),
        ({"status": {"coding": [{"display": "Canceled"}]}}, CANCELLED),
        ({"status": "not-done"}, CANCELLED),
        ({"status": "Deleted"}, DELETED),
        ({"softDeleted": True}, DELETED),
        ({"softDeleted": "unclear"}, DELETED),
        ({"deletedAt": "2026-01-01"}, DELETED),
    ],
)
def test_a_record_does_not_stand_in_any_writing(fields, reason):
    assert stands({"code": "x", **fields}) == reason


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"verificationStatus": concept("confirmed")},
        {"verificationStatus": concept("unconfirmed"), "clinicalStatus": "inactive"},
        {"status": "finished"},
        {"status": "Persistently absent"},
        {"status": "Victim of terrorism"},
        {"description": "entered in error"},
        {"deleted": False, "voided": "no", "softDeleted": None, "negated": ""},
        {"maritalStatus": concept("D", "Divorced")},
        {"statusHistory": [{"status": "cancelled"}]},
    ],
)
def test_a_record_that_says_nothing_against_itself_stands(fields):
    assert stands(fields) is None


@pytest.mark.parametrize(
    "place",
    [
        lambda inner: inner,
        lambda inner: {"code": inner},
        lambda inner: {"subject": {"identifier": inner}},
        lambda inner: {"identifier": [{"system": "x"}, inner]},
        lambda inner: {"code": {"coding": [{"extension": [inner]}]}},
    ],
)
@pytest.mark.parametrize("inner", [{"modifierExtension": [{"url": "x"}]}, {"implicitRules": "https://x.example"}])
def test_a_modifier_is_found_at_every_level(place, inner):
    assert modified(place(inner), besides="contained")
    assert not modified({"contained": [place(inner)]}, besides="contained")
    assert not modified(place(dict.fromkeys(inner)), besides="contained")


@pytest.mark.parametrize(
    ("part", "over"),
    [
        ({"active": False}, True),
        ({"active": "no"}, True),
        ({"active": True}, False),
        ({"active": None}, False),
        ({"status": "Closed"}, True),
        ({"registrationStatus": {"description": "De-registered - closed"}}, True),
        ({"deregistrations": [{"date": "2026-01-01"}]}, True),
        ({"deregistrations": []}, False),
        ({"deregistered": "unclear"}, True),
        ({"status": "Active"}, False),
    ],
)
def test_what_is_over_says_so_in_words_too(part, over):
    assert is_over(part, (), today=date(2026, 11, 20)) is over


@pytest.mark.parametrize(("last", "over"), [("2026-11-19", True), ("2026-11-20", False), ("2030-01-01", False)])
def test_what_ends_by_a_day_is_over_the_day_after(last, over):
    assert is_over({}, [None, date.fromisoformat(last)], today=date(2026, 11, 20)) is over


# ---------------------------------------------------------------- in every sector

CORRECTIONS = [
    ({"status": "Entered in error"}, ERROR),
    ({"recordStatus": {"code": "VOID"}}, ERROR),
    ({"softDeleted": True}, DELETED),
    ({"verificationStatus": "Refuted"}, REFUTED),
]
PAYLOADS = {
    "police": ("POLICE", "crime-justice.details", {"policeMarkerDetails": "Dog"}),
    "education": ("EDUCATION", "education.details", {"educationSettingName": "Invented School"}),
    "health": ("HEALTH", "health.details", {"registeredGPName": "Dr Invented"}),
}


@pytest.mark.parametrize(
    ("correction", "reason", "inside"),
    [(*one, inside) for one in CORRECTIONS for inside in (True, False)] + [({"action": "DELETE"}, DELETED, False)],
)
@pytest.mark.parametrize("sector", PAYLOADS)
def test_a_custodians_correction_withdraws_the_record_it_is_about(
    read, police_file, sector, correction, reason, inside
):
    org, kind, payload = PAYLOADS[sector]
    envelope = {"recordId": "R1", "personId": "9990000018", "recordType": kind, "systemId": "RMS", "version": "1"}
    first = read(police_file({**envelope, "payload": payload}, orgType=org), sector)
    body = {"payload": {**payload, **correction}} if inside else {"payload": None, **correction}
    second = read(police_file({**envelope, **body}, orgType=org), sector)
    assert [(one.key, one.reason) for one in second.withdrawn] == [(first.records[0].key, reason)]
    assert [(one.reason, one.understood) for one in second.rejected] == [(reason, True)]
    assert second.records == ()


@pytest.mark.parametrize(("correction", "reason"), CORRECTIONS)
@pytest.mark.parametrize(
    ("sector", "kind", "name", "element"),
    [
        ("police", "crime-justice.details", "missingEpisodes", {"date": "2026-01-01"}),
        ("health", "health.details", "missedAppointments", {"date": "2026-01-01"}),
        ("education", "education.details", "yearlyEducationAttendances", {"attendancePercentage": 3}),
    ],
)
def test_a_part_that_does_not_stand_is_not_told(read, police_file, sector, kind, name, element, correction, reason):
    org = PAYLOADS[sector][0]
    payload = {name: [element, {**element, **correction}]}
    envelope = {"recordId": "R1", "personId": "9990000018", "recordType": kind, "version": "1"}
    held = read(police_file({**envelope, "payload": payload}, orgType=org), sector)
    assert len(held.records[0].items) == 1
    assert [(one.at, one.reason) for one in held.flagged] == [(f"/records/0/payload/{name}/1", reason)]


@pytest.mark.parametrize(
    "news",
    [
        {"deregistered": True},
        {"deregistrationDate": "2026-02-01"},
        {"deregistrations": [{"date": "2026-02-01"}]},
        {"active": False},
        {"status": "Closed"},
        {"endDate": "2026-02"},
        {"endDate": "2025"},
        {"softDeleted": True},
        {"status": "entered in error"},
    ],
)
def test_a_deregistration_is_news_of_the_registration_that_it_ends(read, news):
    held = {"code": "RCCO", "description": "Child concerns", "startDate": "2026-01-01"}
    other = {"code": "RCPR", "description": "Child protection", "startDate": "2026-01-01"}
    first = read({"data": [held, other]}, "probation", crn="X990001")
    second = read({"data": [other, {**held, **news}]}, "probation", crn="X990001")
    assert {one.key for one in first.records} == {one.key for one in second.records}
    (key,) = (one.key for one in first.records if "RCCO" in one.items[0].text)
    (again,) = (one for one in second.records if one.key == key)
    assert again.items == ()
    assert [one.at for one in second.flagged] == ["/data/1"]


@pytest.mark.parametrize("end", ["9999-12-31", "2030-01-01", "2026-11-20", "2026", "2026-11", None])
def test_a_registration_is_told_while_it_is_in_force_with_its_end(read, end):
    held = {"code": "RCCO", "startDate": "2026-01-01", "endDate": end}
    (record,) = read({"data": [held]}, "probation", crn="X990001").records
    assert ("Ends:" in record.items[0].text) is (end is not None)


def test_mappa_that_has_ended_is_not_told(read):
    held = {"level": 1, "category": 2, "startDate": "2020-01-01", "endDate": "2021-01-01"}
    ended = read({"data": held}, "probation", crn="X990001")
    assert [(one.at, one.reason) for one in ended.flagged] == [("/data", "ENDED")]


@pytest.mark.parametrize(
    "place",
    [
        {"modifierExtension": [{"url": "x", "valueBoolean": True}]},
        {"implicitRules": "https://x.example"},
        {"code": {"coding": [{"display": "Fever", "modifierExtension": [{"url": "x"}]}]}},
        {"subject": {"reference": "Patient/robin", "modifierExtension": [{"url": "x"}]}},
    ],
)
def test_a_resource_with_a_modifier_at_any_level_is_not_told_and_is_a_gap(read, bundle, patient, clinical, place):
    held = read(bundle(patient(), clinical(), clinical(ident="c2") | place))
    assert [(one.at, one.reason, one.understood) for one in held.rejected] == [
        ("/entry/2/resource", "UNKNOWN_MODIFIER", False)
    ]
    assert [one.key[2] for one in held.withdrawn] == ["Condition/c2"]


def test_a_retraction_about_somebody_unknown_is_news_too(read, bundle, clinical):
    held = read(bundle(clinical(about="Patient/nobody", verificationStatus="entered-in-error")))
    assert [(one.reason, one.understood) for one in held.rejected] == [("ENTERED_IN_ERROR", True)]
    assert [(one.key[2], one.reason) for one in held.withdrawn] == [("Condition/c1", "ENTERED_IN_ERROR")]
