"""The trace beside a message: it travels, whatever else stood there does not, and it changes nothing."""

from __future__ import annotations

import pytest

from broker.exchange.trace import begun
from broker.ports import MALFORMED_TRACE, CommittedOffset, Outgoing


@pytest.fixture
def told(log_factory, tools):
    """Publish one message under a header, and return what two ways of reading show of it."""

    async def run(trace: str) -> tuple[str, str]:
        work = tools.name("work")
        log = await log_factory.make(**{work: 1})
        claim = await log.claim(work, await log.wait_for_assignment(work, group=work), group=work)
        await claim.publish(
            [Outgoing(topic=work, key=b"k", value=b"v", trace=trace)], position=CommittedOffset(offset=0)
        )
        async with tools.soon():
            (fetched,) = await claim.fetch(most=1, wait=tools.long)
        (read,) = await tools.visible(log, work)
        assert (fetched.key, fetched.value) == (read.key, read.value) == (b"k", b"v")
        return fetched.trace, read.trace

    return run


async def test_a_trace_travels_with_its_message(told):
    trace = begun()
    assert await told(trace) == (trace, trace)


async def test_a_message_without_a_trace_has_none(told):
    assert await told("") == ("", "")


async def test_a_header_that_is_no_traceparent_is_not_handed_on(told):
    """Whoever may write to a topic writes there what he likes: a value of a record, or a line for the log."""
    assert await told("Quillfeather\n9990000999") == (MALFORMED_TRACE, MALFORMED_TRACE)
