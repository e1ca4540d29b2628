"""aiokafka's exceptions, translated into this product's faults, which are named for the reaction.

Promise: errors by which a broker fences a producer are recognised; every other error becomes UnavailableError, whose
message names the client's exception class and quotes none of its text.
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
"""Every exception of aiokafka. AssertionError: its state machine asserts when a broker has ended the transaction."""

_FENCING = (ProducerFenced, InvalidProducerEpoch, InvalidTxnState)
_FORBIDDEN = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)


def is_fencing(error: BaseException | None) -> bool:
    """Return whether the error, or one of its causes, means that another producer has taken this transactional id.

    aiokafka wraps errors that it does not know in a plain KafkaError, so the chain of causes is searched.
    InvalidTxnState: a new owner's InitProducerId, or the coordinator's timeout, has ended the transaction.
    """
    while error is not None:
        if isinstance(error, _FENCING):
            return True
        error = error.__cause__
    return False


def unavailable(error: BaseException) -> UnavailableError:
    """Return the fault, without the client's own text, which may quote a record.

    An authorisation error is retried like an outage: a missing right is no reason to quarantine a message.
    """
    if isinstance(error, _FORBIDDEN):
        return NotAllowed(f"the brokers do not allow it ({type(error).__name__})")
    return UnavailableError(f"the event log is away ({type(error).__name__})")


@contextmanager
def translated() -> Iterator[None]:
    """Translate the client's exceptions into UnavailableError."""
    try:
        yield
    except FAULTS as error:
        raise unavailable(error) from error
