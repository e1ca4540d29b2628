"""A principal's own store, over either engine.

Promise: what a transaction wrote is on the disk when it is left, all of it or nothing; transactions follow
one another, also across threads and processes; a statement that failed cannot be passed over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self, TypeVar, final

from sqlalchemy import Connection, Engine, text

from broker.adapters.sql.engine import BEGIN_WITH, address, connect_to, ported
from broker.adapters.sql.faults import guarded
from broker.errors import InvariantError, RejectedError, UnavailableError
from broker.ports import Database, Transaction

_T = TypeVar("_T")

PATIENCE: Final = timedelta(seconds=10)
"""The longest wait of a transaction for those before it, in this process and in others."""

_statement = lru_cache(maxsize=512)(text)  # to read a statement's parameters again each time costs as much as to run it


@final
class _SqlTransaction(Transaction):
    def __init__(self, connection: Connection, where: str) -> None:
        self._connection = connection
        self._where = where
        self.spoilt = False

    def execute(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        def run() -> list[tuple[Any, ...]]:
            result = self._connection.execute(_statement(sql), parameters)
            return [tuple(row) for row in result] if result.returns_rows else []

        return self._try(run)

    def execute_many(self, sql: str, rows: Sequence[dict[str, Any]]) -> None:
        if rows:  # SQLAlchemy runs the statement once, without parameters, when there are none
            self._try(lambda: self._connection.execute(_statement(sql), rows))

    def _try(self, step: Callable[[], _T]) -> _T:
        # After a failure PostgreSQL takes back everything and SQLite this statement only: nobody may go on.
        self.spoilt = True
        outcome = guarded(step, where=self._where)
        self.spoilt = False
        return outcome


class SqlDatabase(Database):
    """One principal's database. Threads may share it: transactions run one at a time.

    A test replaces `_commit` to fail before or after it took effect.
    """

    def __init__(self, engine: Engine, *, patience: timedelta) -> None:
        self._engine = engine
        self._where = Path(engine.url.database or "").name
        self._patience = patience
        self._lock = threading.Lock()
        self._owner: int | None = None
        self._closed = False

    @classmethod
    def open(cls, url_or_path: Path | str, *, schema: Sequence[str], patience: timedelta = PATIENCE) -> Self:
        """Open or make the database, and run the schema statements (`... IF NOT EXISTS`) in one transaction.

        Takes the path of an SQLite file (made with mode 0600) or an address with `://` in it.
        Raises: RejectedError `DATABASE_DAMAGED`, UnavailableError, UsageError for an address nobody can use.
        """
        database = cls(connect_to(address(url_or_path), patience=patience), patience=patience)
        kind = database._engine.dialect.name
        try:
            with database.transaction() as transaction:
                for statement in schema:
                    transaction.execute(ported(statement, kind))
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
        with self._one_at_a_time():
            connection = guarded(self._connect, where=self._where)
            try:
                guarded(connection.begin, where=self._where)
                transaction = _SqlTransaction(connection, self._where)
                yield transaction
                if transaction.spoilt:
                    raise InvariantError("a statement failed and its error was swallowed: nothing is committed")
                # Crash before this line: nothing happened. Crash after it: all of it did.
                guarded(lambda: self._commit(connection), where=self._where, committing=True)
            finally:
                guarded(connection.close, where=self._where)  # rolls back what was not committed

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """Begin to read one state of the database, beside whoever writes; it waits for nobody and syncs nothing.

        What is written in it is rolled back. Raises: UnavailableError, RejectedError `DATABASE_DAMAGED`.
        """
        connection = guarded(self._connect, where=self._where)
        try:
            connection = connection.execution_options(**{BEGIN_WITH: "BEGIN DEFERRED"})
            guarded(connection.begin, where=self._where)
            yield _SqlTransaction(connection, self._where)
        finally:
            guarded(connection.close, where=self._where)

    def integrity_problems(self) -> tuple[str, ...]:
        """Read the whole SQLite file and name what is wrong in it (tables, indexes and pages, never values).

        Empty when it is sound; writers go on meanwhile. PostgreSQL checks its own pages: always empty there.
        """
        if self._engine.dialect.name != "sqlite":
            return ()
        try:
            return guarded(self._ask_integrity, where=self._where)
        except RejectedError as error:
            return (str(error),)

    def close(self) -> None:
        """Close every connection, after the transaction that is open. Safe to call twice."""
        with self._one_at_a_time():
            self._closed = True
            self._engine.dispose()

    def _commit(self, connection: Connection) -> None:
        connection.commit()

    def _connect(self) -> Connection:
        if self._closed:
            raise InvariantError("the database is closed")
        return self._engine.connect()

    def _ask_integrity(self) -> tuple[str, ...]:
        with self._connect() as connection:
            connection.execution_options(**{BEGIN_WITH: "BEGIN DEFERRED"})
            pages = connection.execute(text("PRAGMA integrity_check")).scalars().all()
            strays = connection.execute(text("PRAGMA foreign_key_check")).all()
        problems = [str(line) for line in pages if line != "ok"]
        problems += [f"row {row[1]} of {row[0]} refers to a missing row of {row[2]}" for row in strays]
        return tuple(problems)

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
