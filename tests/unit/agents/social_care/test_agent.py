"""The social care agent: who is allocated, plans by their dates, the invented family, and the samples."""

import json

import pytest
from pydantic import TypeAdapter

from agents.social_care.agent import AGENT
from broker.holder.identify import Uncertain
from schemas.scalars import ShortText, Text
from schemas.vocabulary import DataClass, IdentifierScheme, MatchMethod, Sector

CANARY = "Zanzibarcanary"


def test_the_agent_is_social_cares():
    assert AGENT.sector is Sector.CHILDRENS_SOCIAL_CARE
    assert AGENT.schemes == (IdentifierScheme.NHS, IdentifierScheme.UPN, IdentifierScheme.CSC)


# ---------------------------------------------------------------- the Department's record types


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"keyWorker": "Kim Invented"}, [("LEAD_CONTACT", "ORDINARY", "Allocated key worker: Kim Invented.")]),
        (
            {"teamInvolvement": ["Neighbourhood Team", "Disabled Children Team", "Youth Justice Team"]},
            [
                ("TEAM_INVOLVEMENT", "ORDINARY", "Team involved: Neighbourhood Team."),
                ("TEAM_INVOLVEMENT", "SPECIAL", "Team involved: Disabled Children Team."),
                ("TEAM_INVOLVEMENT", "CRIMINAL", "Team involved: Youth Justice Team."),
            ],
        ),
        (
            {"dutyContactDetails": ["01632 960100"]},
            [("LEAD_CONTACT", "ORDINARY", "Duty contact of the service: 01632 960100.")],
        ),
        (
            {"cscActiveStatusesAndPlans": [{"status": "Child in need", "plan": None}, {"status": "On remand"}]},
            [
                ("SOCIAL_CARE_STATUS", "ORDINARY", "Status: Child in need."),
                ("SOCIAL_CARE_STATUS", "CRIMINAL", "Status: On remand."),
            ],
        ),
        (
            {"childrensServicesReferrals": [{"date": "2025-12-18", "type": "Early Help"}]},
            [("REFERRAL", "ORDINARY", "Referral: Early Help. Date: 18 December 2025.")],
        ),
        (
            {"cscReferrals": [{"date": "last week", "type": "Social Care"}]},
            [("REFERRAL", "ORDINARY", "Referral: Social Care. Date: date not readable.")],
        ),
    ],
)
async def test_what_a_details_record_says_in_words(items, take_in, custodian_file, asked, fields, expected):
    take_in(custodian_file("childrens-services.details", fields), verified=True)
    held = await items(asked(nhs="9990000018"))
    assert [(item.type, item.data_class.value, item.text) for item in held] == expected


@pytest.mark.parametrize(
    ("end", "date", "flagged", "text"),
    [
        (None, "2026-05-12", True, "since 12 May 2026, no end recorded"),
        ("2026-09-01", "2026-09-01", False, "from 12 May 2026 to 1 September 2026"),
        ("soon", None, False, "from 12 May 2026 to date not readable"),
    ],
)
async def test_who_is_allocated_is_told_with_its_end(items, take_in, custodian_file, asked, end, date, flagged, text):
    """A worker whose allocation is over never reads as the one to telephone, and is dated by its end."""
    held = {"worker": "Kim Invented", "team": "Assessment Team", "start": "2026-05-12", "end": end}
    take_in(custodian_file("social-care.allocation", held), verified=True)
    worker, team = await items(asked(nhs="9990000018"))
    assert (worker.text, team.text) == (
        f"Allocated worker: Kim Invented, {text}.",
        f"Allocated team: Assessment Team, {text}.",
    )
    assert {(item.date and item.date.isoformat(), item.flagged) for item in (worker, team)} == {(date, flagged)}


@pytest.mark.parametrize(
    ("category", "data_class", "told"), [("NEG", "ORDINARY", "neglect"), ("SAB", "SPECIAL", "sexual abuse")]
)
async def test_a_plan_tells_its_level_its_category_and_its_end(
    items, take_in, custodian_file, asked, category, data_class, told
):
    plan = {"plan": "Child protection plan", "level": "4", "category": category, "start": "2024-01-02"}
    take_in(custodian_file("social-care.plan", plan | {"end": "2024-11-30"}), verified=True)
    (item,) = await items(asked(nhs="9990000018"))
    assert item.text == (f"Child protection plan, from 2 January 2024 to 30 November 2024. Level: 4. Category: {told}.")
    assert (item.data_class.value, item.date.isoformat(), item.flagged) == (data_class, "2024-11-30", False)


async def test_a_restricted_allocation_restricts_the_child(outcome, take_in, custodian_file, asked):
    """Whatever the column says, unless it is a no."""
    take_in(custodian_file("social-care.allocation", {"worker": "K", "restricted": "see manager"}), verified=True)
    assert (await outcome(asked(nhs="9990000018"))).restricted


@pytest.mark.parametrize(
    ("status", "end", "text", "date", "flagged"),
    [
        ("closed", "2025-06-01", "closed, from 14 February 2025 to 1 June 2025", "2025-06-01", False),
        ("open", None, "open, since 14 February 2025, no end recorded", "2025-02-14", True),
    ],
)
async def test_a_case_tells_its_state_and_its_end(
    items, take_in, custodian_file, asked, status, end, text, date, flagged
):
    case = {"status": status, "startDate": "2025-02-14", "endDate": end, "childNhsNumber": "9990000018"}
    take_in(custodian_file("local-authority.children-social-care", case, person="opaque"), verified=True)
    (item,) = await items(asked(nhs="9990000018"))
    assert item.text == f"Children's social care case: {text}."
    assert (item.date.isoformat(), item.flagged) == (date, flagged)


async def test_mosaic_tells_that_there_was_a_referral_and_never_why(items, take_in, asked):
    """The reason is free text: it names whoever referred, and whom they accused."""
    (account,) = take_in(
        {
            "nhsNumber": "9990000018",
            "firstName": "Robin",
            "lastName": "Testerton",
            "dateOfBirth": "2014-03-04",
            "referrals": [{"id": "1", "date": "2025-10-01", "reason": CANARY}],
        }
    )
    assert account.format == "mosaic"
    assert dict(account.ignored_fields) == {"/referrals/*/id": 1, "/referrals/*/reason": 1}
    (item,) = await items(asked(nhs="9990000018"))
    assert item.text == "Referral to children's social care: 1 October 2025."


def test_another_sectors_file_is_rejected(take_in, custodian_file):
    (account,) = take_in(custodian_file("childrens-services.details", {"keyWorker": "K"}) | {"orgType": "POLICE"})
    assert [one.reason for one in account.rejected] == ["WRONG_SECTOR"]


# ---------------------------------------------------------------- the invented family


async def test_the_example_family_tells_its_story(items, take_in, asked):
    """Files of four writings are one child's, over the numbers that the allocation joins."""
    accounts = take_in(*AGENT.examples())
    assert {one.format for one in accounts} == {"cin-census", "dfe-custodian", "ssda903"}
    assert [(one.rejected, one.flagged) for one in accounts] == [((), ())] * 5
    told = await items(asked(nhs="9990000018"))
    assert {item.type for item in told} >= {
        *("LEAD_CONTACT", "TEAM_INVOLVEMENT", "SOCIAL_CARE_STATUS", "SOCIAL_CARE_PLAN", "REFERRAL", "PRIMARY_NEED"),
        *("ASSESSMENT", "ASSESSMENT_FACTOR", "SECTION_47_ENQUIRY", "CHILD_PROTECTION_PLAN", "CHILD_IN_NEED_PLAN"),
        *("LOOKED_AFTER", "MISSING_EPISODE", "PERSONAL_NEED", "DISABILITY", "HOUSEHOLD", "RELATED_PERSON"),
    }
    for item in told:
        TypeAdapter(Text).validate_python(item.text)
        TypeAdapter(ShortText).validate_python(item.source)
        TypeAdapter(ShortText).validate_python(item.source_ref)


async def test_the_example_child_is_found_by_the_authoritys_own_number(outcome, take_in, numbered):
    take_in(*(path for path in AGENT.examples() if path.suffix != ".json"))
    assert (await outcome(numbered(csc="EX000001"))).match.method is MatchMethod.IDENTIFIER


async def test_the_csv_example_joins_the_returns_to_a_name(take_in, items, asked, outcome):
    """What the census holds under the authority's number is told of the child whom the list names."""
    mapping = AGENT.examples()[0].parent / "csv/allocations.toml"
    (account,) = take_in(mapping.with_suffix(".csv"), mapping=mapping)
    assert (account.format, account.people, account.rejected, account.flagged) == ("csv", 2, (), ())
    take_in(*(path for path in AGENT.examples() if path.suffix != ".json"))
    texts = [item.text for item in await items(asked(postcode="ZE1 0AA"))]
    assert "Allocated worker: Morgan Invented, since 12 May 2026, no end recorded." in texts
    assert any(text.startswith("Looked after from 5 June 2021") for text in texts)
    other = asked("Alex", "Sampleton", "2011-07-15", postcode="ZE1 0AB")
    assert (await outcome(other)).restricted


def test_the_example_is_invented():
    (path,) = [one for one in AGENT.examples() if one.suffix == ".json"]
    document = json.loads(path.read_text())
    assert all(record["personId"].startswith("999") for record in document["records"])
    assert "invented" in document["orgName"]


def test_every_class_that_the_table_has_is_one_that_the_agent_says():
    assert AGENT.data_classes == {
        DataClass.ORDINARY,
        DataClass.SPECIAL,
        DataClass.CRIMINAL,
        DataClass.THIRD_PARTY,
    }


# ---------------------------------------------------------------- the samples, invented and published


async def test_the_acceptance_child_is_found_by_the_verified_number(store, take_in, samples, asked, outcome):
    (account,) = take_in(samples / "dfe_sui/custodians/local-authority-01.json", verified=True)
    assert (account.format, account.records, account.rejected) == ("dfe-custodian", 4, ())
    found = await outcome(asked(**samples.child))
    told = (await store.look_up(found.record_id)).items
    assert {item.type for item in told} >= {"LEAD_CONTACT", "TEAM_INVOLVEMENT", "SOCIAL_CARE_STATUS", "REFERRAL"}


async def test_a_child_of_the_sample_with_another_birthday_is_unsure(take_in, samples, asked, outcome):
    take_in(samples / "dfe_sui/custodians/local-authority-01.json", verified=True)
    assert isinstance(await outcome(asked(**samples.child | {"born": "2001-01-01"})), Uncertain)


def test_every_social_care_sample_is_read_or_rejected_with_a_word(take_in, samples):
    records = samples / "dfe_sui/records"
    bare = {IdentifierScheme.NHS: "9449303223"}
    early, mosaic, *details = (
        take_in(samples / "dfe_sui/custodians/local-authority-01.early.json")
        + take_in(records / "Mosaic_1111111111.json")
        + take_in(*sorted(records.glob("SocialCareProvider_*Services*")), bindings=bare)
        + take_in(*sorted(records.glob("SocialCareProvider_*ChildSocial*")), bindings=bare)
    )
    assert (early.records, early.rejected) == (2, ())
    assert (mosaic.format, mosaic.people, mosaic.records) == ("mosaic", 1, 1)
    assert [(one.format, one.people, one.rejected) for one in details] == [("childrens-services.details", 1, ())] * 3


def test_no_other_sectors_sample_gets_into_a_social_care_store(take_in, samples):
    folder = samples / "dfe_sui"
    others = [path for path in sorted(folder.glob("custodians/*.json")) if not path.name.startswith("local-authority")]
    shapes = [folder / "records" / f"{name}_1111111111.json" for name in ("Arbor", "Niche", "SystmOne")]
    accounts = take_in(*others, *shapes, folder / "records/record-templates.json")
    assert all(account.records == 0 and account.rejected for account in accounts)
