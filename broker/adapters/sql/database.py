"""A principal's own store.

Promise: what a transaction wrote is on the disk when it is left, all of it or nothing; transactions follow
one another, also across threads and processes; a statement that failed cannot be passed over.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self, TypeVar, final

from broker.adapters.sql.connections import Connections, make_file
from broker.adapters.sql.faults import guarded
from broker.errors import InvariantError, RejectedError, UnavailableError
from broker.ports import Database, Transaction

_T = TypeVar("_T")

PATIENCE: Final = timedelta(seconds=10)
"""The longest wait of a transaction for those before it, in this process and in others."""


@final
class _SqlTransaction(Transaction):
    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._connection = connection
        self._where = where
        self._left = False
        self.spoilt = False

    def execute(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return self._try(lambda: self._connection.execute(sql, parameters).fetchall())

    def executemany(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> None:
        self._try(lambda: self._connection.executemany(sql, rows))

    def leave(self) -> None:
        """Refuse every further statement: the connection is somebody else's now."""
        self._left = True

    def _try(self, step: Callable[[], _T]) -> _T:
        if self._left:
            raise InvariantError("the transaction was left")
        # After a failure PostgreSQL takes back everything and SQLite this statement only: nobody may go on.
        self.spoilt = True
        outcome = guarded(step, where=self._where)
        self.spoilt = False
        return outcome


class SqlDatabase(Database):
    """One principal's database. Threads may share it: transactions run one at a time.

    A test replaces `_commit` to fail before or after it took effect.
    """

    def __init__(self, path: Path, *, patience: timedelta) -> None:
        self._connections = Connections(path, patience=patience)
        self._where = path.name
        self._patience = patience
        self._lock = threading.Lock()
        self._owner: int | None = None

    @classmethod
    def open(cls, path: Path, *, schema: Sequence[str], patience: timedelta = PATIENCE) -> Self:
        """Open or make the file (mode 0600), and run the schema statements (`... IF NOT EXISTS`) in one transaction.

        Raises: RejectedError `DATABASE_DAMAGED`, UnavailableError.
        """
        make_file(path)
        database = cls(path, patience=patience)
        try:
            with database.transaction() as transaction:
                for statement in schema:
                    transaction.execute(statement)
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin; commit on leaving, roll back on an error. Keep it short: everybody else waits.

        Raises: UnavailableError when the transaction cannot begin within the patience; OutcomeUnknown when the
        commit was sent and its answer lost; InvariantError inside another transaction of this thread, or when
        a statement failed and its error was swallowed.
        """
        # IMMEDIATE takes the write lock now: a read transaction that writes later could fail in the middle.
        with self._one_at_a_time(), self._begun("BEGIN IMMEDIATE") as (connection, transaction):
            yield transaction
            if transaction.spoilt:
                raise InvariantError("a statement failed and its error was swallowed: nothing is committed")
            # Crash before this line: nothing happened. Crash after it: all of it did.
            guarded(lambda: self._commit(connection), where=self._where, committing=True)

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """Begin to read one state of the database, beside whoever writes; it waits for nobody and syncs nothing.

        What is written in it is rolled back. Raises: UnavailableError, RejectedError `DATABASE_DAMAGED`.
        """
        with self._begun("BEGIN DEFERRED") as (_, transaction):
            yield transaction

    def integrity_problems(self) -> tuple[str, ...]:
        """Read the whole file and name what is wrong in it (tables, indexes and pages, never values).

        Empty when it is sound; writers go on meanwhile.
        """
        try:
            with self.snapshot() as transaction:
                pages = transaction.execute("PRAGMA integrity_check")
                strays = transaction.execute("PRAGMA foreign_key_check")
        except RejectedError as error:
            return (str(error),)
        problems = [str(page[0]) for page in pages if page[0] != "ok"]
        problems += [f"row {row[1]} of {row[0]} refers to a missing row of {row[2]}" for row in strays]
        return tuple(problems)

    def close(self) -> None:
        """Close every connection, after the transaction that is open. Safe to call twice."""
        with self._one_at_a_time():
            self._connections.close()

    def _commit(self, connection: sqlite3.Connection) -> None:
        connection.commit()

    @contextmanager
    def _begun(self, begin: str) -> Iterator[tuple[sqlite3.Connection, _SqlTransaction]]:
        connection = guarded(self._connections.take, where=self._where)
        transaction = _SqlTransaction(connection, self._where)
        try:
            guarded(lambda: connection.execute(begin), where=self._where)
            yield connection, transaction
        finally:
            transaction.leave()
            self._connections.give_back(connection)

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        if self._owner == threading.get_ident():
            raise InvariantError("this thread has a transaction open already")
        if not self._lock.acquire(timeout=self._patience.total_seconds()):
            raise UnavailableError(f"database {self._where} is busy in this process")
        self._owner = threading.get_ident()
        try:
            yield
        finally:
            self._owner = None
            self._lock.release()
