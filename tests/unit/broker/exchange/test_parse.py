"""Parse: what cannot be one strict envelope of our suite and contract never gets near a key."""

from __future__ import annotations

import pytest

from broker.errors import RejectedError
from broker.exchange.envelope import envelope_digest, sha256
from broker.exchange.parse import parse
from broker.ports import MAX_VALUE_BYTES, LogOffset, Message
from schemas.codec import decode, encode
from schemas.exchange import Envelope, Header
from schemas.vocabulary import Kind, ReservedKind
from tests.exchange_world import altered

PLACE = LogOffset(topic="t", partition=0, offset=0)


def reason(value: bytes) -> str:
    with pytest.raises(RejectedError) as raised:
        parse(Message(place=PLACE, key=b"k", value=value))
    return raised.value.reason


def test_a_sealed_message_parses_to_its_header_and_digest(partnership):
    sealed = partnership.seal_request()
    unverified = parse(partnership.placed(sealed.outgoing))
    assert unverified.digest == sealed.digest == envelope_digest(unverified.envelope)
    assert (unverified.header.sender, unverified.kind) == ("hub", Kind.REQUEST)


@pytest.mark.parametrize("kind", ReservedKind)
def test_a_kind_that_has_no_record_yet_is_not_in_use(partnership, kind):
    """The word can come with a later release: until then nobody guesses what it holds."""
    assert reason(_of_kind(partnership, kind)) == "NOT_IN_USE"


@pytest.mark.parametrize("kind", ["GOSSIP", "REQUESTS", "X", "A" * 64])
def test_a_kind_that_no_table_has_is_unknown(partnership, kind):
    assert reason(_of_kind(partnership, kind)) == "UNKNOWN_KIND"


@pytest.mark.parametrize("kind", ["request", "", "RE QUEST", "A" * 65])
def test_a_kind_that_is_no_code_is_malformed(partnership, kind):
    outgoing = partnership.seal_request().outgoing
    spelt = decode(Envelope, outgoing.value).header.replace(b"\x0eREQUEST", bytes([2 * len(kind)]) + kind.encode())
    assert reason(altered(outgoing, header=spelt).value) == "MALFORMED"


def _of_kind(partnership, kind: str) -> bytes:
    outgoing = partnership.seal_request().outgoing
    header = decode(Header, decode(Envelope, outgoing.value).header)
    return altered(outgoing, header=encode(header.model_copy(update={"kind": kind}))).value


def test_a_value_is_read_up_to_the_limit_and_not_beyond(partnership):
    assert reason(bytes(MAX_VALUE_BYTES)) == "MALFORMED"
    assert reason(bytes(MAX_VALUE_BYTES + 1)) == "TOO_LARGE"


@pytest.mark.parametrize("value", [b"", b"\0", b"\xff" * 64, b"not avro", bytes(5000)])
def test_noise_is_malformed(value):
    assert reason(value) == "MALFORMED"


def test_bytes_after_the_envelope_or_the_header_are_malformed(partnership):
    outgoing = partnership.seal_request().outgoing
    assert reason(outgoing.value + b"\0") == "MALFORMED"
    header = decode(Envelope, outgoing.value).header
    assert reason(altered(outgoing, header=header + b"\0").value) == "MALFORMED"


def test_an_envelope_cut_short_anywhere_is_malformed(partnership):
    value = partnership.seal_request().outgoing.value
    for length in (*range(0, 700, 7), len(value) - 65, len(value) - 1):
        assert reason(value[:length]) == "MALFORMED"


def test_a_length_spelt_in_more_bytes_than_it_needs_is_malformed(partnership):
    # Two spellings of one envelope would be two digests of one message.
    value = partnership.seal_request().outgoing.value
    assert value[0] & 0x80
    assert value[1] < 0x80
    longer = bytes([value[0], value[1] | 0x80, 0]) + value[2:]
    assert reason(longer) == "MALFORMED"


def test_another_suite_is_named_as_such(partnership, insider, requests):
    forged = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, suite="MASH2")
    assert reason(forged.value) == "WRONG_SUITE"


def test_a_contract_that_is_not_released_here_is_refused(partnership, insider, requests):
    forged = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, schema_digest=sha256(b"v2"))
    assert reason(forged.value) == "WRONG_SCHEMA"


def test_a_reader_without_a_wrap_and_a_wrap_without_a_reader_are_malformed(partnership):
    outgoing = partnership.seal_request().outgoing
    wraps = decode(Envelope, outgoing.value).wraps
    assert reason(altered(outgoing, wraps=wraps * 2).value) == "MALFORMED"


def test_what_is_wrong_is_said_without_quoting_it(partnership):
    value = partnership.seal_request().outgoing.value
    with pytest.raises(RejectedError) as raised:
        parse(Message(place=PLACE, key=b"k", value=value.replace(b"northants", b"CANARY!!!")))
    assert "CANARY" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_an_unverified_message_shows_no_content_in_its_repr(partnership):
    unverified = parse(partnership.placed(partnership.seal_request().outgoing))
    assert "ciphertext" not in repr(unverified)
