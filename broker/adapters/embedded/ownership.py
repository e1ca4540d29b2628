"""Ownership of partitions by groups, and each group's position; inside the caller's transaction.

Promise: taking a partition raises its epoch, and nothing moves under an older epoch, however late it comes.
The lease only says when a partition may be *offered* to somebody else; what is *safe* the epoch decides
alone. So a clock that jumps can cost a takeover, never a duplicate.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

from broker.adapters.embedded.messages import head_of, heads_of
from broker.errors import Fenced
from broker.ports import CommittedOffset


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long a lease given at `start` holds: seconds on the machine's monotonic clock.

    Every process of the machine reads the same clock. After a restart it begins again; then `start` lies in
    the future, and the lease does not hold.
    """

    start: float
    end: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One taking of one partition by one group; `epoch` makes it unlike any other taking."""

    group: str
    topic: str
    partition: int
    head: int
    epoch: int


_OVER: Final = Term(start=0.0, end=0.0)


def first_free(connection: sqlite3.Connection, topic: str, group: str, *, now: float) -> int | None:
    """Return the lowest partition that has no live owner. Raises: RejectedError `UNKNOWN_TOPIC`."""
    rows = connection.execute(
        "SELECT head FROM claims WHERE consumers = ? AND live_from <= ? AND ? < live_until", (group, now, now)
    )
    live = {head for (head,) in rows}
    free = (number for number, head in enumerate(heads_of(connection, topic)) if head not in live)
    return next(free, None)


def offer(connection: sqlite3.Connection, topic: str, group: str, *, term: Term) -> int | None:
    """Reserve a free partition for one term, so that instances waiting side by side do not fence each other."""
    partition = first_free(connection, topic, group, now=term.start)
    if partition is not None:
        head = head_of(connection, topic, partition)
        connection.execute(
            "INSERT INTO claims (consumers, head, live_from, live_until) VALUES (?, ?, ?, ?) ON CONFLICT"
            " DO UPDATE SET live_from = excluded.live_from, live_until = excluded.live_until",
            (group, head, term.start, term.end),
        )
    return partition


def take(
    connection: sqlite3.Connection, topic: str, partition: int, group: str, *, term: Term
) -> tuple[Lease, CommittedOffset]:
    """Fence whoever owned the partition, then read the position. Raises: RejectedError `UNKNOWN_TOPIC`."""
    head = head_of(connection, topic, partition)
    connection.execute(
        "INSERT INTO claims (consumers, head, epoch, live_from, live_until) VALUES (?, ?, 1, ?, ?)"
        " ON CONFLICT DO UPDATE SET epoch = epoch + 1, live_from = excluded.live_from,"
        " live_until = excluded.live_until",
        (group, head, term.start, term.end),
    )
    epoch, offset, metadata = connection.execute(
        "SELECT epoch, next_offset, metadata FROM claims WHERE consumers = ? AND head = ?", (group, head)
    ).fetchone()
    held = Lease(group=group, topic=topic, partition=partition, head=head, epoch=epoch)
    return held, CommittedOffset(offset=offset, metadata=metadata)


def check(connection: sqlite3.Connection, held: Lease) -> None:
    """Return when the partition is still ours. Raises: Fenced."""
    ours = connection.execute(
        "SELECT 1 FROM claims WHERE consumers = ? AND head = ? AND epoch = ?",
        (held.group, held.head, held.epoch),
    ).fetchone()
    if ours is None:
        raise _fenced(held)


def move(connection: sqlite3.Connection, held: Lease, position: CommittedOffset, *, term: Term) -> None:
    """Move the position and renew the lease, in the statement that checks the epoch. Raises: Fenced."""
    moved = connection.execute(
        "UPDATE claims SET next_offset = ?, metadata = ?, live_from = ?, live_until = ?"
        " WHERE consumers = ? AND head = ? AND epoch = ?",
        (position.offset, position.metadata, term.start, term.end, held.group, held.head, held.epoch),
    )
    if moved.rowcount == 0:
        raise _fenced(held)


def renew(connection: sqlite3.Connection, claims: Iterable[Lease], *, term: Term) -> None:
    """Let each lease run on; one that is not ours any more is left alone."""
    connection.executemany(
        "UPDATE claims SET live_from = ?, live_until = ? WHERE consumers = ? AND head = ? AND epoch = ?",
        [(term.start, term.end, held.group, held.head, held.epoch) for held in claims],
    )


def give_up(connection: sqlite3.Connection, claims: Iterable[Lease]) -> None:
    """End each lease at once; one that is not ours any more is left alone."""
    renew(connection, claims, term=_OVER)


def committed(connection: sqlite3.Connection, topic: str, partition: int, group: str) -> CommittedOffset:
    """Return the group's position, the beginning where it has none. Raises: RejectedError `UNKNOWN_TOPIC`."""
    head = head_of(connection, topic, partition)
    row = connection.execute(
        "SELECT next_offset, metadata FROM claims WHERE consumers = ? AND head = ?", (group, head)
    ).fetchone()
    if row is None:
        return CommittedOffset(offset=0)
    offset, metadata = row
    return CommittedOffset(offset=offset, metadata=metadata)


def _fenced(held: Lease) -> Fenced:
    return Fenced(f"{held.topic} partition {held.partition} is owned by another instance of {held.group}")
