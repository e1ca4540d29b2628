"""What a reader makes of a message's headers: one traceparent, or none, or a count."""

from __future__ import annotations

import pytest

from broker.adapters.kafka.reader import _trace
from broker.exchange.trace import begun
from broker.ports import MALFORMED_TRACE

TRACE = begun()


@pytest.mark.parametrize(
    ("headers", "trace"),
    [
        ((), ""),
        ((("other", b"x"),), ""),
        ((("other", b"x"), ("traceparent", TRACE.encode())), TRACE),
        ((("traceparent", TRACE.encode()), ("traceparent", TRACE.encode())), MALFORMED_TRACE),
        ((("traceparent", None),), MALFORMED_TRACE),
        ((("traceparent", b""),), MALFORMED_TRACE),
        ((("traceparent", b"Quillfeather"),), MALFORMED_TRACE),
    ],
)
def test_one_well_formed_header_is_a_trace_and_nothing_else_is(headers, trace):
    assert _trace(headers) == trace
