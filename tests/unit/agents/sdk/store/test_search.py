"""Searching the store: who resembles is found, stands behind everybody whom the rule names, and hides nobody."""

from agents.sdk.store import queries
from broker.holder.identify import MOST_CANDIDATES, Known, NoTrace, Uncertain


async def test_who_only_resembles_is_found_for_a_person(take_in, police_file, personal, asked, outcome):
    take_in(police_file(personal("Robyn", "Testertom", "2014-03-14", "ZE1 0AA", person="k1")))
    assert isinstance(await outcome(asked(postcode="ZE1 0AA")), Uncertain)
    assert isinstance(await outcome(asked(postcode="ZE9 9ZZ")), Uncertain)


async def test_a_household_does_not_resemble(take_in, police_file, personal, asked, outcome):
    take_in(police_file(personal("Alex", "Testerton", "1985-07-08", "ZE1 0AA", person="k1")))
    assert isinstance(await outcome(asked(postcode="ZE1 0AA")), NoTrace)


async def test_a_crowd_that_resembles_stands_behind_and_hides_nobody(
    store, take_in, police_file, personal, asked, outcome
):
    crowd = [
        personal("Robyn", "Testertom", f"2014-03-{i % 27 + 1:02}", "ZE1 0AA", person=f"k{i}", reference=f"R{i}")
        for i in range(MOST_CANDIDATES + 10)
    ]
    take_in(police_file(*crowd, personal("Robin", "Testerton", "2014-03-04", "ZE1 0AA", reference="CHILD")))
    first, *behind = await store.find(asked(postcode="ZE1 0AA"))
    assert [name.given_names for name in first.names] == [("Robin",)]
    assert len(behind) == MOST_CANDIDATES
    assert isinstance(await outcome(asked(nhs="9990000018", postcode="ZE1 0AA")), Known)


async def test_a_crowd_that_resembles_gives_no_search_up(store, take_in, police_file, personal, asked, monkeypatch):
    monkeypatch.setattr(queries, "MOST_SEEDS", 2)
    crowd = [
        personal("Robyn", "Testertom", f"2014-05-{i + 1:02}", "ZE1 0AA", person=f"k{i}", reference=f"R{i}")
        for i in range(4)
    ]
    take_in(police_file(*crowd))
    assert len(await store.find(asked(postcode="ZE1 0AA"))) == len(crowd)


async def test_a_name_that_only_sounds_alike_is_no_name_in_common(store, take_in, police_file, personal, asked):
    take_in(police_file(personal("Robyn", "Sample", "2014-03-04", "ZE1 0AA", person="k1")))
    assert await store.find(asked(postcode="LS1 6AE")) == ()
