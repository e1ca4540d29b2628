"""What the store says when something goes wrong: the right reaction, and no value."""

from __future__ import annotations

import logging
import os
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from broker.adapters.sql import SqlDatabase
from broker.errors import (
    InvariantError,
    MashError,
    OutcomeUnknown,
    RejectedError,
    UnavailableError,
)
from broker.ports import Transaction

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, photo BLOB)",
    "CREATE TABLE IF NOT EXISTS child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id))",
    "CREATE INDEX IF NOT EXISTS child_parent ON child (parent)",
)
SOON = timedelta(milliseconds=200)
SECRET = "Zebedee-Quillfeather"
INSERT = "INSERT INTO parent (id, name) VALUES (:id, :name)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[SqlDatabase]:
    with closing(SqlDatabase.open(path, schema=SCHEMA, patience=SOON)) as opened:
        yield opened


def names(path: Path) -> list[str]:
    """What another process would see."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM parent ORDER BY id")]


# ---------------------------------------------------------------- faults around the commit


class FailsBefore(SqlDatabase):
    fails = False

    def _commit(self, connection: sqlite3.Connection) -> None:
        if self.fails:
            raise UnavailableError("injected")
        super()._commit(connection)


class FailsAfter(SqlDatabase):
    fails = False

    def _commit(self, connection: sqlite3.Connection) -> None:
        super()._commit(connection)
        if self.fails:
            raise UnavailableError("injected")


class LosesItsAnswer(SqlDatabase):
    fails = False

    def _commit(self, connection: sqlite3.Connection) -> None:
        super()._commit(connection)
        if self.fails:
            fault = sqlite3.OperationalError("disk I/O error")
            fault.sqlite_errorname = "SQLITE_IOERR_FSYNC"
            raise fault


class LosesItsConnection(LosesItsAnswer):
    def _commit(self, connection: sqlite3.Connection) -> None:
        try:
            super()._commit(connection)
        finally:
            if self.fails:
                connection.close()


@pytest.mark.parametrize(("kind", "left"), [(FailsBefore, []), (FailsAfter, ["a"])])
def test_commit_that_fails_before_or_after_it_took_effect(
    path: Path, kind: type[FailsBefore | FailsAfter], left: list[str]
) -> None:
    with closing(kind.open(path, schema=SCHEMA)) as database:
        database.fails = True
        with pytest.raises(UnavailableError, match="injected"), database.transaction() as transaction:
            transaction.execute(INSERT, id=1, name="a")
        assert names(path) == left
        database.fails = False
        with database.transaction() as transaction:
            transaction.execute(INSERT, id=2, name="b")
        assert names(path) == [*left, "b"]


@pytest.mark.parametrize("kind", [LosesItsAnswer, LosesItsConnection])
def test_commit_whose_answer_is_lost_is_not_called_a_failure(path: Path, kind: type[LosesItsAnswer]) -> None:
    """Nor when the rollback after it fails too, as it does on a disk that is gone."""
    with closing(kind.open(path, schema=SCHEMA)) as database:
        database.fails = True
        with pytest.raises(OutcomeUnknown, match="SQLITE_IOERR_FSYNC"), database.transaction() as transaction:
            transaction.execute(INSERT, id=1, name="a")
        database.fails = False
        with database.transaction() as transaction:
            transaction.execute(INSERT, id=2, name="b")
    assert names(path) == ["a", "b"]


# ---------------------------------------------------------------- a file that is not what it was


def test_file_that_is_no_database_is_damaged(path: Path) -> None:
    path.write_bytes(b"this is not a database, and never was " * 100)
    with pytest.raises(RejectedError) as caught:
        SqlDatabase.open(path, schema=SCHEMA)
    assert (caught.value.reason, caught.value.detail) == ("DATABASE_DAMAGED", "store.sqlite")


def _fill(path: Path) -> None:
    with closing(SqlDatabase.open(path, schema=SCHEMA)) as database, database.transaction() as transaction:
        rows = [{"id": at, "name": f"{SECRET}-{at:04}"} for at in range(1000)]
        transaction.executemany(INSERT, rows)
        transaction.executemany("INSERT INTO child (parent) VALUES (:id)", [{"id": at} for at in range(1000)])


def test_page_overwritten_with_rubbish_is_damage(path: Path) -> None:
    _fill(path)
    sound = path.read_bytes()
    path.write_bytes(sound[: 4096 * 2] + os.urandom(4096 * 4) + sound[4096 * 6 :])
    with closing(SqlDatabase.open(path, schema=())) as database:
        with pytest.raises(RejectedError, match="DATABASE_DAMAGED"), database.transaction() as transaction:
            transaction.execute("SELECT p.name, c.parent FROM parent p, child c WHERE c.parent = p.id")
        assert database.integrity_problems() != ()


def test_file_cut_short_is_damage(path: Path) -> None:
    _fill(path)
    os.truncate(path, 4096 * 3)
    with pytest.raises(RejectedError, match="DATABASE_DAMAGED"):
        SqlDatabase.open(path, schema=())


def test_sound_file_has_no_problems_and_writers_go_on(database: SqlDatabase) -> None:
    with database.transaction() as transaction:
        transaction.execute(INSERT, id=1, name="a")
        assert database.integrity_problems() == ()


def test_index_that_lies_is_a_problem_without_values(database: SqlDatabase, path: Path) -> None:
    """Somebody with the file edits a row below SQLite: its index still tells the old story."""
    with database.transaction() as transaction:
        transaction.execute(INSERT, id=1, name=f"{SECRET}-1")
    database.close()
    sound = path.read_bytes()
    at = sound.index(f"{SECRET}-1".encode())
    path.write_bytes(sound[:at] + f"{SECRET}-2".encode() + sound[at + len(SECRET) + 2 :])
    with closing(SqlDatabase.open(path, schema=SCHEMA)) as altered:
        problems = altered.integrity_problems()
    assert problems
    assert SECRET not in " ".join(problems)


def test_row_that_refers_to_nothing_is_a_problem(database: SqlDatabase, path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO child (id, parent) VALUES (1, 99)")
    assert database.integrity_problems() == ("row 1 of child refers to a missing row of parent",)


# ---------------------------------------------------------------- reactions, and no values in them


def _said(error: BaseException | None) -> str:
    """All that a log could take from an exception: message, arguments, chain, and the printed form."""
    if error is None:
        return ""
    printed = "".join(traceback.format_exception(error))
    own = f"{error} {error!r} {error.args!r} {vars(error)!r} {printed}"
    return own + _said(error.__cause__) + _said(error.__context__)


Step = Callable[[Transaction], object]


def _bad_text(transaction: Transaction) -> None:
    transaction.execute("INSERT INTO parent (id, name) VALUES (7, CAST(:raw AS TEXT))", raw=SECRET.encode() + b"\xff")
    transaction.execute("SELECT name FROM parent WHERE id = 7")


def _full(transaction: Transaction) -> None:
    transaction.execute("PRAGMA max_page_count = 10")
    transaction.execute("INSERT INTO parent (id, name) VALUES (8, :name)", name=SECRET * 10_000)


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (InvariantError, lambda t: t.execute(INSERT, id=2, name=SECRET)),
        (InvariantError, lambda t: t.executemany(INSERT, [{"id": at, "name": SECRET} for at in (2, 3)])),
        (InvariantError, lambda t: t.execute(INSERT, id=None, name=None)),
        (InvariantError, lambda t: t.execute("INSERT INTO child (parent) VALUES (:p)", p=99)),
        (InvariantError, lambda t: t.execute("INSERT INTO nowhere VALUES (:name)", name=SECRET)),
        (InvariantError, lambda t: t.execute("this is no SQL :name", name=SECRET)),
        (InvariantError, lambda t: t.execute(INSERT, name=SECRET)),
        (InvariantError, lambda t: t.execute(f"DELETE FROM child; DELETE FROM parent WHERE name = '{SECRET}'")),
        (InvariantError, lambda t: t.execute(INSERT, id=SECRET, name="x")),
        (InvariantError, lambda t: t.execute(INSERT, id=2, name={"unsupported": SECRET})),
        (InvariantError, lambda t: t.execute(INSERT, id=2, name=SECRET + "\ud800")),
        (InvariantError, lambda t: t.execute(INSERT, id=2**64, name=SECRET)),
        (InvariantError, _bad_text),
        (UnavailableError, _full),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_fault_has_the_right_reaction_and_no_value(database: SqlDatabase, kind: type[MashError], step: Step) -> None:
    with database.transaction() as transaction:
        transaction.execute(INSERT, id=1, name=SECRET)
    with pytest.raises(kind) as caught, database.transaction() as transaction:
        step(transaction)
    # The test's own source is in the printed form, its values are not.
    assert SECRET not in _said(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_log_of_everything_has_no_values(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody looking for a fault turns the root logger up."""
    caplog.set_level(logging.DEBUG)
    with closing(SqlDatabase.open(path, schema=SCHEMA)) as database, database.transaction() as transaction:
        transaction.execute(INSERT, id=1, name=SECRET)
        transaction.execute("SELECT name FROM parent")
    assert SECRET not in caplog.text


def test_database_that_cannot_be_opened_is_away(tmp_path: Path) -> None:
    for path in (tmp_path / "no folder" / "store.sqlite", tmp_path):
        with pytest.raises(UnavailableError):
            SqlDatabase.open(path, schema=SCHEMA)
