"""The check finds whatever was altered or left out, and cannot be fooled into crying wolf."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.crypto import FileSigner
from broker.errors import UnavailableError
from broker.transparency.follow import open_own
from broker.transparency.merkle import EMPTY_ROOT
from broker.transparency.note import streams_line
from consumers.audit import append
from consumers.audit.checkpoint import Checkpoints
from consumers.audit.tables import blob, checkpoint_rows, leaf_of, leaf_rows
from consumers.audit.verification.report import MOST_PROBLEMS, NOTICES, Findings, LedgerReport, ProblemKind

SECRET_CASE = "C-SECRET-0815"
TABLES = ("head", "leaf", "node", "personal_key", "erasure", "refused", "checkpoint", "stream")


def kinds(report: LedgerReport) -> set[str]:
    return {problem.kind.value for problem in report.problems}


def alter(audit: Any, sql: str, **values: Any) -> LedgerReport:
    with closing(sqlite3.connect(audit.path)) as connection, connection:
        connection.execute(sql, values)
    report: LedgerReport = audit.check()
    return report


@pytest.fixture
def rich(audit: Any) -> Any:
    """A ledger with everything in it: several batches, an erasure, junk, and a second story under one id."""
    messages = audit.filled(1, 4)
    with closing(audit.open()) as database:
        junk = replace(audit.event("health", stream="other", sequence=1), value=b"junk")
        twice = audit.event(event_id=messages[0].key.decode(), stream="other", sequence=1)
        audit.record(database, audit.placed(junk, audit.event("hub"), twice, junk))
        audit.ledger(database).erase(messages[1].key.decode(), sender="police", now=audit.partnership.now)
    return audit


# ---------------------------------------------------------------- sound


def test_ledger_that_nobody_began_is_empty_and_sound(audit: Any) -> None:
    report = audit.check()
    assert (report.size, report.root, report.verified, report.problems) == (0, EMPTY_ROOT.hex(), True, ())


def test_sound_ledger_is_verified_over_many_pages(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = audit.filled(7, 1, 9)
    for module in ("verification.check", "tables", "export.bundle"):
        monkeypatch.setattr(f"consumers.audit.{module}.PAGE", 2)
    report = audit.check()
    assert (report.size, report.verified, report.problems) == (len(messages), True, ())


def test_document_has_the_keys_that_scripts_rely_on(rich: Any) -> None:
    document = rich.check().document()
    assert {"size", "root", "verified", "problems"} <= document.keys()
    assert (document["size"], document["verified"], document["erased"]) == (6, True, 1)
    assert isinstance(document["problems"], list)
    last = document["problems"][-1]
    assert (last["kind"], last["index"]) == ("UNREADABLE_EVENT", None)
    assert json.loads(json.dumps(document)) == document


def test_junk_is_listed_but_cannot_make_the_ledger_look_tampered_with(rich: Any) -> None:
    """Whoever may write to the audit topic could otherwise discredit the whole ledger with one message."""
    report = rich.check()
    assert report.verified
    assert [(problem.kind.value, problem.detail) for problem in report.problems] == [
        ("EQUIVOCATION", "police told a second story under one event id, at offset 14"),
        ("UNREADABLE_EVENT", "2 refused as MALFORMED, the first at offset 10"),
    ]


# ---------------------------------------------------------------- any stored byte


def values_of(path: Path, table: str) -> Iterator[tuple[int, str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        cursor = connection.execute(f"SELECT rowid, * FROM ledger_{table}")
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            for name, value in zip(names[1:], row[1:], strict=True):
                yield row[0], name, value


def changed(value: Any) -> Iterator[Any]:
    """The value with one byte changed, here or there."""
    match value:
        case int():
            yield from (value + 1, -value - 1)
        case str():
            for place in {len(value) // 2, len(value) - 1}:
                yield value[:place] + ("0" if value[place] != "0" else "1") + value[place + 1 :]
        case bytes():
            for place in {0, len(value) - 1} if value else ():
                yield value[:place] + bytes([value[place] ^ 0x20]) + value[place + 1 :]
            yield value + b"\0"
        case None:
            yield "police"


@pytest.mark.parametrize("table", TABLES)
def test_one_changed_byte_in_any_column_is_found(rich: Any, table: str) -> None:
    sound = rich.path.read_bytes()
    tried = 0
    for rowid, column, value in list(values_of(rich.path, table)):
        for other in changed(value):
            with closing(sqlite3.connect(rich.path)) as connection, connection:
                connection.execute(f"UPDATE OR IGNORE ledger_{table} SET {column} = ? WHERE rowid = ?", (other, rowid))
                done = connection.total_changes
            if done:
                report = rich.check()
                assert not report.verified, (table, column, rowid, value, other)
                tried += 1
            rich.path.write_bytes(sound)
    assert tried > 3


@pytest.mark.parametrize("table", TABLES)
def test_deleted_row_is_found(rich: Any, table: str) -> None:
    """Also a row of refusals: junk that was hidden might have been an event."""
    sound = rich.path.read_bytes()
    for rowid in {rowid for rowid, _, _ in values_of(rich.path, table)}:
        assert not alter(rich, f"DELETE FROM ledger_{table} WHERE rowid = :rowid", rowid=rowid).verified
        rich.path.write_bytes(sound)


@pytest.mark.parametrize("table", ["leaf", "node", "refused", "checkpoint"])
def test_added_row_is_found(rich: Any, table: str) -> None:
    with closing(sqlite3.connect(rich.path)) as connection:
        cursor = connection.execute(f"SELECT * FROM ledger_{table} LIMIT 1")
        names, row = [column[0] for column in cursor.description], cursor.fetchone()
    values = dict(zip(names, row, strict=True))
    values |= {key: 40 for key in ("idx", "number") if key in values}
    values |= {key: "another" for key in ("event_id",) if key in values}
    values |= {"size": 99} if "note" in values else {}
    columns = ", ".join(names)
    sql = f"INSERT INTO ledger_{table} ({columns}) VALUES ({', '.join(f':{name}' for name in names)})"
    assert not alter(rich, sql, **values).verified


def test_another_type_in_a_column_is_a_problem_and_no_traceback(rich: Any) -> None:
    sound = rich.path.read_bytes()
    for table in TABLES:
        for _, column, _ in list(values_of(rich.path, table)):
            if (table, column) in {("leaf", "idx"), ("personal_key", "idx"), ("erasure", "idx")}:
                continue
            if column == "number":
                continue  # an alias of the rowid: SQLite keeps it an integer
            with closing(sqlite3.connect(rich.path)) as connection, connection:
                connection.execute(f"UPDATE OR IGNORE ledger_{table} SET {column} = x'00ff'")
            assert not rich.check().verified, (table, column)
            rich.path.write_bytes(sound)


def test_random_damage_to_the_file_is_found_and_never_a_traceback(rich: Any) -> None:
    """What is not found must be a byte that holds nothing: every stored value still reads the same."""

    def contents() -> list[Any]:
        with closing(sqlite3.connect(rich.path)) as connection:
            return [sorted(connection.execute(f"SELECT * FROM ledger_{table}"), key=repr) for table in TABLES]

    sound, whole = rich.path.read_bytes(), contents()
    chance = random.Random(20261122)
    found = 0
    for _ in range(120):
        place = chance.randrange(len(sound))
        rich.path.write_bytes(sound[:place] + bytes([sound[place] ^ (1 << chance.randrange(8))]) + sound[place + 1 :])
        try:
            report = rich.check()
        except UnavailableError:  # the byte that says how to open the file: nobody can
            found += 1
        else:
            found += not report.verified
            assert not report.verified or contents() == whole, place
        for rest in rich.folder.glob("ledger.sqlite-*"):
            rest.unlink()
    assert found > 12


def test_file_that_is_no_database_is_the_problem_damaged(rich: Any) -> None:
    rich.path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    report = rich.check()
    assert (report.verified, kinds(report)) == (False, {"DAMAGED"})


def test_damaged_page_is_the_problem_damaged(rich: Any) -> None:
    sound = rich.path.read_bytes()
    rich.path.write_bytes(sound[:4096] + bytes(8192) + sound[12288:])
    report = rich.check()
    assert not report.verified
    assert "DAMAGED" in kinds(report)


# ---------------------------------------------------------------- somebody who knows what to do


def test_leaf_rewritten_with_all_its_hashes_is_found_by_its_signature(rich: Any) -> None:
    with closing(rich.open()) as database, database.transaction() as transaction:
        first, second = [leaf_of(row) for row in leaf_rows(transaction, 2, 4)]
    report = alter(
        rich,
        "UPDATE ledger_leaf SET ciphertext_hash = :other WHERE idx = :idx",
        other=second.ciphertext_hash,
        idx=first.index,
    )
    assert "BAD_SIGNATURE" in kinds(report)
    assert {problem.index for problem in report.problems if problem.kind.value == "BAD_SIGNATURE"} == {2}


def test_signature_of_an_unknown_key_is_found(rich: Any) -> None:
    """Whoever takes a sender's key out of the directories at hand makes its leaves unprovable, not invisible."""
    partnership = rich.partnership
    partnership.signers["police"] = FileSigner(bytes(range(32)))
    other = partnership.trust(partnership.signed(partnership.directory(version=2)))
    report = rich.check(directories=[other])
    assert "UNKNOWN_KEY" in kinds(report)
    assert rich.check(directories=[other, partnership.trusted]).verified, "old versions hold old keys"


def test_leaf_sealed_under_another_directory_than_the_one_at_hand_is_found(rich: Any) -> None:
    partnership = rich.partnership
    other = partnership.trust(partnership.signed(partnership.directory(expires_at=partnership.now.replace(hour=23))))
    assert "UNTRUSTED_DIRECTORY" in kinds(rich.check(directories=[other]))


def test_ledger_of_another_partnership_is_not_ours(audit: Any) -> None:
    audit.filled(1)
    report = audit.check(partnership="elsewhere")
    assert {"ALTERED_LEAF", "ALTERED_CHECKPOINT", "ALTERED_HEAD"} <= kinds(report)


def test_event_left_out_of_a_senders_numbers_is_found(audit: Any) -> None:
    with closing(audit.open()) as database:
        audit.record(database, audit.placed(audit.event(), audit.event(sequence=3), audit.event("health")))
    report = audit.check()
    assert (report.verified, kinds(report)) == (False, {"SEQUENCE_GAP"})
    assert report.problems[0].index == 1
    assert report.problems[0].detail == "police test.0: number 3 where 2 follows"


@pytest.mark.parametrize("numbers", [(2,), (1, 1), (1, 2, 1)])
def test_numbers_that_do_not_run_on_are_found(audit: Any, numbers: tuple[int, ...]) -> None:
    with closing(audit.open()) as database:
        audit.record(database, audit.placed(*(audit.event(sequence=number) for number in numbers)))
    assert kinds(audit.check()) == {"SEQUENCE_GAP"}


@pytest.mark.parametrize("said", [{("police", "test.0"): 3}, {("health", "test.0"): 1}])
def test_tail_or_stream_that_was_cut_off_before_it_was_recorded_is_found(
    audit: Any, monkeypatch: pytest.MonkeyPatch, said: dict[tuple[str, str], int]
) -> None:
    """Attack: what the service knew when it signed is more than what stands in the ledger that is shown."""
    monkeypatch.setattr(append, "streams_line", lambda ends: streams_line({**ends, **said}))
    with closing(audit.open()) as database:
        audit.record(database, audit.placed(audit.event(), audit.event()))
    report = audit.check()
    assert (report.verified, kinds(report)) == (False, {"SEQUENCE_GAP"})
    assert "a tail or a stream is missing" in report.problems[0].detail


def test_checkpoint_that_does_not_say_where_the_streams_end_is_found(
    audit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append, "streams_line", lambda ends: f"stream {len(ends)}")
    with closing(audit.open()) as database:
        audit.record(database, audit.placed(audit.event()))
    assert kinds(audit.check()) == {"ALTERED_CHECKPOINT"}


def test_stranger_with_one_senders_headers_finds_the_tail_that_was_cut(audit: Any) -> None:
    """Attack: an extract of a ledger is handed out without its last events; all that is in it is true."""
    audit.filled(4, 1)
    with closing(audit.open()) as database, database.transaction() as transaction:
        rows = [leaf_of(row) for row in leaf_rows(transaction, 0, 5)]
        notes = [blob(row[2]) for row in checkpoint_rows(transaction, 1, most=9)]
    key = audit.partnership.signers["hub-audit"].public_key
    last = open_own(notes[-1], origin=audit.origin, public_keys=[key], crypto=audit.partnership.crypto)
    ends = {(row.sender, row.stream): row.sequence for row in rows}
    assert ends == {("police", "test.0"): 3, ("health", "test.0"): 2}
    assert last.ends_at(ends)
    cut = {(row.sender, row.stream): row.sequence for row in rows[:-1]}
    assert last.ends_at(cut) is False
    assert last.ends_at({("police", "test.0"): 3}) is False
    assert replace(last, extensions=()).ends_at(ends) is None


def test_erasure_without_an_order_does_not_pass_for_one(audit: Any) -> None:
    """Whoever deletes a key destroys evidence; only the service, with its rest key, can say it was an order."""
    audit.filled(2)
    report = alter(audit, "DELETE FROM ledger_personal_key WHERE idx = 0")
    assert (report.verified, kinds(report), report.erased) == (False, {"ALTERED_PART"}, 0)
    report = alter(audit, "INSERT INTO ledger_erasure VALUES (0, '2026-11-23', zeroblob(28))")
    assert (report.verified, kinds(report), report.erased) == (False, {"ALTERED_PART"}, 0)


def test_checkpoint_of_another_key_is_found(audit: Any) -> None:
    stranger = Checkpoints(signer=FileSigner(bytes(range(32))), origin=audit.origin)
    with closing(audit.open()) as database:
        batch = audit.placed(audit.event())
        audit.ledger(database).start()
        audit.ledger(database).record(audit.take(batch), since=0, following=1, issue=stranger.issue)
    assert "ALTERED_CHECKPOINT" in kinds(audit.check())


def test_other_content_than_what_was_signed_for_is_found(audit: Any) -> None:
    """The service itself could keep another story under a sender's signature; the salts tell."""
    with closing(audit.open()) as database:
        batch = audit.placed(audit.event())
        (entry,) = audit.take(batch)
        ledger = audit.ledger(database)
        ledger.start()
        forged = replace(entry, parts=(entry.parts[0] + b"\0", entry.parts[1][:-1]))
        ledger.record([forged], since=0, following=1, issue=audit.issue())
    assert [problem.detail for problem in audit.check().problems] == [
        "part 0 is not the one that was signed for",
        "part 1 is not the one that was signed for",
    ]


def test_leaves_in_another_order_than_the_topics_are_found(audit: Any) -> None:
    with closing(audit.open()) as database:
        batch = audit.placed(audit.event("police"), audit.event("health"))
        audit.record(database, [batch[1], batch[0], *audit.placed(audit.event("hub"))])
    report = audit.check()
    assert [(one.kind.value, one.index) for one in report.problems] == [("ALTERED_LEAF", 1)]


def test_second_signature_on_a_stored_checkpoint_is_found(audit: Any) -> None:
    """Bytes that nobody checks are a place to hide or to change something unseen."""
    audit.filled(1)
    with closing(sqlite3.connect(audit.path)) as connection, connection:
        ((note,),) = connection.execute("SELECT note FROM ledger_checkpoint").fetchall()
        more = note + "— somebody AAAAAAAA\n".encode()
        connection.execute("UPDATE ledger_checkpoint SET note = ?", (more,))
    assert kinds(audit.check()) == {"ALTERED_CHECKPOINT"}


def test_wreck_gives_a_report_that_can_be_read() -> None:
    findings = Findings()
    for index in range(MOST_PROBLEMS + 7):
        findings.add(ProblemKind.ALTERED_LEAF, "altered", index=index)
    report = findings.report(size=0, root=EMPTY_ROOT)
    assert len(report.problems) == MOST_PROBLEMS + 1
    assert report.problems[-1].detail == "7 more problems"


def test_only_what_strangers_can_cause_is_a_notice() -> None:
    assert {kind.value for kind in NOTICES} == {"EQUIVOCATION", "UNREADABLE_EVENT", "UNREADABLE_CHECKPOINT"}


def test_no_detail_holds_content(rich: Any) -> None:
    report = alter(rich, "UPDATE ledger_leaf SET skeleton = zeroblob(9), header = zeroblob(9), sender = 'C-1'")
    assert SECRET_CASE not in repr(report)
    assert "C-1" not in repr(report)
