"""How every client of this package is set up: the traps of `aiokafka` and Kafka, closed in one place.

Promise: everything reads committed messages only and writes with every replica's acknowledgement; no request is given
up before the broker has had the time that it may take; a reader never jumps to another offset by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, final

from broker.adapters.kafka.security import Security
from broker.ports import MAX_VALUE_BYTES

TRANSACTION: Final = timedelta(seconds=5)
"""After so long the broker ends a transaction that its client left open (the broker's own limit must not be lower)."""

BATCH_BYTES: Final = 262_144
LARGEST_MESSAGE_BYTES: Final = MAX_VALUE_BYTES + 100_000
"""A value of the greatest size with its key, headers and frame."""

_BACKOFF: Final = timedelta(milliseconds=50)
_HEARTBEAT: Final = timedelta(milliseconds=500)
"""A member learns with its next heartbeat that a partition has become free."""
_LONG_POLL: Final = timedelta(milliseconds=500)
_LONGEST_MS: Final = 2**31 - 1

Options = dict[str, object]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One instance's way to the brokers, and the options of each kind of client."""

    bootstrap: str
    client_id: str
    session: timedelta
    security: Security | None

    def common(self) -> Options:
        """Return what every kind of client is given."""
        options: Options = {
            "bootstrap_servers": self.bootstrap,
            "client_id": self.client_id,
            "retry_backoff_ms": milliseconds(_BACKOFF),
            # A JoinGroup is answered when the last member has joined again, or its session is over: a client that
            # gives up sooner joins and is forgotten for ever.
            "request_timeout_ms": milliseconds(2 * self.session + timedelta(seconds=3)),
        }
        if self.security is not None:
            options |= self.security.options()
        return options

    def writer(self, transactional_id: str) -> Options:
        """Return the options of a transactional producer."""
        return {
            **self.common(),
            "transactional_id": transactional_id,
            "transaction_timeout_ms": milliseconds(TRANSACTION),
            "acks": "all",
            "enable_idempotence": True,
            "max_batch_size": BATCH_BYTES,
            "max_request_size": LARGEST_MESSAGE_BYTES,
        }

    def reader(self) -> Options:
        """Return the options of a consumer that is in no group and is told where to read."""
        return {
            **self.common(),
            "isolation_level": "read_committed",
            "enable_auto_commit": False,
            # An offset that is not there is reported: where to go on is not for the client to choose.
            "auto_offset_reset": "none",
            "fetch_max_wait_ms": milliseconds(_LONG_POLL),
            "max_partition_fetch_bytes": LARGEST_MESSAGE_BYTES,
        }

    def member(self, group: str, *, assignor: object) -> Options:
        """Return the options of a consumer that reads nothing and is only a member of the group."""
        return {
            **self.reader(),
            "auto_offset_reset": "earliest",
            "group_id": group,
            "partition_assignment_strategy": (assignor,),
            "session_timeout_ms": milliseconds(self.session),
            "heartbeat_interval_ms": milliseconds(min(self.session / 4, _HEARTBEAT)),
            "rebalance_timeout_ms": milliseconds(self.session),
            # It never reads a message, which aiokafka takes for a stuck application.
            "max_poll_interval_ms": _LONGEST_MS,
        }


def milliseconds(duration: timedelta) -> int:
    """Return a duration as Kafka's options want it."""
    return int(duration / timedelta(milliseconds=1))
