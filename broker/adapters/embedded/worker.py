"""The database thread: jobs one after the other, and a look for news between them.

Promise: every job runs to its end or not at all, in the order of submission, and its outcome goes to whoever
submitted it. `between` is called at every interval, idle or busy: here rather than from the event loop, where
each of those questions would cost two changes of thread (measured: three times the processor time).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class Worker:
    """One thread, started by the first job."""

    def __init__(self, *, between: Callable[[], None]) -> None:
        self._between = between
        self._every: float | None = None
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # A daemon: a process that ends without closing must not hang; the file takes a kill at any moment.
        self._thread = Thread(target=self._run, name="event-log", daemon=True)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Queue a job. Cancelling its future skips it, unless it has begun."""
        future: Future[T] = Future()
        self._put(partial(_resolve, future, work))
        return future

    def call_between_jobs(self, *, every_seconds: float) -> None:
        """From now on call `between` at this interval."""

        def begin() -> None:
            self._every = every_seconds

        self._put(begin)

    def stop(self) -> None:
        """Do the jobs that are queued, then end the thread; return when it has ended."""
        self._put(None)
        self._thread.join()

    def _put(self, job: Callable[[], None] | None) -> None:
        if self._thread.ident is None:
            self._thread.start()
        self._jobs.put(job)

    def _run(self) -> None:
        due = 0.0
        while True:
            if self._every is not None and time.monotonic() >= due:
                self._between()
                due = time.monotonic() + self._every
            try:
                job = self._jobs.get(timeout=None if self._every is None else max(0.0, due - time.monotonic()))
            except Empty:
                continue
            if job is None:
                return
            job()


def _resolve(future: Future[T], work: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - handed on to the submitter, whatever it is
        future.set_exception(error)
    else:
        future.set_result(result)
