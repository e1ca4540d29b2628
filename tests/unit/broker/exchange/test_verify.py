"""What verify refuses, line by line of "What each part stops"."""

from __future__ import annotations

from broker.exchange.parse import parse
from schemas.request import InformationRequest


def test_a_sealed_request_opens_to_what_was_sealed(partnership):
    record = partnership.request()
    sealed = partnership.seal_request(record)
    message = partnership.placed(sealed.outgoing)
    verified = partnership.verifier("police").verify(parse(message), record=InformationRequest, now=partnership.now)
    assert verified.record == record
    assert verified.digest == sealed.digest
