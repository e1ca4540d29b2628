"""The suite: which signatures, wraps and contents it accepts, and which it refuses."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from broker.adapters import crypto as door
from broker.adapters.crypto import suite
from broker.errors import InvariantError, RejectedError

SEED = bytes(range(32))
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
"""The order of the Ed25519 base point."""

Point = tuple[int, int]

SMALL_ORDER_KEYS = [
    (y + sign * 2**255).to_bytes(32, "little")
    for y in sorted({y + extra for y in suite._SMALL_ORDER_Y for extra in (0, P) if y + extra < 2**255})
    for sign in (0, 1)
]
"""Every encoding of every small-order point, also those a strict decoder would refuse."""

SMALL_ORDER_SHARES = [
    (u + top * 2**255).to_bytes(32, "little")
    for u in sorted({u + extra for u in suite._SMALL_ORDER_U for extra in (0, P) if u + extra < 2**255})
    for top in (0, 1)
]


@pytest.fixture
def crypto() -> door.Mash1Crypto:
    return door.Mash1Crypto()


@pytest.fixture
def signer() -> door.FileSigner:
    return door.FileSigner(SEED)


@pytest.fixture
def opener() -> door.FileOpener:
    return door.FileOpener(SEED)


# ---------------------------------------------------------------- signatures


def test_signature_of_the_holder_is_accepted(crypto: door.Mash1Crypto, signer: door.FileSigner) -> None:
    assert crypto.verify(signer.public_key, signer.sign(b"message"), b"message")


def test_signature_by_another_key_is_refused(crypto: door.Mash1Crypto, signer: door.FileSigner) -> None:
    other = door.FileSigner(bytes(32))
    assert not crypto.verify(signer.public_key, other.sign(b"message"), b"message")


@pytest.mark.parametrize("length", [0, 31, 33, 63, 65])
def test_malformed_key_or_signature_is_refused_not_raised(
    crypto: door.Mash1Crypto, signer: door.FileSigner, length: int
) -> None:
    assert not crypto.verify(bytes(length), signer.sign(b""), b"")
    assert not crypto.verify(signer.public_key, bytes(length), b"")


def test_key_that_is_no_point_on_the_curve_verifies_nothing(crypto: door.Mash1Crypto) -> None:
    off_the_curve = (2).to_bytes(32, "little")
    assert not crypto.verify(off_the_curve, (1).to_bytes(64, "little"), b"message")


def test_second_signature_made_from_the_first_is_refused(crypto: door.Mash1Crypto, signer: door.FileSigner) -> None:
    """Malleability: S + L satisfies the same equation; RFC 8032 5.1.7 refuses it."""
    signature = signer.sign(b"message")
    twin = signature[:32] + (int.from_bytes(signature[32:], "little") + L).to_bytes(32, "little")
    assert not crypto.verify(signer.public_key, twin, b"message")


def test_signature_that_fits_any_message_is_refused(crypto: door.Mash1Crypto) -> None:
    """Under the identity, R = identity and S = 0 fit any message, and the library says so: hence our list."""
    identity = (1).to_bytes(32, "little")
    forged = identity + bytes(32)
    for message in (b"one", b"another"):
        Ed25519PublicKey.from_public_bytes(identity).verify(forged, message)
        assert not crypto.verify(identity, forged, message)


@pytest.mark.parametrize("key", SMALL_ORDER_KEYS, ids=lambda key: key.hex()[:8] + key.hex()[-2:])
def test_small_order_signing_key_is_unsafe_in_every_encoding(key: bytes) -> None:
    assert not door.is_safe_signing_key(key)


def test_list_of_small_order_points_is_right_and_complete() -> None:
    """Eight times each point is the identity, and there are eight of them: the whole torsion group."""
    points = {_decode(y, odd) for y in suite._SMALL_ORDER_Y for odd in (0, 1)}
    assert len(points) == 8
    for point in points:
        double = _add(point, point)
        four = _add(double, double)
        assert _add(four, four) == (0, 1)


def test_second_name_of_a_sound_key_is_unsafe() -> None:
    """What is not reduced modulo p is refused, whichever point it names."""
    for y in range(P, 2**255):
        assert not door.is_safe_signing_key(y.to_bytes(32, "little"))


def test_ordinary_signing_key_is_safe(signer: door.FileSigner) -> None:
    assert door.is_safe_signing_key(signer.public_key)


# ---------------------------------------------------------------- wraps


def test_wrap_opens_for_its_recipient(crypto: door.Mash1Crypto, opener: door.FileOpener) -> None:
    wrap = crypto.wrap(opener.public_key, b"s" * 32, b"info")
    assert len(wrap) == 1120 + 32 + 16
    assert opener.open(wrap, b"info") == b"s" * 32


def test_wrap_for_another_recipient_does_not_open(crypto: door.Mash1Crypto, opener: door.FileOpener) -> None:
    """Forwarding: what was wrapped for one organisation is of no use to the next."""
    wrap = crypto.wrap(opener.public_key, b"s" * 32, b"info")
    with pytest.raises(RejectedError, match="WRAP_NOT_OURS"):
        door.FileOpener(bytes(32)).open(wrap, b"info")


def test_wrap_does_not_open_under_other_info(crypto: door.Mash1Crypto, opener: door.FileOpener) -> None:
    """Splicing: a wrap taken from one envelope does not fit another."""
    wrap = crypto.wrap(opener.public_key, b"s" * 32, b"info")
    with pytest.raises(RejectedError, match="WRAP_NOT_OURS"):
        opener.open(wrap, b"other")


@pytest.mark.parametrize("length", [0, 1, 32, 1088, 1119, 1120, 1135, 1136])
def test_short_wrap_is_refused(opener: door.FileOpener, length: int) -> None:
    with pytest.raises(RejectedError, match="WRAP_NOT_OURS"):
        opener.open(bytes(length), b"info")


def test_wrap_with_a_small_order_share_is_refused(crypto: door.Mash1Crypto, opener: door.FileOpener) -> None:
    wrap = crypto.wrap(opener.public_key, b"s" * 32, b"info")
    for share in SMALL_ORDER_SHARES:
        with pytest.raises(RejectedError, match="WRAP_NOT_OURS"):
            opener.open(wrap[:1088] + share + wrap[1120:], b"info")


def test_two_wraps_of_one_secret_differ(crypto: door.Mash1Crypto, opener: door.FileOpener) -> None:
    first, second = (crypto.wrap(opener.public_key, b"s" * 32, b"info") for _ in range(2))
    assert first[:1088] != second[:1088]
    assert first[1088:1120] != second[1088:1120]


@pytest.mark.parametrize("share", SMALL_ORDER_SHARES, ids=lambda share: share.hex()[:8] + share.hex()[-2:])
def test_kem_key_with_a_small_order_x25519_half_is_refused(
    crypto: door.Mash1Crypto, opener: door.FileOpener, share: bytes
) -> None:
    with pytest.raises(ValueError, match="shared key"):
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(share))
    with pytest.raises(RejectedError, match="BAD_KEM_KEY"):
        crypto.wrap(opener.public_key[:1184] + share, b"s" * 32, b"info")


def _break(key: bytes, kind: str) -> bytes:
    x25519 = int.from_bytes(key[1184:], "little")
    return {
        "empty": b"",
        "short": key[:-1],
        "long": key + b"\0",
        "mlkem half alone": key[:1184],
        "mlkem coefficient over the modulus": b"\xff" * 1184 + key[1184:],
        "mlkem vector zero": bytes(1152) + key[1152:],
        "x25519 top bit": key[:1184] + (x25519 + 2**255).to_bytes(32, "little"),
        "x25519 not reduced": key[:1184] + (P + 9).to_bytes(32, "little"),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "empty",
        "short",
        "long",
        "mlkem half alone",
        "mlkem coefficient over the modulus",
        "mlkem vector zero",
        "x25519 top bit",
        "x25519 not reduced",
    ],
)
def test_unsound_kem_key_is_refused(crypto: door.Mash1Crypto, opener: door.FileOpener, kind: str) -> None:
    key = _break(opener.public_key, kind)
    assert not door.is_safe_kem_key(key)
    with pytest.raises(RejectedError, match="BAD_KEM_KEY"):
        crypto.wrap(key, b"s" * 32, b"info")


def test_ordinary_kem_key_is_safe(opener: door.FileOpener) -> None:
    assert door.is_safe_kem_key(opener.public_key)
    assert len(opener.public_key) == door.KEM_KEY_BYTES


# ---------------------------------------------------------------- contents


def test_content_decrypts_only_with_its_key_and_aad(crypto: door.Mash1Crypto) -> None:
    ciphertext = crypto.encrypt(SEED, b"content", b"header")
    assert crypto.decrypt(SEED, ciphertext, b"header") == b"content"
    for key, data, aad in (
        (bytes(32), ciphertext, b"header"),
        (SEED, ciphertext, b"other"),
        (SEED, b"", b""),
    ):
        with pytest.raises(RejectedError, match="CIPHERTEXT_ALTERED"):
            crypto.decrypt(key, data, aad)


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33])
def test_key_of_another_length_is_never_used(crypto: door.Mash1Crypto, length: int) -> None:
    """Downgrade: a sender who wraps 16 bytes does not get AES-128."""
    with pytest.raises(RejectedError, match="CIPHERTEXT_ALTERED"):
        crypto.decrypt(bytes(length), bytes(32), b"")
    with pytest.raises(InvariantError):
        crypto.encrypt(bytes(length), b"content", b"")


# ---------------------------------------------------------------- edwards25519, plainly (RFC 8032 5.1)


def _decode(y: int, odd: int) -> Point:
    square = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square
    return (P - x if x % 2 != odd and x else x), y


def _add(first: Point, second: Point) -> Point:
    (x1, y1), (x2, y2) = first, second
    k = _D * x1 * x2 * y1 * y2 % P
    x3 = (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P
    return x3, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


_D = -121665 * pow(121666, -1, P) % P
