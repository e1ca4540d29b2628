"""Metrics: numbers under names of one table, labelled with words; whatever else is handed in is not shown."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from broker.adapters.metrics import OTHER, Metrics, fold
from broker.errors import InvariantError

REQUEST_ID = "019a3c5e-7a10-7000-8000-0123456789ab"


@pytest.fixture
def metrics():
    return Metrics("police", clock=lambda: 1000.0)


def rows(metrics, name):
    """Return the rows of one metric: label words, without the principal, to number."""
    found = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            if sample.name == name:
                assert sample.labels["principal"] == "police"
                words = tuple(value for label, value in sorted(sample.labels.items()) if label != "principal")
                found[words] = sample.value
    return found


def test_a_counter_adds_and_a_gauge_shows_what_is(metrics):
    metrics.count("mash_outcomes_total", "SUMMARY", "")
    metrics.count("mash_outcomes_total", "SUMMARY", "", many=2)
    assert rows(metrics, "mash_outcomes_total") == {("", "SUMMARY"): 3}
    metrics.show("mash_desk_items", {("REVIEW", "RED"): 2, ("SOURCE", "GREEN"): 1})
    metrics.show("mash_desk_items", {("REVIEW", "RED"): 1})
    assert rows(metrics, "mash_desk_items") == {("RED", "REVIEW"): 1}, "what waits no more is not shown any more"


def test_every_outcome_of_a_transaction_begins_at_nought(metrics):
    """A counter that appears with its first increment has no increase, and its alert never fires."""
    assert rows(metrics, "mash_transactions_total") == dict.fromkeys(
        [("committed",), ("aborted",), ("unknown",), ("fenced",)], 0
    )


@pytest.mark.parametrize(
    "value",
    ["9990000018", REQUEST_ID, "C-CANARY-77", "Quillfeather", "Robin Testerton", "ZZ99 3VZ", "2015-03-14", "A" * 41,
     'X"} 1\nforged_total 1', "mash.northants\nx"],
)  # fmt: skip
def test_what_is_no_code_word_never_becomes_a_label(metrics, value):
    metrics.count("mash_outcomes_total", value, value)
    metrics.alarm(value)
    metrics.show("mash_lag_messages", {(value,): 1})
    metrics.time_stage(value, 0.1)
    assert value not in metrics.text().decode()
    assert rows(metrics, "mash_alarms_total") == {(OTHER,): 1}


def test_the_rows_of_a_metric_are_bounded(metrics):
    """Words that a stranger could vary must not fill the memory of whoever scrapes."""
    letters = "ABCDEFGHIJ"
    for first in letters:
        for second in letters:
            for third in "AB":
                metrics.alarm(first + second + third)
    assert len(rows(metrics, "mash_alarms_total")) == 101
    assert rows(metrics, "mash_alarms_total")[OTHER,] == 100


@pytest.mark.parametrize("name", ["mash_invented", "mash_desk_items"])
def test_a_name_that_is_not_in_the_table_is_refused(metrics, name):
    with pytest.raises(InvariantError):
        metrics.count(name, "A", "B")
    with pytest.raises(InvariantError):
        metrics.show("mash_outcomes_total", {("A", "B"): 1})


def test_an_alarm_is_counted_and_dated(metrics):
    fold(metrics, "alarm", {"reason": "EQUIVOCATION", "topic": "t", "offset": 7})
    assert rows(metrics, "mash_alarms_total") == {("EQUIVOCATION",): 1}
    assert rows(metrics, "mash_alarm_timestamp_seconds") == {("EQUIVOCATION",): 1000}


@pytest.mark.parametrize(
    "event", ["directory_refused", "checkpoint_refused", "desk_item_refused", "certificate_refused"]
)
def test_what_a_process_refuses_is_an_alarm(metrics, event):
    fold(metrics, event, {"reason": "CHECKPOINT_GAP"})
    assert rows(metrics, "mash_alarms_total") == {("CHECKPOINT_GAP",): 1}


def test_a_message_is_an_alarm_only_where_it_was_quarantined(metrics):
    fold(metrics, "message", {"status": "ended", "reason": ""})
    assert rows(metrics, "mash_alarms_total") == {}
    fold(metrics, "message", {"status": "quarantined", "reason": "BAD_SIGNATURE"})
    assert rows(metrics, "mash_alarms_total") == {("BAD_SIGNATURE",): 1}


def test_the_ledger_and_lost_partitions_are_counted_from_what_the_process_says(metrics):
    fold(metrics, "audit_recorded", {"leaves": 3, "copies": 1, "refused": 0, "size": 3})
    fold(metrics, "checkpoints_published", {"count": 1})
    fold(metrics, "partition_given_back", {"reason": "FENCED"})
    assert rows(metrics, "mash_ledger_total") == {
        ("leaves",): 3, ("copies",): 1, ("refused",): 0, ("checkpoints",): 1
    }  # fmt: skip
    assert rows(metrics, "mash_given_back_total")["FENCED",] == 1


def test_the_registry_is_the_processs_own(metrics):
    metrics.alarm("EQUIVOCATION")
    assert not any(family.name.startswith("mash") for family in REGISTRY.collect())
    assert rows(Metrics("police"), "mash_alarms_total") == {}
