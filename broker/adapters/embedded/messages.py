"""Topics and messages as rows. Each function runs on the database thread, inside the caller's transaction.

Promise: a partition's offsets rise by one a message in commit order and are never given out twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from broker.adapters.partitioner import partition_for
from broker.errors import RejectedError, UsageError
from broker.exchange.trace import received
from broker.ports import LogOffset, Message, Outgoing


def create_topics(connection: sqlite3.Connection, partitions: Mapping[str, int]) -> None:
    """Create the topics that do not exist yet. Raises: UsageError for another number of partitions."""
    for topic, wanted in partitions.items():
        if wanted < 1:
            raise UsageError(f"topic {topic} needs at least one partition")
        there = len(_heads(connection, topic))
        if there not in (0, wanted):
            # Keys would move to other partitions, and a key's messages would lose their order.
            raise UsageError(f"topic {topic} has {there} partitions, not {wanted}")
        if not there:
            rows = [(topic, partition) for partition in range(wanted)]
            connection.executemany("INSERT INTO heads (topic, partition) VALUES (?, ?)", rows)


def heads_of(connection: sqlite3.Connection, topic: str) -> list[int]:
    """Return the row ids of the topic's partitions, in order. Raises: RejectedError `UNKNOWN_TOPIC`."""
    heads = _heads(connection, topic)
    if not heads:
        raise RejectedError("UNKNOWN_TOPIC", topic)
    return heads


def head_of(connection: sqlite3.Connection, topic: str, partition: int) -> int:
    """Return one partition's row id. Raises: RejectedError `UNKNOWN_TOPIC`."""
    heads = heads_of(connection, topic)
    if not 0 <= partition < len(heads):
        raise RejectedError("UNKNOWN_TOPIC", f"{topic} has no partition {partition}")
    return heads[partition]


def append(connection: sqlite3.Connection, messages: Iterable[Outgoing]) -> None:
    """Append each message to its key's partition. Raises: RejectedError `UNKNOWN_TOPIC` (roll back then)."""
    for message in messages:
        heads = heads_of(connection, message.topic)
        head = heads[partition_for(message.key, partitions=len(heads))]
        connection.execute(
            """INSERT INTO messages (head, offset, key, value, trace)
            SELECT head, next_offset, ?, ?, ? FROM heads WHERE head = ?""",
            (message.key, message.value, message.trace, head),
        )
        connection.execute("UPDATE heads SET next_offset = next_offset + 1 WHERE head = ?", (head,))


def read(connection: sqlite3.Connection, place: LogOffset, *, most: int) -> tuple[Message, ...]:
    """Return up to `most` messages from the place on. Raises: RejectedError `UNKNOWN_TOPIC`."""
    head = head_of(connection, place.topic, place.partition)
    rows = connection.execute(
        "SELECT offset, key, value, trace FROM messages WHERE head = ? AND offset >= ? ORDER BY offset LIMIT ?",
        (head, place.offset, most),
    )
    return tuple(
        Message(
            place=LogOffset(topic=place.topic, partition=place.partition, offset=offset),
            key=key,
            value=value,
            trace=received(trace),
        )
        for offset, key, value, trace in rows
    )


def end(connection: sqlite3.Connection, topic: str, partition: int) -> int:
    """Return the offset that the partition's next message gets. Raises: RejectedError `UNKNOWN_TOPIC`."""
    head = head_of(connection, topic, partition)
    [next_offset] = connection.execute("SELECT next_offset FROM heads WHERE head = ?", (head,)).fetchone()
    return int(next_offset)


def _heads(connection: sqlite3.Connection, topic: str) -> list[int]:
    rows = connection.execute("SELECT head FROM heads WHERE topic = ? ORDER BY partition", (topic,))
    return [head for (head,) in rows]
