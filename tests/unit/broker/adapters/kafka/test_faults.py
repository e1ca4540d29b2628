"""What the client raises, named for the reaction it asks for."""

from __future__ import annotations

import pytest
from aiokafka import errors

from broker.adapters.kafka.faults import is_fencing, translated, unavailable
from broker.errors import RejectedError, UnavailableError


def wrapped(cause: BaseException) -> errors.KafkaError:
    """As the client wraps what it does not expect."""
    try:
        raise errors.KafkaError("Unexpected error during batch delivery") from cause
    except errors.KafkaError as error:
        return error


@pytest.mark.parametrize(
    "error",
    [
        errors.ProducerFenced(),
        errors.InvalidProducerEpoch(),
        errors.InvalidTxnState(),
        wrapped(errors.InvalidProducerEpoch()),
        wrapped(wrapped(errors.ProducerFenced())),
    ],
)
def test_a_fence_is_seen_in_every_form(error):
    assert is_fencing(error)


@pytest.mark.parametrize(
    "error",
    [
        errors.KafkaError("Unexpected error during batch delivery"),
        errors.KafkaConnectionError("lost"),
        errors.NotEnoughReplicasError(),
        wrapped(errors.RequestTimedOutError()),
        TimeoutError(),
        None,
    ],
)
def test_an_outage_is_no_fence(error):
    assert not is_fencing(error)


@pytest.mark.parametrize(
    "error",
    [
        errors.KafkaConnectionError("x"),
        errors.ConsumerStoppedError(),
        TimeoutError(),
        OSError("x"),
        AssertionError("x"),
    ],
)
def test_what_the_client_raises_becomes_one_fault(error):
    with pytest.raises(UnavailableError), translated():
        raise error


def test_our_own_faults_pass():
    with pytest.raises(RejectedError), translated():
        raise RejectedError("TOO_LARGE")


def test_the_client_s_text_is_not_repeated():
    assert "secret" not in str(unavailable(errors.KafkaError("secret")))
