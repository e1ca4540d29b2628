"""What becomes of a record beside what is held: sources, versions, withdrawals, other people's ids."""

from datetime import timedelta

import pytest

from agents.sdk.mapping.results import RecordVersion
from agents.sdk.store.intake import is_newer
from tests.records_world import NOW, about, all_of, bare, intake, read, record, texts_of, withdrawal

ONE, OTHER = "9990000018", "9990000026"
ROBIN = about(nhs=ONE)
ALEX = about("Alex", "Sample", nhs=OTHER)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def take(store):
    """Take files in, each under a digest of its own; return what was flagged of the last, by reason."""
    taken = iter(range(1000))

    def take_in(*found, named=None, digest=None, whole=False, fewer=False, **more):
        content = read(*found, **more)
        coming = intake(digest or f"digest-{next(taken)}", named=named)
        if whole:
            coming = intake(coming.digest, named=named, whole=all_of(content, coming))
        outcome = store.replace(content, coming, fewer=fewer)
        return [one.reason for one in outcome.flagged] + (["TOO_FEW"] if outcome.too_few else [])

    return take_in


# ---------------------------------------------------------------- an id means something only within its source


def test_a_server_is_one_source_over_all_its_files(take, database):
    take(record("c1", ROBIN, "old"))
    take(record("c1", ROBIN, "new"))
    assert texts_of(database) == ["new"]


@pytest.mark.parametrize("system", ["OWNER", "local"])
def test_without_a_server_or_a_name_each_file_is_its_own_source(take, database, system):
    """A format that reads no system calls it like the custodian; `local` is a system that the records state."""
    take(record("c1", ROBIN, "one", system=system))
    take(record("c1", ROBIN, "two", system=system))
    assert texts_of(database) == (["one", "two"] if system == "OWNER" else ["two"])


def test_an_operators_source_keeps_two_systems_with_the_same_ids_apart(take, database):
    take(record("c1", ROBIN, "one", system="local"), named="GP")
    take(record("c1", ALEX, "two", system="local"), named="ED")
    assert texts_of(database) == ["one", "two"]
    take(record("c1", ROBIN, "newer", system="local"), named="GP")
    assert texts_of(database) == ["newer", "two"]


# ---------------------------------------------------------------- another person's id


def test_ids_that_start_again_for_another_child_keep_both_and_say_so(take, database):
    take(record("R1", ROBIN, "one", system="local"))
    assert take(record("R1", ALEX, "two", system="local")) == ["ID_OF_ANOTHER_PERSON"]
    assert texts_of(database) == ["one", "two"]
    assert take(record("R1", ALEX, "two again", system="local")) == []
    assert take(record("R1", ROBIN, "one again", system="local")) == []
    assert texts_of(database) == ["one again", "two again"]


@pytest.mark.parametrize(
    ("system", "named", "number"),
    [("https://one.example", None, None), ("local", "GP", None), ("local", None, 2)],
    ids=["a server", "an operator", "a newer version"],
)
def test_a_record_that_moves_to_another_person_is_flagged(take, database, system, named, number):
    take(record("R1", ROBIN, "one", system=system, number=number and 1), named=named)
    moved = record("R1", ALEX, "two", system=system, number=number)
    assert take(moved, named=named) == ["OTHER_PERSON_REPLACED"]
    assert texts_of(database) == ["two"]


def test_a_corrected_person_is_no_other(take, database):
    take(record("R1", ROBIN, "one", system="local"))
    assert take(record("R1", about(nhs=OTHER), "two", system="local")) == []
    assert texts_of(database) == ["two"]


def test_a_record_of_another_owners_key_is_another_persons(take):
    take(record("R1", bare("OWNER|1"), "one", system="local"))
    assert take(record("R1", bare("OWNER|2"), "two", system="local")) == ["ID_OF_ANOTHER_PERSON"]


# ---------------------------------------------------------------- the newer version stays


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"updated": NOW}, {"updated": LATER}),
        ({"number": 1}, {"number": 2}),
        ({"updated": NOW, "number": 9}, {"updated": LATER, "number": 1}),
        ({"updated": NOW, "number": 1}, {"updated": NOW, "number": 2}),
    ],
)
@pytest.mark.parametrize("named", [None, "GP"])
def test_the_newer_version_stays_in_whatever_order_they_come(take, database, old, new, named):
    older, newer = record("c1", ROBIN, "old", **old), record("c1", ROBIN, "new", **new)
    assert take(newer, named=named) == []
    assert take(older, named=named) == ["OLDER_VERSION"]
    assert texts_of(database) == ["new"]
    take(record("c1", ROBIN, "newest", updated=LATER + timedelta(days=1), number=3), named=named)
    assert texts_of(database) == ["newest"]


def test_versions_in_one_file_leave_the_newest(take, database):
    first, second = record("c1", ROBIN, "old", number=1), record("c1", ROBIN, "new", number=2)
    take(second, first)
    assert texts_of(database) == ["new"]
    take(record("c2", ROBIN, "older", number=1), record("c2", ROBIN, "newer", number=2))
    assert texts_of(database) == ["new", "newer"]


def test_what_says_nothing_of_its_version_is_not_older():
    stated = RecordVersion(updated=NOW, number=3)
    assert not is_newer(stated, RecordVersion())
    assert not is_newer(RecordVersion(), stated)
    assert not is_newer(stated, stated)


# ---------------------------------------------------------------- what its owner withdraws


def test_a_withdrawn_record_goes_and_its_older_version_never_comes_back(take, database, store):
    take(record("c1", ROBIN, "abuse", number=1), record("c2", ROBIN, "eczema"))
    assert take(withdrawal("c1", number=2)) == []
    assert texts_of(database) == ["eczema"]
    assert take(record("c1", ROBIN, "abuse", number=1)) == ["WITHDRAWN_BEFORE"]
    assert texts_of(database) == ["eczema"]
    assert take(record("c1", ROBIN, "again", number=3)) == []
    assert take(record("c1", ROBIN, "again", number=3)) == []
    assert texts_of(database) == ["again", "eczema"]


def test_a_withdrawal_without_a_version_is_believed(take, database):
    take(record("c1", ROBIN, "abuse"))
    take(withdrawal("c1"))
    assert take(record("c1", ROBIN, "abuse")) == ["WITHDRAWN_BEFORE"]
    assert texts_of(database) == []


def test_a_withdrawal_that_comes_first_is_remembered(take, database):
    take(withdrawal("c1", number=2), record("c2", ROBIN, "eczema"))
    take(record("c1", ROBIN, "abuse", number=1))
    assert texts_of(database) == ["eczema"]


def test_an_older_withdrawal_does_not_reach_a_newer_record(take, database):
    take(record("c1", ROBIN, "stands", number=3))
    assert take(withdrawal("c1", number=2)) == ["OLDER_VERSION"]
    assert texts_of(database) == ["stands"]


def test_a_withdrawal_reaches_its_own_source_only(take, database):
    take(record("c1", ROBIN, "one", system="local"), named="GP")
    take(withdrawal("c1", system="local"), named="ED")
    take(withdrawal("c1", system="local"))
    assert texts_of(database) == ["one"]


def test_a_record_and_its_withdrawal_in_one_file_leave_the_newer(take, database):
    take(record("c1", ROBIN, "gone", number=1), withdrawal("c1", number=2))
    take(record("c2", ROBIN, "back", number=2), withdrawal("c2", number=1))
    assert texts_of(database) == ["back"]


# ---------------------------------------------------------------- the whole of a source


def test_a_whole_export_withdraws_what_its_source_no_longer_has(take, database, store):
    take(record("c1", ROBIN, "one"), record("c2", ALEX, "two"))
    take(record("c1", ROBIN, "elsewhere", system="https://two.example"))
    assert take(record("c2", ALEX, "two"), whole=True) == []
    assert texts_of(database) == ["elsewhere", "two"]


def test_a_whole_export_that_is_suspiciously_small_withdraws_nothing(take, database):
    take(*(record(f"c{place}", ROBIN, str(place)) for place in range(5)))
    assert take(record("c0", ROBIN, "0"), record("c1", ROBIN, "1"), whole=True) == ["TOO_FEW"]
    assert len(texts_of(database)) == 5
    assert take(record("c0", ROBIN, "0"), record("c1", ROBIN, "1"), whole=True, fewer=True) == []
    assert texts_of(database) == ["0", "1"]


def test_what_a_whole_export_withdrew_comes_back_with_the_next(take, database):
    take(record("c1", ROBIN, "one"), record("c2", ROBIN, "two"))
    take(record("c1", ROBIN, "one"), whole=True)
    take(record("c1", ROBIN, "one"), record("c2", ROBIN, "two"), whole=True)
    assert texts_of(database) == ["one", "two"]
