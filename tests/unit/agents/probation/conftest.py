"""What the tests of the probation agent share: importing with its agent, and somebody it supervises."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agents.probation.agent import AGENT
from agents.sdk.importer import import_files
from broker.holder.identify import Known, identify
from broker.holder.source import IdentifierHeld, NameHeld, PersonSought
from schemas.vocabulary import IdentifierScheme, PersonRole

CRN = "X990001"


@pytest.fixture
def take_in(store, write):
    """Import documents or paths with the probation agent, bound to one CRN unless told otherwise."""

    def import_all(*documents, crn=CRN, format_name=None):
        paths = [one if isinstance(one, Path) else write(one) for one in documents]
        return import_files(
            paths,
            agent=AGENT,
            store=store,
            now=datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
            verified_identifiers=False,
            bindings={IdentifierScheme.CRN: crn} if crn else {},
            format_name=format_name,
        )

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
            role=PersonRole.OTHER,
            name=NameHeld(given_names=(given,), family_name=family),
            date_of_birth=date.fromisoformat(born),
            sex=None,
            postcodes=(postcode,) if postcode else (),
            identifiers=(held,) if crn else (),
        )

    return make


@pytest.fixture
def outcome(store, sought):
    """Search for a person and decide who they are."""

    async def search(person=None):
        person = person or sought()
        return identify((person,), {person.ref: await store.find(person)}, chosen={}).of(person.ref)

    return search


@pytest.fixture
def told(store, take_in, offender, outcome):
    """Import answers beside the person they are about, and return every item that is held."""

    async def items(*documents, **more):
        take_in(offender(), *documents, **more)
        found = await outcome()
        assert isinstance(found, Known)
        return (await store.look_up(found.record_id)).items

    return items
