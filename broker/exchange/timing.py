"""Timing: how long a stage of the path took, told to whoever listens in this task, and to nobody otherwise.

Promise: a stage says its name and a duration, never what passed through it; whether somebody listens changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Took = Callable[[str, float], None]
"""Takes the name of a stage and how many seconds it took."""

_LISTENS: ContextVar[Took | None] = ContextVar("timing", default=None)


@contextmanager
def listening(took: Took) -> Iterator[None]:
    """Tell `took` of every stage that ends inside, also in the tasks and threads that are begun there."""
    before = _LISTENS.set(took)
    try:
        yield
    finally:
        _LISTENS.reset(before)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time what is inside, however it ends. It also decorates a function (not a coroutine: use `with` in that)."""
    begun = time.perf_counter()
    try:
        yield
    finally:
        if (took := _LISTENS.get()) is not None:
            took(name, time.perf_counter() - begun)
