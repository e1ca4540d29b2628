"""Intake: authentic events come in, all else is refused with its reason, and our own faults are not the message's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.adapters.crypto import FileOpener
from broker.errors import InvariantError, RejectedError
from broker.exchange.envelope import LIFETIME, sha256
from broker.ports import Message
from consumers.audit.intake import Entry, refused
from schemas.audit import AuditEvent
from schemas.vocabulary import Kind


def one(audit: Any, **changes: Any) -> Message:
    (message,) = audit.placed(audit.event(**changes))
    return message


def reason(audit: Any, message: Message, **parts: Any) -> str:
    with pytest.raises(RejectedError) as caught:
        audit.intake(**parts).take(message)
    return caught.value.reason


def newer(audit: Any) -> Any:
    """Let everybody but the audit service have the next version of the directory."""
    partnership = audit.partnership
    old = partnership.trusted
    partnership.trusted = partnership.trust(partnership.signed(partnership.directory(version=2)))
    return old


def test_event_comes_in_with_everything_its_leaf_keeps(audit: Any) -> None:
    message = one(audit)
    taken = audit.intake().take(message)
    assert isinstance(taken, Entry)
    assert (taken.header.sender, taken.place) == ("police", message.place)
    assert (len(taken.salts), len(taken.parts)) == (2, 2)


def test_every_flipped_bit_is_refused(audit: Any) -> None:
    message = one(audit)
    for place in range(0, len(message.value), 97):
        value = message.value[:place] + bytes([message.value[place] ^ 1]) + message.value[place + 1 :]
        assert reason(audit, replace(message, value=value))


def test_what_the_ledger_keeps_of_a_refused_message_is_its_place_reason_and_digest(audit: Any) -> None:
    message = one(audit)
    kept = refused(message, "MALFORMED")
    assert (kept.place, kept.reason, kept.digest, kept.sender) == (
        message.place,
        "MALFORMED",
        sha256(message.value),
        None,
    )


def test_junk_is_refused(audit: Any) -> None:
    assert reason(audit, replace(one(audit), value=b"junk")) == "MALFORMED"
    assert reason(audit, replace(one(audit), value=bytes(1_000_001))) == "TOO_LARGE"


def test_other_kinds_of_message_are_refused(audit: Any) -> None:
    request = audit.partnership.seal_request().outgoing
    (message,) = audit.placed(request)
    assert reason(audit, message) == "WRONG_KIND"


def test_header_and_skeleton_must_speak_of_one_event(audit: Any) -> None:
    """Else a leaf could stand in the ledger, and in checkpoints, under the id of another event."""
    record = audit.record_of("0190a5b2-7c3d-7e4f-8a1b-000000000001", "police")
    assert reason(audit, one(audit, record=record)) == "SPLICED"


def test_event_under_a_newer_directory_is_refused_until_that_is_here(audit: Any) -> None:
    """The service waits for it (`broker.exchange.early`); here it only has a reason that a newer version can lift."""
    old = newer(audit)
    message = one(audit)
    assert reason(audit, message, directory=lambda: old, known_version={1: old.digest}.get) == "UNKNOWN_DIRECTORY"
    assert isinstance(audit.intake().take(message), Entry)


def test_event_sealed_to_keys_of_a_newer_directory_is_refused_until_that_is_here(audit: Any) -> None:
    audit.partnership.openers["police"] = FileOpener(bytes(range(32)))
    old = newer(audit)
    message = one(audit)
    assert reason(audit, message, directory=lambda: old, known_version={1: old.digest}.get) == "WRONG_RECIPIENT"


def test_second_envelope_under_one_event_id_is_left_to_the_ledger(audit: Any) -> None:
    """Only the ledger's own transaction knows what stands in it: intake lets copies and second stories through."""
    first = one(audit)
    again = one(audit, event_id=first.key.decode(), sequence=7)
    copy = replace(first, place=replace(first.place, offset=999))
    intake = audit.intake()
    assert all(isinstance(intake.take(message), Entry) for message in (first, first, copy, again))


def test_unknown_older_version_is_refused_at_once(audit: Any) -> None:
    message = one(audit)
    newer(audit)
    assert reason(audit, message, known_version={2: bytes(32)}.get) == "UNKNOWN_DIRECTORY"


@pytest.mark.parametrize(
    ("issued", "word"), [(timedelta(days=-14), "EXPIRED"), (timedelta(seconds=121), "FROM_THE_FUTURE")]
)
def test_untimely_events_are_refused(audit: Any, issued: timedelta, word: str) -> None:
    message = one(audit)
    now = audit.partnership.now - issued
    assert reason(audit, message, clock=lambda: now) == word


def test_missing_key_epoch_of_ours_is_our_fault_and_stops(audit: Any) -> None:
    """To refuse every event of the week because a key was not loaded would lose them for good."""
    keys = replace(audit.partnership.keys("hub-audit"), openers={})
    with pytest.raises(InvariantError, match="epoch"):
        audit.intake(keys=keys).take(one(audit))


def test_event_has_expired_when_the_epoch_that_it_was_sealed_to_is_over(audit: Any) -> None:
    """Whatever was sealed in time: no key is destroyed before the last message to it."""
    keys = replace(audit.partnership.keys("hub-audit"), openers={})
    later = audit.partnership.now + timedelta(days=27)
    message = one(audit, issued_at=later - LIFETIME)
    assert reason(audit, message, keys=keys, clock=lambda: later) == "EXPIRED"


def test_damaged_database_is_not_the_messages_fault(audit: Any) -> None:
    def damaged(version: int) -> bytes | None:
        raise RejectedError("DATABASE_DAMAGED", "journal.sqlite")

    with pytest.raises(RejectedError, match="DATABASE_DAMAGED"):
        audit.intake(known_version=damaged).take(one(audit))


def test_event_is_an_audit_event_and_nothing_else(audit: Any) -> None:
    taken = audit.intake().take(one(audit))
    assert isinstance(taken, Entry)
    assert taken.header.kind == Kind.AUDIT_EVENT
    assert len(AuditEvent.model_fields) == len(taken.parts)
