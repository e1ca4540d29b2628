"""Trace: random ids that travel on; a header in any other form than the specification's is nothing but a count."""

from __future__ import annotations

import pytest

from broker.exchange.trace import begun, carried_on, received, trace_id, traced
from broker.ports import MALFORMED_TRACE, Outgoing

GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"  # the specification's own example
CANARY = "9990000018"


def test_each_piece_of_work_gets_ids_of_its_own():
    traces = {begun() for _ in range(100)}
    assert len({trace_id(trace) for trace in traces}) == 100
    assert all(received(trace) == trace for trace in traces)


def test_what_a_message_led_to_has_its_trace_id_under_a_new_span_id():
    after = carried_on(GOOD)
    assert trace_id(after) == trace_id(GOOD) == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert received(after) == after
    assert after.split("-")[2] != GOOD.split("-")[2]
    assert after.endswith("-00"), "a stranger's flags are not passed on"


@pytest.mark.parametrize("header", [None, ""])
def test_without_a_header_there_is_no_trace_to_carry_on(header):
    assert received(header) == ""
    assert carried_on("") == trace_id("") == ""


@pytest.mark.parametrize(
    "header",
    [
        GOOD.upper(),
        GOOD + "\n",
        GOOD + "-extra",
        " " + GOOD,
        GOOD.replace("00-", "01-", 1),
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
        f"00-{CANARY}",
        b"\xff\xfe",
        b"x" * 1_000_000,
        "00-٤bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        7,
    ],
)
def test_a_header_in_any_other_form_is_dropped_and_never_shown(header):
    assert received(header) == MALFORMED_TRACE
    assert carried_on(MALFORMED_TRACE) == trace_id(MALFORMED_TRACE) == ""


def test_the_bytes_of_a_good_header_are_taken():
    assert received(GOOD.encode()) == GOOD


def test_only_the_trace_of_a_message_changes():
    plain = Outgoing(topic="t", key=b"k", value=b"v")
    assert traced(plain, GOOD) == Outgoing(topic="t", key=b"k", value=b"v", trace=GOOD)
