"""The vault: what the ledger keeps of an event's content, encrypted so that one part can be erased and no row be moved.

Promise: the skeleton opens under the audit service's rest key; the personal part under a random key of its own, which
is wrapped by the rest key and kept in another table: deleting that row erases the part for good. Each ciphertext is
bound to its leaf's index, its place in the log and which part it is. Rows that hold no ciphertext carry a seal over all
their columns, so that whoever can write the file but has no key can alter nothing unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError
from broker.exchange.envelope import CONTENT_KEY_BYTES, SALT_BYTES
from broker.ports import Crypto, LogOffset, RestKey

Field = str | int | bytes | None
SKELETON, PERSONAL = 0, 1
"""The parts of an audit event, by their index."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """Both parts as they are stored, and the wrapped key of the second."""

    skeleton: bytes = field(repr=False)
    personal: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An opened part and the salt with which the header's hash of it is made."""

    salt: bytes = field(repr=False)
    body: bytes = field(repr=False)


@final
class Vault:
    """Locks and opens for one ledger. `random` gives that many fresh random bytes."""

    def __init__(self, *, rest: RestKey, crypto: Crypto, random: Callable[[int], bytes], origin: str) -> None:
        self._rest = rest
        self._crypto = crypto
        self._random = random
        self._origin = origin

    def lock(self, index: int, place: LogOffset, *, salts: tuple[bytes, ...], parts: tuple[bytes, ...]) -> Locked:
        """Encrypt the parts of leaf `index`, each behind its salt."""
        skeleton, personal = (salt + part for salt, part in zip(salts, parts, strict=True))
        key = self._random(CONTENT_KEY_BYTES)  # fresh for each leaf: the zero nonce depends on it
        return Locked(
            skeleton=self._rest.encrypt(skeleton, context=self._bound(index, place, SKELETON)),
            personal=self._crypto.encrypt(key, personal, self._bound(index, place, PERSONAL)),
            wrapped_key=self._rest.encrypt(key, context=self._context("personal key", index)),
        )

    def open_skeleton(self, index: int, place: LogOffset, locked: bytes) -> Part:
        """Return part 0. Raises: RejectedError `REST_ALTERED`."""
        return _part(self._rest.decrypt(locked, context=self._bound(index, place, SKELETON)))

    def open_personal(self, index: int, place: LogOffset, locked: bytes, *, wrapped_key: bytes) -> Part:
        """Return part 1. Raises: RejectedError `REST_ALTERED`, `CIPHERTEXT_ALTERED`."""
        key = self._rest.decrypt(wrapped_key, context=self._context("personal key", index))
        return _part(self._crypto.decrypt(key, locked, self._bound(index, place, PERSONAL)))

    def seal(self, table: str, *columns: Field) -> bytes:
        """Return the seal of a row: an encryption of nothing, bound to the table and every column."""
        return self._rest.encrypt(b"", context=self._context(table, *columns))

    def check(self, seal: bytes, table: str, *columns: Field) -> None:
        """Return only if the row is as it was sealed. Raises: RejectedError `REST_ALTERED`."""
        if self._rest.decrypt(seal, context=self._context(table, *columns)):
            raise RejectedError("REST_ALTERED", "a seal holds something")

    def _bound(self, index: int, place: LogOffset, part: int) -> bytes:
        return self._context("leaf", index, part, place.topic, place.partition, place.offset)

    def _context(self, what: str, *fields: Field) -> bytes:
        # Each field with its type and length: no two rows, of whatever table, have one spelling.
        return b"mash1/audit" + b"".join(_spelled(one) for one in (self._origin, what, *fields))


def _spelled(value: Field) -> bytes:
    kind, data = b"b", b""
    if isinstance(value, bytes):
        data = value
    elif value is None:
        kind = b"n"
    else:
        kind, data = (b"s" if isinstance(value, str) else b"i"), str(value).encode()
    return kind + len(data).to_bytes(4, "big") + data


def _part(plain: bytes) -> Part:
    return Part(salt=plain[:SALT_BYTES], body=plain[SALT_BYTES:])
