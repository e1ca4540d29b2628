"""What verify refuses of what was sealed by a true member: replays, second stories, other readers, topics and roles."""

from __future__ import annotations

import pytest

from broker.exchange.envelope import derived_id, digest_of, sha256, wrap_info
from broker.ports import LogOffset, Message
from schemas.answer import Answer
from schemas.codec import decode, encode_parts
from schemas.exchange import Dispatch, Envelope
from schemas.summary import Summary
from schemas.topics import Family
from schemas.vocabulary import Kind, PrincipalRole, Status
from tests.exchange_world import a_dispatch, a_summary, altered, an_answer, header_of

REQUEST_ID = "01900000-0000-7000-8000-000000000001"


def test_a_sealed_request_opens_to_what_was_sealed(partnership, verify):
    record = partnership.request()
    sealed = partnership.seal_request(record)
    verified = verify(sealed.outgoing)
    assert verified.record == record
    assert (verified.digest, verified.sender.id) == (sealed.digest, "hub")
    assert verified.place == LogOffset(topic=sealed.outgoing.topic, partition=0, offset=0)


# ---------------------------------------------------------------- replay and equivocation


def test_the_same_message_at_the_same_place_goes_on(partnership, verify):
    sealed = partnership.seal_request()
    assert verify(sealed.outgoing).digest == verify(sealed.outgoing).digest


@pytest.mark.parametrize("place", [(0, 1), (1, 0)], ids=["another offset", "another partition"])
def test_a_replay_at_another_place_is_refused(partnership, verify, refused, place):
    sealed = partnership.seal_request()
    verify(sealed.outgoing)
    partition, offset = place
    elsewhere = LogOffset(topic=sealed.outgoing.topic, partition=partition, offset=offset)
    again = Message(place=elsewhere, key=sealed.outgoing.key, value=sealed.outgoing.value)
    assert refused(None, message=again) == "REPLAYED"


def test_a_replay_after_a_restart_is_refused(partnership, verify, refused):
    sealed = partnership.seal_request()
    verify(sealed.outgoing)
    partnership.journals.clear()  # another process over the same database
    assert refused(sealed.outgoing, offset=1) == "REPLAYED"


def test_two_requests_under_one_id_are_equivocation(partnership, verify, refused):
    record = partnership.request(request_id=REQUEST_ID)
    verify(partnership.seal_request(record).outgoing)
    assert refused(partnership.seal_request(record).outgoing, offset=1) == "EQUIVOCATION"


def test_a_second_answer_under_one_id_is_a_duplicate_and_the_first_stands(partnership, verify, refused, answers):
    seal = partnership.sealer("police").seal
    first = seal(partnership.letter(an_answer(REQUEST_ID), Kind.ANSWER, answers))
    second = seal(partnership.letter(an_answer(REQUEST_ID, status=Status.SUMMARY), Kind.ANSWER, answers))
    assert first.message_id == second.message_id
    verify(first.outgoing, who="hub-screening", record=Answer)
    assert refused(second.outgoing, who="hub-screening", record=Answer, offset=1) == "DUPLICATE_ANSWER"
    verify(first.outgoing, who="hub-screening", record=Answer)


def test_nobody_can_take_the_message_id_of_another_sender(partnership, verify, answers):
    # An answer's id can be computed by whoever has seen the request's digest: here health gets in first.
    guessed = derived_id(Kind.ANSWER, b"\x01" * 32, "police", 1)
    theirs = partnership.topic(Family.ANSWERS, "hub", "health")
    squatter = partnership.letter(an_answer(REQUEST_ID), Kind.ANSWER, theirs, message_id=guessed)
    true_one = partnership.letter(an_answer(REQUEST_ID), Kind.ANSWER, answers, message_id=guessed)
    verify(partnership.sealer("health").seal(squatter).outgoing, who="hub-screening", record=Answer)
    verify(partnership.sealer("police").seal(true_one).outgoing, who="hub-screening", record=Answer)


def test_what_is_refused_does_not_spoil_the_true_message(partnership, insider, verify, refused, requests):
    record = partnership.request(request_id=REQUEST_ID)
    sealed = partnership.seal_request(record)
    forged = insider("hub").seal(record, Kind.REQUEST, requests, padded=lambda framed: framed[:-1] + b"\1")
    assert header_of(forged).message_id == sealed.message_id
    assert refused(forged) == "PADDING"
    verify(sealed.outgoing, offset=1)


# ---------------------------------------------------------------- forwarding, topics, roles


def test_a_request_published_on_another_organisations_topic_is_refused(partnership, refused):
    topic = partnership.topic(Family.REQUESTS, "health")
    sealed = partnership.seal_request()
    forwarded = Message(
        place=LogOffset(topic=topic, partition=0, offset=0), key=sealed.outgoing.key, value=sealed.outgoing.value
    )
    assert refused(None, message=forwarded, who="health") == "WRONG_TOPIC"


def test_a_content_key_wrapped_for_another_reader_is_refused(partnership, refused):
    # Police opens its own request and wraps the key again, for health: only the hub could sign that.
    outgoing = partnership.seal_request().outgoing
    envelope = decode(Envelope, outgoing.value)
    info = wrap_info(envelope.header, envelope.ciphertext)
    content_key = partnership.openers["police"].open(envelope.wraps[0], info)
    wrap = partnership.crypto.wrap(partnership.openers["health"].public_key, content_key, info)
    rewrapped = altered(outgoing, wraps=(wrap,))
    assert refused(rewrapped, who="health") == "BAD_SIGNATURE"
    signed = partnership.signers["police"].sign(digest_of(envelope.header, envelope.ciphertext, (wrap,)))
    assert refused(altered(rewrapped, signature=signed), who="health") == "BAD_SIGNATURE"


def test_a_request_sealed_to_a_reader_too_many_is_refused(partnership, insider, refused, requests):
    two = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, readers=("police", "health"))
    assert refused(two) == "WRONG_RECIPIENT"
    assert refused(two, who="health") == "WRONG_RECIPIENT"


def test_a_request_sealed_to_somebody_else_is_refused(partnership, insider, refused, requests):
    other = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, readers=("health",))
    assert refused(other) == "WRONG_RECIPIENT"


def test_a_message_for_somebody_else_is_refused(partnership, refused):
    assert refused(partnership.seal_request().outgoing, who="health") == "WRONG_RECIPIENT"


def test_a_message_without_one_of_its_readers_is_refused(partnership, insider, refused):
    summaries = partnership.topic(Family.SUMMARIES, "hub")
    record = a_summary(partnership.request().common)
    one = insider("hub-screening").seal(record, Kind.SUMMARY, summaries, readers=("hub",))
    assert refused(one, who="hub", record=Summary) == "WRONG_RECIPIENT"
    other_order = insider("hub-screening").seal(record, Kind.SUMMARY, summaries, readers=("hub-screening", "hub"))
    assert refused(other_order, who="hub", record=Summary) == "WRONG_RECIPIENT"


def test_a_reader_twice_is_a_reader_too_many(partnership, insider, refused, requests):
    twice = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, readers=("police", "police"))
    assert refused(twice) == "WRONG_RECIPIENT"


def test_a_message_moved_to_another_topic_is_refused(partnership, insider, refused):
    elsewhere = partnership.topic(Family.DESK, "police")
    moved = insider("hub").seal(partnership.request(), Kind.REQUEST, elsewhere, readers=("police",))
    assert refused(moved) == "WRONG_TOPIC"


def test_a_holder_cannot_ask(partnership, insider, refused, requests):
    for name in ("health", "police", "hub-screening", "hub-audit"):
        assert refused(insider(name).seal(partnership.request(), Kind.REQUEST, requests)) == "WRONG_ROLE"


def test_only_a_holder_can_answer(partnership, insider, refused):
    for name in ("hub", "hub-screening", "hub-audit"):
        topic = partnership.topic(Family.ANSWERS, "hub", name)
        forged = insider(name).seal(an_answer(REQUEST_ID), Kind.ANSWER, topic)
        assert refused(forged, who="hub-screening", record=Answer) == "WRONG_ROLE"


def test_a_holder_cannot_write_on_another_holders_topic(insider, refused, answers):
    forged = insider("health").seal(an_answer(REQUEST_ID), Kind.ANSWER, answers, readers=("hub-screening",))
    assert refused(forged, who="hub-screening", record=Answer) == "WRONG_TOPIC"


def test_another_requesters_screening_cannot_write_summaries_for_us(partnership, insider, refused, amend):
    amend("police", roles=(PrincipalRole.HOLDER, PrincipalRole.REQUESTER))
    amend("hub-screening", acts_for="police")
    topic = partnership.topic(Family.SUMMARIES, "hub")
    forged = insider("hub-screening").seal(
        a_summary(partnership.request().common), Kind.SUMMARY, topic, readers=("hub", "hub-screening")
    )
    assert refused(forged, who="hub", record=Summary) == "WRONG_TOPIC"


def test_one_kind_is_not_taken_for_another(partnership, insider, verify, refused, requests, answers):
    request = partnership.seal_request().outgoing
    assert refused(request, record=Answer) == "WRONG_KIND"
    wrong_schema = insider("hub").seal(
        partnership.request(), Kind.REQUEST, requests, schema_digest=sha256(b"another contract")
    )
    assert refused(wrong_schema) == "WRONG_SCHEMA"
    # Signed as a request, but what is sealed in it is an answer.
    parts = encode_parts(an_answer(REQUEST_ID))
    assert refused(insider("hub").seal(partnership.request(), Kind.REQUEST, requests, parts=parts)) == "MALFORMED"


def test_a_dispatch_is_for_its_own_screening(partnership, verify, refused):
    topic = partnership.topic(Family.DISPATCHES, "hub")
    sealed = partnership.sealer("hub").seal(
        partnership.letter(a_dispatch(partnership.request().common), Kind.DISPATCH, topic)
    )
    verify(sealed.outgoing, who="hub-screening", record=Dispatch)
    assert refused(sealed.outgoing, who="police", record=Dispatch) == "WRONG_RECIPIENT"
