"""What the tests of agents share: one agent over an empty store, invented records, and the sample files."""

import json
from pathlib import Path

import pytest

from agents.education.agent import AGENT as EDUCATION
from agents.health.agent import AGENT as HEALTH
from agents.police.agent import AGENT
from agents.probation.agent import AGENT as PROBATION
from agents.sdk.column_map import load_map
from agents.sdk.documents import read_file
from agents.sdk.format import FileTerms
from agents.sdk.mapped_rows import MappedRows
from agents.sdk.testing import NOW, AgentHarness, sought
from broker.adapters.sql import SqlDatabase
from broker.holder.source import IdentifierHeld
from schemas.vocabulary import IdentifierScheme
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


BY_SECTOR = {"police": AGENT, "health": HEALTH, "education": EDUCATION, "probation": PROBATION}


@pytest.fixture
def read(tmp_path):
    """Read a document, bytes or a path with a sector's agent, and return what the file says."""
    written = iter(range(1000))

    def make(document, sector="health", *, crn=None, nhs=None, source=None, mapping=None, known=(), verified=False):
        path = document
        if not isinstance(document, Path):
            path = tmp_path / f"read-{next(written)}.json"
            path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        agent = BY_SECTOR[sector]
        columns = load_map(mapping, agent.readers) if mapping else None
        bound = {IdentifierScheme.CRN: crn, IdentifierScheme.NHS: nhs}
        terms = FileTerms(
            sector=agent.sector,
            digest="",
            bound=tuple(IdentifierHeld(scheme=key, value=value) for key, value in bound.items() if value),
            verified_identifiers=verified,
            today=NOW.date(),
            source=source,
            is_known=lambda key: key in known,
        )
        among = agent.formats if columns is None else (MappedRows(columns),)
        return read_file(path, among=among, asked_for=False, columns=columns, terms=terms, readers=agent.readers)[1]

    return make


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


@pytest.fixture
def patient():
    """Make a FHIR Patient; more fields replace or add to it."""

    def make(ident="robin", given="Robin", born="2014-03-04", nhs="9990000018", code="U", **more):
        label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": code}
        number = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": nhs}
        return {
            "resourceType": "Patient",
            "id": ident,
            "meta": {"security": [label]},
            "identifier": [number] if nhs else [],
            "name": [{"given": given.split(), "family": "Testerton"}],
            "birthDate": born,
            "address": [{"line": ["1 Invented Row", "Exampleford"], "postalCode": "ZE1 0AA"}],
            "telecom": [{"system": "phone", "value": "01632 960004"}],
            "generalPractitioner": [{"identifier": {"value": "Y12345"}}],
        } | more

    return make


@pytest.fixture
def clinical():
    """Make a clinical resource about somebody, with a code of SNOMED CT."""

    def make(kind="Condition", about="Patient/robin", code="386661006", display="Fever", ident="c1", **more):
        coding = {"system": "http://snomed.info/sct", "code": code, "display": display}
        subject = {"reference": about} if isinstance(about, str) else about
        return {
            "resourceType": kind,
            "id": ident,
            "code": {"coding": [coding]},
            "subject": subject,
        } | more

    return make


@pytest.fixture
def bundle():
    """Make a bundle of resources; each has a full URL on one server."""

    def make(*resources, base="https://one.example.org/R4", **more):
        entries = [{"fullUrl": f"{base}/{one['resourceType']}/{one.get('id')}", "resource": one} for one in resources]
        return {"resourceType": "Bundle", "type": "searchset", "entry": entries} | more

    return make
