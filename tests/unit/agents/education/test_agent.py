"""The education agent: what its records say in words, the invented family, and the samples."""

import json

import pytest

from agents.education.agent import AGENT
from broker.holder.identify import Uncertain
from schemas.vocabulary import IdentifierScheme, MatchMethod, Precision, Sector

CANARY = "Zanzibarcanary"


@pytest.fixture
def agent():
    return AGENT


@pytest.fixture
def school_file():
    """Make a custodian file of one `education.details` record."""

    def make(payload, person="9990000018"):
        record = {"recordId": "E1", "personId": person, "recordType": "education.details", "version": "1"}
        return {
            "orgId": "EXAMPLE-EDUCATION",
            "orgType": "EDUCATION",
            "records": [record | {"systemId": "MIS", "payload": payload}],
        }

    return make


def test_the_agent_is_educations():
    assert AGENT.sector is Sector.EDUCATION
    assert AGENT.schemes == (IdentifierScheme.NHS, IdentifierScheme.UPN, IdentifierScheme.ULN)


@pytest.mark.parametrize(
    ("status", "plan", "data_class"),
    [
        ("SEND", "Education, Health and Care (EHC) plan", "SPECIAL"),
        ("SEN", None, "SPECIAL"),
        ("K: SEN support", None, "SPECIAL"),
        (None, "EHCP", "SPECIAL"),
        ("special educational needs", None, "SPECIAL"),
        ("Absence", "Attendance support; parents consent", "ORDINARY"),
        ("Presented late", None, "ORDINARY"),
        ("Pastoral", None, "ORDINARY"),
    ],
)
async def test_a_plan_for_special_needs_is_special_and_no_other(
    take_in, items, asked, school_file, status, plan, data_class
):
    take_in(school_file({"educationActiveStatusesAndPlans": [{"status": status, "plan": plan}]}), verified=True)
    (told,) = await items(asked(nhs="9990000018"))
    assert (told.type, told.data_class.value, told.flagged) == ("EDUCATION_PLAN", data_class, True)


async def test_a_school_year_says_its_numbers_and_only_its_year(take_in, items, asked, school_file):
    year = {"academicTermYearStart": 2024, "academicTermYearEnd": 2025, "attendancePercentage": 62.7}
    year |= {"unauthorisedAbsencePercentage": 9, "suspensions": 3, "exclusions": 1, "schoolMovesNonTransitional": 0}
    take_in(school_file({"yearlyEducationAttendances": [year]}), verified=True)
    told = await items(asked(nhs="9990000018"))
    assert [(item.type, item.text) for item in told] == [
        (
            "ATTENDANCE_YEAR",
            "Attendance in the school year 2024 to 2025: attended 62.7 per cent; unauthorised absence 9 per cent.",
        ),
        ("EXCLUSION", "3 suspensions in the school year 2024 to 2025."),
        ("EXCLUSION", "1 exclusion in the school year 2024 to 2025."),
    ]
    assert {(item.date.isoformat(), item.precision, item.data_class.value) for item in told} == {
        ("2025-08-31", Precision.YEAR, "ORDINARY")
    }


async def test_placeholders_are_flagged_and_say_nothing(take_in, items, asked, school_file):
    year = {"academicTermYearStart": 2024, "academicTermYearEnd": 2025, "attendancePercentage": -2147483648}
    year |= {"suspensions": -2147483648}
    (account,) = take_in(
        school_file({"educationSettingName": "string", "yearlyEducationAttendances": [year]}), verified=True
    )
    assert {(one.at.removeprefix("/records/0/payload"), one.reason) for one in account.flagged} == {
        ("/educationSettingName", "PLACEHOLDER"),
        ("/yearlyEducationAttendances/0/attendancePercentage", "PLACEHOLDER"),
        ("/yearlyEducationAttendances/0/suspensions", "PLACEHOLDER"),
    }
    assert await items(asked(nhs="9990000018")) == ()


async def test_a_year_that_is_no_year_is_flagged_once_and_the_item_told_without_it(take_in, items, asked, school_file):
    year = {"academicTermYearEnd": "last summer", "suspensions": 2, "exclusions": 1}
    (account,) = take_in(school_file({"yearlyEducationAttendances": [year]}), verified=True)
    at = "/records/0/payload/yearlyEducationAttendances/0/academicTermYearEnd"
    assert [(one.at, one.reason) for one in account.flagged] == [(at, "NOT_A_DATE")]
    told = await items(asked(nhs="9990000018"))
    assert [(item.text, item.date) for item in told] == [
        ("2 suspensions in a school year that is not recorded.", None),
        ("1 exclusion in a school year that is not recorded.", None),
    ]


def test_no_value_is_in_any_complaint(take_in, school_file):
    odd = {
        "educationSettingName": [CANARY],
        "educationSettingAddress": CANARY,
        "educationActiveStatusesAndPlans": CANARY,
        "yearlyEducationAttendances": [CANARY, {"attendancePercentage": CANARY, CANARY + " s": 1}],
        CANARY + " x": CANARY,
    }
    (account,) = take_in(school_file(odd, person=CANARY))
    assert account.flagged
    assert CANARY not in repr(account)


async def test_the_example_family_tells_its_story(take_in, items, asked):
    (account,) = take_in(*AGENT.examples())
    assert (account.people, account.records, account.rejected, account.flagged) == (2, 4, (), ())
    told = await items(asked(nhs="9990000018", postcode="ZE1 0AA"))
    assert {(item.type, item.data_class.value) for item in told} == {
        ("ENROLMENT", "ORDINARY"),
        ("ATTENDANCE_YEAR", "ORDINARY"),
        ("EXCLUSION", "ORDINARY"),
        ("SCHOOL_MOVE", "ORDINARY"),
        ("EDUCATION_PLAN", "SPECIAL"),
        ("EDUCATION_PLAN", "ORDINARY"),
        ("HOUSEHOLD", "THIRD_PARTY"),
        ("PERSONAL_NEED", "ORDINARY"),
    }
    assert all(item.location for item in told if item.type == "ENROLMENT")


def test_the_example_is_invented():
    document = json.loads(AGENT.examples()[0].read_text())
    assert all(record["personId"].startswith("999") for record in document["records"])
    assert "invented" in document["orgName"]


async def test_conflicting_births_are_flagged_and_then_need_a_person(take_in, outcome, asked, school_file):
    def named(born, reference):
        made = school_file({"firstName": "Robin", "lastName": "Testerton", "dateOfBirth": born})
        made["records"][0] |= {"recordType": "personal.details", "recordId": reference}
        return made

    first, second = take_in(named("2014-03-04", "P1"), named("2014-04-03", "P2"))
    assert first.flagged == ()
    assert [(one.at, one.reason) for one in second.flagged] == [("/records/0", "CONFLICTING_BIRTH_DATES")]
    assert isinstance(await outcome(asked(nhs="9990000018")), Uncertain)


# ---------------------------------------------------------------- the samples, invented and published


async def test_the_sample_child_is_found_by_the_verified_number(take_in, outcome, items, samples, asked):
    (account,) = take_in(samples / "dfe_sui/custodians/education-01.json", verified=True)
    assert (account.people, account.records, account.rejected, account.flagged) == (1, 2, (), ())
    assert dict(account.ignored_fields) == {"/records/*/contactDetails": 2, "/records/*/recordLink": 2}
    child = asked(**samples.child)
    assert (await outcome(child)).match.method is MatchMethod.VERIFIED_IDENTIFIER
    told = await items(child)
    counts = {kind: sum(item.type == kind for item in told) for kind in {item.type for item in told}}
    assert counts == {
        "ENROLMENT": 3,
        "EDUCATION_PLAN": 1,
        "ATTENDANCE_YEAR": 2,
        "EXCLUSION": 4,
        "SCHOOL_MOVE": 1,
        "HOUSEHOLD": 6,
        "PERSONAL_NEED": 2,
    }


def test_every_education_sample_is_read_or_rejected_with_a_word(take_in, samples):
    folder = samples / "dfe_sui"
    (early,) = take_in(folder / "custodians/education-01.early.json")
    assert (early.rejected, dict(early.passed_over)) == ((), {"education.attendance": 2})
    bare = sorted((folder / "records").glob("EducationProvider_*.json"))
    assert len(bare) == 3
    assert [one.reason for account in take_in(*bare) for one in account.rejected] == ["NO_SUBJECT"] * 3
    bound = take_in(*bare, bindings={IdentifierScheme.NHS: "9449303223"})
    assert [(account.people, account.records, account.rejected) for account in bound] == [(1, 1, ())] * 3
    (arbor,) = take_in(folder / "records/Arbor_1111111111.json")
    assert (arbor.format, arbor.people, arbor.records) == ("arbor", 1, 1)
    assert {(one.at, one.reason) for one in arbor.flagged} == {("/sui", "PLACEHOLDER"), ("/nhsNumber", "PLACEHOLDER")}
    assert set(dict(arbor.ignored_fields)) == {
        "/pupilPremium",
        "/freeSchoolMeals",
        "/electivelyHomeEducated",
        "/schoolsAttended",
    }
