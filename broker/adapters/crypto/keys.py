"""The three private keys of a principal, each from a file, each behind its port.

Promise: key bytes go in and never come out: not through a method, not in a repr, not by pickling. An HSM can
take the place of what stands here without anybody noticing.
"""

from __future__ import annotations

from hashlib import sha256, shake_256
from pathlib import Path
from typing import Self, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from broker.adapters.crypto import keyfile
from broker.adapters.crypto.suite import hpke_suite
from broker.errors import InvariantError, RejectedError
from broker.ports import Opener, RestKey, Signer

_KEY_ID_DIGITS = 32
_MLKEM_SEED_BYTES = 64
_XWING_EXPANDED_BYTES = 96
_NONCE_BYTES = 12


class _FileKey:
    """The common part of the three keys: made in a file, read from a file, and never shown."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32 private bytes. Raises: InvariantError for any other length."""
        if len(seed) != keyfile.SEED_BYTES:
            raise InvariantError("a private key must have 32 bytes")

    @classmethod
    def generate(cls, path: Path) -> Self:
        """Make a new key in a new file (mode 0600, fsynced). Raises: UsageError when the file exists."""
        keyfile.create(path)
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key. Raises: UsageError naming a file that is missing, of wrong length or open to others."""
        return cls(keyfile.read(path))

    def __reduce__(self) -> str | tuple[object, ...]:
        raise InvariantError("a private key does not leave its process")


@final
class FileSigner(_FileKey, Signer):
    """An Ed25519 signing key (RFC 8032) from its 32-byte seed."""

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._public_key = self._key.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"FileSigner(key_id={self.key_id})"

    @property
    def key_id(self) -> str:
        """First 32 hex digits of SHA-256 of the public key."""
        return sha256(self._public_key).hexdigest()[:_KEY_ID_DIGITS]

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`; the same message gives the same bytes."""
        return self._key.sign(message)


@final
class FileOpener(_FileKey, Opener):
    """An X-Wing private key from its 32-byte seed (draft-connolly-cfrg-xwing-kem, key generation).

    SHAKE256 stretches the seed to 96 bytes: ML-KEM-768's d and z (FIPS 203), then the X25519 scalar.
    """

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed)
        expanded = shake_256(seed).digest(_XWING_EXPANDED_BYTES)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:])
        self._key = MLKEM768X25519PrivateKey(mlkem, x25519)
        self._public_key = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"FileOpener(key_hash={sha256(self._public_key).hexdigest()})"

    @property
    def public_key(self) -> bytes:
        """The raw X-Wing public key, 1216 bytes."""
        return self._public_key

    def open(self, wrap: bytes, info: bytes) -> bytes:
        """Return what was wrapped to this key with this `info`. Raises: RejectedError `WRAP_NOT_OURS`."""
        try:
            return hpke_suite().decrypt(wrap, self._key, info)
        except (InvalidTag, ValueError):
            # One word for every cause: a sender learns nothing from how an opening failed.
            raise RejectedError("WRAP_NOT_OURS") from None


@final
class FileRestKey(_FileKey, RestKey):
    """AES-256-GCM with a random 96-bit nonce each time.

    Renew the key long before 2**32 calls, where two nonces might meet (NIST SP 800-38D 8.3).
    """

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed)
        self._key = AESGCM(seed)

    def __repr__(self) -> str:
        return "FileRestKey()"

    def encrypt(self, plaintext: bytes, *, context: bytes) -> bytes:
        """Return nonce (12 bytes), ciphertext and tag (16), bound to `context` (which row this is)."""
        nonce = keyfile.random_bytes(_NONCE_BYTES)
        return nonce + self._key.encrypt(nonce, plaintext, context)

    def decrypt(self, ciphertext: bytes, *, context: bytes) -> bytes:
        """Return the plaintext. Raises: RejectedError `REST_ALTERED` (other bytes, row or key)."""
        try:
            return self._key.decrypt(ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise RejectedError("REST_ALTERED") from None
