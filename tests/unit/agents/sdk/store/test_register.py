"""What is known of the store from elsewhere: an empty, an older or another one in its place is noticed."""

import asyncio
import shutil
from datetime import timedelta

import pytest

from agents.sdk.store.coverage import AgeLimits
from agents.sdk.store.records import STORE_SCHEMA, RecordStore
from agents.sdk.store.register import REGISTER_SCHEMA, StoreRegister
from broker.adapters.sql import SqlDatabase
from broker.holder.source import NothingToSearch
from tests.records_world import NOW, about, intake, read, record

ROBIN = about(nhs="9990000018")


@pytest.fixture
def open_store(tmp_path):
    """Open a store, by the name of its file, beside the one register."""
    opened = [SqlDatabase.open(tmp_path / "register.sqlite", schema=REGISTER_SCHEMA)]

    def open_one(name="records"):
        opened.append(SqlDatabase.open(tmp_path / f"{name}.sqlite", schema=STORE_SCHEMA))
        return RecordStore(opened[-1], register=StoreRegister(opened[0]))

    yield open_one
    for database in opened:
        database.close()


def take(store, digest, system="https://gp.example"):
    store.replace(read(record("c1", ROBIN, "text", system=system)), intake(digest))


def covered(store):
    return asyncio.run(store.coverage())


def reason(store):
    with pytest.raises(NothingToSearch) as raised:
        covered(store)
    return raised.value.reason


def test_a_store_that_is_what_it_was_has_no_gap(open_store):
    store = open_store()
    take(store, "one")
    take(store, "two", "https://ed.example")
    assert covered(store).gaps == ""
    assert covered(open_store()).gaps == ""


def test_an_empty_store_in_the_place_of_a_filled_one_is_lost(open_store):
    take(open_store(), "one")
    assert reason(open_store("new")) == "STORE_LOST"


def test_an_empty_store_where_nothing_was_imported_is_not_lost(open_store):
    assert reason(open_store()) == "NOTHING_IMPORTED"


def test_another_store_is_not_the_one_that_was_imported_into(open_store, tmp_path):
    other = SqlDatabase.open(tmp_path / "other.sqlite", schema=STORE_SCHEMA)
    take(RecordStore(other), "elsewhere")
    other.close()
    take(open_store(), "one")
    assert reason(open_store("other")) == "STORE_LOST"


def test_each_source_that_was_lost_is_missed_by_name_until_it_is_imported_again(open_store):
    store = open_store()
    take(store, "one")
    take(store, "two", "https://ed.example")
    new = open_store("new")
    take(new, "one")
    assert covered(new).gaps == "https://ed.example: was imported here and is lost."
    assert covered(open_store("new")).gaps == "https://ed.example: was imported here and is lost."
    take(new, "two", "https://ed.example")
    assert covered(new).gaps == ""


def test_what_a_lost_store_held_is_named_until_it_is_removed(open_store):
    take(open_store(), "one")
    take(open_store(), "two", "https://ed.example")
    new = open_store("new")
    held, absent = new.sources()
    assert held == ()
    assert all(gaps == [] for gaps in absent.values()), "nothing was unreadable: it is lost"
    assert "https://ed.example" in absent
    assert new.remove_source("https://ed.example") == 0
    assert "https://ed.example" not in new.sources()[1]


def test_a_wholly_rejected_import_into_a_new_store_does_not_make_it_the_old_one(open_store):
    from agents.sdk.mapping.results import Rejected

    take(open_store(), "one")
    new = open_store("new")
    new.reject(Rejected(at="", reason="NOT_JSON"), intake("broken"))
    assert reason(new) == "STORE_LOST"


def test_an_older_copy_of_the_store_is_a_gap_until_the_next_import(open_store, tmp_path):
    store = open_store()
    take(store, "one")
    shutil.copy(tmp_path / "records.sqlite", tmp_path / "older.sqlite")
    shutil.copy(tmp_path / "records.sqlite-wal", tmp_path / "older.sqlite-wal")
    take(store, "two", "https://ed.example")
    older = open_store("older")
    assert "an older copy stands in its place" in covered(older).gaps
    take(older, "two", "https://ed.example")
    assert covered(older).gaps == ""


# ---------------------------------------------------------------- how old a source may be


def test_records_older_than_their_limit_are_a_gap(tmp_path):
    database = SqlDatabase.open(tmp_path / "records.sqlite", schema=STORE_SCHEMA)
    within = {"*": timedelta(days=30), "https://ed.example": timedelta(days=7)}
    store = RecordStore(database, limits=AgeLimits(within=within, now=lambda: NOW + timedelta(days=10)))
    take(store, "one")
    assert covered(store).gaps == ""
    take(store, "two", "https://ed.example")
    assert covered(store).gaps == "https://ed.example: is of 2026-11-20, older than it may be."
    database.close()


def test_records_are_as_old_as_their_extract_where_the_file_says_so(tmp_path):
    database = SqlDatabase.open(tmp_path / "records.sqlite", schema=STORE_SCHEMA)
    store = RecordStore(database)
    extracted = NOW - timedelta(days=40)
    store.replace(read(record("c1", ROBIN, "text"), extracted_at=extracted), intake("one"))
    assert covered(store).data_as_at == extracted
    store.replace(read(record("c2", ROBIN, "text")), intake("two"))
    assert covered(store).data_as_at == NOW
    store.replace(read(record("c3", ROBIN, "text"), extracted_at=extracted), intake("three"))
    assert covered(store).data_as_at == NOW, "an older extract makes no source older"
    database.close()
