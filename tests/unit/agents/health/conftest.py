"""What the tests of the health agent share: importing with it, its examples' outcomes, and its files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.health.agent import AGENT
from agents.sdk.importer import import_files
from broker.holder.identify import identify

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def take_in(store, write):
    """Import documents or paths into the store with the health agent, and return their accounts."""

    def import_all(*documents, verified=False, bindings=None, format_name=None):
        paths = [one if isinstance(one, Path) else write(one) for one in documents]
        return import_files(
            paths,
            agent=AGENT,
            store=store,
            now=NOW,
            verified_identifiers=verified,
            bindings=bindings or {},
            format_name=format_name,
        )

    return import_all


@pytest.fixture
def outcome(store):
    """Search for one person and say who they are."""

    async def decide(person):
        return identify((person,), {person.ref: await store.find(person)}, chosen={}).of(person.ref)

    return decide


@pytest.fixture
def items(store, outcome):
    """Everything held about a person who is known for certain."""

    async def held(person):
        found = await outcome(person)
        return (await store.look_up(found.record_id)).items

    return held


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
