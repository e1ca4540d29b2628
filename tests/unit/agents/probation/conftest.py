"""What the tests of the probation agent share: importing with its agent, and somebody it supervises."""

from datetime import date

import pytest

from agents.probation.agent import AGENT
from broker.holder.source import IdentifierHeld, NameHeld, PersonSought
from schemas.vocabulary import IdentifierScheme, PersonRole

CRN = "X990001"


@pytest.fixture
def agent():
    return AGENT


@pytest.fixture
def take_in(harness):
    """Import documents or paths with the probation agent, bound to one CRN unless told otherwise."""

    def import_all(*documents, crn=CRN, format_name=None):
        bindings = {IdentifierScheme.CRN: crn} if crn else {}
        return harness.take_in(*documents, bindings=bindings, format_name=format_name)

    return import_all


@pytest.fixture
def offender():
    """Make the answer that says who the case is about."""

    def make(**more):
        person = {"firstName": "Sam", "surname": "Sample", "dateOfBirth": "1985-07-08"}
        return person | {"otherIds": {"crn": CRN}, "currentRestriction": False, "currentExclusion": False} | more

    return make


@pytest.fixture
def sought():
    """Make the adult whom a request asks about."""

    def make(given="Sam", family="Sample", born="1985-07-08", crn=CRN, postcode=None):
        held = IdentifierHeld(scheme=IdentifierScheme.CRN, value=crn or "")
        return PersonSought(
            ref="p3",
            roles=(PersonRole.OTHER,),
            name=NameHeld(given_names=(given,), family_name=family),
            date_of_birth=date.fromisoformat(born),
            sex=None,
            postcodes=(postcode,) if postcode else (),
            identifiers=(held,) if crn else (),
        )

    return make


@pytest.fixture
def outcome(harness, sought):
    """Search for a person and decide who they are."""
    return lambda person=None: harness.identity(person or sought())


@pytest.fixture
def told(harness, take_in, offender, sought):
    """Import answers beside the person they are about, and return every item that is held."""

    async def items(*documents, **more):
        take_in(offender(), *documents, **more)
        return await harness.items(sought())

    return items
