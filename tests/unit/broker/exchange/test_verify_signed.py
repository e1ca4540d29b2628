"""What verify refuses for who signed it, under which directory, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broker.adapters.crypto import FileOpener, FileSigner, random_bytes
from broker.errors import RejectedError
from broker.exchange.envelope import sha256
from broker.exchange.possession import own_signing_key
from broker.ports import Outgoing
from schemas.codec import decode
from schemas.directory import SuiteWindow
from schemas.exchange import Envelope
from schemas.vocabulary import Kind, PrincipalRole, PrincipalState
from tests.exchange_world import altered, header_of

# ---------------------------------------------------------------- who signed


def test_a_principal_that_does_not_take_part_is_not_heard(partnership, refused, amend):
    sealed = partnership.seal_request()
    for state in set(PrincipalState) - {PrincipalState.LIVE, PrincipalState.MANUAL}:
        amend("hub", state=state)
        assert refused(sealed.outgoing) == "NOT_TAKING_PART"


def test_a_stranger_is_not_heard(partnership, insider, refused, requests):
    forged = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, sender="hub-two")
    assert refused(forged) == "UNKNOWN_SENDER"


def test_a_key_that_the_directory_does_not_name_is_refused(partnership, insider, refused, requests):
    stranger = FileSigner(random_bytes(32))
    forged = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, signer=stranger)
    assert refused(forged) == "UNKNOWN_KEY"
    claimed = {"signing_key_id": partnership.signers["hub"].key_id}
    forged = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, signer=stranger, **claimed)
    assert refused(forged) == "BAD_SIGNATURE"


def test_another_principals_key_does_not_sign_for_this_one(partnership, insider, refused, requests):
    forged = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, signer=partnership.signers["police"])
    assert refused(forged) == "UNKNOWN_KEY"


class NeutralKey:
    """Signs without knowing anything: under the neutral element as a key, R = 0, S = 0 fits every message."""

    public_key = bytes([1]) + bytes(31)
    key_id = sha256(public_key).hex()[:32]

    def sign(self, _message: bytes) -> bytes:
        return bytes([1]) + bytes(63)


def test_a_small_order_key_comes_into_no_directory_and_signs_nothing(partnership, amend):
    with pytest.raises(RejectedError, match="DIRECTORY_KEYS"):
        amend("hub", signing_keys=(own_signing_key(NeutralKey(), partnership="northants", principal="hub"),))
    assert not partnership.crypto.verify(NeutralKey.public_key, NeutralKey().sign(bytes(32)), bytes(32))


def test_every_role_of_a_sender_counts_and_no_other(partnership, insider, verify, refused, requests, amend):
    forged = insider("police").seal(partnership.request(), Kind.REQUEST, requests)
    assert refused(forged) == "WRONG_ROLE"
    amend("police", roles=(PrincipalRole.HOLDER, PrincipalRole.REQUESTER))
    assert verify(insider("police").seal(partnership.request(), Kind.REQUEST, requests)).sender.id == "police"


def test_a_signature_cannot_be_written_another_way(partnership, refused):
    order = 2**252 + 27742317777372353535851937790883648493
    outgoing = partnership.seal_request().outgoing
    signature = decode(Envelope, outgoing.value).signature
    other_s = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    assert refused(altered(outgoing, signature=signature[:32] + other_s)) == "BAD_SIGNATURE"


def test_test_traffic_does_not_pass_for_production(partnership, insider, refused, requests):
    assert refused(
        insider("hub").seal(partnership.request(), Kind.REQUEST, requests, partnership="northants-test")
    ) == ("WRONG_PARTNERSHIP")


def test_another_suite_is_refused(partnership, insider, refused, requests):
    assert refused(insider("hub").seal(partnership.request(), Kind.REQUEST, requests, suite="MASH0")) == "WRONG_SUITE"


def test_a_suite_is_refused_from_the_day_on_which_the_directory_retires_it(partnership, verify, refused):
    end = partnership.now + timedelta(days=1)
    window = SuiteWindow(name="MASH1", accepted_from=partnership.now, accepted_until=end)
    partnership.trusted = partnership.trust(partnership.signed(partnership.directory(suites=(window,))))
    sealed = partnership.seal_request()
    verify(sealed.outgoing, now=end - timedelta(milliseconds=1))
    assert refused(sealed.outgoing, now=end) == "WRONG_SUITE"


# ---------------------------------------------------------------- directory, time, keys


def test_a_directory_version_that_nobody_knows_is_refused(partnership, insider, refused, requests):
    for changes in ({"directory_version": 2}, {"directory_digest": sha256(b"another content")}):
        forged = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, **changes)
        assert refused(forged) == "UNKNOWN_DIRECTORY"


def test_a_message_from_the_future_is_refused(partnership, verify, refused):
    sealed = partnership.seal_request()
    verify(sealed.outgoing, now=partnership.now - timedelta(seconds=120))
    assert refused(sealed.outgoing, now=partnership.now - timedelta(seconds=120, milliseconds=1)) == "FROM_THE_FUTURE"


def test_a_message_expires_at_the_very_moment_it_says(partnership, verify, refused):
    sealed = partnership.seal_request()
    expires = header_of(sealed.outgoing).expires_at
    verify(sealed.outgoing, now=expires - timedelta(milliseconds=1))
    assert refused(sealed.outgoing, now=expires) == "EXPIRED"


def test_a_message_is_issued_in_the_time_of_its_signing_key(partnership, verify, refused, amend):
    """Attack: a key that was retired, and stolen since, signs with today's date; a next key signs before its time."""
    key, moment = partnership.principal("hub").signing_keys[0], timedelta(milliseconds=1)

    def valid(**window):
        amend("hub", signing_keys=(key.model_copy(update=window),))
        return partnership.seal_request().outgoing

    now, ahead = partnership.now, timedelta(seconds=120)
    verify(valid(valid_from=now + ahead, valid_until=now + timedelta(days=1)))
    assert refused(valid(valid_from=now + ahead + moment)) == "WRONG_KEY_TIME"
    verify(valid(valid_until=now + moment))
    assert refused(valid(valid_until=now)) == "WRONG_KEY_TIME"


def test_what_is_verified_a_day_after_the_directory_expired_is_marked(partnership, verify):
    """Attack: whoever freezes a reader's folder keeps a key alive there that was taken away since."""
    sealed = partnership.seal_request()
    late = partnership.trusted.directory.expires_at + timedelta(days=1)
    assert not verify(sealed.outgoing, now=late - timedelta(milliseconds=1)).directory_expired
    assert verify(sealed.outgoing, now=late).directory_expired


@pytest.mark.parametrize("days", [1, 13, 15, 36500])
def test_a_message_with_a_lifetime_of_its_own_is_refused(partnership, insider, refused, requests, days):
    # Longer, it would outlive the journals; shorter, it would show the RAG to whoever runs the log.
    expires = partnership.now + timedelta(days=days)
    forged = insider("hub").seal(partnership.request(), Kind.REQUEST, requests, expires_at=expires)
    assert refused(forged) == "WRONG_LIFETIME"


def test_another_message_key_is_refused(partnership, refused):
    outgoing = partnership.seal_request().outgoing
    moved = Outgoing(topic=outgoing.topic, key=b"another key, another partition", value=outgoing.value)
    assert refused(moved) == "WRONG_MESSAGE_KEY"


def test_what_was_sealed_to_a_destroyed_epoch_cannot_be_opened(partnership, refused):
    sealed = partnership.seal_request()
    listed = partnership.openers["police"]
    # The key ring holds this week's key only; the directory still lists the one before it.
    partnership.openers["police"] = FileOpener(random_bytes(32))
    assert refused(sealed.outgoing) == "KEY_DESTROYED"
    partnership.openers["police"] = listed
