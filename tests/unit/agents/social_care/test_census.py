"""The children in need census: who a child is, what is told by its dates, and what an XML file may not do."""

import pytest

from broker.holder.identify import NoTrace, Uncertain
from schemas.vocabulary import MatchMethod

REFERRED = {"CINreferralDate": "2025-11-10"}
SWELLING = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Message><Children>&b;</Children></Message>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Message><Header>&a;</Header></Message>'


async def of_type(told, kind):
    return [item for item in told if item.type == kind]


@pytest.mark.parametrize("known_by", [{"csc": "EX000001"}, {"csc": "ex 000001"}, {"upn": "P999000000018"}])
async def test_a_child_is_known_by_number_and_birth(take_in, census, outcome, numbered, known_by):
    """Nobody in a census has a name: the authority's number or a UPN finds the child, and the birthday confirms it."""
    (account,) = take_in(census(REFERRED))
    assert (account.format, account.people, account.records) == ("cin-census", 1, 2)
    assert (account.rejected, account.flagged) == ((), ())
    found = await outcome(numbered(**known_by))
    assert found.match.method is MatchMethod.IDENTIFIER
    assert isinstance(await outcome(numbered(**known_by, born="2013-03-04")), Uncertain)


async def test_a_stranger_born_on_the_day_is_no_trace(take_in, census, outcome, numbered):
    take_in(census(REFERRED))
    assert isinstance(await outcome(numbered(csc="EX000002")), NoTrace)


@pytest.mark.parametrize(
    ("fields", "text", "date", "flagged"),
    [
        ({}, "10 November 2025. Case open: no closure is recorded.", "2025-11-10", True),
        ({"CINclosureDate": "9999-12-31"}, "10 November 2025. Case open: no closure is recorded.", "2025-11-10", True),
        ({"ReferralNFA": "true"}, "10 November 2025. No further action was taken on it.", "2025-11-10", False),
        ({"ReferralNFA": "1"}, "10 November 2025. No further action was taken on it.", "2025-11-10", False),
        (
            {"CINclosureDate": "2026-02-01", "ReasonForClosure": "RC8", "ReferralNFA": "0"},
            "10 November 2025. Case closed: 1 February 2026. Reason: closed after assessment, no further action.",
            "2026-02-01",
            False,
        ),
        (
            {"CINclosureDate": "2026-02-01", "ReasonForClosure": "RC99"},
            "10 November 2025. Case closed: 1 February 2026. Reason: code RC99.",
            "2026-02-01",
            False,
        ),
        ({"CINclosureDate": "soon"}, "10 November 2025. Case closed: date not readable.", None, False),
    ],
)
async def test_a_referral_is_open_only_where_nothing_says_that_it_is_closed(told, census, fields, text, date, flagged):
    (item,) = await of_type(await told(census(REFERRED | fields)), "REFERRAL")
    assert item.text == f"Referral to children's social care: {text}"
    assert (item.date and item.date.isoformat(), item.flagged) == (date, flagged)


async def test_who_referred_is_counted_and_never_told(take_in, told, census):
    held = census(REFERRED | {"ReferralSource": "1B"})
    (account,) = take_in(held)
    assert dict(account.ignored_fields) == {"/Message/Children/Child/*/CINdetails/*/ReferralSource": 1}
    assert not any("1B" in item.text for item in await told(held))


async def test_an_adoption_record_is_barred(told, census):
    closed = REFERRED | {"CINclosureDate": "2026-02-01", "ReasonForClosure": "RC1"}
    (item,) = await of_type(await told(census(closed)), "REFERRAL")
    assert item.statutory_bar


@pytest.mark.parametrize(
    ("code", "data_class", "third_party"),
    [
        ("N1", "ORDINARY", False),
        ("N2", "SPECIAL", False),
        ("N3", "SPECIAL", True),
        ("N42", "SPECIAL", False),
    ],
)
async def test_a_need_that_tells_of_health_is_special_and_an_unknown_one_is_too(
    told, census, code, data_class, third_party
):
    (item,) = await of_type(await told(census(REFERRED | {"PrimaryNeedCode": code})), "PRIMARY_NEED")
    assert (item.data_class.value, item.third_party) == (data_class, third_party)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("16A", ("ORDINARY", False, "neglect")),
        ("3B", ("SPECIAL", True, "domestic abuse, a parent or carer as its subject")),
        ("4A", ("SPECIAL", False, "mental health of the child")),
        ("24A", ("CRIMINAL", False, "child criminal exploitation")),
        ("99Z", ("SPECIAL", False, "code 99Z")),
    ],
)
async def test_a_factor_has_the_class_of_what_it_tells(told, census, code, expected):
    assessment = {
        "AssessmentActualStartDate": "2025-11-12",
        "FactorsIdentifiedAtAssessment": {"AssessmentFactors": code},
    }
    (item,) = await of_type(await told(census(REFERRED | {"Assessments": assessment})), "ASSESSMENT_FACTOR")
    data_class, third_party, words = expected
    assert (item.data_class.value, item.third_party) == (data_class, third_party)
    assert item.text == f"Factor identified at assessment: {words}. Assessment began: 12 November 2025."


async def test_no_factor_is_no_item(told, census):
    assessment = {
        "AssessmentActualStartDate": "2025-11-12",
        "FactorsIdentifiedAtAssessment": {"AssessmentFactors": "21"},
    }
    held = await told(census(REFERRED | {"Assessments": assessment}))
    assert await of_type(held, "ASSESSMENT_FACTOR") == []
    (item,) = await of_type(held, "ASSESSMENT")
    assert item.text == "Assessment since 12 November 2025, no end recorded."


@pytest.mark.parametrize(
    ("group", "start", "end", "kind", "what"),
    [
        ("CINPlanDates", "CINPlanStartDate", "CINPlanEndDate", "CHILD_IN_NEED_PLAN", "Child in need plan"),
        ("ChildProtectionPlans", "CPPstartDate", "CPPendDate", "CHILD_PROTECTION_PLAN", "Child protection plan"),
    ],
)
async def test_a_plan_is_told_with_its_end_wherever_it_has_one(told, census, group, start, end, kind, what):
    """One in force is dated by its beginning and flagged; one that ended, by its end."""
    plans = [{start: "2020-01-02", end: "2021-03-04"}, {start: "2025-12-01"}]
    over, in_force = await of_type(await told(census(REFERRED | {group: plans})), kind)
    assert over.text.startswith(f"{what} from 2 January 2020 to 4 March 2021.")
    assert in_force.text.startswith(f"{what} since 1 December 2025, no end recorded.")
    assert (over.date.isoformat(), in_force.date.isoformat()) == ("2021-03-04", "2025-12-01")
    assert in_force.flagged
    assert over.flagged is (kind == "CHILD_PROTECTION_PLAN")  # that there was one is weighed however long ago


async def test_a_protection_plan_for_sexual_abuse_is_special(told, census):
    plan = {"CPPstartDate": "2025-12-01", "InitialCategoryOfAbuse": "NEG", "LatestCategoryOfAbuse": "SAB"}
    (item,) = await of_type(
        await told(census(REFERRED | {"ChildProtectionPlans": plan | {"NumberOfPreviousCPP": "1"}})),
        "CHILD_PROTECTION_PLAN",
    )
    assert item.data_class.value == "SPECIAL"
    assert item.text == (
        "Child protection plan since 1 December 2025, no end recorded. Category: sexual abuse. "
        "First category: neglect. Earlier child protection plans: 1."
    )


@pytest.mark.parametrize(
    ("fields", "conference"),
    [
        ({"DateOfInitialCPC": "2025-12-01"}, "1 December 2025"),
        ({"ICPCnotRequired": "true"}, "not required"),
        ({}, "none recorded"),
    ],
)
async def test_an_enquiry_says_what_became_of_its_conference(told, census, fields, conference):
    (item,) = await of_type(
        await told(census(REFERRED | {"Section47": {"S47ActualStartDate": "2025-11-12"} | fields})),
        "SECTION_47_ENQUIRY",
    )
    assert item.text == (
        f"Section 47 enquiry begun: 12 November 2025. Initial child protection conference: {conference}."
    )


async def test_a_death_is_told_and_a_disability_that_is_none_is_not(told, take_in, census):
    held = census(
        REFERRED,
        PersonDeathDate="2026-01-02",
        characteristics={"Ethnicity": "REFU", "Disabilities": {"Disability": ["NONE", "VIS"]}},
    )
    (account,) = take_in(held)
    assert account.flagged == ()
    items = {item.type: item.text for item in await told(held)}
    assert items["DEATH"] == "Recorded as having died: 2 January 2026."
    assert items["DISABILITY"] == "Disability: vision."
    assert "PERSONAL_NEED" not in items


async def test_next_years_census_brings_the_end_of_what_was_open(told, census):
    """An episode is known by its day of referral: it never stands twice, open and closed."""
    older = census({"CINreferralDate": "2024-02-03"}, REFERRED, made="2026-06-30T09:00:00Z")
    newer = census(REFERRED | {"CINclosureDate": "2026-09-01"}, made="2027-06-30T09:00:00Z")
    texts = [item.text for item in await of_type(await told(older, newer), "REFERRAL")]
    assert sorted(texts) == [
        "Referral to children's social care: 10 November 2025. Case closed: 1 September 2026.",
        "Referral to children's social care: 3 February 2024. Case open: no closure is recorded.",
    ]


async def test_two_referrals_of_one_day_are_both_told(told, census):
    first, second = REFERRED | {"PrimaryNeedCode": "N1"}, REFERRED | {"PrimaryNeedCode": "N4"}
    assert len(await of_type(await told(census(first, second)), "REFERRAL")) == 2


def test_a_wrong_upn_is_flagged_and_the_child_kept(take_in, census):
    (account,) = take_in(census(REFERRED, UPN="A999000000018"))
    assert (account.people, account.records) == (1, 2)
    assert [(one.at, one.reason) for one in account.flagged] == [
        ("/Message/Children/Child/0/ChildIdentifiers/UPN", "INVALID_CHECK")
    ]


def test_a_child_without_a_number_is_rejected_with_its_episodes(take_in, census):
    (account,) = take_in(census(REFERRED, LAchildID=None))
    assert account.records == 0
    assert [(one.at, one.reason) for one in account.rejected] == [
        ("/Message/Children/Child/0/ChildIdentifiers/LAchildID", "NO_SUBJECT")
    ]


@pytest.mark.parametrize(
    "data",
    [
        SWELLING,
        OUTSIDE,
        b"<Message>",
        b"<Message><Header></Message>",
        b'<?xml version="1.0" encoding="no-such"?><Message/>',
        b"<a>" * 40 + b"</a>" * 40,
    ],
)
def test_an_xml_file_that_could_harm_its_reader_is_rejected_whole(take_in, data):
    (account,) = take_in(data)
    assert [(one.at, one.reason) for one in account.rejected] == [("", "NOT_XML")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_census_is_read_in_the_encoding_that_it_says(take_in, census, encoding):
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>' + census(REFERRED).decode()
    (account,) = take_in(text.encode(encoding))
    assert (account.format, account.records) == ("cin-census", 2)


def test_another_collection_is_not_the_census(take_in, census):
    (account,) = take_in(census(REFERRED).replace(b">CIN<", b">SSDA903<"))
    assert [one.reason for one in account.rejected] == ["UNKNOWN_FORMAT"]
    (account,) = take_in(census(REFERRED).replace(b">CIN<", b">SSDA903<"), format_name="cin-census")
    assert account.records == 2


async def test_the_sample_census_is_read_whole(take_in, samples):
    """Most of the published UPNs fail their check letter: flagged, and no child is lost for it."""
    (account,) = take_in(samples / "dfe_cin/fake_CIN_data.xml")
    assert account.rejected == ()
    assert account.people >= 3
    assert {one.reason for one in account.flagged} == {"INVALID_CHECK"}
    assert {at.rpartition("/")[2] for at, _ in account.ignored_fields} == {"ReferralSource"}


def test_the_sample_census_joins_no_two_children(take_in, samples):
    data = (samples / "dfe_cin/fake_CIN_data.xml").read_bytes()
    (account,) = take_in(data)
    assert account.people == data.count(b"<Child>")
