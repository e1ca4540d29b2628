"""OffsetFetch with `require_stable` (version 7, KIP-447): a committed position without a commit in flight.

aiokafka sends version 3, whose answer may be older than a transaction that was already reported as committed: the
coordinator answers EndTxn first, and writes the offset's marker a moment later.
"""

from __future__ import annotations

from typing import Final

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    TaggedFields,
)

UNSTABLE: Final = 88
"""UNSTABLE_OFFSET_COMMIT: a transaction that moves this position is not finished; ask again."""

_OFFSET_FETCH: Final = 9
_STABLE_SINCE: Final = 7


class _StablePositionsResponse(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY = _OFFSET_FETCH
    API_VERSION = _STABLE_SINCE
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            CompactArray(
                ("topic", CompactString("utf-8")),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("offset", Int64),
                        ("leader_epoch", Int32),
                        ("metadata", CompactString("utf-8")),
                        ("error_code", Int16),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("error_code", Int16),
        ("tags", TaggedFields),
    )


class _StablePositionsStruct(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY = _OFFSET_FETCH
    API_VERSION = _STABLE_SINCE
    RESPONSE_TYPE = _StablePositionsResponse
    SCHEMA = Schema(
        ("group", CompactString("utf-8")),
        (
            "topics",
            CompactArray(
                ("topic", CompactString("utf-8")), ("partitions", CompactArray(Int32)), ("tags", TaggedFields)
            ),
        ),
        ("require_stable", Boolean),
        ("tags", TaggedFields),
    )


class StablePosition(Request[_StablePositionsStruct]):  # type: ignore[misc]
    """OffsetFetch for one partition, answered UNSTABLE while a commit is in flight."""

    API_KEY = _OFFSET_FETCH

    def __init__(self, group: str, topic: str, partition: int) -> None:
        self._group = group
        self._topics = [(topic, [partition], dict[int, bytes]())]

    def build(self, request_struct_class: type[_StablePositionsStruct]) -> _StablePositionsStruct:
        """Return the request in version 7's form."""
        return request_struct_class(self._group, self._topics, True, {})


def answer(response: Response) -> tuple[int, int, str]:
    """Return error code, offset (-1 without a commit) and metadata of the requested partition."""
    if response.error_code:
        return response.error_code, -1, ""
    [[_, [[_, offset, _, metadata, error_code, _]], _]] = response.topics
    return error_code, offset, metadata or ""
