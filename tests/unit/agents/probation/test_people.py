"""Who a probation answer is about, which cases are limited, and complaints that name no value."""

import json

import pytest

from broker.holder.identify import Known, Uncertain


def reasons(account):
    return [(one.at, one.reason) for one in account.flagged]


# ---------------------------------------------------------------- limited access


@pytest.mark.parametrize(
    "limited",
    [
        {"excludedFrom": [], "restrictedTo": [{"email": "someone@probation.example"}]},
        {"excludedFrom": [{"email": "someone@probation.example"}], "restrictedTo": []},
        {"excludedFrom": [], "restrictionMessage": "Restricted"},
        {"crn": "X990001", "userExcluded": True, "userRestricted": False},
        {"crn": "X990001", "userExcluded": False, "userRestricted": "unclear"},
        {"access": [{"crn": "P223458", "userExcluded": False}, {"crn": "X990001", "userRestricted": True}]},
        {"data": {"nomsId": None, "name": {}, "limitedAccess": {"restrictedTo": [{"email": "a@b"}]}}},
    ],
)
async def test_a_limited_case_is_a_restricted_person(told, take_in, outcome, limited):
    await told(limited)
    found = await outcome()
    assert isinstance(found, Known)
    assert found.restricted


@pytest.mark.parametrize("flag", ["currentRestriction", "currentExclusion"])
async def test_the_person_says_that_the_case_is_limited(take_in, offender, outcome, flag):
    take_in(offender(**{flag: True}))
    assert (await outcome()).restricted


@pytest.mark.parametrize(
    "open_case",
    [
        {"excludedFrom": [], "restrictedTo": []},
        {"crn": "X990001", "userExcluded": False, "userRestricted": False},
        {"access": [{"crn": "P223458", "userExcluded": True}]},
    ],
)
async def test_an_open_case_is_not_restricted(take_in, offender, outcome, open_case):
    take_in(offender(restrictionMessage="An old message"), open_case)
    assert not (await outcome()).restricted


# ---------------------------------------------------------------- who it is


async def test_an_alias_and_a_number_find_the_person(take_in, offender, outcome, sought):
    alias = {"firstName": "Samuel", "surname": "Sampleton", "dateOfBirth": "1985-07-08"}
    take_in(offender(offenderAliases=[alias]))
    assert isinstance(await outcome(sought("Samuel", "Sampleton")), Known)
    assert isinstance(await outcome(sought(born="1985-07-09")), Uncertain)


async def test_a_crn_alone_is_unsure(take_in, outcome):
    take_in({"supervisions": [{"active": True}]})
    assert isinstance(await outcome(), Uncertain)


def test_a_file_that_names_nobody_is_rejected_without_a_person(take_in):
    (account,) = take_in({"supervisions": [{"active": True}]}, crn=None)
    assert [(one.at, one.reason) for one in account.rejected] == [("", "NO_SUBJECT")]


def test_a_wrong_check_character_is_flagged_and_never_matched_on(take_in, offender):
    (account,) = take_in(offender(otherIds={"crn": "X990001", "pncNumber": "2004/13116M"}))
    assert ("/otherIds/pncNumber", "INVALID_CHECK") in reasons(account)


def test_no_value_is_in_any_complaint(take_in, offender):
    accounts = take_in(
        offender(dateOfBirth="CANARY", gender="CANARY", otherIds={"crn": "CANARY", "nhsNumber": "CANARY"}),
        {"supervisions": ["CANARY", {"active": "CANARY", "sentence": "CANARY", "CANARY of a name": "CANARY"}]},
        {"data": [{"code": {"CANARY": 1}, "startDate": "CANARY", "description": ["CANARY"]}]},
        {"summary": {"riskInCommunity": "CANARY", "overallRiskLevel": "CANARY"}, "assessedOn": "CANARY"},
        {"access": ["CANARY"]},
    )
    for account in accounts:
        assert "CANARY" not in json.dumps(account.as_json())
