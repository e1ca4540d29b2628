"""The arithmetic of suite MASH1: digests, part hashes, padding and ids. Pure functions over public definitions.

Every hash begins with a label of its own, so that no value of one kind can be passed off as another. The normative
text is `schemas/README.md` (SEAL-*, PART-*, PAD-*, ID-*).
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from broker.errors import RejectedError
from schemas.codec import MalformedError, decode, encode
from schemas.exchange import Content, Envelope
from schemas.vocabulary import Kind

ENVELOPE_LABEL = b"mash1/envelope"
PART_LABEL = b"mash1/part"
WRAP_LABEL = b"mash1/wrap"
ID_LABEL = b"mash1/id"
LIFETIME = timedelta(days=14)
"""Every kind expires alike: a shorter life for some would show the RAG to whoever runs the log."""

SALT_BYTES = 32
CONTENT_KEY_BYTES = 32
_LENGTH_BYTES = 4


def sha256(*chunks: bytes) -> bytes:
    """Return SHA-256 over the chunks one after the other."""
    state = hashlib.sha256()
    for chunk in chunks:
        state.update(chunk)
    return state.digest()


def part_hash(index: int, salt: bytes, part: bytes) -> bytes:
    """Return what the header says of a part; the salt keeps a short part from being guessed (PART-2)."""
    return sha256(PART_LABEL, bytes([index]), salt, part)


def digest_of_hashes(header: bytes, ciphertext_hash: bytes, wraps_hash: bytes) -> bytes:
    """Return the envelope's digest from its header and the two hashes that the ledger keeps (SEAL-5)."""
    return sha256(ENVELOPE_LABEL, sha256(header), ciphertext_hash, wraps_hash)


def wraps_hash(wraps: tuple[bytes, ...]) -> bytes:
    """Return SHA-256 over the wraps, each with its length, so that two splits never hash alike."""
    return sha256(*(len(wrap).to_bytes(_LENGTH_BYTES, "big") + wrap for wrap in wraps))


def digest_of(header: bytes, ciphertext: bytes, wraps: tuple[bytes, ...]) -> bytes:
    """Return the digest of an envelope; "request digest" means this everywhere (SEAL-5)."""
    return digest_of_hashes(header, sha256(ciphertext), wraps_hash(wraps))


def envelope_digest(envelope: Envelope) -> bytes:
    """Return the digest that the signature is over."""
    return digest_of(envelope.header, envelope.ciphertext, envelope.wraps)


def wrap_info(header: bytes, ciphertext: bytes) -> bytes:
    """Return the HPKE info that binds a wrapped key to this header and ciphertext (SEAL-4)."""
    return WRAP_LABEL + sha256(header) + sha256(ciphertext)


def pad(content: Content, *, bucket: int) -> bytes:
    """Return the content with its length in front and zeros behind, in the smallest bucket that holds it (PAD-1)."""
    body = encode(content)
    framed = len(body).to_bytes(_LENGTH_BYTES, "big") + body
    return framed + bytes(_padded_size(len(body), bucket) - len(framed))


def unpad(padded: bytes, *, bucket: int) -> Content:
    """Undo `pad`. Raises: RejectedError `PADDING` where a size, a length or a padding byte is not what it must be."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    body, zeros = padded[_LENGTH_BYTES : _LENGTH_BYTES + length], padded[_LENGTH_BYTES + length :]
    # Padding that is not checked is a channel: an insider could carry data out in its bytes, or in how many there are.
    if len(padded) != _padded_size(length, bucket) or any(zeros):
        raise RejectedError("PADDING")
    try:
        return decode(Content, body)
    except MalformedError as error:
        raise RejectedError("MALFORMED", f"content: {error}") from None


def _padded_size(length: int, bucket: int) -> int:
    size = bucket
    while size < length + _LENGTH_BYTES:
        size *= 2
    return size


def derived_id(kind: Kind, subject: bytes, sender: str, ordinal: int) -> str:
    """Return the UUIDv8 that makes a second sealing of the same thing the same message (ID-2; RFC 9562 5.8).

    `subject` is the digest of what is answered, `ordinal` its revision.
    """
    seed = sha256(ID_LABEL, kind.encode(), b"\0", subject, sender.encode(), b"\0", ordinal.to_bytes(8, "big"))
    return _as_uuid(int.from_bytes(seed[:16], "big"), version=8)


def request_id_at(now: datetime, random: bytes) -> str:
    """Return a UUIDv7 from the time and 10 random bytes (ID-1; RFC 9562 5.7). It names no person and no case."""
    milliseconds = int(now.timestamp() * 1000)
    raw = milliseconds << 80 | int.from_bytes(random[:10], "big")
    return _as_uuid(raw, version=7)


def _as_uuid(raw: int, *, version: int) -> str:
    raw = raw & ~(0xF << 76) | (version << 76)
    raw = raw & ~(0x3 << 62) | (0x2 << 62)
    return str(UUID(int=raw))
