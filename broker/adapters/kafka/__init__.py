"""The event log on Apache Kafka 4, through `aiokafka`, which nothing outside this package imports.

Promise: the seven points of the event log's contract (blueprint section 4), shown by the same suite as on the
embedded log. Read in this order: `settings` and `faults` (the client's traps, closed once), `writer` and `reader`
(transactions; committed messages), `claim`, `sharing`, `assignor` and `member` (turns), `admin`, `log` (the port).
"""

import logging

from broker.adapters.kafka.log import KafkaLog
from broker.adapters.kafka.settings import Security

# The client logs several lines a second while a broker is away and, on its finest levels, what it sends; and the text
# of a ConsumerRecord holds its value. What happens is told by the faults that it raises.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

__all__ = ["KafkaLog", "Security"]
