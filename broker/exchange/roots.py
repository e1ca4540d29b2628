"""Roots: the keys that sign directories, and how one set of them takes the place of another (as in TUF).

(1) The first set is pinned at enrolment, number 0. (2) The next set is signed by two roots of the set before and by two
of its own, different keys each time: nobody is replaced without two of those who are trusted now, and nobody comes in
who does not hold the key. (3) It says up to which directory version the set before stands. Whatever that set signed
above it is undone: a fast-forward, a version of a stolen root. (4) No set is skipped, and none winds that mark back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError
from broker.exchange.envelope import sha256
from broker.ports import Crypto
from schemas.codec import MalformedError, decode
from schemas.directory import RootSignature
from schemas.roots import Roots, SignedRoots

ROOTS_LABEL = b"mash1/roots"
ROOTS_NEEDED = 2


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedRoots:
    """A set of roots that is trusted: pinned, or signed by the set before it. `last` is version and digest of the last
    directory that is not its own."""

    number: int
    digest: bytes
    keys: Mapping[str, bytes] = field(repr=False)
    last: tuple[int, bytes | None]


def pinned_roots(keys: Mapping[str, bytes]) -> TrustedRoots:
    """Return the roots that were pinned at enrolment (1)."""
    return TrustedRoots(number=0, digest=bytes(32), keys=keys, last=(0, None))


def signers(
    roots: Mapping[str, bytes], signatures: tuple[RootSignature, ...], message: bytes, crypto: Crypto
) -> set[bytes]:
    """Return the roots that signed a message. By key, not by name: one that has two names is still one root."""
    return {
        roots[one.organisation]
        for one in signatures
        if one.organisation in roots and crypto.verify(roots[one.organisation], one.signature, message)
    }


def next_roots(signed: bytes, *, before: TrustedRoots, partnership: str, crypto: Crypto) -> TrustedRoots:
    """Check the set of roots that follows another.

    Raises: RejectedError `ROOTS_MALFORMED`, `ROOTS_KEYS`, `ROOTS_UNSIGNED`, `WRONG_PARTNERSHIP`, `ROOTS_CHAIN`.
    """
    try:
        outer = decode(SignedRoots, signed)
        roots = decode(Roots, outer.roots)
    except MalformedError as error:
        raise RejectedError("ROOTS_MALFORMED", str(error)) from None
    keys = {one.organisation: one.public_key for one in roots.roots}
    if len(set(keys.values())) != len(roots.roots) or not all(map(crypto.is_sound_signing_key, keys.values())):
        raise RejectedError("ROOTS_KEYS", "a root or its organisation stands twice, or a root is unsound")
    message = ROOTS_LABEL + sha256(outer.roots)
    for those in (before.keys, keys):  # (2)
        if len(signers(those, outer.signatures, message, crypto)) < ROOTS_NEEDED:
            raise RejectedError("ROOTS_UNSIGNED", "two roots of the set before and two of this one did not sign it")
    if roots.partnership != partnership:
        raise RejectedError("WRONG_PARTNERSHIP")
    if roots.number != before.number + 1 or roots.last_version < before.last[0]:  # (4)
        raise RejectedError("ROOTS_CHAIN", f"set {roots.number} does not follow from {before.number}")
    return TrustedRoots(
        number=roots.number,
        digest=sha256(ROOTS_LABEL, outer.roots),
        keys=keys,
        last=(roots.last_version, roots.last_digest),
    )
