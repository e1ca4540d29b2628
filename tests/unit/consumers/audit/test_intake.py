"""Intake: authentic events come in, all else is refused with its reason, and our own faults are not the message's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.adapters.crypto import FileOpener, FileSigner
from broker.adapters.sql import SqlDatabase
from broker.errors import InvariantError, RejectedError
from broker.exchange.envelope import sha256
from broker.ports import Message
from consumers.audit.intake import Early, Entry, Refused
from schemas.audit import AuditEvent
from schemas.vocabulary import Kind


@pytest.fixture
def database(audit: Any) -> Iterator[SqlDatabase]:
    with closing(audit.open()) as opened:
        yield opened


def one(audit: Any, **changes: Any) -> Message:
    (message,) = audit.placed(audit.event(**changes))
    return message


def reason(audit: Any, database: SqlDatabase, message: Message, **parts: Any) -> str:
    taken = audit.intake(database, **parts).take(message)
    assert isinstance(taken, Refused)
    assert taken.place == message.place
    assert taken.digest == sha256(message.value)
    return taken.reason


def newer(audit: Any) -> Any:
    """Let everybody but the audit service have the next version of the directory."""
    partnership = audit.partnership
    old = partnership.trusted
    partnership.trusted = partnership.trust(partnership.signed(partnership.directory(version=2)))
    return old


def test_event_comes_in_with_everything_its_leaf_keeps(audit: Any, database: SqlDatabase) -> None:
    message = one(audit)
    taken = audit.intake(database).take(message)
    assert isinstance(taken, Entry)
    assert (taken.header.sender, taken.place) == ("police", message.place)
    assert (len(taken.salts), len(taken.parts)) == (2, 2)


def test_every_flipped_bit_is_refused(audit: Any, database: SqlDatabase) -> None:
    message = one(audit)
    for place in range(0, len(message.value), 97):
        value = message.value[:place] + bytes([message.value[place] ^ 1]) + message.value[place + 1 :]
        assert isinstance(audit.intake(database).take(replace(message, value=value)), Refused)


def test_junk_is_refused(audit: Any, database: SqlDatabase) -> None:
    assert reason(audit, database, replace(one(audit), value=b"junk")) == "MALFORMED"
    assert reason(audit, database, replace(one(audit), value=bytes(1_000_001))) == "TOO_LARGE"


def test_other_kinds_of_message_are_refused(audit: Any, database: SqlDatabase) -> None:
    request = audit.partnership.seal_request().outgoing
    (message,) = audit.placed(request)
    assert reason(audit, database, message) == "WRONG_KIND"


def test_header_and_skeleton_must_speak_of_one_event(audit: Any, database: SqlDatabase) -> None:
    """Else a leaf could stand in the ledger, and in checkpoints, under the id of another event."""
    record = audit.record_of("0190a5b2-7c3d-7e4f-8a1b-000000000001", "police")
    assert reason(audit, database, one(audit, record=record)) == "SPLICED"


def test_unknown_senders_and_keys_are_refused_without_waiting(audit: Any, database: SqlDatabase) -> None:
    """A stranger who names a directory of the future must not make the ledger wait."""
    old = newer(audit)
    audit.partnership.signers["police"] = FileSigner(bytes(range(32)))
    message = one(audit)
    assert reason(audit, database, message, directory=lambda: old) == "UNKNOWN_KEY"


def test_authentic_event_under_a_newer_directory_is_early_until_that_is_here(audit: Any, database: SqlDatabase) -> None:
    old = newer(audit)
    message = one(audit)
    early = audit.intake(database, directory=lambda: old, known_version={1: old.digest}.get).take(message)
    assert isinstance(early, Early)
    assert (early.version, early.otherwise.reason) == (2, "UNKNOWN_DIRECTORY")
    assert isinstance(audit.intake(database).take(message), Entry)


def test_event_sealed_to_keys_of_a_newer_directory_is_early(audit: Any, database: SqlDatabase) -> None:
    audit.partnership.openers["police"] = FileOpener(bytes(range(32)))
    old = newer(audit)
    early = audit.intake(database, directory=lambda: old, known_version={1: old.digest}.get).take(one(audit))
    assert isinstance(early, Early)
    assert early.otherwise.reason == "WRONG_RECIPIENT"


def test_unknown_older_version_is_refused_at_once(audit: Any, database: SqlDatabase) -> None:
    message = one(audit)
    newer(audit)
    assert reason(audit, database, message, known_version={2: bytes(32)}.get) == "UNKNOWN_DIRECTORY"


@pytest.mark.parametrize(
    ("issued", "word"), [(timedelta(days=-14), "EXPIRED"), (timedelta(seconds=121), "FROM_THE_FUTURE")]
)
def test_untimely_events_are_refused(audit: Any, database: SqlDatabase, issued: timedelta, word: str) -> None:
    message = one(audit)
    now = audit.partnership.now - issued
    assert reason(audit, database, message, clock=lambda: now) == word


def test_missing_key_epoch_of_ours_is_our_fault_and_stops(audit: Any, database: SqlDatabase) -> None:
    """To refuse every event of the week because a key was not loaded would lose them for good."""
    keys = replace(audit.partnership.keys("hub-audit"), openers={})
    with pytest.raises(InvariantError, match="epoch"):
        audit.intake(database, keys=keys).take(one(audit))


def test_event_sealed_to_an_epoch_that_is_over_is_refused(audit: Any, database: SqlDatabase) -> None:
    keys = replace(audit.partnership.keys("hub-audit"), openers={})
    later = audit.partnership.now + timedelta(days=27)
    message = one(audit, issued_at=later - timedelta(days=1))
    assert reason(audit, database, message, keys=keys, clock=lambda: later) == "KEY_DESTROYED"


def test_damaged_database_is_not_the_messages_fault(audit: Any, database: SqlDatabase) -> None:
    def damaged(version: int) -> bytes | None:
        raise RejectedError("DATABASE_DAMAGED", "journal.sqlite")

    with pytest.raises(RejectedError, match="DATABASE_DAMAGED"):
        audit.intake(database, known_version=damaged).take(one(audit))


def test_event_is_an_audit_event_and_nothing_else(audit: Any, database: SqlDatabase) -> None:
    taken = audit.intake(database).take(one(audit))
    assert isinstance(taken, Entry)
    assert taken.header.kind is Kind.AUDIT_EVENT
    assert len(AuditEvent.model_fields) == len(taken.parts)
