"""The one door to structlog: JSON lines of allow-listed keys. Ids, counts and reasons; never a name, a text or a value.

A key that is not on the list is dropped and the drop is visible, so that a careless line cannot leak a record.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "principal", "reason", "status", "count", "size", "version", "topic",
        "partition", "offset", "sequence", "request_id", "event_id", "pid", "restarts", "milliseconds", "kind",
        "checkpoint", "leaves", "index", "stage", "revision", "exit_code", "copies", "refused", "step", "process",
        "organisation", "trace_id", "do",
    }
)  # fmt: skip
"""What a line may hold. Topic, offset and ids name no person and no case; a trace id is random; `do` is a
sentence of the program's own."""

Observe = Callable[[str, Mapping[str, int | str]], None]


def _allow_listed(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # Numbers and words only: of anything else the line would hold the repr, and with it what it is made of.
    kept = {key: value for key, value in entry.items() if key in ALLOWED and isinstance(value, int | str)}
    if len(kept) < len(entry):
        kept["dropped_keys"] = len(entry) - len(kept)
    return kept


def observer(principal: str, *, stream: TextIO | None = None) -> Observe:
    """Return the function by which a process says what it does, one line a call, to standard error."""
    # The client libraries log a line a retry, some with records in them: they stay silent below errors.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logger = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allow_listed,
            structlog.processors.JSONRenderer(),
        ],
        principal=principal,
    )

    def observe(event: str, facts: Mapping[str, int | str]) -> None:
        logger.info(event, **facts)

    return observe
