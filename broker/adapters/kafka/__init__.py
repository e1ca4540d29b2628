"""The event log on Apache Kafka 4, through `aiokafka`, which nothing outside this package imports.

Promise: the seven points of the event log's contract (blueprint section 4), shown by the same suite as on the
embedded log. Read in this order: `security`, `settings` and `faults` (the client's traps, closed once), `writer` and
`reader` (transactions; committed messages), `claim`, `sharing`, `assignor` and `member` (turns), `admin`, `log` (the
port).
"""

import logging

from broker.adapters.kafka.log import KafkaLog
from broker.adapters.kafka.reachable import why_not
from broker.adapters.kafka.security import Files, Mechanism, Security, SignIn, check_in_the_clear

# The client logs several lines a second while a broker is away and, on its finest levels, what it sends; and the text
# of a ConsumerRecord holds its value. What happens is told by the faults that it raises.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

__all__ = ["Files", "KafkaLog", "Mechanism", "Security", "SignIn", "check_in_the_clear", "why_not"]
