"""Sealing by hand, step by step as README.md says, with a place to go wrong at each: what a dishonest insider can do.

It shares the arithmetic of digests with the product and nothing of its `Sealer`, which it must agree with when honest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from broker.exchange.envelope import LIFETIME, digest_of, pad, part_hash, sha256, wrap_info
from broker.exchange.seal import UnsealedMessage
from schemas.codec import MODELS, encode, encode_parts, schema_digest
from schemas.exchange import Content, Envelope, Header
from schemas.topics import RULES
from tests.vectors.vector_world import PARTNERSHIP, World, counter


@dataclass(frozen=True, kw_only=True)
class Forgery:
    """What an insider does differently; by default nothing."""

    header: Mapping[str, Any] = field(default_factory=dict)
    header_bytes: Callable[[bytes], bytes] = lambda honest: honest
    part: Callable[[bytes], bytes] = lambda honest: honest
    """Changes part 0 before it is hashed: the hash fits what is sealed."""
    content: Callable[[Content], Content] = lambda honest: honest
    """Changes the content after it was hashed: the hash does not fit."""
    padded: Callable[[bytes], bytes] = lambda honest: honest
    wrapped_key: Callable[[bytes], bytes] = lambda honest: honest
    envelope: Callable[[Envelope], Envelope] = lambda honest: honest
    """Changes header, ciphertext or wraps before the signature."""
    signer: str | None = None


def forge(
    world: World, sender: str, readers: tuple[str, ...], letter: UnsealedMessage, label: str, forgery: Forgery
) -> bytes:
    """Return the encoded envelope of a letter from `sender`, sealed to `readers`."""
    random = counter(label)
    honest_parts = encode_parts(letter.record)
    parts = (forgery.part(honest_parts[0]), *honest_parts[1:])
    salts = tuple(random(32) for _ in parts)
    kem_keys = [world.openers[name].public_key for name in readers]
    honest = _header(world, sender, letter, kem_keys, salts, parts).model_copy(update=dict(forgery.header))
    header = forgery.header_bytes(encode(honest))
    content = forgery.content(Content(salts=salts, parts=parts))
    content_key = random(32)
    padded = forgery.padded(pad(content, bucket=RULES[letter.kind].bucket))
    ciphertext = world.crypto.encrypt(content_key, padded, header)
    wrapped, info = forgery.wrapped_key(content_key), wrap_info(header, ciphertext)
    wraps = tuple(world.crypto.wrap(key, wrapped, info) for key in kem_keys)
    envelope = forgery.envelope(Envelope(header=header, ciphertext=ciphertext, wraps=wraps, signature=bytes(64)))
    digest = digest_of(envelope.header, envelope.ciphertext, envelope.wraps)
    signature = world.signers[forgery.signer or sender].sign(digest)
    return encode(envelope.model_copy(update={"signature": signature}))


def _header(
    world: World,
    sender: str,
    letter: UnsealedMessage,
    kem_keys: list[bytes],
    salts: tuple[bytes, ...],
    parts: tuple[bytes, ...],
) -> Header:
    return Header(
        suite="MASH1",
        partnership=PARTNERSHIP,
        kind=letter.kind,
        topic=letter.topic,
        message_id=letter.message_id,
        request_id=letter.request_id,
        thread=letter.thread,
        answers=letter.answers,
        sender=sender,
        signing_key_id=world.signers[sender].key_id,
        recipients=tuple(sha256(key) for key in kem_keys),
        directory_version=world.trusted.directory.version,
        directory_digest=world.trusted.digest,
        schema_digest=schema_digest(MODELS[letter.kind]),
        stream=letter.stream,
        sequence=letter.sequence,
        issued_at=letter.issued_at,
        expires_at=letter.issued_at + LIFETIME,
        event_id=letter.event_id,
        parts=tuple(part_hash(index, salt, part) for index, (salt, part) in enumerate(zip(salts, parts, strict=True))),
    )
