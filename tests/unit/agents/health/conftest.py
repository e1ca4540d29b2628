"""What the tests of the health agent share: its agent, and FHIR resources."""

import pytest

from agents.health.agent import AGENT


@pytest.fixture
def agent():
    return AGENT


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
