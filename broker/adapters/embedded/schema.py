"""The embedded log's file: its tables, and how it is opened.

Promise: what is opened is an event log of this version, made readable for its owner alone, whose commits have
reached the disk when they return; any other file is refused before a byte of it is changed.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from broker.errors import RejectedError, UsageError

BUSY_SECONDS: Final = 5.0
"""How long SQLite waits for its own locks: another process may be recovering the file after a crash."""

_IDENTITY: Final = (0x4D415348, 1)  # "MASH", and the version of the tables below
_TRACE: Final = "ALTER TABLE messages ADD COLUMN trace TEXT NOT NULL DEFAULT ''"
"""What a file of this version may lack. An older program reads and writes the file all the same."""

_TABLES: Final = """
BEGIN IMMEDIATE;
-- next_offset outlives the messages: an offset is never used again, also when what stood there is deleted.
CREATE TABLE heads (
    head INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic, partition)
);
CREATE TABLE messages (
    head INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    key BLOB NOT NULL,
    value BLOB NOT NULL,
    trace TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (head, offset)
);
-- One row a consumer group and partition, never deleted: the epoch only rises. The owner (of this epoch) is
-- taken to be alive from live_from to live_until, seconds on the machine's monotonic clock.
CREATE TABLE claims (
    consumers TEXT NOT NULL,
    head INTEGER NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    live_from REAL NOT NULL,
    live_until REAL NOT NULL,
    next_offset INTEGER NOT NULL DEFAULT 0,
    metadata TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (consumers, head)
) WITHOUT ROWID;
PRAGMA application_id = %d;
PRAGMA user_version = %d;
COMMIT;
"""


def open_database(path: Path) -> sqlite3.Connection:
    """Open the file, and make it if there is none. Call it while holding the write lock.

    Raises: RejectedError `DATABASE_DAMAGED` for another kind of file, sqlite3.Error, OSError.
    """
    with suppress(FileExistsError):
        # SQLite would make the file with the umask's permissions. We open it ourselves only when it is new:
        # closing a descriptor of a file in use drops the locks that SQLite holds on it in this process.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with ExitStack() as undo:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        undo.callback(connection.close)
        _prepare(connection)
        undo.pop_all()
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    new = _is_new(connection)
    [mode] = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise UsageError("the event log's file system does not support shared memory (WAL)")
    # NORMAL would not fsync a commit: after a power loss offsets that others have seen would be used again.
    connection.execute("PRAGMA synchronous = FULL")
    if new:
        # Crash here: the file stays empty, and whoever opens it next makes the tables.
        connection.executescript(_TABLES % _IDENTITY)
    elif "trace" not in {column for _, column, *_ in connection.execute("PRAGMA table_info(messages)")}:
        connection.execute(_TRACE)


def _is_new(connection: sqlite3.Connection) -> bool:
    [application] = connection.execute("PRAGMA application_id").fetchone()
    [version] = connection.execute("PRAGMA user_version").fetchone()
    if (application, version) == _IDENTITY:
        return False
    [tables] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application, version, tables) != (0, 0, 0):
        raise RejectedError("DATABASE_DAMAGED", "the file is not an event log of this version")
    return True
