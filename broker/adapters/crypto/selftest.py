"""Proof at process start that this build of `cryptography` and its OpenSSL does what suite MASH1 needs.

Promise: when `self_test` returns, fixed answers came out right (Ed25519: RFC 8032 7.1; AES-256-GCM: test case
14 of McGrew and Viega; X-Wing HPKE: a wrap that the independent computation of the vector tests opens too), a
round trip worked, and altered bytes were refused. A round trip alone proves little: a build that is wrong
both ways agrees with itself.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InternalError, UnsupportedAlgorithm

from broker.adapters.crypto.keyfile import SEED_BYTES, random_bytes
from broker.adapters.crypto.keys import FileOpener, FileSigner
from broker.adapters.crypto.suite import Mash1Crypto
from broker.errors import InvariantError, MashError, RejectedError, UsageError

NEEDS: Final = "install `cryptography` 48 or newer, built with an OpenSSL that has ML-KEM"

_SEED: Final = bytes(range(SEED_BYTES))
_INFO: Final = b"mash1/self-test"
_SECRET: Final = b"mash1 self-test, 32 bytes of it."
_WRAP: Final = b64decode(
    "KhhRDiPI9zVbmpp+eNCVXqkpGu1qx4NgsukFzuQMMv8gSE0s6YElXgBCTgWNTa+xfR0qh4KxWYlbAHtPg3BNKKzmlMMKfemELIGX"
    "hV3yIamQ3AH77hy6KSm6zG5LMJget+tcTfsC28l/dnfIQWHSL1mE70FeR/vDj+f+ClEN8oH4roMNfHU+0BWt3rw54JT2Ct6NZF36"
    "9PZdmMXla0jxhXo17EUUmK1E8dUZ2VZO4420mLLfpFytYq0SQUW9wk7TTykjtUwHavXXZLR0ET1FtMRTfrg5M/S9a5vt1CGCzcrO"
    "Rnx2WiZBR/8DlXgwtHas5viS4rQtk7JHdvsSP9fB7M8ZFoNbC3nKiqBz/yaX9n1RMYDhIaX3bXhiGlsHjDRi7k5FwThVN8FJwj5a"
    "BqJ/S6E12pxI923KQHmrJnR5wO/C0TJq6mPwW1d2GJu9PLzKrXO8wg25rK9ImZcbsF9BpkSwAlpkMCOFhoiY9/fbc6G94rS0EBR9"
    "G08ZJqpVRs+7rWPlz1K0wrxW25OF8ci7amRWD3whIra7jmJKTWmFtYVA7nk2fyzCcrmvE8dr4VZ22C/R3k7AtdJah0LxSOGrQl/+"
    "D7wWuec80AQ7oujK1sQWrBQoImGiyWBvV6manJbtGV2w8MPjXOa8nIEPlBqb7K0cqrWBz/7/j/gqNPdybdkJUxD96kXoh2gCcIZC"
    "N0ul0Stl5GTZeNC3L0PfQnBLozzz7+k1+f6DlQopZwewkc5kHcds1HTS1WqYWQpCbwQ1hV3Cohh8H/kaiTeR0wbv5Q5qzZL7w2q5"
    "4de3vklxxK+THxWOvLBfYI0ieVoGiQAH7VCROUJP/mttzL9QJLWz+nNflSMFMoB5X4u++uo75LxRbfc9ut4gUl6Dh+qMRiWpqkUS"
    "5BfKNPhPzs+fnT7d5FASYpcAd97ljaafCg1BACS9u2bLBJXUYzlhFA5hrUpyUTF8w5ZiM2ap0OniJ78dCEyDZtmRcqeAjyEEOQCF"
    "/WDEWvyAV6LY4jTieTzbEpTD00y4axwX9f3aQCN5tm/vTjhtbuWBo8tD+JsyGN5p27so9D/96q+Ka1yIZMqw2p+hrH3pXd8y+anx"
    "Yks1Z0HHGuzAm8JzKr/RMDp0jpHEtHvE82xdeAaZKhH/SyTysKSO9skmibjn//lRhEqoOXkjSnHtexvQAVPwHGahKgHQMORrwP7w"
    "L6GJdRAZVlKzhpRwx8K4ze/dmMFoVx5y/dWm8PiNYjdKhdhrPrKrurnQl+7p6NMUei1xmW+kLS/W54d3q89S2d/CVwtlqvaIU/KG"
    "u0E+oimXKcqRbsnWSCItogWGpgQhbY1AsHAJzjIh8MCYpdT4jd2erS9DlhNT4zI6bZfQXuDlWPW7xCNg9dJga0qZCQGzSJ8MQo1v"
    "bogH7IAN13J/0pKH5BJOUpPY0NPNzYwjMlQMgJPbbyrEVqDcfZ1kapzKaEho6ibSZqvtUFIXqnNreunMiAA6YQEAK4doKJXVQiMc"
    "DHcL8O/jKf/OORs58DbjyI6Auskmz7m13suXYmOrFs7JqbHRTDrvcLImJQ=="
)

_SIGNING_SEED: Final = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
_SIGNATURE: Final = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
    "d25bf5f0595bbe24655141438e7a100b"
)

_GCM_ANSWER: Final = bytes.fromhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")


def self_test() -> None:
    """Refuse to run on a build that lacks a primitive or gets one wrong; takes a few milliseconds.

    Raises: UsageError that says what to install.
    """
    try:
        _check()
    except (UnsupportedAlgorithm, InternalError, MashError, AttributeError, TypeError, ValueError):
        raise UsageError(f"this build of cryptography fails suite MASH1: {NEEDS}") from None


def _check() -> None:
    crypto, opener, signer = Mash1Crypto(), FileOpener(_SEED), FileSigner(_SIGNING_SEED)
    _demand(signer.sign(b"") == _SIGNATURE and crypto.verify(signer.public_key, _SIGNATURE, b""))
    _demand(not crypto.verify(signer.public_key, _SIGNATURE, b"altered"))
    _demand(crypto.encrypt(bytes(SEED_BYTES), bytes(16), b"") == _GCM_ANSWER)
    _demand(opener.open(_WRAP, _INFO) == _SECRET)
    _demand(opener.open(crypto.wrap(opener.public_key, _SECRET, _INFO), _INFO) == _SECRET)
    _refuses_alteration(crypto, opener)


def _refuses_alteration(crypto: Mash1Crypto, opener: FileOpener) -> None:
    key = random_bytes(SEED_BYTES)
    ciphertext = crypto.encrypt(key, _SECRET, _INFO)
    _demand(crypto.decrypt(key, ciphertext, _INFO) == _SECRET)
    _demand(_is_refused(lambda: crypto.decrypt(key, ciphertext, b"altered")))
    _demand(_is_refused(lambda: opener.open(_WRAP, b"altered")))


def _is_refused(step: Callable[[], bytes]) -> bool:
    try:
        step()
    except RejectedError:
        return True
    return False


def _demand(holds: bool) -> None:
    if not holds:
        raise InvariantError("a primitive gave a wrong answer")
