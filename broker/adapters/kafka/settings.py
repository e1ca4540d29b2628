"""The options of every client in this package: the traps of aiokafka and Kafka, closed in one place.

Promise: every consumer reads committed messages only, every producer waits for all in-sync replicas; no request times
out before the broker's own time for it is over; a reader never moves to another offset by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, final

from broker.adapters.kafka.security import Security
from broker.ports import MAX_VALUE_BYTES

TRANSACTION: Final = timedelta(seconds=5)
"""The coordinator aborts a transaction left open for so long (`transaction.max.timeout.ms` must not be lower). Short,
because an open transaction of a dead client hides from every reader what others committed after it."""

BATCH_BYTES: Final = 262_144
LARGEST_MESSAGE_BYTES: Final = MAX_VALUE_BYTES + 100_000
"""A value of the largest size with its key, headers and frame."""

_BACKOFF: Final = timedelta(milliseconds=50)
"""Between aiokafka's own retries, such as those for a coordinator that is moving; its default is 100 ms."""
_HEARTBEAT: Final = timedelta(milliseconds=500)
"""A member learns of a rebalance with its next heartbeat, so this is the delay until a free partition is offered."""
_LONG_POLL: Final = timedelta(milliseconds=500)
"""A broker answers an idle fetch after so long; the watchdog counts on it."""
_LONGEST_MS: Final = 2**31 - 1

Options = dict[str, object]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One instance's connection parameters, and the options of each kind of client."""

    bootstrap: str
    client_id: str
    session: timedelta
    security: Security | None

    def common(self) -> Options:
        """Return the options of every kind of client."""
        options: Options = {
            "bootstrap_servers": self.bootstrap,
            "client_id": self.client_id,
            "retry_backoff_ms": milliseconds(_BACKOFF),
            # The coordinator answers JoinGroup only when the last member has rejoined or its session is over. A client
            # that times out sooner rejoins as another member, and starts that wait again, for ever.
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
        """Return the options of a consumer without a group, whose partition and offset are assigned by hand."""
        return {
            **self.common(),
            "isolation_level": "read_committed",
            "enable_auto_commit": False,
            # An offset out of range is raised: the client must not choose by itself where to go on.
            "auto_offset_reset": "none",
            "fetch_max_wait_ms": milliseconds(_LONG_POLL),
            "max_partition_fetch_bytes": LARGEST_MESSAGE_BYTES,
        }

    def member(self, group: str, *, assignor: object) -> Options:
        """Return the options of a consumer that fetches nothing and is only a member of its group."""
        return {
            **self.reader(),
            "auto_offset_reset": "earliest",
            "group_id": group,
            "partition_assignment_strategy": (assignor,),
            "session_timeout_ms": milliseconds(self.session),
            "heartbeat_interval_ms": milliseconds(min(self.session / 4, _HEARTBEAT)),
            "rebalance_timeout_ms": milliseconds(self.session),
            # aiokafka takes a member that polls no messages for stuck, and would make it leave.
            "max_poll_interval_ms": _LONGEST_MS,
        }


def milliseconds(duration: timedelta) -> int:
    """Return a duration in whole milliseconds, the unit of Kafka's options."""
    return int(duration / timedelta(milliseconds=1))
