"""Words of an audit event are text: written from the vocabulary only, read whatever they are (CODEC-8; K21)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from schemas import codec, recorded
from schemas.answer import TypeCount
from schemas.audit import AuditEvent, Personal, Skeleton
from schemas.codec import decode, decode_parts, encode, encode_parts
from schemas.decision import Basis, Dropped, GateDecision
from schemas.family import Agreement, FamilyInformed, Told
from schemas.scalars import Wire
from schemas.vocabulary import EventKind
from tests.vectors.golden_records import examples

WORDS = [
    ("skeleton", "event"),
    ("skeleton", "status"),
    ("skeleton", "purpose"),
    ("skeleton", "band"),
    ("skeleton", "look"),
    ("skeleton", "auth"),
    ("skeleton", "clock"),
    ("skeleton", "decision", "outcome"),
    ("skeleton", "item_counts", 0, "data_class"),
    ("personal", "family_informed", "status"),
    ("personal", "agreements", 0, "status"),
    ("personal", "subjects", 0, "roles", 0),
    ("personal", "subjects", 0, "certainty"),
]
TOMORROW = "A_WORD_OF_TOMORROW"


def changed(value: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    """The same event with another word in one place."""
    again: dict[str, Any] = json.loads(json.dumps(value))
    place: Any = again
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = TOMORROW
    return again


def _mutable(value: Any) -> Any:
    """The same value, with lists for tuples."""
    if isinstance(value, dict):
        return {name: _mutable(one) for name, one in value.items()}
    return [_mutable(one) for one in value] if isinstance(value, tuple | list) else value


def golden() -> AuditEvent:
    """The golden event that has every field."""
    return examples(AuditEvent)[-1]  # type: ignore[return-value]


@pytest.mark.parametrize("path", WORDS, ids=lambda path: ".".join(map(str, path)))
def test_a_word_that_the_vocabulary_has_not_is_never_written(path: tuple[str | int, ...]) -> None:
    value = changed(golden().model_dump(mode="json"), path)
    with pytest.raises(ValidationError, match="is no word of"):
        AuditEvent.model_validate_json(json.dumps(value))


@pytest.mark.parametrize("path", WORDS, ids=lambda path: ".".join(map(str, path)))
def test_a_word_of_tomorrow_is_read_as_it_stands(path: tuple[str | int, ...]) -> None:
    """In 25 years: what a later writer adds does not stop an old reader, and comes out byte for byte."""
    whole = place = _mutable(golden().model_dump())
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = TOMORROW
    data = codec._write(codec._parsed(AuditEvent), whole)
    read = decode(AuditEvent, data)
    assert encode(read) == data
    assert decode_parts(AuditEvent, encode_parts(read)) == read
    assert TOMORROW in read.model_dump_json()


def test_the_schema_of_an_audit_event_has_no_list_of_words() -> None:
    assert '"enum"' not in codec.schema_bytes(AuditEvent).decode()


def test_a_word_that_was_written_is_the_same_when_it_is_read() -> None:
    event = golden()
    read = decode(AuditEvent, encode(event))
    assert read == event
    assert read.skeleton.event == EventKind.ANSWERED
    assert type(read.skeleton.event) is type(event.skeleton.event) is str


def test_every_event_word_can_be_written() -> None:
    facts = golden().skeleton.model_dump()
    for word in EventKind:
        event = AuditEvent(skeleton=Skeleton(**{**facts, "event": word}), personal=Personal())
        assert decode(AuditEvent, encode(event)).skeleton.event == word


@pytest.mark.parametrize(
    ("account", "record"),
    [
        (recorded.RecordedDropped, Dropped),
        (recorded.RecordedBasis, Basis),
        (recorded.RecordedDecision, GateDecision),
        (recorded.RecordedCount, TypeCount),
        (recorded.RecordedInformed, FamilyInformed),
        (recorded.RecordedAgreement, Agreement),
        (recorded.RecordedTold, Told),
    ],
)
def test_what_is_repeated_has_the_fields_of_what_it_repeats(account: type[Wire], record: type[Wire]) -> None:
    """A field that is added to the record is missed here, not in the ledger."""
    assert list(account.model_fields) == list(record.model_fields)
