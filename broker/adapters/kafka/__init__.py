"""The event log on Apache Kafka 4, through `aiokafka`, which nothing outside this package imports.

Promise: the contract of `EventLog`, shown by the same suite as on the embedded log (tests/contract). Read in this
order: `security`, `settings` and `faults` (the client's traps, closed once), `writer` and `reader` (transactions;
committed messages), `claim`, `assignment`, `assignor` and `member` (the group protocol), `admin`, `log` (the ports).
"""

import logging

from broker.adapters.kafka.log import KafkaLog
from broker.adapters.kafka.reachable import why_not
from broker.adapters.kafka.security import Files, Mechanism, Security, SignIn, check_in_the_clear

# aiokafka logs several lines a second while a broker is away, request bodies at DEBUG, and ConsumerRecords, whose repr
# holds the value. Faults are reported by the exceptions that it raises.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

__all__ = ["Files", "KafkaLog", "Mechanism", "Security", "SignIn", "check_in_the_clear", "why_not"]
