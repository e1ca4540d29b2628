"""Over any content and any change: what is sealed opens again, and nothing that was altered does."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import RFC_4122, UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.errors import RejectedError
from broker.exchange.envelope import derived_id, pad, part_hash, sha256, unpad, wraps_hash
from broker.exchange.parse import parse
from broker.ports import MAX_VALUE_BYTES, LogOffset, Message
from schemas.codec import decode, encode
from schemas.exchange import Content, Envelope
from schemas.family import ChildViews
from schemas.request import InformationRequest, RequestAddressed, RequestCommon
from schemas.topics import RULES
from schemas.vocabulary import Kind, ViewsStatus
from tests.exchange_world import flipped
from tests.writing import lines, texts

HERE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = lines(300)
VIEWS = st.builds(ChildViews, status=st.sampled_from(ViewsStatus), text=texts(300))
SALTS = st.binary(min_size=32, max_size=32)
CONTENTS = st.lists(st.tuples(SALTS, st.binary(max_size=3000)), min_size=1, max_size=2).map(
    lambda pairs: Content(salts=tuple(salt for salt, _ in pairs), parts=tuple(part for _, part in pairs))
)
NAMES = st.from_regex(r"^[a-z0-9][a-z0-9-]{0,8}$", fullmatch=True)
IDS = st.tuples(st.sampled_from(list(Kind)), st.binary(min_size=32, max_size=32), NAMES, st.integers(0, 2**63))


@pytest.fixture
def opened(partnership):
    """Parse and verify a value as the police would; offsets rise, as each is another message."""
    offsets: Iterator[int] = iter(range(10**6))
    verifier = partnership.verifier("police")

    def run(outgoing, *, value=None, record=InformationRequest):
        place = LogOffset(topic=outgoing.topic, partition=0, offset=next(offsets))
        message = Message(place=place, key=outgoing.key, value=outgoing.value if value is None else value)
        return verifier.verify(parse(message), record=record, now=partnership.now)

    return run


@HERE
@given(narrative=TEXT, statement=TEXT, views=st.none() | VIEWS, postcodes=st.lists(TEXT, max_size=3))
def test_what_is_sealed_opens_to_the_same_record(partnership, opened, narrative, statement, views, postcodes):
    plain = partnership.request()
    people = tuple(type(one)(**{**dict(one), "postcodes": tuple(postcodes)}) for one in plain.common.people)
    common = {**dict(plain.common), "threshold_statement": statement, "child_views": views, "people": people}
    record = InformationRequest(
        common=RequestCommon(**common), addressed=RequestAddressed(**{**dict(plain.addressed), "narrative": narrative})
    )
    verified = opened(partnership.seal_request(record).outgoing)
    assert verified.record == record
    assert verified.content.parts == partnership.seal_request(record).parts


def test_every_flipped_bit_is_rejected_and_nothing_else_is_raised(partnership, opened):
    outgoing = partnership.seal_request().outgoing
    value, envelope = outgoing.value, decode(Envelope, outgoing.value)
    ciphertext = value.index(envelope.ciphertext)
    wrap = value.index(envelope.wraps[0])
    signature = value.index(envelope.signature)
    sampled = {
        *range(ciphertext + 40),  # lengths and the whole header
        *range(ciphertext + 40, wrap - 20, 397),
        *range(wrap - 20, wrap + 60),
        *range(wrap + 60, signature - 4, 61),
        *range(signature - 4, len(value)),  # the last wrap's end, and the signature
    }
    for at in sorted(sampled):
        with pytest.raises(RejectedError):
            opened(outgoing, value=flipped(value, at, bit=at % 8))
    opened(outgoing)


@HERE
@given(data=st.data())
def test_any_flipped_bit_is_rejected(partnership, opened, data):
    outgoing = partnership.seal_request().outgoing
    at = data.draw(st.integers(0, len(outgoing.value) - 1))
    with pytest.raises(RejectedError):
        opened(outgoing, value=flipped(outgoing.value, at, bit=data.draw(st.integers(0, 7))))


@HERE
@given(data=st.data())
def test_any_cut_repeated_or_inserted_run_of_bytes_is_rejected(partnership, opened, data):
    outgoing = partnership.seal_request().outgoing
    value = outgoing.value
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, min(len(value), start + 2000)))
    run = data.draw(st.sampled_from([b"", value[start:end] * 2]) | st.binary(max_size=40))
    changed = value[:start] + run + value[end:]
    if changed != value:
        with pytest.raises(RejectedError):
            opened(outgoing, value=changed)


@HERE
@given(noise=st.binary(max_size=600))
def test_noise_is_rejected_and_nothing_else_is_raised(partnership, opened, noise):
    with pytest.raises(RejectedError):
        opened(partnership.seal_request().outgoing, value=noise)


@HERE
@given(content=CONTENTS, bucket=st.sampled_from(sorted({rule.bucket for rule in RULES.values()})))
def test_padding_comes_off_again_and_fills_a_bucket(content, bucket):
    padded = pad(content, bucket=bucket)
    assert unpad(padded, bucket=bucket) == content
    times, rest = divmod(len(padded), bucket)
    assert (rest, times & (times - 1)) == (0, 0)  # the bucket, or a power of two of it
    needed = len(encode(content)) + 4
    assert needed <= len(padded) < max(2 * needed, bucket + 1)


@HERE
@given(padded=st.binary(max_size=300))
def test_noise_is_no_padded_content(padded):
    with pytest.raises(RejectedError):
        unpad(padded, bucket=256)


@HERE
@given(things=st.sets(IDS, min_size=2, max_size=50))
def test_derived_ids_are_uuids_of_version_8_and_differ_when_anything_does(things):
    made = [derived_id(*thing) for thing in things]
    assert len(set(made)) == len(things)
    assert {(UUID(one).version, UUID(one).variant, str(UUID(one)) == one) for one in made} == {(8, RFC_4122, True)}


@given(subject=st.binary(min_size=32, max_size=32), sender=NAMES, ordinal=st.integers(0, 2**63))
def test_no_byte_moves_between_what_is_answered_and_who_answers(subject, sender, ordinal):
    # The digest has a fixed length and the name no zero byte: each seed can be read in one way only.
    kind = Kind.ANSWER
    seed = kind.encode() + b"\0" + subject + sender.encode() + b"\0" + ordinal.to_bytes(8, "big")
    head, rest = seed.split(b"\0", 1)
    name, number = rest[32:-9], rest[-8:]
    assert (head, rest[:32], name, int.from_bytes(number, "big")) == (kind.encode(), subject, sender.encode(), ordinal)
    assert derived_id(kind, subject, sender, ordinal).replace("-", "")[:12] == sha256(b"mash1/id", seed).hex()[:12]


@given(left=st.lists(st.binary(max_size=6), max_size=4), right=st.lists(st.binary(max_size=6), max_size=4))
def test_wraps_hash_alike_only_when_they_are_alike(left, right):
    assert (wraps_hash(tuple(left)) == wraps_hash(tuple(right))) == (left == right)


@given(pairs=st.sets(st.tuples(st.integers(0, 1), SALTS, st.binary(max_size=40)), min_size=2, max_size=20))
def test_part_hashes_differ_when_index_salt_or_bytes_do(pairs):
    assert len({part_hash(*pair) for pair in pairs}) == len(pairs)


def test_the_largest_bucket_that_fits_the_log_is_half_a_mebibyte():
    # THREATS: what does not fit it cannot be sent, and is refused before it is stored.
    assert 512 * 1024 < MAX_VALUE_BYTES < 1024 * 1024
