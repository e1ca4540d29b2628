"""A newcomer adds a fifth sector by the page `agents/template/README.md`, and by nothing else."""

import importlib
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import agents
from agents.sdk.importer import import_files
from agents.template.agent import AGENT as SKELETON
from broker.errors import UsageError
from broker.holder.identify import Known, identify
from schemas.vocabulary import DataClass, Sector

TEMPLATE = Path(agents.__file__).parent / "template"
PAGE = (TEMPLATE / "README.md").read_text()


def shown(name):
    """The block of the page that shows this file."""
    return re.search(rf"<!-- housing: {re.escape(name)} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)[1]


@pytest.fixture
def housing(tmp_path, monkeypatch):
    """Follow the page: copy, rename, fill in; return the agent."""
    folder = tmp_path / "agents" / "housing"
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__"))  # 1
    agent = folder / "agent.py"
    agent.write_text(agent.read_text().replace("agents.template", "agents.housing"))
    (folder / "release.toml").write_text(shown("release.toml"))  # 2
    (folder / "formats.py").write_text(shown("formats.py"))  # 3
    monkeypatch.setattr(agents, "__path__", [*agents.__path__, str(folder.parent)])
    yield lambda: importlib.import_module("agents.housing.agent").AGENT
    for name in [name for name in sys.modules if name.startswith("agents.housing")]:
        del sys.modules[name]
    if hasattr(agents, "housing"):
        del agents.housing


@pytest.fixture
def take_in(store, write):
    """Import documents or paths with an agent."""

    def import_all(agent, *documents):
        return import_files(
            [one if isinstance(one, Path) else write(one) for one in documents],
            agent=agent,
            store=store,
            now=datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
            verified_identifiers=False,
            bindings={},
            format_name=None,
        )

    return import_all


def case(**payload):
    record = {"recordId": "H1", "personId": "9990000018", "recordType": "housing.homelessness", "payload": payload}
    return {"orgId": "EXAMPLE-HOUSING", "orgType": "HOUSING", "records": [record]}


async def told(store, person):
    found = identify((person,), {person.ref: await store.find(person)}, chosen={}).of(person.ref)
    assert isinstance(found, Known)
    return (await store.look_up(found.record_id)).items


def test_the_skeleton_itself_works(take_in):
    (account,) = take_in(SKELETON, *SKELETON.examples())
    assert (account.people, account.records, account.rejected, account.flagged) == (1, 2, (), ())
    assert dict(account.ignored_fields) == {"/records/*/payload/notes": 1}


def test_the_page_makes_an_agent(housing):
    agent = housing()
    assert agent.sector is Sector.HOUSING
    assert DataClass.ORDINARY in agent.data_classes


async def test_the_new_agent_tells_what_its_table_says(housing, store, take_in, personal, asked):
    agent = housing()
    person = personal("Robin", "Testerton", "2014-03-04")
    held = case(
        status="open", priorityNeed=True, assessmentDate="2025-06-01", temporaryAccommodation="hostel", caseId="C"
    )
    held["records"].append(person)
    (account,) = take_in(agent, held)
    assert (account.people, account.rejected) == (1, ())
    assert dict(account.ignored_fields) == {"/records/*/payload/caseId": 1}
    status, place = await told(store, asked(nhs="9990000018"))
    assert status.text == "Homelessness application: open. In priority need."
    assert (status.type, status.date.isoformat(), status.flagged) == ("HOMELESSNESS", "2025-06-01", True)
    assert (place.type, place.text, place.location) == (
        "TEMPORARY_ACCOMMODATION",
        "Temporary accommodation: hostel.",
        True,
    )


async def test_the_new_agent_reads_the_sample(housing, store, take_in, samples, personal, asked):
    agent = housing()
    (account,) = take_in(agent, samples / "dfe_sui/custodians/housing-01.json")
    assert (account.format, account.records, account.rejected) == ("dfe-custodian", 1, ())
    assert [(one.at, one.reason) for one in account.flagged] == [("/records/0/personId", "OPAQUE_PERSON_ID")]
    assert dict(account.ignored_fields) == {"/records/*/payload/caseId": 1}
    person = personal("Robin", "Testerton", "2014-03-04", postcode="ZE1 0AA", person=samples.opaque_person)
    take_in(agent, {"orgId": "HOUSING-01", "orgType": "HOUSING", "records": [person]})
    items = await told(store, asked(postcode="ZE1 0AA"))
    assert {"HOMELESSNESS", "TEMPORARY_ACCOMMODATION"} <= {item.type for item in items}


def test_another_sectors_file_is_rejected(housing, take_in):
    (account,) = take_in(housing(), case(status="open") | {"orgType": "POLICE"})
    assert [one.reason for one in account.rejected] == ["WRONG_SECTOR"]


def test_a_row_without_a_saying_does_not_load(housing, tmp_path):
    table = tmp_path / "agents" / "housing" / "release.toml"
    table.write_text(table.read_text().replace("/status", "/state"))
    with pytest.raises(UsageError, match="row and mapping do not fit"):
        housing()
