"""What the tests of social care share: the agent, files in its three writings, and what they tell."""

from dataclasses import replace

import pytest

from agents.sdk.testing import sought
from agents.social_care.agent import AGENT
from broker.holder.source import IdentifierHeld
from schemas.vocabulary import IdentifierScheme

UPN = "P999000000018"
COLUMNS = {
    "header": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB",
    "episodes": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN",
    "missing": "CHILD,DOB,MISSING,MIS_START,MIS_END",
    "uasc": "CHILD,SEX,DOB,DUC",
}


@pytest.fixture
def agent():
    return AGENT


@pytest.fixture
def numbered():
    """Make the child whom a request asks about, known by a number of these schemes."""

    def make(*, born="2014-03-04", **numbers):
        held = [IdentifierHeld(scheme=IdentifierScheme(name), value=value) for name, value in numbers.items()]
        return replace(sought(born=born), identifiers=tuple(held))

    return make


@pytest.fixture
def custodian_file():
    """Make a custodian file of one record."""

    def make(record_type, payload, person="9990000018", **more):
        record = {"recordId": "C1", "personId": person, "recordType": record_type, "systemId": "CASES"}
        return {
            "orgId": "EXAMPLE-CSC",
            "orgType": "LOCAL_AUTHORITY",
            "records": [record | more | {"payload": payload}],
        }

    return make


def elements(**fields):
    """Write elements; a list is written once for each of its values, an object as elements inside."""
    written = ""
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            written += f"<{name}>{elements(**one) if isinstance(one, dict) else one}</{name}>"
    return written


@pytest.fixture
def census():
    """Make a census of one child with these episodes of need."""

    def make(*episodes, made="2026-06-30T09:00:00Z", characteristics=None, **identifiers):
        known_by = {"LAchildID": "EX000001", "UPN": UPN, "PersonBirthDate": "2014-03-04", "Sex": "F"} | identifiers
        child = {
            "ChildIdentifiers": {name: value for name, value in known_by.items() if value is not None},
            "ChildCharacteristics": characteristics or {},
            "CINdetails": list(episodes),
        }
        header = {"CollectionDetails": {"Collection": "CIN"}, "Source": {"LEA": "999", "DateTime": made}}
        return elements(Message={"Header": header, "Children": {"Child": [child]}}).encode()

    return make


@pytest.fixture
def table():
    """Make a table of the return out of rows, each a mapping of its columns."""

    def make(name, *rows):
        columns = COLUMNS[name].split(",")
        lines = [",".join(str(row.get(column, "")) for column in columns) for row in rows]
        return "\r\n".join([COLUMNS[name], *lines, ""]).encode()

    return make


@pytest.fixture
def told(take_in, items, asked, custodian_file):
    """Import files beside one that says which child of a name the authority's number is, and say what is told."""

    async def of(*files):
        allocation = {"childId": "EX000001", "firstName": "Robin", "lastName": "Testerton", "dateOfBirth": "2014-03-04"}
        take_in(custodian_file("social-care.allocation", allocation), *files)
        return await items(asked(nhs="9990000018"))

    return of
