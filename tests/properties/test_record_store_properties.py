"""Over generated records: the index misses nobody, links never contradict, a whole store finds no wrong child."""

import asyncio
import json
import random
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.police.agent import AGENT
from agents.sdk.importer import ImportTerms, import_files
from agents.sdk.mapping.results import Subject
from agents.sdk.store.linkage import Linkable, agree, as_one, link
from agents.sdk.store.records import RecordStore
from agents.sdk.store.schema import pair_keys, search_keys, subject_from_text, subject_to_text
from broker.adapters.sql import SqlDatabase
from broker.holder.identify import Known, NoTrace, identify
from broker.holder.name_matching import family_keys, given_keys, shares_both_names, shares_one_name
from broker.holder.resemblance import birth_keys_sought, resembles
from broker.holder.source import Candidate, IdentifierHeld, NameHeld, PersonSought
from schemas.identifiers import check
from schemas.vocabulary import IdentifierScheme, PersonRole, Sex

words = st.sampled_from(
    ["Robin", "Alex", "Róbin", "O'Sample", "Mary-Jane", "de la", "Baby", "R", "Unknown", "", "李娜"]
)
names = st.builds(
    NameHeld,
    given_names=st.lists(words, max_size=3).map(tuple),
    family_name=st.none() | st.lists(words, min_size=1, max_size=2).map("-".join),
)
days = st.sampled_from([date(2014, 3, 4), date(2014, 1, 1), date(2014, 4, 3)])
numbers = st.sampled_from(["9990000018", "9990000026"])
subjects = st.builds(
    Subject,
    names=st.lists(names, max_size=2).map(tuple),
    dates_of_birth=st.lists(days, max_size=1).map(tuple),
    sexes=st.lists(st.sampled_from(Sex), max_size=1).map(tuple),
    postcodes=st.lists(st.sampled_from(["LS16AE", "ZE10AA"]), max_size=1).map(tuple),
    identifiers=st.lists(
        st.builds(IdentifierHeld, scheme=st.just(IdentifierScheme.NHS), value=numbers, verified=st.booleans()),
        max_size=1,
    ).map(tuple),
    custodian_key=st.none() | st.sampled_from(["OWNER|1", "OWNER|2", "OTHER|1"]),
    restricted=st.booleans(),
)


def sought(name, born, number=None, postcode=None):
    held = IdentifierHeld(scheme=IdentifierScheme.NHS, value=number or "")
    return PersonSought(
        ref="p1",
        roles=(PersonRole.SUBJECT_CHILD,),
        name=name,
        date_of_birth=born,
        sex=None,
        postcodes=(postcode,) if postcode else (),
        identifiers=(held,) if number else (),
    )


@settings(max_examples=500, deadline=None)
@given(names, days, subjects)
def test_whoever_the_rule_calls_a_candidate_by_name_is_in_the_index(name, born, subject):
    candidate = Candidate(
        record_id="r",
        names=subject.names,
        dates_of_birth=subject.dates_of_birth,
        sexes=(),
        postcodes=(),
        identifiers=(),
        restricted=False,
    )
    person = sought(name, born)
    outcome = identify((person,), {"p1": (candidate,)}, chosen={}).of("p1")
    born_on_the_day = born in subject.dates_of_birth
    if any(shares_both_names(name, one) or (born_on_the_day and shares_one_name(name, one)) for one in subject.names):
        given_names, family = given_keys(name), family_keys(name)
        pairs = {*pair_keys(given_names, family), *pair_keys(family, given_names)}
        assert (birth_keys_sought(person) | pairs) & search_keys(subject)
        assert not isinstance(outcome, NoTrace)
    else:
        assert isinstance(outcome, NoTrace) == (not resembles(person, candidate))


@settings(max_examples=300, deadline=None)
@given(st.lists(subjects, max_size=7), st.randoms(use_true_random=False))
def test_links_do_not_depend_on_the_order_and_never_contradict(drawn, shuffled):
    numbered = [Linkable(number=place, subject=subject) for place, subject in enumerate(drawn)]
    people = link(numbered)
    assert sorted(record.number for person in people for record in person) == list(range(len(drawn)))
    for person in people:
        owners = {}
        for record in person:
            owners.setdefault(record.subject.custodian_key or record.number, []).append(record.subject)
        told = [as_one(subjects) for subjects in owners.values()]
        assert all(agree(one, other) for one in told for other in told)
    keys = {}
    for place, person in enumerate(people):
        for record in person:
            key = record.subject.custodian_key
            assert key is None or keys.setdefault(key, place) == place, "an owner's key is a fact"
    again = list(numbered)
    shuffled.shuffle(again)
    assert as_sets(link(again)) == as_sets(people)


def as_sets(people):
    return {frozenset(record.number for record in person) for person in people}


@given(subjects)
def test_a_subject_is_read_back_as_it_was_written(subject):
    assert subject_from_text(subject_to_text(subject)) == subject


# ---------------------------------------------------------------- a whole store

GIVEN = ["Robin", "Robyn", "Alex", "Sam", "Kim", "Jo", "Lee", "Pat", "Jean", "Gene"]
FAMILY = ["Testerton", "Sample", "Example", "Invented", "Fictional", "Sample-Example"]
POSTCODES = ["ZE1 0AA", "ZE1 0AB", "ZE1 0AD"]


def valid_numbers():
    for serial in range(1, 10_000):
        for digit in range(10):
            number = f"999{serial:06}{digit}"
            if check(IdentifierScheme.NHS, number).valid:
                yield number


def population(chance, size):
    """Children, one in five of them with a twin at home, all different in some fact that a request states."""
    people, issued = {}, valid_numbers()
    while len(people) < size:
        born = date(2010, 1, 1) + timedelta(days=chance.randrange(400))
        family, postcode = chance.choice(FAMILY), chance.choice(POSTCODES)
        for given_name in chance.sample(GIVEN, 2 if chance.random() < 0.2 else 1):
            people.setdefault((given_name, family, born, postcode), next(issued))
    return people


def records_of(chance, people):
    """What a force holds: half of them, some by number alone, some without, some with slips."""
    for place, ((given_name, family, born, postcode), number) in enumerate(people.items()):
        if chance.random() < 0.5:
            continue
        held = chance.random()
        payload = {
            "firstName": given_name if chance.random() < 0.9 else None,
            "lastName": family,
            "dateOfBirth": str(born) if chance.random() < 0.9 else None,
            "address": {"postcode": postcode if chance.random() < 0.8 else None},
            "birthAssignedSex": chance.choice(["Female", "Male", None]),
        }
        own_key = f"key-{place}"
        yield {
            "recordId": f"P{place}",
            "personId": number if held < 0.6 else own_key,
            "recordType": "personal.details",
            "version": "1",
            "systemId": "RMS",
            "payload": payload,
        }
        yield {
            "recordId": f"C{place}",
            "personId": number if held < 0.8 else own_key,
            "recordType": "crime-justice.details",
            "version": "1",
            "systemId": "RMS",
            "payload": {"policeMarkerDetails": f"about {place}"},
        }


def test_no_request_brings_back_another_childs_items(tmp_path):
    chance = random.Random(20261120)
    people = population(chance, 400)
    file = tmp_path / "force.json"
    file.write_text(json.dumps({"orgId": "X", "orgType": "POLICE", "records": list(records_of(chance, people))}))
    database = SqlDatabase.open(tmp_path / "records.sqlite", schema=AGENT.store_schema)
    store = RecordStore(database)
    import_files(
        [file],
        agent=AGENT,
        store=store,
        terms=ImportTerms(now=datetime(2026, 11, 20, tzinfo=UTC), verified_identifiers=True),
    )
    found = asyncio.run(ask_for_all(store, chance, people))
    database.close()
    assert found > 100


async def ask_for_all(store, chance, people):
    """Ask for every child; whatever comes back at AUTO must be about that child alone. Return how many did."""
    known = 0
    for place, ((given_name, family, born, postcode), number) in enumerate(people.items()):
        person = sought(
            NameHeld(given_names=(given_name,), family_name=family),
            born,
            number if chance.random() < 0.7 else None,
            postcode if chance.random() < 0.8 else None,
        )
        outcome = identify((person,), {"p1": await store.find(person)}, chosen={}).of("p1")
        if isinstance(outcome, Known):
            known += 1
            held = await store.look_up(outcome.record_id)
            assert {item.source_ref for item in held.items} <= {f"P{place}", f"C{place}"}
    return known
