"""The ledger against the event log: what was left out, held back or rewritten is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.adapters.sql import SqlDatabase
from broker.ports import CommittedOffset, LogOffset, Outgoing
from broker.transparency.note import MAX_LEAVES
from consumers.audit.verification import check
from consumers.audit.verification.log_view import LogView, read_log
from consumers.audit.verification.report import LedgerReport

SECRET_CASE = "C-SECRET-0815"
TABLES = ("head", "leaf", "node", "personal_key", "erasure", "refused", "checkpoint")


def kinds(report: LedgerReport) -> set[str]:
    return {problem.kind.value for problem in report.problems}


@pytest.fixture
async def logged(audit: Any) -> Any:
    """A ledger fed from a real event log, with its checkpoints published."""
    audit.shown = audit.log()
    await audit.topics(audit.shown)
    with closing(audit.open()) as database:
        for count in (1, 3, 2):
            await audit.publish(audit.shown, *(audit.event() for _ in range(count)))
            await record_from_log(audit, database)
    return audit


async def record_from_log(audit: Any, database: SqlDatabase) -> None:
    since = audit.ledger(database).start()
    messages = await audit.shown.read(audit.topic, 0, offset=since, most=MAX_LEAVES, wait=timedelta(seconds=1))
    audit.record(database, messages)
    with database.transaction() as transaction:
        ((note,),) = transaction.execute("SELECT note FROM ledger_checkpoint ORDER BY number DESC LIMIT 1")
    await show(audit, bytes(note))


async def show(audit: Any, value: bytes, *, key: str | None = None) -> None:
    claim = await audit.shown.claim(audit.checkpoints_topic, 0, group="test")
    message = Outgoing(topic=audit.checkpoints_topic, key=(key or audit.origin).encode(), value=value)
    await claim.publish([message], position=CommittedOffset(offset=1))
    await claim.release()


async def view(audit: Any) -> LogView:
    return await read_log(audit.shown, audit.name)


async def test_ledger_and_event_log_agree(logged: Any) -> None:
    seen = await view(logged)
    assert (len(seen.events), len(seen.checkpoints)) == (6, 3)
    report = logged.check(log=seen)
    assert (report.verified, report.problems, report.notes) == (True, (), ())


async def test_empty_or_missing_log_is_said_not_alarmed(audit: Any) -> None:
    audit.filled(2)
    report = audit.check(log=await read_log(audit.log(), audit.name))
    assert report.verified
    assert report.notes == ("the event log holds no audit events any more to compare with",)


async def test_history_rewritten_with_proper_signatures_is_found(logged: Any, make_audit: Callable[[], Any]) -> None:
    """The hub holds every key of its own: it can build a fine new ledger. What it published stays published."""
    seen = await view(logged)
    rewritten = make_audit()
    rewritten.partnership = logged.partnership
    with closing(rewritten.open()) as database:
        rewritten.offset = 1
        kept = [logged.event(sequence=number) for number in (1, 2, 3)]
        rewritten.record(database, [replace(m, place=replace(m.place)) for m in rewritten.placed(*kept)])
    assert rewritten.check().verified, "by itself it is a perfect ledger"
    assert {"REWRITTEN_HISTORY", "LOG_DIFFERS"} <= kinds(rewritten.check(log=seen))


async def test_event_that_was_left_out_is_found_though_the_tree_is_sound(
    logged: Any, make_audit: Callable[[], Any]
) -> None:
    seen = await view(logged)
    rewritten = make_audit()
    rewritten.partnership = logged.partnership
    with closing(rewritten.open()) as database:
        messages = await logged.shown.read(logged.topic, 0, offset=0, most=100, wait=timedelta(seconds=1))
        rewritten.record(database, messages[:-2] + messages[-1:])
    report = rewritten.check(log=replace(seen, checkpoints=()))
    assert {"MISSING_EVENT", "SEQUENCE_GAP"} == kinds(report)
    assert not report.verified


async def test_message_that_is_still_to_come_is_no_problem(logged: Any) -> None:
    await logged.publish(logged.shown, logged.event())
    assert logged.check(log=await view(logged)).problems == ()


async def test_copies_in_the_log_are_no_problem(logged: Any) -> None:
    messages = await logged.shown.read(logged.topic, 0, offset=0, most=1, wait=timedelta(seconds=1))
    copy = Outgoing(topic=logged.topic, key=messages[0].key, value=messages[0].value)
    await logged.publish(logged.shown, copy, logged.event())
    with closing(logged.open()) as database:
        await record_from_log(logged, database)
    report = logged.check(log=await view(logged))
    assert (report.size, report.problems) == (7, ())


async def test_junk_on_both_topics_is_listed_and_nothing_more(logged: Any) -> None:
    await logged.publish(logged.shown, Outgoing(topic=logged.topic, key=b"junk", value=b"junk"), logged.event())
    with closing(logged.open()) as database:
        await record_from_log(logged, database)
    await show(logged, b"junk")
    await show(logged, b"junk", key="somebody")
    report = logged.check(log=await view(logged))
    assert report.verified
    assert kinds(report) == {"UNREADABLE_EVENT", "UNREADABLE_CHECKPOINT"}


async def test_checkpoint_held_back_between_two_is_found(logged: Any) -> None:
    seen = await view(logged)
    report = logged.check(log=replace(seen, checkpoints=(seen.checkpoints[0], seen.checkpoints[2])))
    assert (report.verified, kinds(report)) == (False, {"LOG_DIFFERS"})


async def test_log_past_its_retention_is_no_problem(logged: Any) -> None:
    seen = await view(logged)
    assert logged.check(log=LogView(events=seen.events[3:], checkpoints=seen.checkpoints[2:])).verified


async def test_other_message_at_a_leafs_offset_is_found(logged: Any) -> None:
    seen = await view(logged)
    changed_log = (*seen.events[:2], replace(seen.events[2], digest=bytes(32)), *seen.events[3:])
    report = logged.check(log=replace(seen, events=changed_log))
    assert [(one.kind.value, one.index) for one in report.problems] == [("LOG_DIFFERS", 2)]
    gone = (*seen.events[:2], *seen.events[3:])
    report = logged.check(log=replace(seen, events=gone))
    assert [(one.kind.value, one.index) for one in report.problems] == [("LOG_DIFFERS", 2)]


async def test_other_message_where_one_was_refused_is_found(logged: Any) -> None:
    """Else the hub could refuse an event on paper, and say later that junk stood there."""
    await logged.publish(logged.shown, Outgoing(topic=logged.topic, key=b"junk", value=b"junk"))
    with closing(logged.open()) as database:
        await record_from_log(logged, database)
    seen = await view(logged)
    other = replace(seen, events=(*seen.events[:-1], replace(seen.events[-1], value_hash=bytes(32))))
    report = logged.check(log=other)
    assert (report.verified, kinds(report)) == (False, {"UNREADABLE_EVENT", "LOG_DIFFERS"})


async def test_check_goes_on_beside_a_writer(logged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the service adds while the check reads is the next check's; it must not look like tampering."""
    seen = await view(logged)
    late = replace(logged.placed(logged.event())[0], place=LogOffset(topic=logged.topic, partition=0, offset=50))
    pages = check._pages

    with closing(logged.open()) as writer:

        def while_reading(size: int) -> Iterator[range]:
            for number, page in enumerate(pages(size)):
                if number == 1 and size == 6:
                    logged.record(writer, [late])
                yield page

        monkeypatch.setattr(check, "PAGE", 2)
        monkeypatch.setattr(check, "_pages", while_reading)
        report = logged.check(log=seen)
    assert (report.size, report.verified, report.problems) == (6, True, ())
    with closing(logged.open()) as database, database.transaction() as transaction:
        assert transaction.execute("SELECT size FROM ledger_head") == [(7,)]
