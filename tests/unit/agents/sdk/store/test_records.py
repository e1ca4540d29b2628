"""The record store: it finds everybody it must, holds what came last, and says how old it is."""

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest

from agents.sdk.store import queries as finding
from broker.errors import InvariantError, UnavailableError
from broker.holder.identify import MOST_CANDIDATES, Known, Uncertain
from broker.holder.source import NothingToSearch

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def texts(items):
    """What is held about a person, in words."""

    async def held(person):
        return sorted(item.text for item in await items(person))

    return held


# ---------------------------------------------------------------- finding


async def test_somebody_is_found_by_number_by_names_and_by_birth_with_one_name(
    store, take_in, police_file, personal, asked
):
    take_in(police_file(personal("Robin", "Testerton", "2014-03-04")))
    for person in (
        asked("Alex", "Sample", "1999-09-09", nhs="9990000018"),
        asked("Robin", "Testerton", "1999-09-09"),
        asked("Testerton", "Robin", "1999-09-09"),
        asked("Robin", "Sample"),
        asked("Alex", "Testerton"),
        asked("Alex", "Testerton-Sample"),
    ):
        assert len(await store.find(person)) == 1, person


async def test_strangers_are_not_found(store, take_in, police_file, personal, asked):
    take_in(police_file(personal("Robin", "Testerton", "2014-03-04")))
    for person in (
        asked("Alex", "Sample"),
        asked("Robin", "Sample", "2014-03-05"),
        asked("Alex", "Testerton", "2014-04-03"),
        asked("Alex", "Sample", "1999-09-09", nhs="9990000026"),
    ):
        assert await store.find(person) == ()


async def test_an_invalid_number_finds_nobody_even_where_it_is_held(store, take_in, police_file, crime, asked):
    take_in(police_file(crime(person="9991234566"), crime(person="1111111111", reference="R2")), verified=True)
    for number in ("9991234566", "1111111111"):
        assert await store.find(asked("Robin", "Testerton", nhs=number)) == ()


async def test_a_candidate_carries_all_that_its_records_say(store, take_in, police_file, personal, crime, asked):
    take_in(
        police_file(
            personal("Robin", "Testerton", "2014-03-04", "ZE1 0AA"),
            personal("Robin", "Sample-Testerton", None, "LS1 6AE", reference="R2"),
            crime(reference="R3"),
        )
    )
    (found,) = await store.find(asked())
    assert [name.family_name for name in found.names] == ["Testerton", "Sample-Testerton"]
    assert set(found.postcodes) == {"ZE10AA", "LS16AE"}
    assert len(found.dates_of_birth) == 1
    assert [held.verified for held in found.identifiers] == [False]


async def test_records_of_several_systems_and_files_are_one_person(texts, take_in, police_file, personal, crime, asked):
    take_in(police_file(crime({"policeMarkerDetails": "first"})))
    take_in(police_file(personal("Robin", "Testerton", "2014-03-04", reference="R2", systemId="OTHER")))
    take_in(police_file(crime({"policeMarkerDetails": "third"}, reference="R3", systemId="OTHER")))
    assert await texts(asked(nhs="9990000018")) == ["Police marker: first.", "Police marker: third."]


async def test_a_bare_record_of_the_owners_own_key_is_reached_over_the_named_one(
    texts, take_in, police_file, personal, crime, asked
):
    named = personal("Robin", "Testerton", "2014-03-04", "ZE1 0AA", person="q86LnOncgsSR")
    take_in(police_file(crime({"policeMarkerDetails": "told"}, person="q86LnOncgsSR", reference="R2"), named))
    told = await texts(asked(postcode="ZE1 0AA"))
    assert "Police marker: told." in told


async def test_namesakes_born_on_one_day_do_not_get_each_others_items(
    texts, take_in, police_file, personal, crime, asked, outcome
):
    take_in(
        police_file(
            personal("Robin", "Testerton", "2014-03-04", "ZE1 0AA"),
            crime({"policeMarkerDetails": "ours"}, reference="R2"),
            personal("Robin", "Testerton", "2014-03-04", "ZE1 0AA", person="9990000026", reference="R3"),
            crime({"policeMarkerDetails": "theirs"}, person="9990000026", reference="R4"),
        )
    )
    assert "Police marker: ours." in await texts(asked(nhs="9990000018"))
    assert "Police marker: theirs." not in await texts(asked(nhs="9990000018"))
    assert isinstance(await outcome(asked(postcode="ZE1 0AA")), Uncertain)


async def test_too_many_candidates_are_one_more_than_the_most(store, take_in, police_file, personal, asked, outcome):
    namesakes = [
        personal("Robin", "Testerton", f"19{50 + i // 12}-{i % 12 + 1:02}-02", person=f"k{i}", reference=f"R{i}")
        for i in range(MOST_CANDIDATES + 10)
    ]
    child = personal("Robin", "Testerton", "2014-03-04", "ZE1 0AA", reference="CHILD")
    take_in(police_file(*namesakes, child))
    assert len(await store.find(asked())) == MOST_CANDIDATES + 1
    assert isinstance(await outcome(asked(postcode="ZE1 0AA")), Uncertain)
    assert isinstance(await outcome(asked(nhs="9990000018")), Known)


async def test_a_name_that_finds_too_many_records_is_for_a_person(
    store, take_in, police_file, personal, asked, monkeypatch
):
    monkeypatch.setattr(finding, "MOST_SEEDS", 2)
    take_in(police_file(*[personal("Robin", "Testerton", "2014-03-04", reference=f"R{i}") for i in range(3)]))
    with pytest.raises(UnavailableError):
        await store.find(asked())


async def test_too_many_records_of_one_person_are_for_a_person(store, take_in, police_file, crime, asked, monkeypatch):
    monkeypatch.setattr(finding, "MOST_LINKED", 1)
    take_in(police_file(*[crime(reference=f"R{i}") for i in range(3)]), police_file(crime(reference="X")))
    found = await store.find(asked(nhs="9990000018"))
    with pytest.raises(UnavailableError):
        await store.look_up(found[0].record_id)


async def test_searches_run_beside_one_another(store, take_in, police_file, personal, asked):
    take_in(police_file(personal("Robin", "Testerton", "2014-03-04")))
    found = await asyncio.gather(*(store.find(asked()) for _ in range(8)))
    assert all(len(one) == 1 for one in found)


async def test_the_event_loop_is_never_held_up_by_a_search(store, asked, monkeypatch):
    seen = []
    monkeypatch.setattr(store, "_find", lambda person: seen.append(threading.current_thread()) or ())
    await store.find(asked())
    assert seen != [threading.current_thread()]


# ---------------------------------------------------------------- holding


async def test_the_same_file_twice_is_the_file_once(texts, database, take_in, police_file, personal, crime, asked):
    document = police_file(personal("Robin", "Testerton", "2014-03-04"), crime(reference="R2"))
    first = take_in(document)[0].as_json() | {"file": ""}
    before = rows(database)
    assert take_in(document)[0].as_json() | {"file": ""} == first
    assert rows(database) == before
    assert await texts(asked(nhs="9990000018")) == ["Police marker: Dog at the address."]


def rows(database):
    with database.transaction() as transaction:
        return {
            table: transaction.execute(f"SELECT COUNT(*) FROM {table}")[0][0]
            for table in ("files", "systems", "records", "links", "searches", "items", "ignored")
        }


async def test_a_record_that_comes_again_replaces_what_it_said(
    store, database, take_in, police_file, crime, personal, asked
):
    take_in(police_file(crime({"policeMarkerDetails": "old", "shoes": "red"}), personal("Robin", reference="R2")))
    take_in(police_file(crime({"policeMarkerDetails": "new"})))
    found = await store.find(asked(nhs="9990000018"))
    held = await store.look_up(found[0].record_id)
    assert [item.text for item in held.items] == ["Police marker: new."]
    assert held.ignored_fields == ()
    take_in(police_file(personal("Alex", reference="R2"), crime({"policeMarkerDetails": "newest"})))
    assert rows(database)["files"] == 1


async def test_a_corrected_record_leaves_no_wrong_link_behind(
    texts, take_in, police_file, personal, crime, asked, outcome
):
    take_in(police_file(personal("Robin", "Testerton", "2014-03-04", "ZE1 0AA"), crime(reference="R2")))
    corrected = personal("Robin", "Testerton", "2014-03-04", "ZE1 0AA", person="9990000026")
    take_in(police_file(corrected))
    assert await texts(asked(nhs="9990000026")) == ["Main address: ZE1 0AA."]
    assert isinstance(await outcome(asked(nhs="9990000018")), Uncertain)


async def test_the_switch_belongs_to_the_file_that_it_came_with(outcome, take_in, police_file, crime, asked):
    document = police_file(crime())
    take_in(document, verified=True)
    assert isinstance(await outcome(asked(nhs="9990000018")), Known)
    take_in(document, verified=False)
    assert isinstance(await outcome(asked(nhs="9990000018")), Uncertain)


async def test_a_records_id_lasts_over_imports(store, take_in, police_file, personal, asked):
    document = police_file(personal("Robin", "Testerton", "2014-03-04"))
    take_in(document)
    before = await store.find(asked())
    take_in(police_file(personal("Alex", "Sample", "2011-01-02", person="9990000034", reference="R9")), document)
    assert [one.record_id for one in await store.find(asked())] == [one.record_id for one in before]


async def test_any_record_of_a_person_looks_up_the_whole_person(store, database, take_in, police_file, personal, crime):
    take_in(police_file(personal("Robin", "Testerton", "2014-03-04", "ZE1 0AA"), crime(reference="R2")))
    with database.transaction() as transaction:
        keys = [row[0] for row in transaction.execute("SELECT record_key FROM records")]
    held = [await store.look_up(key) for key in keys]
    assert len(keys) == 2
    assert held[0] == held[1]
    assert len(held[0].items) == 2


async def test_a_record_that_is_gone_is_a_fault(store):
    with pytest.raises(InvariantError):
        await store.look_up("0" * 32)


async def test_what_is_written_is_read_back_the_same(store, take_in, police_file, personal, asked, outcome):
    related = {"relatedPeople": [{"name": "Sam Sample", "relationshipToTheChild": "Carer", "risk": ["Armed"]}]}
    take_in(police_file(personal("Robin", "Testerton", "2014-03-04", fields=related)))
    found = await outcome(asked(nhs="9990000018"))
    related_person, risk = (await store.look_up(found.record_id)).items[-2:]
    assert related_person.concerns.family_name == risk.concerns.family_name == "Sample"
    assert (risk.type, risk.third_party, risk.flagged) == ("RELATED_PERSON_RISK", True, True)
    assert risk.field == "personal.details#/relatedPeople/0/risk/0"


# ---------------------------------------------------------------- how fresh, how whole


async def test_an_empty_store_is_never_searched(store, asked):
    for ask in (store.coverage(), store.find(asked(nhs="9990000018"))):
        with pytest.raises(NothingToSearch) as raised:
            await ask
        assert raised.value.reason == "NOTHING_IMPORTED"


async def test_a_store_of_which_nothing_could_be_read_is_never_searched(store, take_in, asked):
    take_in(b"{")
    with pytest.raises(NothingToSearch) as raised:
        await store.find(asked(nhs="9990000018"))
    assert raised.value.reason == "NOTHING_READABLE"


async def test_a_search_is_as_old_as_its_stalest_system(store, take_in, police_file, personal, crime, asked, outcome):
    later = NOW + timedelta(days=3, microseconds=999)
    take_in(police_file(personal("Robin", "Testerton", "2014-03-04")))
    take_in(police_file(crime(reference="R2", systemId="OTHER")), now=later)
    covered = await store.coverage()
    assert covered.systems_searched == ("EXAMPLE-RMS", "OTHER")
    assert covered.data_as_at == NOW
    assert covered.gaps == ""
    take_in(police_file(personal("Alex", "Sample", person="9990000026", reference="R3")), now=later)
    assert (await store.coverage()).data_as_at == NOW + timedelta(days=3)
    found = await outcome(asked(nhs="9990000018"))
    assert (await store.look_up(found.record_id)).data_as_at == NOW


UNREAD = "records could not be read, and were not searched"


async def test_records_that_could_not_be_read_are_a_gap_until_as_much_is_imported_clean(
    store, take_in, police_file, crime
):
    take_in(police_file(crime(), crime(recordType="crime-justice.secret", reference="R2")))
    assert (await store.coverage()).gaps == f"EXAMPLE-RMS: {UNREAD}."
    take_in(police_file(crime()))
    assert (await store.coverage()).gaps == f"EXAMPLE-RMS: {UNREAD}.", "the good record alone mends nothing"
    take_in(police_file(crime(systemId="OTHER"), crime(systemId="OTHER", reference="R2")))
    assert (await store.coverage()).gaps == f"EXAMPLE-RMS: {UNREAD}.", "another source mends nothing"
    take_in(police_file(crime(), crime(reference="R2")))
    assert (await store.coverage()).gaps == ""


async def test_a_file_that_could_not_be_read_is_a_gap_until_it_is_mended_in_its_place(
    store, take_in, police_file, crime, write
):
    take_in(police_file(crime()))
    broken = write(b"{")
    take_in(broken)
    assert (await store.coverage()).gaps == f"files without a named source: {UNREAD}."
    take_in(police_file(crime(), crime(reference="R2")))
    assert UNREAD in (await store.coverage()).gaps
    broken.write_text(json.dumps(police_file(crime(reference="R3"))))
    take_in(broken)
    assert (await store.coverage()).gaps == ""


async def test_a_named_source_fails_by_its_name_until_it_is_imported_clean(store, take_in, police_file, crime):
    take_in(police_file(crime()), source="Niche")
    take_in(b"\xff", b"{", source="Niche")
    assert (await store.coverage()).gaps == f"Niche: {UNREAD} (2)."
    take_in(police_file(crime()), source="Other")
    assert UNREAD in (await store.coverage()).gaps
    take_in(police_file(crime(reference="R2")), source="Niche")
    assert (await store.coverage()).gaps == ""


async def test_a_crash_in_an_import_leaves_the_store_as_it_was(texts, database, take_in, police_file, crime, asked):
    take_in(police_file(crime({"policeMarkerDetails": "old"})), verified=True)
    before = rows(database)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "_commit", lambda connection: (_ for _ in ()).throw(OSError("power")))
        with pytest.raises(OSError, match="power"):
            take_in(police_file(crime({"policeMarkerDetails": "new"})))
    assert rows(database) == before
    assert await texts(asked(nhs="9990000018")) == ["Police marker: old."]


async def test_a_store_without_room_is_full_and_is_as_it_was(texts, database, take_in, police_file, crime, asked):
    take_in(police_file(crime({"policeMarkerDetails": "old"})), verified=True)
    with database.transaction() as transaction:
        (pages,) = transaction.execute("PRAGMA page_count")[0]
        transaction.execute(f"PRAGMA max_page_count = {pages + 2}")
    many = [crime({"policeMarkerDetails": "x" * 900}, reference=f"N{place}") for place in range(500)]
    first, second = take_in(police_file(*many), police_file(crime({"policeMarkerDetails": "new"})), verified=True)
    assert [one.reason for one in first.rejected] == ["DISK_FULL"]
    assert second.rejected == (), "the next file has room"
    assert await texts(asked(nhs="9990000018")) == ["Police marker: new."]
