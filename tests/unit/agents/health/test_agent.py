"""The health agent: what `health.details` says in words, the invented family, and the Department's samples."""

import json

import pytest

from agents.health.agent import AGENT
from broker.holder.identify import Known, NoTrace, Uncertain
from schemas.vocabulary import IdentifierScheme, MatchMethod, Sector

CANARY = "Zanzibarcanary"


@pytest.fixture
def trust_file():
    """Make a custodian file of one `health.details` record."""

    def make(payload, person="9990000018"):
        record = {"recordId": "H1", "personId": person, "recordType": "health.details", "version": "1"}
        return {"orgId": "EXAMPLE", "orgType": "HEALTH", "records": [record | {"systemId": "EPR", "payload": payload}]}

    return make


def test_the_agent_is_healths():
    assert AGENT.sector is Sector.HEALTH
    assert AGENT.schemes == (IdentifierScheme.NHS,)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"registeredGPName": "Dr E"}, ("GP_REGISTRATION", "ORDINARY", True, "Registered GP: Dr E.")),
        (
            {"gpAddress": {"line1": "1 Row", "postcode": "ZE1 0AC"}},
            ("GP_REGISTRATION", "ORDINARY", True, "Address of the GP practice: 1 Row, ZE1 0AC."),
        ),
        (
            {"camhsTeamInvolvement": ["North"]},
            ("CAMHS_INVOLVEMENT", "CONFIDENTIAL_HEALTH", False, "Involvement of CAMHS team: North."),
        ),
        (
            {"healthActiveStatusesAndPlans": [{"status": "Open", "plan": None}]},
            ("HEALTH_STATUS", "CONFIDENTIAL_HEALTH", False, "Status: Open."),
        ),
        (
            {"missedAppointments": [{"date": "2025-10-29", "setting": "GP", "reason": None}]},
            (
                "WAS_NOT_BROUGHT",
                "CONFIDENTIAL_HEALTH",
                False,
                "Was not brought to an appointment (GP) on 29 October 2025. No reason is recorded.",
            ),
        ),
        (
            {"emergencyDepartmentAttendances": [{"date": "soon", "reason": "Fall"}]},
            (
                "ED_ATTENDANCE",
                "CONFIDENTIAL_HEALTH",
                False,
                "Emergency department attendance on a date that is not recorded. Reason: Fall.",
            ),
        ),
    ],
)
async def test_what_a_record_says_in_words(take_in, items, asked, trust_file, fields, expected):
    take_in(trust_file(fields), verified=True)
    (told,) = await items(asked(nhs="9990000018"))
    assert (told.type, told.data_class.value, told.location, told.text) == expected


# ---------------------------------------------------------------- the invented family


async def test_the_example_family_tells_its_story(take_in, items, asked):
    accounts = take_in(*AGENT.examples())
    assert [(one.people, one.records, one.rejected, one.flagged) for one in accounts] == [
        (4, 10, (), ()),
        (2, 4, (), ()),
    ]
    told = await items(asked(nhs="9990000018"))
    kinds = {item.type for item in told}
    assert kinds >= {"SAFEGUARDING_FLAG", "CONDITION", "ENCOUNTER", "ED_ATTENDANCE", "WAS_NOT_BROUGHT"}
    assert kinds >= {"CAMHS_INVOLVEMENT", "HEALTH_STATUS", "GP_REGISTRATION", "ADDRESS", "RELATED_PERSON"}
    (flag,) = (item for item in told if item.type == "SAFEGUARDING_FLAG")
    assert flag.flagged
    assert (flag.date.isoformat(), flag.data_class.value) == ("2026-09-14", "CONFIDENTIAL_HEALTH")


async def test_the_restricted_cousin_is_restricted_and_holds_no_place(take_in, outcome, items, asked):
    take_in(*AGENT.examples())
    frankie = asked("Frankie", born="2012-05-06", nhs="9990000077")
    found = await outcome(frankie)
    assert isinstance(found, Known)
    assert found.restricted
    assert {item.type for item in await items(frankie)} == {"SAFEGUARDING_FLAG"}


async def test_the_twin_cousins_are_told_apart(take_in, outcome, items, asked):
    take_in(*AGENT.examples())
    born, code = "2019-06-07", "ZE1 0AA"
    casey, charlie = asked("Casey", born=born, nhs="9990000085"), asked("Charlie", born=born, nhs="9990000093")
    assert (await outcome(casey)).record_id != (await outcome(charlie)).record_id
    assert "SAFEGUARDING_FLAG" in {item.type for item in await items(casey)}
    assert "SAFEGUARDING_FLAG" not in {item.type for item in await items(charlie)}
    assert isinstance(await outcome(asked("Charlie", born=born, nhs="9990000085")), Uncertain)
    assert isinstance(await outcome(asked("Casey", born=born, postcode=code)), Uncertain)


def test_the_examples_are_invented():
    texts = [path.read_text() for path in AGENT.examples()]
    numbers = {one["resource"]["identifier"][0]["value"] for one in json.loads(texts[0])["entry"] if "name" in one}
    numbers |= {one["personId"] for one in json.loads(texts[1])["records"]}
    assert numbers
    assert all(number.startswith("999") for number in numbers)


# ---------------------------------------------------------------- the samples, invented and published


async def test_the_sample_children_are_found_by_their_verified_numbers(take_in, outcome, items, samples, asked):
    (account,) = take_in(samples / "dfe_sui/custodians/health-01.json", verified=True)
    assert (account.people, account.records, account.rejected, account.flagged) == (2, 2, (), ())
    assert dict(account.ignored_fields) == {"/records/*/contactDetails": 2, "/records/*/recordLink": 2}
    child = asked(**samples.child)
    assert (await outcome(child)).match.method is MatchMethod.VERIFIED_IDENTIFIER
    told = await items(child)
    counts = {kind: sum(item.type == kind for item in told) for kind in {item.type for item in told}}
    assert counts == {
        "GP_REGISTRATION": 4,
        "CAMHS_INVOLVEMENT": 2,
        "HEALTH_STATUS": 1,
        "WAS_NOT_BROUGHT": 2,
        "ED_ATTENDANCE": 2,
    }
    assert isinstance(await outcome(asked(**samples.other_child)), NoTrace)


def test_every_sample_of_the_department_is_read_or_rejected_with_a_word(take_in, samples):
    folder = samples / "dfe_sui"
    (early,) = take_in(folder / "custodians/health-01.early.json")
    assert (early.rejected, dict(early.passed_over)) == ((), {"health.mental-health": 1})
    bare = folder / "records/HealthcareProvider_9449303223_HealthDataRecordV1.json"
    assert [one.reason for one in take_in(bare)[0].rejected] == ["NO_SUBJECT"]
    (bound,) = take_in(bare, bindings={IdentifierScheme.NHS: "9449303223"})
    assert (bound.people, bound.records, bound.rejected) == (1, 1, ())
    (practice,) = take_in(folder / "records/SystmOne_1111111111.json")
    assert (practice.format, practice.people, practice.records) == ("systmone", 1, 1)
    assert {one.reason for one in practice.flagged} == {"PLACEHOLDER"}
    assert len(practice.flagged) == 2


def test_no_other_sectors_sample_gets_into_a_health_store(take_in, samples):
    folder = samples / "dfe_sui"
    others = [path for path in sorted(folder.glob("custodians/*.json")) if not path.name.startswith("health")]
    shapes = [folder / "records" / f"{name}_1111111111.json" for name in ("Arbor", "Mosaic", "Niche")]
    accounts = take_in(*others, *shapes, folder / "records/record-templates.json")
    assert all(account.records == 0 and account.rejected for account in accounts)
