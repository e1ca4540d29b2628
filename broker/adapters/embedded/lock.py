"""The write lock: one writer at a time over all processes of this machine, with a bounded wait.

Promise: fairness and a bounded wait. SQLite's own locks keep the file whole; but a writer that waits for
those sleeps ever longer while a busy one takes them again and again (seconds were measured).
"""

from __future__ import annotations

import fcntl
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Self

from broker.errors import UnavailableError

_NAP_SECONDS = 0.0002


class WriteLock:
    """A lock file beside the database. The system drops the lock when its process dies."""

    def __init__(self, path: Path, *, patience: timedelta = timedelta(seconds=5)) -> None:
        self._path = path
        self._patience = patience.total_seconds()
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Take the lock. Raises: UnavailableError when a stopped process does not let it go, OSError."""
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + self._patience
        # Asked again and again rather than once with a wait: flock has no time limit, and a process that was
        # suspended inside its write must not hang all the others for ever.
        while not self._taken(self._file):
            if time.monotonic() > deadline:
                raise UnavailableError("another process does not let go of the event log")
            time.sleep(_NAP_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the lock file. Safe to call twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @staticmethod
    def _taken(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
