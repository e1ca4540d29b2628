"""The door to SQLite: durable, one after another, and silent about values."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from broker.adapters.sql import SqlDatabase
from broker.errors import (
    InvariantError,
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


# ---------------------------------------------------------------- transactions


def test_what_was_written_is_there_for_others_when_the_transaction_is_left(database: SqlDatabase, path: Path) -> None:
    with database.transaction() as transaction:
        transaction.execute(INSERT, id=1, name="a")
        assert names(path) == []
    assert names(path) == ["a"]


def test_error_takes_everything_back(database: SqlDatabase, path: Path) -> None:
    def work(transaction: Transaction) -> None:
        transaction.execute(INSERT, id=1, name="a")
        transaction.execute("CREATE TABLE extra (id INTEGER)")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), database.transaction() as transaction:
        work(transaction)
    assert names(path) == []
    with database.transaction() as transaction:
        assert transaction.execute("SELECT 1 FROM sqlite_schema WHERE name = 'extra'") == []


def test_killed_process_leaves_nothing_or_everything(path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from broker.adapters.sql import SqlDatabase\n"
        f"database = SqlDatabase.open(Path(sys.argv[1]), schema={SCHEMA!r})\n"
        f"with database.transaction() as t: t.execute({INSERT!r}, id=1, name='left')\n"
        "with database.transaction() as t:\n"
        f"    t.execute({INSERT!r}, id=2, name='open')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == -9
    with closing(SqlDatabase.open(path, schema=SCHEMA)) as database, database.transaction() as transaction:
        assert transaction.execute("SELECT name FROM parent") == [("left",)]


def test_rows_are_plain_tuples_and_writes_return_nothing(database: SqlDatabase) -> None:
    with database.transaction() as transaction:
        assert transaction.execute(INSERT, id=1, name="a") == []
        rows = transaction.execute("SELECT id, name, photo FROM parent")
        assert rows == [(1, "a", None)]
        assert [type(row) for row in rows] == [tuple]
        assert transaction.execute("UPDATE parent SET photo = :p RETURNING photo", p=b"\0\xff") == [(b"\0\xff",)]
        assert transaction.execute("SELECT :big", big=2**63 - 1) == [(2**63 - 1,)]


def test_many_rows_are_written_and_none_are_nothing(database: SqlDatabase, path: Path) -> None:
    with database.transaction() as transaction:
        transaction.executemany(INSERT, [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
        transaction.executemany(INSERT, [])
        transaction.executemany("INSERT INTO child DEFAULT VALUES", [])
        assert transaction.execute("SELECT count(*) FROM child") == [(0,)]
    assert names(path) == ["a", "b"]


def test_swallowed_failure_commits_nothing(database: SqlDatabase, path: Path) -> None:
    """On PostgreSQL the commit would quietly be a rollback, on SQLite half of the transaction would stay."""

    def work(transaction: Transaction) -> None:
        transaction.execute(INSERT, id=1, name="a")
        with pytest.raises(InvariantError):
            transaction.execute(INSERT, id=1, name="b")

    with pytest.raises(InvariantError, match="swallowed"), database.transaction() as transaction:
        work(transaction)
    assert names(path) == []


def test_transaction_inside_a_transaction_is_refused(database: SqlDatabase) -> None:
    """Otherwise the thread, or the event loop, waits for itself."""
    with database.transaction(), pytest.raises(InvariantError, match="open already"), database.transaction():
        pass


def test_transaction_that_was_left_cannot_be_used(database: SqlDatabase) -> None:
    with database.transaction() as transaction:
        pass
    with pytest.raises(InvariantError):
        transaction.execute("SELECT 1")


def test_transaction_that_was_left_is_no_way_into_the_next(database: SqlDatabase, path: Path) -> None:
    """Its connection is kept and used again: what is written late would be committed with somebody else's work."""
    with database.transaction() as left:
        pass
    with database.transaction() as transaction:
        transaction.execute(INSERT, id=1, name="a")
        with pytest.raises(InvariantError, match="left"):
            left.execute(INSERT, id=2, name="b")
    assert names(path) == ["a"]


def test_connection_is_kept_with_nothing_open(database: SqlDatabase, path: Path) -> None:
    """A snapshot that writes leaves the next transaction a clean connection."""
    with database.snapshot() as snapshot:
        snapshot.execute(INSERT, id=1, name="a")
    with database.transaction() as transaction:
        transaction.execute(INSERT, id=2, name="b")
    assert names(path) == ["b"]


def test_snapshot_reads_one_state_beside_whoever_writes(database: SqlDatabase) -> None:
    """It waits for no writer, in its own thread neither, and sees nothing of what is committed meanwhile."""
    with database.snapshot() as snapshot:
        assert snapshot.execute("SELECT count(*) FROM parent") == [(0,)]
        with database.transaction() as transaction:
            transaction.execute(INSERT, id=1, name="a")
        assert snapshot.execute("SELECT count(*) FROM parent") == [(0,)]
    with database.snapshot() as snapshot:
        assert snapshot.execute("SELECT count(*) FROM parent") == [(1,)]


def test_rows_may_come_one_by_one_and_their_error_takes_all_back(database: SqlDatabase, path: Path) -> None:
    def rows(*names: str) -> Iterator[dict[str, object]]:
        for number, name in enumerate(names):
            if name == "broken":
                raise ZeroDivisionError
            yield {"id": number, "name": name}

    with database.transaction() as transaction:
        transaction.executemany(INSERT, rows("a", "b"))
    with pytest.raises(ZeroDivisionError), database.transaction() as transaction:
        transaction.executemany("DELETE FROM parent WHERE id = :id", rows("a", "broken"))
    assert names(path) == ["a", "b"]


def test_write_lock_is_taken_at_the_beginning(database: SqlDatabase, path: Path) -> None:
    """A transaction that reads, decides and then writes sees nobody else write in between."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        with database.transaction(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
    ],
)
def test_every_connection_is_opened_safely(database: SqlDatabase, pragma: str, value: object) -> None:
    with database.transaction() as first, database.snapshot() as second:
        assert first.execute(f"PRAGMA {pragma}") == second.execute(f"PRAGMA {pragma}") == [(value,)]


def test_files_are_for_their_owner_only(tmp_path: Path, path: Path) -> None:
    before = os.umask(0)
    try:
        with closing(SqlDatabase.open(path, schema=SCHEMA)):
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("store.sqlite", "store.sqlite-wal", "store.sqlite-shm"), 0o600)


@pytest.mark.parametrize("put_in_its_place", [None, "copy"])
def test_file_that_was_removed_or_replaced_is_away(
    database: SqlDatabase, path: Path, put_in_its_place: str | None
) -> None:
    """SQLite would go on with the file that is gone: every commit would succeed and be lost with the process."""
    if put_in_its_place is not None:
        copy = path.with_name(put_in_its_place)
        copy.write_bytes(path.read_bytes())
        copy.rename(path)
    else:
        path.unlink()
    for begin in (database.transaction, database.snapshot):
        with pytest.raises(UnavailableError, match=r"store\.sqlite"), begin():
            pass
    assert path.exists() == (put_in_its_place is not None), "a connection makes no file"


def test_schema_is_made_once_and_rows_stay(database: SqlDatabase, path: Path) -> None:
    with database.transaction() as transaction:
        transaction.execute(INSERT, id=1, name="a")
    SqlDatabase.open(path, schema=SCHEMA).close()
    assert names(path) == ["a"]


def test_schema_that_fails_leaves_no_part_of_it(path: Path) -> None:
    with pytest.raises(InvariantError):
        SqlDatabase.open(path, schema=(*SCHEMA, "CREATE TABLE"))
    # An open connection would still have its write-ahead log beside the file.
    assert [file.name for file in path.parent.iterdir()] == ["store.sqlite"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == []


def test_erased_value_is_gone_from_the_file(database: SqlDatabase, path: Path) -> None:
    """An erasure order destroys a key: a copy of the file must not bring it back."""
    with database.transaction() as transaction:
        transaction.execute(INSERT, id=1, name=SECRET)
        transaction.execute(INSERT, id=2, name="stays")
    with database.transaction() as transaction:
        transaction.execute("DELETE FROM parent WHERE id = 1")
    database.close()
    assert b"stays" in path.read_bytes()
    assert SECRET.encode() not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_closing_twice_is_safe_and_a_closed_database_is_not_used(path: Path) -> None:
    database = SqlDatabase.open(path, schema=SCHEMA)
    database.close()
    database.close()
    assert [file.name for file in path.parent.iterdir()] == ["store.sqlite"]
    with pytest.raises(InvariantError, match="closed"), database.transaction():
        pass
    with pytest.raises(InvariantError, match="closed"):
        database.integrity_problems()


def test_connection_in_use_is_closed_when_it_comes_back(path: Path) -> None:
    database = SqlDatabase.open(path, schema=SCHEMA)
    with database.snapshot() as snapshot:
        database.close()
        assert snapshot.execute("SELECT count(*) FROM parent") == [(0,)]
    assert [file.name for file in path.parent.iterdir()] == ["store.sqlite"]


# ---------------------------------------------------------------- several at once


def _count_up(database: SqlDatabase, times: int) -> None:
    for _ in range(times):
        with database.transaction() as transaction:
            ((last,),) = transaction.execute("SELECT coalesce(max(id), 0) FROM child")
            transaction.execute("INSERT INTO child (id) VALUES (:id)", id=last + 1)


def test_threads_take_turns(path: Path) -> None:
    with closing(SqlDatabase.open(path, schema=SCHEMA)) as database:
        threads = [threading.Thread(target=_count_up, args=(database, 25)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.transaction() as transaction:
            assert transaction.execute("SELECT count(*), max(id) FROM child") == [(100, 100)]


def test_processes_take_turns_from_the_first_opening_on(path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from broker.adapters.sql import SqlDatabase\n"
        f"database = SqlDatabase.open(Path(sys.argv[1]), schema={SCHEMA!r})\n"
        "for _ in range(25):\n"
        "    with database.transaction() as t:\n"
        "        ((last,),) = t.execute('SELECT coalesce(max(id), 0) FROM child')\n"
        "        t.execute('INSERT INTO child (id) VALUES (:id)', id=last + 1)\n"
        "database.close()\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, str(path)]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*), max(id) FROM child").fetchone() == (75, 75)


def test_locked_database_is_away_until_the_lock_is_gone(database: SqlDatabase, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="SQLITE_BUSY"), database.transaction():
            pass
        other.execute("ROLLBACK")
        with database.transaction() as transaction:
            transaction.execute(INSERT, id=1, name="a")


def test_thread_that_never_ends_its_transaction_makes_the_others_fail_in_time(database: SqlDatabase) -> None:
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction():
            begun.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait()
    with pytest.raises(UnavailableError, match="busy in this process"), database.transaction():
        pass
    done.set()
    thread.join()
