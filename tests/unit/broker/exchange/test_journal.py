"""The journal: what an organisation knows of every message it met, whatever the process that met it came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from broker.exchange.journal import Journal, JournalEntry, ReplayStatus
from broker.ports import LogOffset

HERE = LogOffset(topic="work", partition=0, offset=7)
ELSEWHERE = (
    LogOffset(topic="work", partition=0, offset=8),
    LogOffset(topic="work", partition=1, offset=7),
    LogOffset(topic="other", partition=0, offset=7),
)
SAID = JournalEntry(
    place=HERE, event_id="event", answer_id="answer", answer_digest=bytes(32), stream="work.0", sequence=3, reason=None
)


@pytest.fixture
def journal(partnership) -> Journal:
    return partnership.journal("police")


@pytest.fixture
def again(partnership):
    """The journal as the next process finds it."""

    def run() -> Journal:
        partnership.journals.clear()
        return partnership.journal("police")

    return run


@pytest.fixture
def check_replay(partnership):
    def run(journal, place=HERE, message_id="hub/1", digest=b"\1" * 32):
        return journal.check_replay(place, message_id=message_id, digest=digest, now=partnership.now)

    return run


def test_a_message_is_new_once_and_then_a_redelivery(journal, check_replay, again):
    assert check_replay(journal) is ReplayStatus.NEW
    assert check_replay(journal) is ReplayStatus.REDELIVERY
    assert check_replay(again()) is ReplayStatus.REDELIVERY


@pytest.mark.parametrize("place", ELSEWHERE)
def test_the_same_envelope_at_another_place_is_a_replay(journal, check_replay, again, place):
    check_replay(journal)
    assert check_replay(journal, place) is ReplayStatus.REPLAYED
    assert check_replay(again(), place) is ReplayStatus.REPLAYED
    assert check_replay(journal) is ReplayStatus.REDELIVERY


@pytest.mark.parametrize("place", [HERE, *ELSEWHERE])
def test_another_digest_under_one_id_is_equivocation_wherever_it_stands(journal, check_replay, place):
    check_replay(journal)
    assert check_replay(journal, place, digest=b"\2" * 32) is ReplayStatus.EQUIVOCATION
    assert check_replay(journal) is ReplayStatus.REDELIVERY  # the first one stands


def test_a_message_that_was_counted_before_it_was_parsed_is_still_new(journal, check_replay, partnership):
    journal.count_attempt([HERE], now=partnership.now)
    assert check_replay(journal) is ReplayStatus.NEW
    assert check_replay(journal) is ReplayStatus.REDELIVERY


def test_attempts_are_counted_before_parsing_and_survive_the_process(journal, again, partnership):
    assert journal.count_attempt([HERE], now=partnership.now) == {HERE: 0}
    assert again().count_attempt([HERE, ELSEWHERE[0]], now=partnership.now) == {HERE: 1, ELSEWHERE[0]: 0}
    assert again().count_attempt([HERE], now=partnership.now) == {HERE: 2}


def test_what_was_begun_and_never_said_has_been_attempted(journal, again, partnership):
    assert not journal.attempted([HERE, *ELSEWHERE])
    journal.count_attempt([HERE], now=partnership.now)
    assert again().attempted([*ELSEWHERE, HERE])
    assert not journal.attempted(ELSEWHERE)


def test_saying_clears_the_attempts(journal, partnership):
    journal.count_attempt([HERE, ELSEWHERE[0]], now=partnership.now)
    journal.record_outcome([SAID])
    assert not journal.attempted([HERE])
    assert journal.count_attempt([HERE, ELSEWHERE[0]], now=partnership.now) == {HERE: 0, ELSEWHERE[0]: 1}


def test_attempts_can_be_counted_anew(journal, partnership):
    journal.count_attempt([HERE, ELSEWHERE[0]], now=partnership.now)
    journal.set_attempts({HERE: 0, ELSEWHERE[0]: 2})
    assert journal.count_attempt([HERE, ELSEWHERE[0]], now=partnership.now) == {HERE: 0, ELSEWHERE[0]: 2}


def test_meeting_a_message_counts_no_attempt(journal, check_replay):
    check_replay(journal)
    assert not journal.attempted([HERE])


def test_what_was_said_is_unrecorded_until_a_checkpoint_covers_it(journal, again, partnership):
    journal.count_attempt([HERE, *ELSEWHERE], now=partnership.now)
    journal.record_outcome(
        [SAID, *(replace(SAID, place=place, event_id=f"event-{place.offset}") for place in ELSEWHERE[:1])]
    )
    assert journal.unrecorded() == 2
    journal.mark_recorded(["event", "somebody else's"])
    assert again().unrecorded() == 1
    journal.mark_recorded([])
    journal.mark_recorded(["event-8"])
    assert journal.unrecorded() == 0


def test_saying_it_again_overwrites_what_was_said(journal, partnership):
    journal.count_attempt([HERE], now=partnership.now)
    journal.record_outcome([replace(SAID, reason="POISON")])
    assert journal.reasons() == {"POISON": 1}
    journal.record_outcome([SAID])
    assert journal.reasons() == {}
    assert journal.unrecorded() == 1


def test_messages_that_were_quarantined_are_counted_by_reason(journal, partnership):
    places = [HERE, *ELSEWHERE]
    journal.count_attempt(places, now=partnership.now)
    reasons = ["REPLAYED", "POISON", "REPLAYED", None]
    journal.record_outcome([replace(SAID, place=place, reason=why) for place, why in zip(places, reasons, strict=True)])
    assert journal.reasons() == {"POISON": 1, "REPLAYED": 2}


def test_the_highest_directory_version_is_remembered(journal, again):
    assert journal.directory_seen("northants") == (0, None)
    journal.see_directory("northants", version=3, digest=b"\3" * 32)
    journal.see_directory("northants", version=4, digest=b"\4" * 32)
    assert again().directory_seen("northants") == (4, b"\4" * 32)
    assert journal.directory_seen("leics") == (0, None)


def test_the_oldest_thing_said_that_no_checkpoint_covers_is_dated(journal, partnership):
    assert journal.unrecorded_since() is None
    for number, event in enumerate(["first", "second"]):
        place = LogOffset(topic="work", partition=0, offset=number)
        journal.count_attempt([place], now=partnership.now + timedelta(minutes=number))
        assert journal.unrecorded_since() != partnership.now + timedelta(minutes=number), "nothing is said of it yet"
        journal.record_outcome([replace(SAID, place=place, event_id=event)])
    assert journal.unrecorded_since() == partnership.now
    journal.mark_recorded(["first"])
    assert journal.unrecorded_since() == partnership.now + timedelta(minutes=1)
    journal.mark_recorded(["second"])
    assert journal.unrecorded_since() is None
