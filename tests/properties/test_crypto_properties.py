"""What holds for every message: it comes back, and one flipped bit anywhere is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.adapters.crypto import FileOpener, FileRestKey, FileSigner, Mash1Crypto, random_bytes
from broker.errors import RejectedError

CRYPTO = Mash1Crypto()
OPENER, STRANGER = FileOpener(bytes(range(32))), FileOpener(bytes(range(1, 33)))
SIGNER = FileSigner(bytes(range(32)))

seeds = st.binary(min_size=32, max_size=32)
texts = st.binary(max_size=200)
some_bytes = st.binary(min_size=1, max_size=200)
bits = st.integers(min_value=0)

few = settings(max_examples=40, deadline=None)


def flip(data: bytes, bit: int) -> bytes:
    at = bit % (len(data) * 8)
    return data[: at // 8] + bytes([data[at // 8] ^ (1 << at % 8)]) + data[at // 8 + 1 :]


def refused(reason: str, step: Callable[[], bytes]) -> None:
    with pytest.raises(RejectedError) as caught:
        step()
    assert caught.value.reason == reason


@few
@given(seed=seeds, secret=texts, info=texts)
def test_every_wrap_opens_for_its_recipient(seed: bytes, secret: bytes, info: bytes) -> None:
    opener = FileOpener(seed)
    assert opener.open(CRYPTO.wrap(opener.public_key, secret, info), info) == secret


@few
@given(secret=texts, info=texts)
def test_no_wrap_opens_for_a_stranger(secret: bytes, info: bytes) -> None:
    wrap = CRYPTO.wrap(OPENER.public_key, secret, info)
    refused("WRAP_NOT_OURS", lambda: STRANGER.open(wrap, info))


@settings(max_examples=120, deadline=None)
@given(secret=texts, info=some_bytes, bit=bits)
def test_a_flipped_bit_in_wrap_or_info_is_refused(secret: bytes, info: bytes, bit: int) -> None:
    wrap = CRYPTO.wrap(OPENER.public_key, secret, info)
    refused("WRAP_NOT_OURS", lambda: OPENER.open(flip(wrap, bit), info))
    refused("WRAP_NOT_OURS", lambda: OPENER.open(wrap, flip(info, bit)))


@pytest.mark.parametrize("byte", [0, 1087, 1088, 1119, 1120, 1151, 1152, 1167])
@pytest.mark.parametrize("bit", [0, 7])
def test_a_flipped_bit_at_each_seam_of_a_wrap_is_refused(byte: int, bit: int) -> None:
    """Among them the top bit of the X25519 share, which X25519 itself ignores."""
    wrap = CRYPTO.wrap(OPENER.public_key, bytes(32), b"info")
    refused("WRAP_NOT_OURS", lambda: OPENER.open(flip(wrap, byte * 8 + bit), b"info"))


@few
@given(plaintext=texts, aad=some_bytes, bit=bits)
def test_content_comes_back_and_a_flipped_bit_is_refused(plaintext: bytes, aad: bytes, bit: int) -> None:
    key = random_bytes(32)
    ciphertext = CRYPTO.encrypt(key, plaintext, aad)
    assert CRYPTO.decrypt(key, ciphertext, aad) == plaintext
    refused("CIPHERTEXT_ALTERED", lambda: CRYPTO.decrypt(key, flip(ciphertext, bit), aad))
    refused("CIPHERTEXT_ALTERED", lambda: CRYPTO.decrypt(key, ciphertext, flip(aad, bit)))
    refused("CIPHERTEXT_ALTERED", lambda: CRYPTO.decrypt(flip(key, bit), ciphertext, aad))


@few
@given(message=some_bytes, bit=bits)
def test_signature_fits_and_a_flipped_bit_is_refused(message: bytes, bit: int) -> None:
    signature = SIGNER.sign(message)
    assert CRYPTO.verify(SIGNER.public_key, signature, message)
    assert not CRYPTO.verify(SIGNER.public_key, flip(signature, bit), message)
    assert not CRYPTO.verify(SIGNER.public_key, signature, flip(message, bit))
    assert not CRYPTO.verify(flip(SIGNER.public_key, bit), signature, message)


@few
@given(key=texts, signature=texts, message=texts)
def test_verify_never_raises(key: bytes, signature: bytes, message: bytes) -> None:
    assert not CRYPTO.verify(key, signature, message)


@few
@given(plaintext=texts, context=some_bytes, bit=bits)
def test_kept_row_comes_back_and_a_flipped_bit_is_refused(plaintext: bytes, context: bytes, bit: int) -> None:
    rest = FileRestKey(bytes(range(32)))
    kept = rest.encrypt(plaintext, context=context)
    assert rest.decrypt(kept, context=context) == plaintext
    refused("REST_ALTERED", lambda: rest.decrypt(flip(kept, bit), context=context))
    refused("REST_ALTERED", lambda: rest.decrypt(kept, context=flip(context, bit)))
