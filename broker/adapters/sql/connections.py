"""Connections to one SQLite file: how one is opened, kept for the next user, and given back.

Promise: SQLite writes through to the disk before a commit returns, overwrites what is deleted, and keeps its
files from everybody but their owner; and what is used is the file that was opened, never another in its place.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import Final, final

from broker.errors import InvariantError, UnavailableError

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",  # readers and the one writer do not wait for each other
    "PRAGMA synchronous = FULL",  # NORMAL may lose the last commits with the power
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # an erased key or row is overwritten, not only forgotten
    "PRAGMA trusted_schema = OFF",  # a file that somebody altered cannot call functions
    "PRAGMA cell_size_check = ON",  # damage is noticed when a page is read, not when its rows are wrong
)


@final
class Connections:
    """The connections to one file. Each is used by one thread at a time and kept, so that the next begins at once."""

    def __init__(self, path: Path, *, patience: timedelta) -> None:
        self._path = path
        self._patience = patience
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._file: tuple[int, int] | None = None
        self._closed = False

    def take(self) -> sqlite3.Connection:
        """Return a connection that nobody else uses.

        Raises: UnavailableError when the file was removed or replaced, sqlite3.Error, InvariantError once closed.
        """
        with self._lock:
            if self._closed:
                raise InvariantError("the database is closed")
            self._check_file()
            idle = self._idle.pop() if self._idle else None
        return idle or self._open()

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Roll back what is not committed, and keep the connection for the next."""
        try:
            connection.rollback()
        except sqlite3.Error:
            connection.close()  # takes back as much; to raise would hide what the user of the connection met
            return
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close every connection that nobody uses; the others are closed when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _check_file(self) -> None:
        # SQLite goes on with a file that was removed: every commit would succeed, and be gone with the process.
        try:
            status = self._path.stat()
        except OSError as error:
            raise UnavailableError(f"database {self._path.name} cannot be reached: {error.strerror}") from None
        found = (status.st_dev, status.st_ino)
        self._file = self._file or found
        if found != self._file:
            raise UnavailableError(f"database {self._path.name} is not the file that was opened")

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",  # never made here: it would have the umask's permissions
            uri=True,
            timeout=self._patience.total_seconds(),
            isolation_level=None,  # sqlite3 would begin late, and only before writes: the database begins
            check_same_thread=False,  # one thread after another
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        return connection


def make_file(path: Path) -> None:
    """Make the file where there is none, for its owner only. Raises: UnavailableError."""
    try:
        # Only ever a new file: closing a handle of one that SQLite has open would drop SQLite's locks on it.
        # SQLite syncs the folder itself, with its first journal.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise UnavailableError(f"database {path.name} cannot be made: {error.strerror}") from None
