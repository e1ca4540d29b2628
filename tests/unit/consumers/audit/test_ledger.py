"""The ledger: one leaf for each event in offset order, all in one transaction, and proofs that outlive an erasure."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from broker.adapters.sql import SqlDatabase
from broker.errors import InvariantError, RejectedError, UsageError
from broker.ports import Message, Transaction
from broker.transparency.merkle import root, verify_consistency, verify_inclusion
from broker.transparency.note import Checkpoint, open_checkpoint
from consumers.audit.intake import Entry, Refused
from consumers.audit.tables import leaf_of, leaf_rows

SECRET_CASE = "C-SECRET-0815"


def rows(database: SqlDatabase, sql: str) -> list[tuple[Any, ...]]:
    with database.transaction() as transaction:
        return transaction.execute(sql)


def event_id(message: Message) -> str:
    return message.key.decode()


def dump(database: SqlDatabase) -> list[list[tuple[Any, ...]]]:
    tables = ("head", "leaf", "node", "personal_key", "erasure", "refused", "checkpoint")
    return [rows(database, f"SELECT * FROM ledger_{table}") for table in tables]


# ---------------------------------------------------------------- recording


def test_leaves_stand_in_offset_order_with_everything_a_stranger_needs(audit: Any) -> None:
    messages = audit.filled(1, 4, 2)
    with closing(audit.open()) as database, database.transaction() as transaction:
        leaves = [leaf_of(row) for row in leaf_rows(transaction, 0, 100)]
    assert [leaf.event_id for leaf in leaves] == [event_id(message) for message in messages]
    assert [leaf.place for leaf in leaves] == [message.place for message in messages]
    assert [leaf.index for leaf in leaves] == list(range(7))


def test_every_batch_has_its_checkpoint_over_exactly_its_leaves(audit: Any) -> None:
    messages = audit.filled(1, 3)
    with closing(audit.open()) as database:
        notes = [bytes(row[0]) for row in rows(database, "SELECT note FROM ledger_checkpoint ORDER BY number")]
        hashes = [bytes(row[0]) for row in rows(database, "SELECT leaf_hash FROM ledger_leaf ORDER BY idx")]
    keys = {audit.origin: audit.partnership.signers["hub-audit"].public_key}
    opened = [
        open_checkpoint(note, origin=audit.origin, keys=keys, crypto=audit.partnership.crypto, required=audit.origin)
        for note in notes
    ]
    assert [(one.previous, one.size) for one in opened] == [(0, 1), (1, 4)]
    assert [one.root for one in opened] == [root(hashes[:1]), root(hashes)]
    assert [leaf.event_id for one in opened for leaf in one.leaves] == [event_id(m) for m in messages]


def test_copy_at_another_place_is_dropped(audit: Any) -> None:
    with closing(audit.open()) as database:
        event = audit.event()
        first = audit.record(database, audit.placed(event))
        before = dump(database)[1:]
        again = audit.record(database, audit.placed(event, event))
        assert (first.leaves, again.leaves, again.copies, again.refused) == (1, 0, 2, 0)
        assert dump(database)[1:] == before, "only the head's position moves"
        assert again.position > first.position


def test_second_story_under_one_id_is_refused_and_the_first_one_stands(audit: Any) -> None:
    with closing(audit.open()) as database:
        first = audit.placed(audit.event())
        audit.record(database, first)
        second = audit.placed(audit.event(event_id=event_id(first[0]), sequence=1))
        done = audit.record(database, second)
        assert (done.leaves, done.refused) == (0, 1)
        ((topic, position, reason, sender),) = rows(
            database, "SELECT topic, position, reason, sender FROM ledger_refused"
        )
        assert (topic, position) == (audit.topic, second[0].place.offset)
        assert (reason, sender) == ("EQUIVOCATION", "police")


def test_two_stories_in_one_batch_are_told_apart(audit: Any) -> None:
    with closing(audit.open()) as database:
        first = audit.event()
        done = audit.record(database, audit.placed(first, audit.event(event_id=first.key.decode())))
        assert (done.leaves, done.refused) == (1, 1)


def test_guessed_id_of_another_sender_keeps_no_event_out(audit: Any) -> None:
    """Event ids are derived and can be guessed: whoever speaks first under one must not silence its owner."""
    with closing(audit.open()) as database:
        theirs = audit.event("police")
        early = audit.event("health", event_id=theirs.key.decode())
        done = audit.record(database, audit.placed(early, theirs))
        assert (done.leaves, done.refused) == (2, 0)


def test_redelivery_changes_nothing(audit: Any) -> None:
    with closing(audit.open()) as database:
        batch = audit.placed(audit.event(), audit.event(), audit.event(sequence=1, event_id=None))
        audit.record(database, batch)
        before = dump(database)
        entries = audit.take(batch)
        done = audit.ledger(database).record(
            entries, since=0, following=batch[-1].place.offset + 1, issue=audit.issue()
        )
        assert (done.leaves, done.copies, done.refused) == (0, 0, 0)
        assert dump(database)[1:] == before[1:]


def test_half_redelivered_batch_adds_only_what_is_new(audit: Any) -> None:
    with closing(audit.open()) as database:
        batch = audit.placed(audit.event(), audit.event(), audit.event())
        audit.record(database, batch[:2])
        done = audit.ledger(database).record(
            audit.take(batch), since=0, following=batch[-1].place.offset + 1, issue=audit.issue()
        )
        assert (done.leaves, done.size) == (1, 3)


def test_batch_that_leaves_messages_out_is_not_recorded(audit: Any) -> None:
    """A reader that skipped messages, for whatever reason, must stop: the hole could never be filled."""
    with closing(audit.open()) as database:
        batch = audit.placed(audit.event(), audit.event())
        audit.ledger(database).start()
        with pytest.raises(InvariantError, match="left out"):
            audit.ledger(database).record(audit.take(batch[1:]), since=2, following=3, issue=audit.issue())


def test_refusals_are_kept_as_digests_and_the_events_behind_them_go_in(audit: Any) -> None:
    with closing(audit.open()) as database:
        good, junk = audit.event(), replace(audit.event(sequence=9), value=b"junk")
        batch = audit.placed(junk, good, junk)
        done = audit.record(database, batch)
        assert (done.leaves, done.refused) == (1, 2)
        found = rows(database, "SELECT number, position, reason, sender FROM ledger_refused ORDER BY number")
        assert found == [(0, 0, "MALFORMED", None), (1, 4, "MALFORMED", None)]


def test_failed_checkpoint_takes_the_leaves_back(audit: Any) -> None:
    """Leaves without a checkpoint, or a position past them, would be a hole for everybody who follows."""

    def fail(transaction: Transaction, checkpoint: Checkpoint) -> None:
        raise ZeroDivisionError

    with closing(audit.open()) as database:
        ledger = audit.ledger(database)
        ledger.start()
        before = dump(database)
        entries = audit.take(audit.placed(audit.event()))
        with pytest.raises(ZeroDivisionError):
            ledger.record(entries, since=0, following=1, issue=fail)
        assert dump(database) == before


# ---------------------------------------------------------------- an altered ledger is not continued


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_head SET size = 2",
        "UPDATE ledger_head SET position = 0",
        "UPDATE ledger_head SET refused = 1",
        "UPDATE ledger_head SET origin = 'mash.elsewhere/audit'",
        "DELETE FROM ledger_head",
        "UPDATE ledger_leaf SET leaf_hash = zeroblob(32) WHERE idx = 2",
        "DELETE FROM ledger_leaf WHERE idx = 2",
        "UPDATE ledger_node SET digest = zeroblob(32)",
        "DELETE FROM ledger_node",
        "DELETE FROM ledger_checkpoint",
    ],
)
def test_altered_ledger_is_not_continued(audit: Any, sql: str) -> None:
    audit.filled(3)
    with closing(audit.open()) as database:
        with database.transaction() as transaction:
            transaction.execute(sql)
        with pytest.raises((InvariantError, RejectedError)):
            audit.record(database, audit.placed(audit.event()))


def test_another_partnerships_ledger_is_not_continued(audit: Any) -> None:
    audit.filled(1)
    with closing(audit.open()) as database:
        other = audit.ledger(database)
        other._origin = "mash.elsewhere/audit"
        with pytest.raises(InvariantError):
            other.start()


# ---------------------------------------------------------------- proofs


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_inclusion_proof_of_every_event_verifies(audit: Any, size: int) -> None:
    messages = audit.filled(size)
    with closing(audit.open()) as database:
        for index, message in enumerate(messages):
            sender = ("police", "health")[index % 2]
            found = audit.ledger(database).prove(event_id(message), sender=sender)
            assert (found.index, found.size) == (index, size)
            verify_inclusion(leaf=found.leaf, index=index, size=size, proof=found.proof, root=found.root)


def test_consistency_is_proved_between_any_two_checkpoints(audit: Any) -> None:
    audit.filled(1, 2, 5, 3)
    with closing(audit.open()) as database:
        hashes = [bytes(row[0]) for row in rows(database, "SELECT leaf_hash FROM ledger_leaf ORDER BY idx")]
        ledger = audit.ledger(database)
        for old, new in [(1, 3), (3, 8), (1, 11), (8, 11), (11, 11)]:
            verify_consistency(
                old=old,
                new=new,
                old_root=root(hashes[:old]),
                new_root=root(hashes[:new]),
                proof=ledger.prove_consistency(old, new),
            )
        with pytest.raises(RejectedError, match="PROOF_RANGE"):
            ledger.prove_consistency(3, 12)


def test_event_that_is_not_there_cannot_be_proved_or_erased(audit: Any) -> None:
    messages = audit.filled(1)
    with closing(audit.open()) as database:
        ledger = audit.ledger(database)
        for sender, wanted in [("health", event_id(messages[0])), ("police", "no-such-event")]:
            with pytest.raises(UsageError):
                ledger.prove(wanted, sender=sender)
            with pytest.raises(UsageError):
                ledger.erase(wanted, sender=sender, now=audit.partnership.now)


# ---------------------------------------------------------------- content and erasure


def test_no_content_lies_in_the_file_in_clear(audit: Any) -> None:
    audit.filled(3)
    assert SECRET_CASE.encode() not in audit.path.read_bytes()


def test_parts_open_again_with_their_salts_and_only_at_their_own_index(audit: Any) -> None:
    audit.filled(2)
    vault = audit.vault()
    with closing(audit.open()) as database, database.transaction() as transaction:
        first, second = [leaf_of(row) for row in leaf_rows(transaction, 0, 2)]
    assert first.event_id.encode() in vault.open_skeleton(0, first.place, first.skeleton).body
    personal = vault.open_personal(0, first.place, first.personal, wrapped_key=first.wrapped_key)
    assert SECRET_CASE.encode() in personal.body
    for moved in (
        lambda: vault.open_skeleton(1, second.place, first.skeleton),
        lambda: vault.open_skeleton(0, second.place, first.skeleton),
        lambda: vault.open_personal(1, second.place, first.personal, wrapped_key=first.wrapped_key),
        lambda: vault.open_personal(0, second.place, first.personal, wrapped_key=first.wrapped_key),
        lambda: vault.open_personal(0, first.place, first.personal, wrapped_key=second.wrapped_key),
    ):
        with pytest.raises(RejectedError):
            moved()


def test_erasure_destroys_one_personal_part_and_every_proof_still_holds(audit: Any) -> None:
    messages = audit.filled(3, 2)
    with closing(audit.open()) as database:
        ledger = audit.ledger(database)
        before = ledger.prove(event_id(messages[1]), sender="health")
        with database.transaction() as transaction:
            doomed = leaf_of(leaf_rows(transaction, 1, 2)[0])
        assert ledger.erase(event_id(messages[1]), sender="health", now=audit.partnership.now) == 1
        assert ledger.prove(event_id(messages[1]), sender="health") == before
        with database.transaction() as transaction:
            left = [leaf_of(row) for row in leaf_rows(transaction, 0, 5)]
    assert [leaf.wrapped_key is None for leaf in left] == [False, True, False, False, False]
    assert doomed.wrapped_key not in audit.path.read_bytes(), "the key is overwritten, not only forgotten"
    assert doomed.personal not in audit.path.read_bytes()
    report = audit.check()
    assert report.verified
    assert (report.erased, report.problems) == (1, ())


def test_erasing_twice_is_erasing_once_and_the_ledger_grows_on(audit: Any) -> None:
    messages = audit.filled(1)
    with closing(audit.open()) as database:
        ledger = audit.ledger(database)
        for _ in range(2):
            ledger.erase(event_id(messages[0]), sender="police", now=audit.partnership.now)
        audit.record(database, audit.placed(audit.event()))
    report = audit.check()
    assert (report.verified, report.size, report.erased) == (True, 2, 1)


def test_nothing_that_is_held_shows_people_in_its_repr(audit: Any) -> None:
    with closing(audit.open()):
        taken = audit.take(audit.placed(audit.event()))
        assert isinstance(taken[0], Entry)
        assert SECRET_CASE not in repr(taken)
        assert not isinstance(taken[0], Refused)
