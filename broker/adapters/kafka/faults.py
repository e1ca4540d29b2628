"""What Kafka reports, named for the reaction it asks for.

Promise: what means that another instance took over is told apart; all the rest is UnavailableError, whose message
names the client's error and quotes nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    ConsumerStoppedError,
    GroupAuthorizationFailedError,
    IllegalOperation,
    InvalidProducerEpoch,
    InvalidTxnState,
    KafkaError,
    ProducerFenced,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from broker.errors import NotAllowed, UnavailableError

FAULTS = (KafkaError, ConsumerStoppedError, IllegalOperation, AssertionError, OSError, TimeoutError)
"""What aiokafka raises: its state machine asserts, where a transaction has been ended behind its back."""

_FENCING = (ProducerFenced, InvalidProducerEpoch, InvalidTxnState)
_FORBIDDEN = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)


def is_fencing(error: BaseException | None) -> bool:
    """Say whether the error, or what caused it, means that the broker ended this producer for another one.

    `aiokafka` wraps what it does not know of in a plain KafkaError. InvalidTxnState: the transaction was ended by
    somebody else, a new owner or the broker's clock.
    """
    while error is not None:
        if isinstance(error, _FENCING):
            return True
        error = error.__cause__
    return False


def unavailable(error: BaseException) -> UnavailableError:
    """Return the fault without the client's own text.

    A missing access right is no reason to quarantine a message: it is retried like an outage, and named as what it is.
    """
    if isinstance(error, _FORBIDDEN):
        return NotAllowed(f"the brokers do not allow it ({type(error).__name__})")
    return UnavailableError(f"the event log is away ({type(error).__name__})")


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the client raises into UnavailableError."""
    try:
        yield
    except FAULTS as error:
        raise unavailable(error) from error
