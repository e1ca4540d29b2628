"""What verify refuses of what is inside: the hub signed each of these, so only the content can give it away."""

from __future__ import annotations

import pytest

from broker.errors import RejectedError
from broker.exchange.envelope import digest_of, part_hash, wrap_info
from schemas.answer import Answer
from schemas.codec import decode, encode_parts
from schemas.exchange import Content, Envelope
from schemas.vocabulary import Kind
from tests.exchange_world import altered, an_answer, flipped

REQUEST_ID = "01900000-0000-7000-8000-000000000001"


def test_a_wrap_or_a_ciphertext_that_was_signed_but_is_not_whole_is_refused(partnership, refused):
    outgoing = partnership.seal_request().outgoing
    envelope = decode(Envelope, outgoing.value)
    signer = partnership.signers["hub"]
    for size in (0, 1, 1119, 1120, 1136, 1167, 1169):
        wraps = ((envelope.wraps[0] + bytes(1))[:size],)
        signature = signer.sign(digest_of(envelope.header, envelope.ciphertext, wraps))
        assert refused(altered(outgoing, wraps=wraps, signature=signature)) == "WRAP_NOT_OURS"


@pytest.mark.parametrize("content_key", [b"", bytes(16), bytes(24), bytes(31), bytes(33)])
def test_a_content_key_of_another_length_is_refused(partnership, refused, content_key):
    outgoing = partnership.seal_request().outgoing
    envelope = decode(Envelope, outgoing.value)
    info = wrap_info(envelope.header, envelope.ciphertext)
    wraps = (partnership.crypto.wrap(partnership.openers["police"].public_key, content_key, info),)
    signature = partnership.signers["hub"].sign(digest_of(envelope.header, envelope.ciphertext, wraps))
    assert refused(altered(outgoing, wraps=wraps, signature=signature)) == "CIPHERTEXT_ALTERED"


def test_a_padding_byte_that_is_not_zero_is_refused(partnership, insider, refused, requests):
    for changed in (-1, -100):
        forged = insider("hub").seal(
            partnership.request(), Kind.REQUEST, requests, padded=lambda framed, at=changed: flipped(framed, at)
        )
        assert refused(forged) == "PADDING"


def test_content_padded_to_another_size_is_refused(partnership, insider, refused, requests):
    for resized in (lambda framed: framed + bytes(len(framed)), lambda framed: framed[:-1], lambda framed: b""):
        forged = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, padded=resized)
        assert refused(forged) == "PADDING"


def test_a_part_that_is_not_the_one_that_was_signed_for_is_refused(partnership, insider, refused, requests):
    record, other = partnership.request(), partnership.request(narrative="Another story.")
    parts, salts = encode_parts(record), (bytes(32), bytes(32))
    told = [
        Content(salts=salts, parts=encode_parts(other)),  # another story than the header commits to
        Content(salts=(bytes(32), b"\1" * 32), parts=parts),
        Content(salts=salts, parts=parts[::-1]),
        Content(salts=salts[:1], parts=parts[:1]),
        Content(salts=salts, parts=parts[:1]),
        Content(salts=salts[:1], parts=parts),
    ]
    for content in told:
        forged = insider("hub").seal(record, Kind.REQUEST, requests, salts=salts, content=content)
        assert refused(forged) == "PART_MISMATCH"


def test_a_part_that_nobody_signed_for_cannot_hide_behind_one_that_was(partnership, insider, refused, requests):
    record = partnership.request()
    parts, salts = encode_parts(record), (bytes(32), b"\1" * 32)
    only_first = (part_hash(0, salts[0], parts[0]),)
    for content in (Content(salts=salts[:1], parts=parts), Content(salts=salts, parts=parts[:1])):
        forged = insider("hub").seal(record, Kind.REQUEST, requests, content=content, hashes=only_first)
        assert refused(forged) == "PART_MISMATCH"


def test_content_spliced_into_another_request_is_refused(partnership, insider, refused, requests, answers):
    forged = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, request_id=REQUEST_ID)
    assert refused(forged) == "SPLICED"
    for other in (None, "01900000-0000-7000-8000-000000000002"):
        forged = insider("police").seal(an_answer(REQUEST_ID), Kind.ANSWER, answers, request_id=other)
        assert refused(forged, who="hub-screening", record=Answer) == "SPLICED"


def test_the_digest_of_what_is_answered_cannot_be_changed(partnership, insider, refused, answers):
    answer = insider("police").seal(an_answer(REQUEST_ID), Kind.ANSWER, answers, answers=b"\1" * 32)
    header = decode(Envelope, answer.value).header
    spliced = altered(answer, header=header.replace(b"\1" * 32, b"\2" * 32))
    assert refused(spliced, who="hub-screening", record=Answer) == "BAD_SIGNATURE"


def test_content_that_breaks_a_rule_is_refused_without_quoting_it(partnership, insider, verify, requests):
    record = partnership.request()
    parts = tuple(part.replace(b"An invented concern", b"\x07n invented concern") for part in encode_parts(record))
    assert parts != encode_parts(record)
    with pytest.raises(RejectedError) as raised:
        verify(insider("hub").seal(record, Kind.REQUEST, requests, parts=parts))
    assert raised.value.reason == "MALFORMED"
    assert "narrative" in str(raised.value)
    assert "concern" not in repr(raised.value)
    assert raised.value.__cause__ is None


def test_a_verified_message_has_no_content_in_its_repr(partnership, verify):
    verified = verify(partnership.seal_request().outgoing)
    for secret in ("Testerton", "invented", "C-000123", "9990000018"):
        assert secret not in repr(verified)
