"""One connection on one thread of its own, and one writer at a time over all processes.

Promise: what a write does is in the file wholly or not at all, whatever is killed, cancelled or fails; when
the caller cannot know which, it is told so (OutcomeUnknown). A write (1) takes the lock, (2) begins at once
(IMMEDIATE), (3) does the work and (4) commits, fsynced. A cancelled caller stops waiting; the thread finishes
or rolls back on its own.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from broker.adapters.embedded.lock import WriteLock
from broker.adapters.embedded.schema import open_database
from broker.adapters.embedded.worker import Worker
from broker.errors import InvariantError, MashError, OutcomeUnknown, RejectedError, UnavailableError

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]
Commit = Callable[[sqlite3.Connection], None]


def commit(connection: sqlite3.Connection) -> None:
    """Make the open transaction durable and visible."""
    connection.execute("COMMIT")


class Store:
    """The event log's file as one instance sees it. Opened at the first use."""

    def __init__(self, path: Path, *, poll: timedelta) -> None:
        self._path = path
        self._poll = poll
        self._lock = WriteLock(path.with_name(path.name + "-lock"))
        self._worker = Worker(between=self._look)
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None
        self._news: Callable[[], None] | None = None
        self._closed = False

    async def read(self, job: Job[T]) -> T:
        """Run a job that only reads. Raises: UnavailableError, RejectedError `DATABASE_DAMAGED`."""
        return await self._run(lambda: job(self._open()))

    async def write(self, job: Job[T], *, commit: Commit = commit) -> T:
        """Run a job in one transaction; whatever it raises rolls back.

        Raises: OutcomeUnknown (the commit failed); UnavailableError, RejectedError `DATABASE_DAMAGED` or the
        job's own fault (nothing is shown).
        """
        return await self._run(lambda: self._write(job, commit))

    def watch(self, news: Callable[[], None]) -> None:
        """From now on call `news` on this event loop soon after every commit, by anybody, and every fault."""
        if self._news is not None:
            return
        loop = asyncio.get_running_loop()

        def tell() -> None:
            with suppress(RuntimeError):  # the loop has ended, and nobody closed this instance before
                loop.call_soon_threadsafe(news)

        self._news = tell
        self._worker.call_between_jobs(every_seconds=self._poll.total_seconds())

    async def close(self) -> None:
        """Close the file and end the thread, after the jobs that already wait. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        try:
            # Shielded: a caller that is cancelled here must not leave the file open.
            await asyncio.shield(asyncio.wrap_future(self._worker.submit(self._close)))
        finally:
            self._worker.stop()

    async def _run(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise UnavailableError("the event log is closed")
        return await asyncio.wrap_future(self._worker.submit(lambda: _translated(work)))

    def _write(self, job: Job[T], commit: Commit) -> T:
        connection = self._open()
        with self._lock:  # (1)
            try:
                connection.execute("BEGIN IMMEDIATE")  # (2)
                result = job(connection)  # (3)
                # Crash before the commit's last frame is on the disk: nothing happened. After: all of it did.
                _finish(connection, commit)  # (4)
                return result
            finally:
                self._version = None  # PRAGMA data_version does not count this connection's own commits
                self._leave(connection)

    def _leave(self, connection: sqlite3.Connection) -> None:
        try:
            connection.rollback()  # nothing to do after a commit
        except sqlite3.Error:
            # Closing gives the transaction up for certain; the next job opens the file afresh.
            connection.close()
            self._connection = None

    def _look(self) -> None:
        try:
            changed = _translated(self._changed)
        except MashError:
            changed = True  # whoever waits looks, and meets the fault itself
        if changed and self._news is not None:
            self._news()

    def _changed(self) -> bool:
        last = self._version
        [self._version] = self._open().execute("PRAGMA data_version").fetchone()
        return self._version != last

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            with self._lock:
                self._connection = open_database(self._path)
            self._version = None
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._lock.close()


def _finish(connection: sqlite3.Connection, commit: Commit) -> None:
    try:
        commit(connection)
    except sqlite3.Error as error:
        raise OutcomeUnknown("the event log's commit failed") from error


def _translated(work: Callable[[], T]) -> T:
    with _faults():
        return work()


@contextmanager
def _faults() -> Iterator[None]:
    """Name what SQLite and the system report for the reaction it asks for."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:  # busy, disk full, no permission, a failing disk
        raise UnavailableError("the event log's file is locked or away") from error
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:  # a constraint or misuse: a fault in this package
            raise InvariantError("the event log broke a rule of its own tables") from error
        raise RejectedError("DATABASE_DAMAGED", "the event log's file is not what it was") from error
