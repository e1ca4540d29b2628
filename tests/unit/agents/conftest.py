"""What the tests of the record store share: an empty store, invented files, and the sample files."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agents.police.agent import AGENT
from agents.sdk.importer import import_files
from agents.sdk.store.records import RecordStore
from broker.adapters.sql import SqlDatabase
from broker.holder.source import IdentifierHeld, NameHeld, PersonSought
from schemas.vocabulary import IdentifierScheme, PersonRole
from tests.sample_files import SETS, present

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    opened = SqlDatabase.open(tmp_path / "records.sqlite", schema=AGENT.store_schema)
    yield opened
    opened.close()


@pytest.fixture
def store(database):
    return RecordStore(database)


@pytest.fixture(params=SETS, ids=lambda one: one.name)
def samples(request):
    """Sample files in the agencies' formats: the invented twins, and the published ones where they are here."""
    return present(request.param)


@pytest.fixture
def write(tmp_path):
    """Write a document (or bytes) into a file of its own and return its path."""
    written = []

    def write_file(document):
        path = tmp_path / f"file-{len(written)}.json"
        written.append(path)
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        return path

    return write_file


@pytest.fixture
def take_in(store, write):
    """Import documents or paths into the store with the police agent, and return their accounts."""

    def import_all(*documents, verified=False, bindings=None, format_name=None, now=NOW):
        paths = [one if isinstance(one, Path) else write(one) for one in documents]
        return import_files(
            paths,
            agent=AGENT,
            store=store,
            now=now,
            verified_identifiers=verified,
            bindings=bindings or {},
            format_name=format_name,
        )

    return import_all


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
def asked():
    """Make somebody whom a request asks about."""

    def make(given="Robin", family="Testerton", born="2014-03-04", nhs=None, postcode=None, ref="p1"):
        held = IdentifierHeld(scheme=IdentifierScheme.NHS, value=nhs or "")
        return PersonSought(
            ref=ref,
            role=PersonRole.SUBJECT_CHILD,
            name=NameHeld(given_names=tuple(given.split()), family_name=family),
            date_of_birth=date.fromisoformat(born),
            sex=None,
            postcodes=(postcode,) if postcode else (),
            identifiers=(held,) if nhs else (),
        )

    return make
