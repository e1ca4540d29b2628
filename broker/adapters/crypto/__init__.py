"""The one door to `cryptography`: suite MASH1, private keys in files, randomness, and a proof that they work.

Nobody else imports `cryptography`, and nobody needs to know what is behind `broker.ports.Crypto`, `Signer`,
`Opener` and `RestKey`. Call `self_test()` before the first message.
"""

from __future__ import annotations

from broker.errors import UsageError

try:
    from broker.adapters.crypto.keyfile import random_bytes
    from broker.adapters.crypto.keys import FileOpener, FileRestKey, FileSigner
    from broker.adapters.crypto.selftest import self_test
    from broker.adapters.crypto.suite import KEM_KEY_BYTES, Mash1Crypto, is_safe_kem_key, is_safe_signing_key
except ImportError as error:  # an older `cryptography` has no HPKE; `self_test` cannot even be imported then
    raise UsageError(f"install `cryptography` 48 or newer: {error.name} cannot be imported") from None

__all__ = [
    "KEM_KEY_BYTES",
    "FileOpener",
    "FileRestKey",
    "FileSigner",
    "Mash1Crypto",
    "is_safe_kem_key",
    "is_safe_signing_key",
    "random_bytes",
    "self_test",
]
