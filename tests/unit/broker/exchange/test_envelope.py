"""The arithmetic of MASH1: one label a purpose, one size a bucket, one id a thing."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256 as reference
from uuid import RFC_4122, UUID

import pytest

from broker.errors import RejectedError
from broker.exchange import envelope
from broker.exchange.envelope import derived_id, digest_of, pad, part_hash, request_id_at, sha256, unpad, wrap_info
from schemas.codec import encode
from schemas.exchange import Content
from schemas.vocabulary import Kind

SUBJECT = bytes(range(32))
BUCKET = 1024


def content(size: int) -> Content:
    return Content(salts=(bytes(32),), parts=(bytes(size),))


def test_the_digest_is_over_header_ciphertext_and_wraps_under_its_label():
    wraps = (b"one", b"three")
    hashed = reference(b"\0\0\0\3one\0\0\0\5three").digest()
    inner = reference(b"h").digest() + reference(b"c").digest() + hashed
    assert digest_of(b"h", b"c", wraps) == reference(b"mash1/envelope" + inner).digest()


def test_wraps_cut_in_another_place_give_another_digest():
    assert digest_of(b"h", b"c", (b"ab", b"c")) != digest_of(b"h", b"c", (b"a", b"bc"))
    assert digest_of(b"h", b"c", (b"a", b"b")) != digest_of(b"h", b"c", (b"b", b"a"))


def test_a_part_hash_binds_label_index_salt_and_bytes():
    assert part_hash(1, SUBJECT, b"part") == reference(b"mash1/part\x01" + SUBJECT + b"part").digest()


def test_the_wrap_info_binds_header_and_ciphertext():
    assert wrap_info(b"h", b"c") == b"mash1/wrap" + reference(b"h").digest() + reference(b"c").digest()


def test_no_label_begins_another():
    labels = [value for name, value in vars(envelope).items() if name.endswith("_LABEL")]
    assert len(labels) == 4
    assert not [one for one in labels for other in labels if one is not other and other.startswith(one)]


@pytest.mark.parametrize(("part", "size"), [(0, 1024), (900, 1024), (1200, 2048), (5000, 8192)])
def test_content_is_padded_to_the_smallest_bucket_that_holds_it(part, size):
    padded = pad(content(part), bucket=BUCKET)
    assert len(padded) == size
    assert unpad(padded, bucket=BUCKET) == content(part)


def test_a_bucket_is_used_to_its_last_byte():
    overhead = len(encode(content(900))) - 900
    fits = content(BUCKET - overhead - 4)
    assert len(pad(fits, bucket=BUCKET)) == BUCKET
    assert unpad(pad(fits, bucket=BUCKET), bucket=BUCKET) == fits
    assert len(pad(content(BUCKET - overhead - 3), bucket=BUCKET)) == 2 * BUCKET


def test_padding_that_is_not_what_it_must_be_is_refused():
    padded = pad(content(10), bucket=BUCKET)
    body = len(encode(content(10)))
    wrong = [
        padded[:-1] + b"\1",
        padded[: 4 + body] + b"\1" + padded[5 + body :],
        padded + bytes(1),
        padded + bytes(BUCKET),
        padded[:-1],
        padded[: 4 + body],
        (BUCKET - 3).to_bytes(4, "big") + padded[4:],
        (2**32 - 1).to_bytes(4, "big") + padded[4:],
        b"",
        b"\0\0",
    ]
    for one in wrong:
        with pytest.raises(RejectedError, match="PADDING"):
            unpad(one, bucket=BUCKET)


def test_a_length_that_cuts_the_content_is_refused_as_malformed():
    padded = pad(content(10), bucket=BUCKET)
    longer = (len(encode(content(10))) + 1).to_bytes(4, "big") + padded[4:]
    with pytest.raises(RejectedError, match="MALFORMED"):
        unpad(longer, bucket=BUCKET)


def test_a_derived_id_is_a_uuid_of_version_8():
    made = UUID(derived_id(Kind.ANSWER, SUBJECT, "police", 1))
    assert (made.version, made.variant) == (8, RFC_4122)
    seed = sha256(b"mash1/id", b"ANSWER\0", SUBJECT, b"police\0", (1).to_bytes(8, "big"))
    assert made.int & (2**62 - 1) == int.from_bytes(seed[:16], "big") & (2**62 - 1)


def test_a_derived_id_is_the_same_for_the_same_thing_and_for_nothing_else():
    one = (Kind.ANSWER, SUBJECT, "police", 1)
    others = [
        (Kind.DESK_ITEM, SUBJECT, "police", 1),
        (Kind.ANSWER, SUBJECT[::-1], "police", 1),
        (Kind.ANSWER, SUBJECT, "police-2", 1),
        (Kind.ANSWER, SUBJECT, "police", 2),
    ]
    assert derived_id(*one) == derived_id(*one)
    assert len({derived_id(*each) for each in (one, *others)}) == 5


def test_a_request_id_is_a_uuid_of_version_7_with_its_time_and_nothing_else():
    now = datetime(2026, 11, 23, 10, 0, 0, 123000, tzinfo=UTC)
    made = UUID(request_id_at(now, bytes(10)))
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == int(now.timestamp() * 1000)
    assert request_id_at(now, bytes(10)) != request_id_at(now, b"\xff" * 10)
