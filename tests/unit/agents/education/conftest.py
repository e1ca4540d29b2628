"""What the tests of the education agent share: importing with it, its examples' outcomes, and its files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.education.agent import AGENT
from agents.sdk.importer import import_files
from broker.holder.identify import identify

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def take_in(store, write):
    """Import documents or paths into the store with the education agent, and return their accounts."""

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
