"""What the tests of agents share: one agent over an empty store, invented records, and the sample files."""

import pytest

from agents.police.agent import AGENT
from agents.sdk.testing import AgentHarness, sought
from broker.adapters.sql import SqlDatabase
from tests.sample_files import SETS, present


@pytest.fixture
def agent():
    """The agent that is tested: police, unless a sector's tests name their own."""
    return AGENT


@pytest.fixture
def database(agent, tmp_path):
    opened = SqlDatabase.open(tmp_path / "records.sqlite", schema=agent.store_schema)
    yield opened
    opened.close()


@pytest.fixture
def harness(agent, database, tmp_path):
    return AgentHarness(agent, database, tmp_path)


@pytest.fixture
def store(harness):
    return harness.store


@pytest.fixture
def write(harness):
    """Write a document (or bytes) into a file of its own and return its path."""
    return harness.write


@pytest.fixture
def take_in(harness):
    """Import documents or paths into the store with the agent, and return their accounts."""
    return harness.take_in


@pytest.fixture
def outcome(harness):
    """Search for one person and say who they are."""
    return harness.identity


@pytest.fixture
def items(harness):
    """Everything held about a person who is known for certain."""
    return harness.items


@pytest.fixture
def asked():
    """Make somebody whom a request asks about."""
    return sought


@pytest.fixture(params=SETS, ids=lambda one: one.name)
def samples(request):
    """Sample files in the agencies' formats: the invented twins, and the published ones where they are here."""
    return present(request.param)


def _record(kind, payload, /, *, person="9990000018", reference="R1", **more):
    envelope = {
        "recordId": reference,
        "personId": person,
        "recordType": kind,
        "version": "1",
        "systemId": "EXAMPLE-RMS",
        "payload": payload,
    }
    return {key: value for key, value in (envelope | more).items() if value is not ...}


@pytest.fixture
def personal():
    """Make a `personal.details` record; `...` leaves a field of the envelope out."""

    def make(given=None, family=None, born=None, postcode=None, **envelope):
        extra = envelope.pop("fields", {})
        names = {"firstName": given, "lastName": family, "dateOfBirth": born}
        return _record("personal.details", names | {"address": {"postcode": postcode}} | extra, **envelope)

    return make


@pytest.fixture
def crime():
    """Make a `crime-justice.details` record with the fields given."""

    def make(fields=None, **envelope):
        return _record(
            "crime-justice.details", {"policeMarkerDetails": "Dog at the address"} | (fields or {}), **envelope
        )

    return make


@pytest.fixture
def police_file():
    """Make a custodian file of a force out of records."""

    def make(*records, **more):
        return {"orgId": "EXAMPLE-POLICE", "orgName": "Example", "orgType": "POLICE", "records": list(records)} | more

    return make
