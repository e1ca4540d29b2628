"""The scalars: what each takes, what it refuses, and that a refusal never quotes what it refuses."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter, ValidationError

from broker.partnership.certificates import ADMIN, BROKER
from broker.partnership.home import DIRECTORY_FOLDER, KAFKA_FOLDER
from schemas.scalars import (
    RESERVED_IDS,
    Code,
    Count,
    Digest,
    Name,
    Ref,
    ShortText,
    Text,
    Timestamp,
    TopicName,
    Uuid,
    Wire,
    seen,
    to_milliseconds,
)

CANARY = "Testerton-canary"
UUID = "019ab0e8-2c00-7000-8000-0123456789ab"


class Note(Wire):
    """A record with one text."""

    text: Text


class When(Wire):
    """A record with one moment."""

    at: Timestamp


def takes(scalar: Any, value: object) -> bool:
    try:
        return bool(TypeAdapter(scalar).validate_python(value) == value)
    except ValidationError:
        return False


@pytest.mark.parametrize("text", ["", "a\tb\nc", "“naïve” 𝕌nicode", "e\u0301", "\u200dfamily\u200d", "می\u200cخواهم"])
def test_text_of_any_script_is_taken_as_it_is(text: str) -> None:
    """No normalising: what was signed is what is shown."""
    assert Note(text=text).text == text


def test_no_text_holds_what_nobody_can_see() -> None:
    """S8: by category, over all code points; a mark that reorders would paint one organisation's words as another's."""
    for code in range(0x110000):
        character = chr(code)
        hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        assert seen(character, instead="") == ("" if hidden and character not in "\t\n\u200c\u200d" else character)
    for character in "\u00ad\u061c\u200b\u200e\u2028\u2029\u202e\u2066\ue000\ufdd0\U000e0041":
        assert not takes(Text, f"a{character}b")
        assert not takes(ShortText, f"a{character}b")


def test_one_line_takes_no_second() -> None:
    """S8: a newline in a name draws a line that reads as somebody else's."""
    for control in "\t\n":
        assert takes(Text, f"a{control}b")
        assert not takes(ShortText, f"a{control}b")


@pytest.mark.parametrize("code", [*range(0x09), 0x0B, 0x0C, 0x0D, *range(0x0E, 0x20), *range(0x7F, 0xA0)])
def test_every_control_character_but_tab_and_newline_is_refused(code: int) -> None:
    for scalar in (Text, ShortText):
        assert not takes(scalar, f"a{chr(code)}b")


def test_lone_surrogate_is_refused() -> None:
    assert not takes(Text, "a\ud800b")


def test_refusal_of_a_text_does_not_quote_it() -> None:
    with pytest.raises(ValidationError) as refused:
        Note(text=f"{CANARY}\0")
    assert CANARY not in str(refused.value)
    assert CANARY not in repr(refused.value)


def test_unknown_field_is_refused_and_its_value_not_quoted() -> None:
    with pytest.raises(ValidationError) as refused:
        Note.model_validate({"text": "", "colour": CANARY})
    assert "colour" in str(refused.value)
    assert CANARY not in str(refused.value)


def test_record_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Note(text="a").text = "b"  # type: ignore[misc]


def test_text_has_a_greatest_length_in_characters() -> None:
    assert takes(Text, "é" * 20_000)
    assert not takes(Text, "é" * 20_001)
    assert takes(ShortText, "é" * 300)
    assert not takes(ShortText, "é" * 301)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 23, 10, tzinfo=UTC).replace(tzinfo=None),
        datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 7, 1, 10, tzinfo=ZoneInfo("Europe/London")),
        datetime(2026, 11, 23, 10, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 11, 23, 10, 0, 0, 999_999, tzinfo=UTC),
    ],
    ids=["no zone", "an hour ahead", "London in summer", "a microsecond", "nearly a second"],
)
def test_time_that_the_wire_cannot_hold_is_refused_not_rounded(moment: datetime) -> None:
    with pytest.raises(ValidationError):
        When(at=moment)


def test_time_in_another_name_of_utc_is_the_same_time() -> None:
    winter = datetime(2026, 1, 1, 10, tzinfo=ZoneInfo("Europe/London"))
    assert When(at=winter).at.tzinfo is UTC
    assert When(at=winter) == When(at=datetime(2026, 1, 1, 10, tzinfo=UTC))


def test_time_is_cut_down_never_up() -> None:
    """An answer a fraction of a millisecond before its due time is not made late."""
    moment = datetime(2026, 7, 1, 11, 0, 0, 123_999, tzinfo=ZoneInfo("Europe/London"))
    assert to_milliseconds(moment) == datetime(2026, 7, 1, 10, 0, 0, 123_000, tzinfo=UTC)
    assert When(at=to_milliseconds(moment)).at == to_milliseconds(moment)


ACCEPTED = [
    (Code, "P2"),
    (Code, "1A"),
    (Code, "A" + "_" * 63),
    (Name, "northants-police"),
    (Name, "0" * 63),
    (Ref, "MP/2024:0001-a_b.c"),
    (Uuid, UUID),
    (TopicName, "mash.northants.audit.v1"),
    (Digest, bytes(32)),
    (Count, 0),
    (Count, 2**53),
]
REFUSED = [
    (Code, ""),
    (Code, "p2"),
    (Code, "_A"),
    (Code, "A" * 65),
    (Code, "A B"),
    (Code, "A\n"),
    (Name, ""),
    (Name, "-police"),
    (Name, "Police"),
    (Name, "hub.police"),
    (Name, "hub/police"),
    (Name, "police\n"),
    (Name, "po\u0131ice"),
    (Name, "p" * 64),
    (Ref, ""),
    (Ref, "../secrets"),
    (Ref, "C 1"),
    (Ref, "C-1\n"),
    (Ref, "C" * 65),
    (Uuid, UUID.upper()),
    (Uuid, UUID.replace("-", "")),
    (Uuid, f"{{{UUID}}}"),
    (Uuid, UUID + "\n"),
    (Uuid, UUID[:-1]),
    (TopicName, ""),
    (TopicName, "mash_northants"),
    (TopicName, "m" * 250),
    (Digest, bytes(31)),
    (Digest, bytes(33)),
    (Count, -1),
    (Count, 2**53 + 1),
]


@pytest.mark.parametrize(("scalar", "value"), ACCEPTED)
def test_scalar_takes(scalar: Any, value: object) -> None:
    assert takes(scalar, value)


@pytest.mark.parametrize(("scalar", "value"), REFUSED)
def test_scalar_refuses(scalar: Any, value: object) -> None:
    assert not takes(scalar, value)


def test_super_users_of_the_event_log_and_folders_of_a_home_are_nobodys_id() -> None:
    """A certificate for an organisation called so would open every topic, or its keys would lie in another's folder."""
    assert {ADMIN, BROKER, KAFKA_FOLDER, DIRECTORY_FOLDER} <= RESERVED_IDS
