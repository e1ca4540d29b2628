"""Suite MASH1: Ed25519 (RFC 8032), HPKE (RFC 9180) with X-Wing, AES-256-GCM. No message can choose another.

Promise: what `verify` accepts was signed by the holder of that key alone; what `wrap` gives, only the holder
of that key opens, and only with the same `info`; what `decrypt` returns was encrypted under that key with
that `aad`.

X-Wing is draft-connolly-cfrg-xwing-kem: its public key is ML-KEM-768's (1184 bytes) and X25519's (32), its
private key one 32-byte seed. Both halves must be sound here, so that either alone keeps the secret.
"""

from __future__ import annotations

from typing import Final, final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite

from broker.errors import InvariantError, RejectedError
from broker.ports import Crypto

KEM_KEY_BYTES: Final = 1216
"""Length of a raw X-Wing public key: ML-KEM-768 encapsulation key, then X25519."""

_KEY_BYTES: Final = 32
_MLKEM_KEY_BYTES: Final = 1184
_MLKEM_VECTOR_BYTES: Final = 1152
_ZERO_NONCE: Final = bytes(12)

_P: Final = 2**255 - 19

# Points whose order divides 8. Under such a signing key one signature fits any message; such a KEM half makes
# a shared secret that everybody knows. Their other encodings are not canonical, and refused for that.
_ORDER_8_Y: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER_Y: Final = frozenset({0, 1, _P - 1, _ORDER_8_Y, _P - _ORDER_8_Y})
_SMALL_ORDER_U: Final = frozenset(
    {
        0,
        1,
        _P - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)


def hpke_suite() -> Suite:
    """Return the one HPKE suite of MASH1; `encrypt` and `decrypt` are RFC 9180's single-shot calls."""
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def is_safe_signing_key(public_key: bytes) -> bool:
    """Return whether an Ed25519 public key may enter the directory: 32 bytes, canonical, not of small order.

    Canonical (RFC 8032 5.1.3), so that one key has one name. A key that is no point on the curve passes: it
    verifies nothing, and no proof of possession fits it.
    """
    if len(public_key) != _KEY_BYTES:
        return False
    y = int.from_bytes(public_key, "little") % 2**255  # the top bit is the sign of x
    return y < _P and y not in _SMALL_ORDER_Y


def is_safe_kem_key(public_key: bytes) -> bool:
    """Return whether an X-Wing public key may be wrapped to: 1216 bytes, both halves sound and canonical."""
    if len(public_key) != KEM_KEY_BYTES:
        return False
    u = int.from_bytes(public_key[_MLKEM_KEY_BYTES:], "little")
    if u >= _P or u in _SMALL_ORDER_U or not any(public_key[:_MLKEM_VECTOR_BYTES]):
        return False
    try:
        MLKEM768PublicKey.from_public_bytes(public_key[:_MLKEM_KEY_BYTES])  # the modulus check of FIPS 203 7.2
    except ValueError:
        return False
    return True


@final
class Mash1Crypto(Crypto):
    """The suite over pyca/cryptography. Holds nothing, so threads may share it."""

    def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Return whether this Ed25519 signature fits; False for any malformed, small-order or foreign key."""
        if not is_safe_signing_key(public_key):
            return False
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def wrap(self, public_key: bytes, secret: bytes, info: bytes) -> bytes:
        """Return `enc` (1120 bytes) and ciphertext (16 more than `secret`): HPKE base mode, empty aad.

        `info` is that of RFC 9180 5.1: it enters the key schedule, so a wrap opens with no other.
        Raises: RejectedError `BAD_KEM_KEY`.
        """
        if not is_safe_kem_key(public_key):
            raise RejectedError("BAD_KEM_KEY")
        recipient = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public_key[:_MLKEM_KEY_BYTES]),
            X25519PublicKey.from_public_bytes(public_key[_MLKEM_KEY_BYTES:]),
        )
        return hpke_suite().encrypt(secret, recipient, info)

    def is_sound_signing_key(self, public_key: bytes) -> bool:
        """Say whether this Ed25519 public key is canonical and not of small order."""
        return is_safe_signing_key(public_key)

    def is_sound_kem_key(self, public_key: bytes) -> bool:
        """Say whether both halves of this X-Wing public key are sound and canonical."""
        return is_safe_kem_key(public_key)

    def encrypt(self, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Return AES-256-GCM ciphertext and tag under a zero nonce.

        GCM falls apart when one key meets one nonce twice: what the plaintexts have in common and the power
        to forge come out. A constant nonce is safe only because each envelope has a key of its own: the
        caller must draw `key` at random for this one call, and must never encrypt under a key that it was
        given.
        Raises: InvariantError when `key` is not 32 bytes.
        """
        if len(key) != _KEY_BYTES:
            raise InvariantError("an envelope key must have 32 bytes")
        return AESGCM(key).encrypt(_ZERO_NONCE, plaintext, aad)

    def decrypt(self, key: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        """Undo `encrypt`. Raises: RejectedError `CIPHERTEXT_ALTERED`, also for a key of another length."""
        if len(key) != _KEY_BYTES:  # the sender chose what it wrapped: AES-128 is not in the suite
            raise RejectedError("CIPHERTEXT_ALTERED")
        try:
            return AESGCM(key).decrypt(_ZERO_NONCE, ciphertext, aad)
        except InvalidTag:
            raise RejectedError("CIPHERTEXT_ALTERED") from None
