"""The embedded event log: one SQLite file on one machine, shared by several processes.

Promise: the seven points of the event log's contract (blueprint section 4), the same as on Kafka and shown by
the same suite. It holds a connection of its own, beside those of `adapters.sql`. Read in this order: `schema` (the
tables), `messages` and `ownership` (what is done to them), `store` and `lock` (one thread, one writer, all or
nothing), `changes` and `leases` (what runs in the background), `claim` and `log` (the port).
"""

from broker.adapters.embedded.log import EmbeddedLog

__all__ = ["EmbeddedLog"]
