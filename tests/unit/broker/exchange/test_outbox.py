"""The outbox: the number and the message are the state's; the log takes each ending once. (Crashes: tests/faults.)"""

from __future__ import annotations

import pytest

from broker.errors import Fenced, InvariantError, RejectedError, UnavailableError
from broker.exchange import outbox as outbox_store
from broker.exchange.outbox import Outbox
from broker.exchange.trace import trace_id
from broker.ports import MAX_VALUE_BYTES, Outgoing
from tests.dying_world import AT_ONCE, OUT, Cue, DyingLog, failing

STREAM = "hub.asks"


@pytest.fixture
async def database(desk):
    await desk.log().create_topics({OUT: 1, "source": 1})
    return desk.database("hub", outbox_store.SCHEMA)


@pytest.fixture
def outbox(database):
    return Outbox(database, stream=STREAM, anchor="source")


@pytest.fixture
def put(database, outbox):
    """Store one ending; returns its number."""

    def run(text, *, count=1, value=None, by=None):
        with database.transaction() as transaction:
            sequence = (by or outbox).take_sequence(transaction)
            value = value or f"{text} {sequence} 0".encode()
            (by or outbox).put(transaction, sequence, [Outgoing(topic=OUT, key=b"k", value=value)] * count)
        return sequence

    return run


def stored(database) -> list[int]:
    with database.transaction() as transaction:
        return [number for (number,) in transaction.execute("SELECT sequence FROM outbox ORDER BY sequence")]


async def test_what_is_stored_goes_out_in_order_under_dense_numbers_and_once(desk, outbox, put):
    assert [put(text) for text in "abc"] == [1, 2, 3]
    await outbox.drain(desk.log())
    await outbox.drain(desk.log())
    put("d")
    await outbox.drain(desk.log())
    assert await desk.told() == [("a", 1, 0), ("b", 2, 0), ("c", 3, 0), ("d", 4, 0)]


async def test_what_waits_is_told_until_it_is_published(desk, outbox, put):
    assert (outbox.oldest(), outbox.waiting()) == (None, 0)
    put("a", count=2)
    put("b")
    assert (outbox.oldest(), outbox.waiting()) == (1, 3)
    await outbox.drain(desk.log())
    put("c")
    assert (outbox.oldest(), outbox.waiting()) == (3, 1)


async def test_all_messages_of_one_ending_go_out_together(desk, outbox, put, monkeypatch):
    monkeypatch.setattr(outbox_store, "MOST_ENDINGS_AT_ONCE", 2)
    for text in "abc":
        put(text, count=3)
    log = DyingLog(desk.log(), Cue())
    await outbox.drain(log)
    assert [len(batch) for batch in log.published] == [6, 3]


def change_state_and_fail(outbox, transaction):
    outbox.put(transaction, outbox.take_sequence(transaction), [Outgoing(topic=OUT, key=b"k", value=b"never 2 0")])
    raise RejectedError("NO")


async def test_a_roll_back_gives_its_number_back_and_publishes_nothing(desk, database, outbox, put):
    put("a")
    with pytest.raises(RejectedError), database.transaction() as transaction:
        change_state_and_fail(outbox, transaction)
    assert put("b") == 2
    await outbox.drain(desk.log())
    assert await desk.told() == [("a", 1, 0), ("b", 2, 0)]


async def test_nothing_is_forgotten_before_it_is_published(desk, database, outbox, put, monkeypatch):
    put("a")
    put("b")

    class Refusing(DyingLog):
        async def claim(self, *args, **settings):
            raise UnavailableError("away")

    monkeypatch.setattr(outbox_store, "TRIES", 2)
    with pytest.raises(UnavailableError, match="kept"):
        await outbox.drain(Refusing(desk.log(), Cue()))
    assert stored(database) == [1, 2]
    await outbox.drain(desk.log())
    assert stored(database) == []
    assert await desk.told() == [("a", 1, 0), ("b", 2, 0)]


async def test_a_drain_that_was_fenced_leaves_the_rest_to_the_next_try(desk, outbox, put):
    put("a")
    cue = failing("publish, not written", Fenced("another command drains"), times=2)
    await outbox.drain(DyingLog(desk.log(), cue))
    assert await desk.told() == [("a", 1, 0)]


async def test_a_fresh_log_gets_what_is_stored_also_where_older_rows_are_gone(desk, outbox, put):
    put("a")
    await outbox.drain(desk.log())
    await desk.lose_the_log()
    await desk.log().create_topics({OUT: 1, "source": 1})
    put("b")
    await outbox.drain(desk.log())
    assert await desk.told() == [("b", 2, 0)]


async def test_a_database_that_is_older_than_the_log_stops_before_it_loses_anything(desk, outbox, put, database):
    for text in "abc":
        put(text)
    await outbox.drain(desk.log())
    with database.transaction() as transaction:  # the hub's disk comes back from a copy, made after "a"
        transaction.execute("UPDATE outbox_stream SET next_sequence = 2")
    assert put("d") == 2
    with pytest.raises(InvariantError):
        await outbox.drain(desk.log())
    assert stored(database) == [2]


async def test_what_the_log_would_never_take_is_not_stored(desk, database, outbox, put):
    with pytest.raises(RejectedError, match="TOO_LARGE"):
        put("a", value=b"x" * (MAX_VALUE_BYTES + 1))
    assert put("b") == 1  # and gave its number back
    put("c", value=b"c 2 0" + b" " * (MAX_VALUE_BYTES - 5))
    await outbox.drain(desk.log())
    assert await desk.told() == [("b", 1, 0), ("c", 2, 0)]


async def test_a_topic_that_does_not_exist_is_an_error_and_nothing_is_forgotten(desk, database, outbox):
    with database.transaction() as transaction:
        outbox.put(transaction, outbox.take_sequence(transaction), [Outgoing(topic="nowhere", key=b"k", value=b"v")])
    with pytest.raises(RejectedError, match="UNKNOWN_TOPIC"):
        await outbox.drain(desk.log())
    assert stored(database) == [1]


async def test_two_streams_in_one_database_are_numbered_and_drained_apart(desk, database, outbox, put):
    other = Outbox(database, stream="hub.reads", anchor="source")
    assert (put("a"), put("b", by=other), put("c")) == (1, 1, 2)
    await outbox.drain(desk.log())
    assert await desk.told() == [("a", 1, 0), ("c", 2, 0)]
    await other.drain(desk.log())
    assert (await desk.told())[-1] == ("b", 1, 0)
    assert (outbox.stream, other.stream) == (STREAM, "hub.reads")


async def test_each_ending_goes_out_under_a_trace_of_its_own(desk, outbox, put):
    put("a", count=2)
    put("b")
    log = desk.log()
    await outbox.drain(log)
    first, second, third = (message.trace for message in await log.read(OUT, 0, offset=0, most=9, wait=AT_ONCE))
    assert trace_id(first) == trace_id(second) != trace_id(third)
    assert "" not in (trace_id(first), trace_id(third))
