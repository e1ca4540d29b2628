"""The fifth sector of the page `agents/template/README.md`: what its agent reads, tells and refuses."""

import importlib
import shutil
import sys
from pathlib import Path

import pytest

import agents
from agents.sdk.testing import AgentHarness
from agents.template.agent import AGENT as SKELETON
from broker.errors import UsageError
from schemas.vocabulary import DataClass, Sector
from tests.pages import blocks

TEMPLATE = Path(agents.__file__).parent / "template"


@pytest.fixture
def folder(tmp_path):
    """The page's files over a copy of the skeleton."""
    made = tmp_path / "agents" / "fire"
    shutil.copytree(TEMPLATE, made, ignore=shutil.ignore_patterns("__pycache__"))
    for block in blocks(TEMPLATE / "README.md"):
        if block.mark.startswith("file: agents/fire/"):
            (tmp_path / block.mark.removeprefix("file: ")).write_text(block.text)
    return made


@pytest.fixture
def load(folder, monkeypatch):
    """Import the agent from its folder, under an import name of its own."""
    monkeypatch.syspath_prepend(folder.parent)
    yield lambda: importlib.import_module("fire.agent").AGENT
    for name in [name for name in sys.modules if name.startswith("fire")]:
        del sys.modules[name]


@pytest.fixture
def agent(load):
    return load()


def case(**payload):
    record = {"recordId": "H1", "personId": "9990000018", "recordType": "fire.visit", "payload": payload}
    return {"orgId": "EXAMPLE-FIRE", "orgType": "OTHER_AUTHORITY", "records": [record]}


def test_the_skeleton_itself_works(database, tmp_path):
    (account,) = AgentHarness(SKELETON, database, tmp_path).take_in(*SKELETON.examples())
    assert (account.people, account.records, account.rejected, account.flagged) == (1, 2, (), ())
    assert dict(account.ignored_fields) == {"/records/*/payload/notes": 1}


def test_the_page_makes_an_agent(agent):
    assert agent.sector is Sector.OTHER_AUTHORITY
    assert DataClass.ORDINARY in agent.data_classes


async def test_the_new_agent_tells_what_its_table_says(take_in, items, personal, asked):
    person = personal("Robin", "Testerton", "2014-03-04", postcode="ZE1 0AA")
    held = case(status="open", smokeAlarm=True, visitDate="2025-06-01", meetingPoint="the gate", caseId="C")
    held["records"].append(person)
    (account,) = take_in(held)
    assert (account.people, account.rejected) == (1, ())
    assert dict(account.ignored_fields) == {"/records/*/payload/caseId": 1}
    status, place, *_ = await items(asked(nhs="9990000018", postcode="ZE1 0AA"))
    assert status.text == "Home fire safety visit: open. A smoke alarm works."
    assert (status.type, status.date.isoformat(), status.flagged) == ("FIRE_SAFETY_VISIT", "2025-06-01", True)
    assert (place.type, place.text, place.location) == (
        "MEETING_POINT",
        "Meeting point outside the home: the gate.",
        True,
    )


def test_another_sectors_file_is_rejected(take_in):
    (account,) = take_in(case(status="open") | {"orgType": "POLICE"})
    assert [one.reason for one in account.rejected] == ["WRONG_SECTOR"]


def test_a_row_without_a_narrative_does_not_load(folder, load):
    table = folder / "release.toml"
    table.write_text(table.read_text().replace("/status", "/state"))
    with pytest.raises(UsageError, match="row and narrative do not fit"):
        load()
