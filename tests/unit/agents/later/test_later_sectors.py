"""The six later sectors: each is fed by its custodian file and by CSV, and tells what its first rows say."""

import importlib
from pathlib import Path

import pytest

import agents
from agents.sdk.mapping.release_table import ReleaseRow, load_release
from agents.sdk.testing import sought
from schemas.vocabulary import DataClass, Sector

SECTORS = {
    "adult_social_care": Sector.ADULT_SOCIAL_CARE,
    "early_help": Sector.EARLY_HELP,
    "housing": Sector.HOUSING,
    "idva": Sector.IDVA,
    "substance_misuse": Sector.SUBSTANCE_MISUSE,
    "youth_justice": Sector.YOUTH_JUSTICE,
}
FOLDER = Path(agents.__file__).parent


@pytest.fixture(params=sorted(SECTORS))
def name(request):
    return request.param


@pytest.fixture
def agent(name):
    return importlib.import_module(f"agents.{name}.agent").AGENT


@pytest.fixture
def case(agent, take_in):
    """Import one record of a sector's first type about the invented child."""

    def make(**payload):
        (record_type,) = [one for one in agent.readers if one not in ("personal.details", "housing.homelessness")]
        named = {"firstName": "Robin", "lastName": "Testerton", "dateOfBirth": "2014-03-04"}
        record = {"recordId": "R1", "personId": "9990000018", "recordType": record_type, "payload": named | payload}
        return take_in({"orgId": "EXAMPLE", "orgType": str(agent.sector), "records": [record]})

    return make


def of(name):
    return pytest.mark.parametrize("name", [name], indirect=True)


def test_each_agent_is_its_sectors(name, agent):
    assert agent.sector is SECTORS[name]


async def test_the_example_is_told_and_what_has_no_row_is_counted(name, agent, take_in, items):
    (account,) = take_in(*agent.examples())
    assert (account.people, account.rejected, account.flagged) == (1, (), ())
    assert len(await items(sought(nhs="9990000018"))) >= 3
    assert "Invented, and never read" not in " ".join(item.text for item in await items(sought(nhs="9990000018")))


async def test_the_csv_example_feeds_the_agent(name, agent, take_in, items):
    """A records officer can copy it: every column that is mapped reaches the field that it names."""
    (mapping,) = (FOLDER / name / "examples/csv").glob("*.toml")
    (account,) = take_in(mapping.with_suffix(".csv"), mapping=mapping)
    assert (account.format, account.people, account.records, account.rejected, account.flagged) == ("csv", 1, 1, (), ())
    number = "9990000018" if name == "idva" else None
    told = await items(sought(nhs=number, postcode="ZE1 0AA"))
    assert any("since 2 February 2026, no end recorded" in item.text for item in told) or name == "housing"
    assert len(told) >= 3


def test_a_file_of_another_sector_is_rejected(agent, take_in):
    (account,) = take_in({"orgId": "X", "orgType": "POLICE", "records": []})
    assert [one.reason for one in account.rejected] == ["WRONG_SECTOR"]


async def test_a_restricted_person_is_restricted(case, outcome, agent):
    case(restricted="yes")
    assert (await outcome(sought(nhs="9990000018"))).restricted


@pytest.mark.parametrize(("end", "date", "flagged"), [(None, "2024-01-02", True), ("2025-03-04", "2025-03-04", False)])
async def test_what_has_ended_is_told_with_its_end(name, case, items, end, date, flagged):
    field = {
        "adult_social_care": "worker",
        "early_help": "leadProfessional",
        "housing": "tenancy",
        "idva": "adviser",
        "substance_misuse": "keyWorker",
        "youth_justice": "worker",
    }[name]
    case(**{field: "Invented"}, start="2024-01-02", end=end)
    (item,) = await items(sought(nhs="9990000018"))
    assert (item.date.isoformat(), item.flagged) == (date, flagged)
    assert ("no end recorded" if end is None else "to 4 March 2025") in item.text


# ---------------------------------------------------------------- what each sector must not do


@of("substance_misuse")
def test_all_that_a_drug_service_holds_is_confidential(name):
    """Overlay D4, always; what `personal.details` tells is the same in every sector."""
    table = load_release(FOLDER / name / "release.toml")
    rows = [row for row in table.records["substance-misuse.treatment"].values() if isinstance(row, ReleaseRow)]
    assert {row.data_class for row in rows} == {DataClass.CONFIDENTIAL_HEALTH}
    assert all(row.third_party for row in rows)


@of("idva")
async def test_a_domestic_abuse_service_never_says_where_somebody_lives(agent, case, items):
    (account,) = case(adviser="Invented", start="2026-01-01", address={"postcode": "ZE1 0AA"}, postcode="ZE1 0AA")
    assert dict(account.ignored_fields) == {"/records/*/payload/address": 1, "/records/*/payload/postcode": 1}
    assert "personal.details" not in agent.readers
    assert not any("ZE1" in item.text for item in await items(sought(nhs="9990000018")))


@of("idva")
async def test_a_count_without_its_day_is_not_told(case, items):
    (account,) = case(adviser="Invented", start="2026-01-01", riskLevel="High", dashCount=15)
    assert [one.reason for one in account.flagged] == ["INCOMPLETE"]
    assert {item.type for item in await items(sought(nhs="9990000018"))} == {"LEAD_CONTACT"}


@of("idva")
async def test_a_risk_is_told_with_its_count_and_version(case, items):
    case(riskLevel="High", dashCount=10, dashVersion="SafeLives", assessedOn="2026-03-03")
    (item,) = await items(sought(nhs="9990000018"))
    assert item.text == (
        "Risk of domestic abuse: HIGH. DASH count: 10. DASH version: SafeLives. Assessed on: 3 March 2026."
    )


@of("youth_justice")
async def test_a_judgement_is_told_with_its_day_alone(case, items):
    (account,) = case(riskOfSeriousHarm="Very High", safetyAndWellbeing="High", yogrs=37)
    assert {one.reason for one in account.flagged} == {"INCOMPLETE"}
    case(riskOfSeriousHarm="Very High", safetyAndWellbeing="High", assessedOn="2026-03-03")
    harm, safety = await items(sought(nhs="9990000018"))
    assert harm.text == "Risk of serious harm to others: VERY HIGH. Assessed on: 3 March 2026."
    assert (harm.data_class, safety.data_class) == (DataClass.CRIMINAL, DataClass.ORDINARY)


@of("housing")
async def test_whoever_lives_in_a_refuge_is_restricted(case, outcome):
    case(tenancy="Licence", start="2026-01-01", refuge="see manager")
    assert (await outcome(sought(nhs="9990000018"))).restricted


@of("housing")
async def test_antisocial_behaviour_is_an_allegation(case, items):
    case(antisocialBehaviour="2026-05-05")
    (item,) = await items(sought(nhs="9990000018"))
    assert (item.kind.value, item.data_class, item.third_party) == ("ALLEGATION", DataClass.CRIMINAL, True)


@of("housing")
async def test_the_departments_homelessness_record_is_read(take_in, items, samples, personal, agent):
    (account,) = take_in(samples / "dfe_sui/custodians/housing-01.json")
    assert (account.format, account.records, account.rejected) == ("dfe-custodian", 1, ())
    person = personal("Robin", "Testerton", "2014-03-04", postcode="ZE1 0AA", person=samples.opaque_person)
    take_in({"orgId": "HOUSING-01", "orgType": "HOUSING", "records": [person]})
    held = await items(sought(postcode="ZE1 0AA"))
    assert {"HOMELESSNESS", "TEMPORARY_ACCOMMODATION"} <= {item.type for item in held}
