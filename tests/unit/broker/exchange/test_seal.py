"""Seal: to the readers of the topic table and nobody else, in one size, with nothing to be seen from outside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broker.errors import InvariantError, RejectedError
from broker.exchange.envelope import part_hash, sha256
from broker.exchange.worker import Delivery
from broker.holder.desk import open_unreadable
from schemas.answer import Answer
from schemas.codec import decode
from schemas.exchange import DeskItem, Envelope
from schemas.request import InformationRequest
from schemas.topics import Family
from schemas.vocabulary import Kind, PrincipalState, Status
from tests.exchange_world import an_answer, header_of

REQUEST_ID = "01900000-0000-7000-8000-000000000001"


@pytest.fixture
def seal_answer(partnership, answers):
    def seal(record: Answer):
        return partnership.sealer("police").seal(partnership.letter(record, Kind.ANSWER, answers))

    return seal


def test_it_is_sealed_to_the_readers_of_the_topic_table_in_order(partnership, insider):
    audit = partnership.topic(Family.AUDIT)
    sealed = partnership.seal_request()
    assert sealed.readers == ("police",)
    assert header_of(sealed.outgoing).recipients == (sha256(partnership.openers["police"].public_key),)
    assert partnership.trusted.readers(Kind.AUDIT_EVENT, sender="police", topic=audit) == ("hub-audit", "police")


def test_only_its_readers_open_it(partnership, verify, refused):
    sealed = partnership.seal_request()
    assert isinstance(verify(sealed.outgoing).record, InformationRequest)
    for name in ("health", "hub", "hub-screening", "hub-audit"):
        assert refused(sealed.outgoing, who=name) == "WRONG_RECIPIENT"


def test_sealing_twice_gives_the_same_id_and_nothing_else_in_common(partnership):
    record = partnership.request(request_id=REQUEST_ID)
    one, two = (decode(Envelope, partnership.seal_request(record).outgoing.value) for _ in range(2))
    assert one.ciphertext != two.ciphertext
    assert one.wraps != two.wraps
    headers = [header_of(partnership.seal_request(record).outgoing) for _ in range(2)]
    assert headers[0].message_id == headers[1].message_id
    assert not set(headers[0].parts) & set(headers[1].parts)  # a fresh salt each: equal parts do not look equal


@pytest.mark.parametrize("status", list(Status))
def test_every_outcome_has_the_same_size(seal_answer, status):
    nothing = seal_answer(an_answer(REQUEST_ID, status=Status.NO_TRACE))
    something = seal_answer(an_answer(REQUEST_ID, status=status, gaps="An invented account. " * 500))
    assert len(something.outgoing.value) - len(nothing.outgoing.value) == 0


def test_a_request_has_one_size_whoever_it_is_about(partnership):
    sizes = {
        len(partnership.seal_request(partnership.request(narrative="x" * size)).outgoing.value)
        for size in (1, 100, 3000)
    }
    assert len(sizes) == 1


def test_every_kind_expires_alike(partnership, seal_answer):
    for sealed in (partnership.seal_request(), seal_answer(an_answer(REQUEST_ID))):
        header = header_of(sealed.outgoing)
        assert header.expires_at - header.issued_at == timedelta(days=14)


def test_nothing_of_a_person_or_a_case_can_be_seen_from_outside(partnership):
    outgoing = partnership.seal_request().outgoing
    seen = outgoing.value + outgoing.key + outgoing.topic.encode() + repr(partnership.seal_request()).encode()
    for secret in (b"Testerton", b"Robin", b"2015", b"9990000018", b"C-000123", b"invented", b"mm-01"):
        assert secret not in seen


def test_two_organisations_can_see_that_they_were_told_the_same(partnership):
    record = partnership.request(request_id=REQUEST_ID)
    first = partnership.seal_request(record)
    told = {"salts": (first.salts[0], None)}
    same = partnership.seal_request(record, **told)
    assert header_of(same.outgoing).parts[0] == header_of(first.outgoing).parts[0]
    assert header_of(same.outgoing).parts[1] != header_of(first.outgoing).parts[1]
    other = partnership.seal_request(partnership.request(request_id=REQUEST_ID, rating="AMBER"), **told)
    assert header_of(other.outgoing).parts[0] != header_of(first.outgoing).parts[0]


def test_whoever_holds_one_part_can_prove_it_without_the_other(partnership):
    sealed = partnership.seal_request()
    hashes = tuple(part_hash(index, *one) for index, one in enumerate(zip(sealed.salts, sealed.parts, strict=True)))
    assert header_of(sealed.outgoing).parts == hashes


def test_salts_that_are_too_few_are_not_made_up(partnership):
    with pytest.raises(ValueError, match="zip"):
        partnership.seal_request(salts=(bytes(32),))


def test_nobody_seals_onto_another_senders_topic(partnership, answers):
    letter = partnership.letter(an_answer(REQUEST_ID), Kind.ANSWER, answers)
    with pytest.raises(RejectedError, match="WRONG_TOPIC"):
        partnership.sealer("health").seal(letter)


def test_nothing_is_sealed_to_a_reader_that_does_not_take_part(partnership, seal_answer, amend):
    amend("hub-screening", state=PrincipalState.SUSPENDED)
    with pytest.raises(RejectedError, match="NOT_TAKING_PART"):
        seal_answer(an_answer(REQUEST_ID))


def test_nothing_is_sealed_to_a_key_whose_owner_can_no_longer_open_it(partnership):
    with pytest.raises(InvariantError, match="epoch"):
        partnership.seal_request(issued_at=partnership.now + timedelta(days=27))


def test_a_message_about_no_request_is_keyed_by_its_own_id(partnership, verify):
    lost = partnership.placed(partnership.seal_request().outgoing)
    delivery = Delivery(stream="work.0", sequence=1, attempts=2, now=partnership.now)
    item = open_unreadable(lost, item_id=REQUEST_ID, detail="POISON", delivery=delivery)
    letter = partnership.letter(item, Kind.DESK_ITEM, partnership.topic(Family.DESK, "police"))
    sealed = partnership.sealer("police").seal(letter)
    assert sealed.outgoing.key == letter.message_id.encode()
    assert verify(sealed.outgoing, record=DeskItem).record == item


def test_what_is_sealed_has_no_repr(partnership):
    letter = partnership.letter(partnership.request(), Kind.REQUEST, partnership.topic(Family.REQUESTS, "police"))
    assert "Testerton" not in repr(letter)
    assert "Testerton" not in repr(partnership.sealer("hub").seal(letter))
