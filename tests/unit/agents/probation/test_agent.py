"""The probation agent: what its answers say in words, who is limited, and what is never told."""

import json

import pytest
from pydantic import TypeAdapter

from agents.probation.agent import AGENT
from broker.holder.identify import Known, Uncertain
from schemas.identifiers import check
from schemas.scalars import ShortText, Text
from schemas.vocabulary import DataClass, IdentifierScheme, Sector


def reasons(account):
    return [(one.at, one.reason) for one in account.flagged]


def registration(code, description="Described", **more):
    return {"code": code, "description": description, "startDate": "2018-07-27", "reviewDate": None} | more


def test_the_agent_is_probation():
    assert AGENT.sector is Sector.PROBATION
    assert IdentifierScheme.CRN in AGENT.schemes
    assert AGENT.data_classes == {
        DataClass.ORDINARY,
        DataClass.CRIMINAL,
        DataClass.SPECIAL,
        DataClass.THIRD_PARTY,
    }


# ---------------------------------------------------------------- registrations and MAPPA


@pytest.mark.parametrize(
    ("code", "item_type", "data_class", "kind"),
    [
        ("RCCO", "CHILD_CONCERN_REGISTRATION", "CRIMINAL", "PROFESSIONAL_OPINION"),
        ("rcpr ", "CHILD_CONCERN_REGISTRATION", "CRIMINAL", "PROFESSIONAL_OPINION"),
        ("MAPP", "MAPPA", "CRIMINAL", "FACT_RECORDED"),
        ("ALSH", "REGISTRATION", "SPECIAL", "PROFESSIONAL_OPINION"),
        ("WEAP", "REGISTRATION", "CRIMINAL", "PROFESSIONAL_OPINION"),
    ],
)
@pytest.mark.parametrize("place", ["dynamicRisks", "personStatus", "data"])
async def test_the_code_of_a_registration_says_what_it_is(told, place, code, item_type, data_class, kind):
    held = {place: [registration(code)]} | ({} if place == "data" else {"supervisions": []})
    (item,) = await told(held)
    assert (item.type, item.data_class.value, item.kind.value) == (item_type, data_class, kind)
    assert item.flagged  # in force, however long ago it began
    assert item.third_party
    assert item.text == f"Probation registration: Described ({code.strip()}). Since: 27 July 2018."


@pytest.mark.parametrize(
    "ended",
    [
        {"deregistered": True},
        {"deregistered": "unclear"},
        {"deregistrationDate": "last year"},
        {"endDate": "2020-01-01"},
        {"softDeleted": True},
    ],
)
async def test_a_registration_that_is_no_longer_in_force_is_not_told(told, ended):
    assert await told({"data": [registration("RCCO", **ended)]}) == ()


async def test_a_registration_that_says_it_is_not_ended_is_told(told):
    held = registration("RCCO", deregistered=False, deregistrationDate=None, softDeleted=False)
    assert len(await told({"data": [held]})) == 1


async def test_mappa_is_told_by_level_and_category(told):
    detail = {"level": 2, "levelDescription": None, "category": 1, "startDate": "2024-01-02", "reviewDate": None}
    (item,) = await told({"data": detail, "errors": []})
    assert item.text == (
        "Managed under MAPPA (multi-agency public protection arrangements). "
        "Level: 2. Category: 1, registered sexual offender. Since: 2 January 2024."
    )


async def test_mappa_of_placeholders_is_no_mappa(told):
    assert await told({"data": {"level": -2147483648, "category": -2147483648, "startDate": "2019-08-24"}}) == ()


# ---------------------------------------------------------------- supervisions


async def test_a_supervision_is_one_item_with_its_sentence(told):
    sentence = {"description": "Community Order", "date": "2015-02-11", "length": 18, "lengthUnits": "Months"}
    active = {"number": 1, "active": True, "custodial": False, "sentence": sentence}
    (ended, now) = await told({"supervisions": [active | {"number": 2, "active": False}, active]})
    assert now.text == (
        "Probation supervision 1: active, not custodial. "
        "Sentence: Community Order. Length: 18 months. Sentenced on: 11 February 2015."
    )
    assert (now.flagged, ended.flagged) == (True, False)  # what has ended is cut by the look-back


async def test_offences_and_the_manager_are_told_and_notes_are_not(told, take_in):
    manager = {"name": {"forename": "Pat", "surname": "Example"}, "team": {"description": "Team", "code": "T1"}}
    offence = {"date": "2015-01-01", "code": "10501", "description": "Assault", "count": 1}
    court = {"type": "Sentence", "date": "2015-02-11T00:00:00Z", "court": "Court", "plea": "Guilty"}
    held = {
        "communityManager": manager,
        "supervisions": [{"active": True, "mainOffence": offence, "courtAppearances": [court]}],
        "dynamicRisks": [registration("RCCO", notes="CANARY-NOTES")],
    }
    items = await told(held)
    assert {item.type for item in items} == {"LEAD_CONTACT", "SUPERVISION", "OFFENCE", "CHILD_CONCERN_REGISTRATION"}
    assert "Main offence: Assault (Home Office code 10501). Date: 1 January 2015." in {item.text for item in items}
    assert "CANARY" not in str([item.text for item in items])
    (account,) = take_in(held)
    assert dict(account.ignored_fields) == {
        "/communityManager/team/code": 1,
        "/dynamicRisks/*/notes": 1,
        "/supervisions/*/mainOffence/count": 1,
    }


async def test_what_should_be_an_object_and_is_not_is_flagged(take_in):
    (account,) = take_in({"supervisions": [{"active": True, "sentence": "CANARY"}]})
    assert reasons(account) == [("/supervisions/0/sentence", "WRONG_SHAPE")]


# ---------------------------------------------------------------- risk of serious harm


@pytest.mark.parametrize(
    "community",
    [
        {"staff": "LOW", "knowAdult": "MEDIUM", "children": "VERY_HIGH "},
        {"LOW": ["Staff"], "VERY HIGH ": ["Children"], "MEDIUM": ["Known adult"]},
    ],
)
async def test_risk_to_children_comes_first_in_either_shape(told, community):
    summary = {"riskInCommunity": community, "overallRiskLevel": "HIGH"}
    (item,) = await told({"summary": summary, "assessedOn": "2026-03-02T10:15:00"})
    assert item.text == (
        "Risk of serious harm in the community: children: VERY HIGH; known adult: MEDIUM; staff: LOW. "
        "Overall level: HIGH. Assessed on: 2 March 2026."
    )
    assert (item.type, item.date.isoformat(), item.flagged) == ("ROSH", "2026-03-02", True)


async def test_a_risk_to_children_that_nobody_recorded_is_said_to_be_so(told):
    (item,) = await told({"summary": {"riskInCommunity": {"public": "LOW"}, "overallRiskLevel": "LOW"}})
    assert item.text.startswith("Risk of serious harm in the community: children: not recorded.")


async def test_a_level_that_nobody_can_read_is_not_left_out(told):
    (item,) = await told({"summary": {"riskInCommunity": {"children": "CANARY"}}})
    assert "children: not readable" in item.text
    assert "CANARY" not in item.text


# ---------------------------------------------------------------- scores


def scores(predictor, **more):
    return {"data": [{"completedDate": "2026-01-16", "assessmentStatus": "COMPLETE", **predictor} | more]}


async def test_a_score_is_told_with_its_band_and_date(told):
    (item,) = await told(scores({"violencePredictor": {"scoreLevel": "VERY_HIGH"}}))
    assert item.text == "Violent reoffending (OVP): VERY HIGH. Assessed on: 16 January 2026."
    assert (item.type, item.date.isoformat()) == ("RISK_SCORE", "2026-01-16")


@pytest.mark.parametrize(
    ("document", "at"),
    [
        (scores({"violencePredictor": {"score": 44}}), "/data/0/violencePredictor"),
        (scores({"violencePredictor": {"scoreLevel": "44"}}), "/data/0/violencePredictor"),
        (scores({"violencePredictor": {"scoreLevel": "LOW"}}, completedDate="soon"), "/data/0/violencePredictor"),
        (scores({"violencePredictor": {"scoreLevel": "LOW"}}, completedDate="string"), "/data/0/violencePredictor"),
        (scores({"sexualPredictor": {"contactScoreLevel": "LOW"}}, completedDate="soon"), "/data/0/sexualPredictor"),
        (
            {"data": {"nomsId": None, "name": {}, "responsibleProvider": {"code": "X"}, "ogrsScore": 57}},
            "/data/ogrsScore",
        ),
    ],
)
async def test_a_score_without_band_or_date_is_flagged_and_not_told(told, take_in, document, at):
    assert await told(document) == ()
    (account,) = take_in(document)
    assert (at, "INCOMPLETE") in reasons(account)


async def test_an_unfinished_assessment_is_said_to_be_so(told):
    (item,) = await told(scores({"generalPredictor": {"scoreLevel": "LOW"}}, assessmentStatus="LOCKED_INCOMPLETE"))
    assert item.text.endswith("Assessment: LOCKED_INCOMPLETE.")


# ---------------------------------------------------------------- needs and addresses


@pytest.mark.parametrize(
    ("section", "data_class"),
    [
        ("DRUG_MISUSE", "SPECIAL"),
        ("ALCOHOL_MISUSE", "SPECIAL"),
        ("EMOTIONAL_WELLBEING", "SPECIAL"),
        ("RELATIONSHIPS", "CRIMINAL"),
    ],
)
async def test_a_need_of_health_is_special(told, section, data_class):
    need = {"section": section, "needStatus": "IDENTIFIED_NEED", "riskOfHarm": True, "score": 8}
    (item,) = await told({"needs": [need], "assessedOn": "2026-03-02"})
    assert (item.type, item.data_class.value) == ("NEED", data_class)
    assert item.text == f"Need identified: {section}. Linked to risk of harm: yes. Assessed on: 2 March 2026."


@pytest.mark.parametrize("status", ["NOT_IDENTIFIED_NEED", "UNSCORED_NEED", None])
async def test_a_need_that_is_not_there_is_not_told(told, status):
    need = {"section": "FINANCE", "name": "Finance", "needStatus": status, "riskOfHarm": False}
    assert await told({"needs": [need], "assessedOn": "2026-03-02"}) == ()


async def test_an_address_is_third_party_and_a_location(told):
    here = {"addressNumber": "1", "streetName": "Invented Row", "postcode": "ZE1 0AA", "from": "2010-06-01"}
    current, past, none = await told(
        {"contactDetails": {"addresses": [here, here | {"to": "2012-01-01"}, {"noFixedAbode": True}]}}
    )
    assert current.text == "The supervised person's address: 1 Invented Row, ZE1 0AA. From: 1 June 2010."
    assert none.text == "The supervised person's address: no fixed abode."
    assert all(item.location and item.data_class is DataClass.THIRD_PARTY for item in (current, past, none))
    assert (current.flagged, past.flagged) == (True, False)


# ---------------------------------------------------------------- the invented family


async def test_the_examples_import_together_and_tell_of_the_partner(store, take_in, outcome):
    accounts = take_in(*AGENT.examples())
    assert all(account.rejected == () and account.people == 1 for account in accounts)
    assert [reasons(account) for account in accounts if account.flagged] == [[("", "BINDING_NOT_USED")]]
    found = await outcome()
    assert not found.restricted
    items = (await store.look_up(found.record_id)).items
    assert {item.type for item in items} == {
        *("LEAD_CONTACT", "MAPPA", "SUPERVISION", "OFFENCE", "CHILD_CONCERN_REGISTRATION"),
        *("ROSH", "RISK_SCORE", "NEED", "ADDRESS"),
    }
    assert any("children: HIGH" in item.text for item in items)
    assert all(item.third_party for item in items)
    for item in items:
        TypeAdapter(Text).validate_python(item.text)
        TypeAdapter(ShortText).validate_python(item.source)
        TypeAdapter(ShortText).validate_python(item.source_ref)


async def test_the_examples_find_the_partner_without_a_number(take_in, outcome, sought):
    take_in(*AGENT.examples())
    assert isinstance(await outcome(sought(crn=None, postcode="ZE1 0AA")), Known)
    assert isinstance(await outcome(sought(crn=None)), Uncertain)


def test_the_example_request_asks_for_the_person_of_the_examples():
    folder = AGENT.examples()[0].parent
    held = json.loads(AGENT.examples()[0].read_text())
    asked = json.loads((folder / "requests/testerton.json").read_text())["people"][2]
    assert asked["identifiers"]["crn"] == held["otherIds"]["crn"]
    assert asked["date_of_birth"] == held["dateOfBirth"]
    assert check(IdentifierScheme.CRN, asked["identifiers"]["crn"]).valid
