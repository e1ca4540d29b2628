"""Telemetry: a line holds ids, counts and reasons from a list, and nothing that somebody forgot to take out."""

from __future__ import annotations

import io
import json
import logging

import pytest

from broker.adapters.telemetry import ALLOWED, observer

CANARY = "CANARY-7f3a Robin Testerton"


@pytest.fixture
def line():
    """Observe one thing and return the line that was written."""

    def run(event, facts):
        stream = io.StringIO()
        observer("police", stream=stream)(event, facts)
        [written] = stream.getvalue().splitlines()
        return json.loads(written), written

    return run


def test_a_line_says_what_happened_to_whom_and_when(line):
    said, _ = line("ended", {"topic": "t", "partition": 0, "offset": 7, "reason": "REPLAYED"})
    assert said.pop("timestamp").endswith("Z")
    assert said == {
        "event": "ended",
        "level": "info",
        "principal": "police",
        "topic": "t",
        "partition": 0,
        "offset": 7,
        "reason": "REPLAYED",
    }


def test_a_key_that_is_not_on_the_list_is_dropped_and_the_drop_is_counted(line):
    said, written = line("ended", {"count": 2, "narrative": CANARY, "family_name": CANARY, "error": CANARY})
    assert (said["count"], said["dropped_keys"]) == (2, 3)
    assert CANARY not in written


@pytest.mark.parametrize("value", [ValueError(CANARY), {"name": CANARY}, [CANARY], CANARY.encode(), (CANARY,)])
def test_what_is_neither_a_number_nor_a_word_is_dropped_under_any_key(line, value):
    said, written = line("ended", {"reason": value})
    assert said["dropped_keys"] == 1
    assert CANARY not in written


def test_no_traceback_gets_into_a_line(line):
    try:
        raise ValueError(CANARY)
    except ValueError:
        _, written = line("ended", {"exc_info": True, "stack_info": True})
    assert CANARY not in written


def test_a_value_cannot_begin_another_line(line):
    said, _ = line("ended", {"reason": 'X"}\n{"event": "forged"}'})
    assert said["reason"].startswith("X")


def test_the_list_holds_no_word_for_people_or_content():
    words = {"name", "text", "value", "person", "case_ref", "postcode", "narrative", "key", "message", "exception"}
    assert not ALLOWED & words


def test_the_log_client_is_silent(line):
    line("started", {})
    assert not logging.getLogger("aiokafka.consumer").isEnabledFor(logging.ERROR)
