"""The differences between engines: address, start of a transaction, and names of types.

Promise: SQLite writes through to the disk before a commit returns, takes the write lock at the beginning,
overwrites what is deleted, and keeps its files from everybody but their owner. PostgreSQL runs every
transaction SERIALIZABLE.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from broker.errors import UnavailableError, UsageError

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",  # readers and the one writer do not wait for each other
    "PRAGMA synchronous = FULL",  # NORMAL may lose the last commits with the power
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # an erased key or row is overwritten, not only forgotten
    "PRAGMA trusted_schema = OFF",  # a file that somebody altered cannot call functions
    "PRAGMA cell_size_check = ON",  # damage is noticed when a page is read, not when its rows are wrong
)

BEGIN_WITH: Final = "mash_begin_with"
"""Execution option of a connection that only reads: the statement it begins with."""

_POSTGRESQL_TYPES: Final = {"BLOB": "BYTEA", "INTEGER": "BIGINT"}


def address(url_or_path: Path | str) -> URL:
    """Read a path (SQLite) or an address with `://` in it. Raises: UsageError, without quoting it."""
    if isinstance(url_or_path, Path) or "://" not in url_or_path:
        url = URL.create("sqlite", database=str(url_or_path))
    else:
        try:
            url = make_url(url_or_path)
        except (ArgumentError, ValueError):
            raise UsageError("the database address is malformed") from None  # it may hold a password
    if url.get_backend_name() == "sqlite" and (url.query or (url.database or ":memory:") == ":memory:"):
        raise UsageError("an sqlite database needs the path of a file, and takes no options")
    return url


def connect_to(url: URL, *, patience: timedelta) -> Engine:
    """Make the engine, and the SQLite file where there is none. Raises: UsageError, UnavailableError."""
    try:
        if url.get_backend_name() == "postgresql":
            return _postgresql(url, patience)
        if url.get_backend_name() == "sqlite":
            return _sqlite(url, patience)
    except (NoSuchModuleError, ImportError):
        pass
    raise UsageError(f"there is no driver for {url.drivername} databases here")


def _postgresql(url: URL, patience: timedelta) -> Engine:
    waiting = {"options": f"-c lock_timeout={round(patience / timedelta(milliseconds=1))}"}
    return create_engine(url, hide_parameters=True, isolation_level="SERIALIZABLE", connect_args=waiting)


def _sqlite(url: URL, patience: timedelta) -> Engine:
    # Python's sqlite3 begins late and only before writes: it is told to begin nothing, and we begin.
    options = {"timeout": patience.total_seconds(), "isolation_level": None}
    engine = create_engine(url, hide_parameters=True, connect_args=options)
    _make_file(Path(url.database or ""))
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _make_file(path: Path) -> None:
    try:
        # Only ever a new file: closing a handle of one that SQLite has open would drop SQLite's locks on it.
        # SQLite syncs the folder itself, with its first journal.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise UnavailableError(f"database {path.name} cannot be made: {error.strerror}") from None


def _set_up(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    try:
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock now: a read transaction that writes later could fail in the middle.
    connection.exec_driver_sql(str(connection.get_execution_options().get(BEGIN_WITH, "BEGIN IMMEDIATE")))


def ported(statement: str, kind: str) -> str:
    """Write a schema statement in the words of that kind of engine: 64-bit integers and bytes everywhere."""
    if kind != "postgresql":
        return statement
    return re.sub(r"\b(?:BLOB|INTEGER)\b", lambda word: _POSTGRESQL_TYPES[word[0]], statement)
