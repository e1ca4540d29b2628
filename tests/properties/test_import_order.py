"""Files in any order, twice, or split anywhere give the same answers, and nobody answers for anybody else.

The records are hand-made: what a format reads of a file does not depend on what else is held.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.sdk.mapping.results import RecordRead
from agents.sdk.store.records import STORE_SCHEMA, RecordStore
from broker.adapters.sql import SqlDatabase
from broker.holder.source import Candidate, IdentifierHeld, NameHeld, PersonSought
from schemas.vocabulary import IdentifierScheme, PersonRole
from tests.records_world import BORN, NOW, about, bare, intake, read, record, withdrawal

PEOPLE = (("Robin", "Testerton", "9990000018"), ("Alex", "Testerton", "9990000026"), ("Robin", "Sample", "9990000034"))
SERVERS = ("https://gp.example", "https://ed.example")

places = st.sampled_from(range(len(PEOPLE)))
servers = st.sampled_from(SERVERS)


@st.composite
def patients(draw):
    """The record of a person at one server: with or without a number and a home, under the server's own key."""
    place, server = draw(places), draw(servers)
    given_name, family, number = PEOPLE[place]
    postcode = draw(st.sampled_from([None, "LS16AE"]))
    nhs = number if draw(st.booleans()) else None
    subject = about(given_name, family, BORN, nhs, postcode, key=f"{server}|{place}")
    return record(f"Patient/{place}", subject, f"who {place}", system=server, number=draw(st.integers(1, 3)))


@st.composite
def conditions(draw):
    """What a server holds about one of its patients, by the server's key alone. A number has one content a version."""
    place, server = draw(places), draw(servers)
    version = draw(st.integers(1, 3))
    return record(
        f"Condition/{place}", bare(f"{server}|{place}"), f"held of {place} v{version}", system=server, number=version
    )


@st.composite
def withdrawals(draw):
    place, server = draw(places), draw(servers)
    return withdrawal(f"Condition/{place}", system=server, number=draw(st.integers(1, 3)))


found = st.lists(patients() | conditions() | withdrawals(), min_size=1, max_size=10)


def distinct(things):
    """One content for each version of each record, as owners write them."""
    seen = {}
    for one in things:
        seen.setdefault((one.key, one.version.number), one)
    return list(seen.values())


class World:
    """A store of its own for each example."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "records.sqlite"
        self._database = SqlDatabase.open(path, schema=STORE_SCHEMA)
        self.store = RecordStore(self._database)
        self._files = 0

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self._database.close()
        self._folder.cleanup()

    def take(self, things, digest=None):
        self._files += 1
        at = NOW + timedelta(seconds=self._files)
        self.store.replace(read(*things), intake(digest or f"file {self._files}", at=at))

    def answers(self):
        """Everybody who is held: what is said of them, and what is held about them."""
        return sorted(self._said(one) for one, _, _ in self.store.people())

    def _said(self, one: Candidate):
        held = asyncio.run(self.store.look_up(one.record_id))
        names = sorted({f"{' '.join(name.given_names)} {name.family_name}" for name in one.names})
        numbers = sorted({number.value for number in one.identifiers})
        return names, numbers, sorted(one.postcodes), sorted(item.text for item in held.items)


def answers_of(*files):
    with World() as world:
        for things in files:
            world.take(things)
        return world.answers()


@settings(max_examples=60, deadline=None)
@given(found, st.randoms(use_true_random=False))
def test_files_in_any_order_give_the_same_answers(things, shuffled):
    things = distinct(things)
    again = list(things)
    shuffled.shuffle(again)
    assert answers_of(*([one] for one in things)) == answers_of(*([one] for one in again))


@settings(max_examples=60, deadline=None)
@given(found, st.integers(0, 10))
def test_a_file_split_anywhere_gives_the_same_answers(things, place):
    things = distinct(things)
    whole = answers_of(things)
    assert answers_of(things[:place], things[place:]) == whole
    assert answers_of(things[place:], things[:place]) == whole


@settings(max_examples=60, deadline=None)
@given(found)
def test_a_file_twice_gives_the_same_answers(things):
    things = distinct(things)
    with World() as world:
        world.take(things, digest="the file")
        once = world.answers()
        world.take(things, digest="the file")
        assert world.answers() == once
        world.take(things, digest="a copy of it")
        assert world.answers() == once


@settings(max_examples=60, deadline=None)
@given(found)
def test_a_record_never_answers_for_somebody_whom_its_file_does_not_name(things):
    """Whoever is found by a number has nothing but what their own keys lead to."""
    things = distinct(things)
    with World() as world:
        world.take(things)
        if not world.answers():
            return
        for place, (given_name, family, number) in enumerate(PEOPLE):
            person = PersonSought(
                ref="p1",
                roles=(PersonRole.SUBJECT_CHILD,),
                name=NameHeld(given_names=(given_name,), family_name=family),
                date_of_birth=BORN,
                sex=None,
                postcodes=(),
                identifiers=(IdentifierHeld(scheme=IdentifierScheme.NHS, value=number),),
            )
            for one in asyncio.run(world.store.find(person)):
                if any(held.value == number for held in one.identifiers):
                    texts = [item.text for item in asyncio.run(world.store.look_up(one.record_id)).items]
                    assert all(text.split()[1 if text.startswith("who") else 2] == str(place) for text in texts)


@settings(max_examples=60, deadline=None)
@given(found)
def test_what_a_server_says_of_its_own_patient_is_never_lost(things):
    """Whoever else is held: a record stays with the patient that it names by key."""
    things = distinct(things)
    with World() as world:
        world.take(things)
        held = world.answers()
    newest = {}
    for one in things:
        newest[one.key] = max(newest.get(one.key, one), one, key=lambda thing: thing.version.number or 0)
    records = [one for one in newest.values() if isinstance(one, RecordRead)]
    told = sorted(text for *_, texts in held for text in texts)
    assert told == sorted(item.text for one in records for item in one.items)
