"""Each trick against the codec by its name: a second spelling, a number too large, a megabyte of nothing."""

from __future__ import annotations

import resource
from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_origin

import pytest
from annotated_types import MaxLen
from pydantic import FailFast, ValidationError

from schemas import codec
from schemas.codec import FILES, MalformedError, decode, decode_part, decode_parts, encode, encode_parts
from schemas.directory import HeldCapability, Person, Register
from schemas.exchange import Content, Envelope, Header
from schemas.request import InformationRequest
from schemas.scalars import Wire
from schemas.vocabulary import Capability, Kind, RatingBand
from tests.vectors.golden_records import examples

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number(value: int, *, needless: int = 0) -> bytes:
    """Return Avro's zigzag number, with so many needless groups of zeros behind it."""
    zigzag = (value << 1 ^ value >> 63) & (2**64 - 1)
    groups = [zigzag >> 7 * index & 0x7F for index in range(10)]
    while len(groups) > 1 and groups[-1] == 0:
        groups.pop()
    groups += [0] * needless
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


SALT = bytes(32)
ONE_SALT = number(1) + SALT + number(0)
HONEST = Content(salts=(SALT,), parts=(b"abc",))
TRICKS = {
    "nothing": b"",
    "a length with a needless group": ONE_SALT + number(1) + number(3, needless=1) + b"abc" + number(0),
    "a length with eight needless groups": ONE_SALT + number(1) + number(3, needless=8) + b"abc" + number(0),
    "an array's end with a needless group": ONE_SALT + number(1) + number(3) + b"abc" + number(0, needless=1),
    "an array in a block with its size": ONE_SALT + number(-1) + number(4) + number(3) + b"abc" + number(0),
    "an array in two blocks": ONE_SALT + (number(1) + number(3) + b"abc") * 2 + number(0),
    "a negative length": ONE_SALT + number(1) + number(-3) + b"abc" + number(0),
    "the least length there is": ONE_SALT + number(1) + number(-(2**63)) + b"abc" + number(0),
    "a length beyond the end": ONE_SALT + number(1) + number(2**62) + b"abc" + number(0),
    "a huge count": number(2**62) + SALT,
    "the least count there is": number(-(2**63)) + number(1) + SALT,
    "a number without end": b"\xff" * 200,
    "a number of zeros without end": b"\x80" * 200,
    "a byte behind": encode(HONEST) + b"\0",
}


@pytest.mark.parametrize("data", TRICKS.values(), ids=TRICKS.keys())
def test_trick_is_refused(data: bytes) -> None:
    assert decode(Content, ONE_SALT + number(1) + number(3) + b"abc" + number(0)) == HONEST
    with pytest.raises(MalformedError):
        decode(Content, data)


HEADER = Header(
    suite="MASH1",
    partnership="northants",
    kind=Kind.REQUEST,
    topic="mash.northants.requests.police.v1",
    message_id="00112233-4455-8677-8899-aabbccddeeff",
    request_id=None,
    thread=None,
    answers=None,
    sender="hub",
    signing_key_id="0" * 32,
    recipients=(b"\x11" * 32,),
    directory_version=1,
    directory_digest=b"\x22" * 32,
    schema_digest=b"\x33" * 32,
    stream="hub.asked",
    sequence=77_777,
    issued_at=EPOCH + timedelta(milliseconds=1_234_567_891_011),
    expires_at=EPOCH + timedelta(milliseconds=1_334_567_891_011),
    event_id="00112233-4455-8677-8899-aabbccddee00",
    parts=(b"\x44" * 32,),
)
NULLS_AND_SENDER = number(0) * 3 + number(3) + b"hub" + number(32)
ISSUED = number(1_234_567_891_011)
HEADER_TRICKS = {
    "a branch that is none": (NULLS_AND_SENDER, number(2) + NULLS_AND_SENDER[1:], "not Avro"),
    "a branch before the first": (NULLS_AND_SENDER, number(-2) + NULLS_AND_SENDER[1:], "not"),
    "text that is no UTF-8": (b"MASH1", b"MASH\xff", "UnicodeDecodeError"),
    "a lone surrogate": (b"MASH1", b"MA\xed\xa0\x80", "UnicodeDecodeError"),
    "a letter in two bytes": (b"MASH1", b"MAS\xc1\x88", "UnicodeDecodeError"),
    "a negative count": (number(77_777), number(-77_777), "field sequence"),
    "a count beyond 2**53": (number(77_777), number(2**53 + 1), "field sequence"),
    "a time beyond the year 9999": (ISSUED, number(253_402_300_800_000), "OverflowError"),
    "a time before the year 1": (ISSUED, number(-62_135_596_800_001), "OverflowError"),
    "the greatest time": (ISSUED, number(2**63 - 1), "not"),
    "a time that wraps round": (ISSUED, number(2**61 + 1), "not"),
    "a word that is no code": (b"MASH1", b"mash1", "field suite breaks rule string_pattern_mismatch"),
    "an id with a line feed": (b"\x06hub", b"\x06hu\n", "field sender breaks rule string_pattern_mismatch"),
}


@pytest.mark.parametrize(("old", "new", "refusal"), HEADER_TRICKS.values(), ids=HEADER_TRICKS.keys())
def test_header_trick_is_refused(old: bytes, new: bytes, refusal: str) -> None:
    honest = encode(HEADER)
    assert honest.count(old) == 1
    with pytest.raises(MalformedError, match=refusal):
        decode(Header, honest.replace(old, new))


REGISTER = Register(
    partnership="northants",
    version=1,
    people=(
        Person(
            actor="mm-01",
            organisation="hub",
            title="MASH_MANAGER",
            capabilities=(HeldCapability(capability=Capability.RATE, bands=(RatingBand.RED,), purposes=()),),
        ),
    ),
)
ONE_BAND = b"MASH_MANAGER" + number(1) + number(list(Capability).index(Capability.RATE)) + number(1)


@pytest.mark.parametrize(
    ("word", "refusal"),
    [(len(RatingBand), "not Avro"), (-1, "not the canonical encoding"), (2**40, "not Avro")],
    ids=["beyond the last", "before the first", "far away"],
)
def test_word_that_no_list_has_is_refused(word: int, refusal: str) -> None:
    honest = encode(REGISTER)
    assert honest.count(ONE_BAND + number(0)) == 1
    with pytest.raises(MalformedError, match=refusal):
        decode(Register, honest.replace(ONE_BAND + number(0), ONE_BAND + number(word)))


def test_refusal_quotes_nothing_of_what_it_refuses() -> None:
    secret = "Testerton\0of Nowhere"
    data = encode(HEADER).replace(number(3) + b"hub", number(len(secret)) + secret.encode())
    with pytest.raises(MalformedError) as refused:
        decode(Header, data)
    assert "Testerton" not in str(refused.value)
    assert "sender" in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_context_of_a_refusal_holds_no_value_either() -> None:
    """A logger that follows `__context__` finds pydantic's error, which hides its input too."""
    data = encode(HEADER).replace(number(3) + b"hub", number(9) + b"Testerton")
    with pytest.raises(MalformedError) as refused:
        decode(Header, data)
    context = refused.value.__context__
    assert isinstance(context, ValidationError)
    assert "Testerton" not in str(context)


# ---------------------------------------------------------------- a megabyte of nothing

MEGABYTE = 990_000
BOMBS: dict[str, tuple[type[Wire], bytes]] = {
    "a million wraps": (Envelope, b"\0\0" + number(MEGABYTE) + bytes(MEGABYTE + 1) + bytes(64)),
    "a million parts": (Content, ONE_SALT + number(MEGABYTE) + bytes(MEGABYTE + 1)),
    "half a million blocks": (Content, ONE_SALT + (number(1) + b"\0") * (MEGABYTE // 2) + b"\0"),
    "a million needless groups": (Content, b"\x80" * MEGABYTE),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("model", "data"), BOMBS.values(), ids=BOMBS.keys())
def test_bomb_costs_no_more_than_its_size_allows(model: type[Wire], data: bytes) -> None:
    """The log takes a megabyte from anybody: reading it costs a second or two, and nowhere near a gigabyte."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(MalformedError):
        decode(model, data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # KiB


@pytest.mark.timeout(60)
def test_ten_thousand_wrong_people_make_one_error() -> None:
    """Without `fail_fast` each wrong field of each would be an error of its own: gigabytes."""
    request = examples(InformationRequest)[0].model_dump()
    wrong = {**request["common"]["people"][0], "ref": "", "family_name": "\0"}
    request["common"]["people"] = [wrong] * 10_000
    data = codec._write(codec._parsed(InformationRequest), request)
    with pytest.raises(MalformedError) as refused:
        decode(InformationRequest, data)
    context = refused.value.__context__
    assert isinstance(context, ValidationError)
    assert context.error_count() <= 2


def annotated_with(model: type[Wire], seen: set[type]) -> list[tuple[str, Any, list[Any]]]:
    """Return every field of a record and of the records in it, with its constraints."""
    if model in seen:
        return []
    seen.add(model)
    found = [(f"{model.__name__}.{name}", one.annotation, one.metadata) for name, one in model.model_fields.items()]
    inner = {cls for _, annotation, _ in found for cls in classes_in(annotation)}
    return found + [each for cls in inner if issubclass(cls, Wire) for each in annotated_with(cls, seen)]


def classes_in(annotation: Any) -> list[type]:
    return [annotation] if isinstance(annotation, type) else [c for a in get_args(annotation) for c in classes_in(a)]


@pytest.mark.parametrize("model", FILES, ids=lambda model: model.__name__)
def test_every_array_has_an_end_and_stops_at_the_first_wrong_item(model: type[Wire]) -> None:
    for where, annotation, metadata in annotated_with(model, set()):
        if get_origin(annotation) is tuple:
            assert any(isinstance(one, MaxLen) for one in metadata), where
            assert any(isinstance(one, FailFast) for one in metadata), where


# ---------------------------------------------------------------- parts


def test_a_record_of_another_number_of_parts_is_refused() -> None:
    parts = encode_parts(examples(InformationRequest)[0])
    for wrong in ((), parts[:1], (*parts, b"")):
        with pytest.raises(MalformedError, match="number of parts"):
            decode_parts(InformationRequest, wrong)


def test_a_byte_cannot_move_from_one_part_to_the_next() -> None:
    """The parts' concatenation would be the same record: each part must end where it ends."""
    first, second = encode_parts(examples(InformationRequest)[0])
    for moved in ((first + second[:1], second[1:]), (first[:-1], first[-1:] + second)):
        with pytest.raises(MalformedError):
            decode_parts(InformationRequest, moved)


def test_part_alone_is_read_as_strictly() -> None:
    _, second = encode_parts(examples(InformationRequest)[0])
    assert decode_part(InformationRequest, 1, second) == examples(InformationRequest)[0].addressed
    with pytest.raises(MalformedError):
        decode_part(InformationRequest, 1, second + b"\0")
    with pytest.raises(MalformedError):
        decode_part(InformationRequest, 0, second)
