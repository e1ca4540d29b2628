"""Seal: a record becomes an envelope that only the readers of the topic table can open, signed by this principal.

(1) each part is hashed under a fresh salt; (2) the content is padded to its bucket; (3) a fresh key encrypts it, the
header is the AAD; (4) the key is wrapped for each reader, bound to header and ciphertext; (5) the digest over all of it
is signed. Whoever changes a bit, a reader, a topic or an order changes the digest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import final

from broker.exchange.directory import TrustedDirectory
from broker.exchange.envelope import (
    CONTENT_KEY_BYTES,
    LIFETIME,
    SALT_BYTES,
    digest_of,
    pad,
    part_hash,
    sha256,
    wrap_info,
)
from broker.exchange.journal import JournalEntry
from broker.exchange.keys import KeyRing
from broker.exchange.timing import stage
from broker.ports import Crypto, Outgoing
from schemas.codec import MODELS, encode, encode_parts, schema_digest
from schemas.exchange import SUITE, Content, Envelope, Header
from schemas.scalars import Wire
from schemas.topics import RULES
from schemas.vocabulary import Kind


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UnsealedMessage:
    """What is to be sealed, and the public facts about it. `answers` is the digest of what it replies to.

    `salts` are given for parts that several organisations get, so that all can see they got the same; None is fresh.
    """

    kind: Kind
    topic: str
    record: Wire = field(repr=False)
    message_id: str
    request_id: str | None
    answers: bytes | None
    event_id: str
    stream: str
    sequence: int
    issued_at: datetime
    thread: str | None = None
    salts: tuple[bytes | None, ...] = field(default=(), repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Proof that a record was encrypted to its readers only and signed by this principal."""

    outgoing: Outgoing
    message_id: str
    digest: bytes
    readers: tuple[str, ...]
    salts: tuple[bytes, ...] = field(repr=False)
    parts: tuple[bytes, ...] = field(repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBatch:
    """Everything one message ends in, for one transaction: what goes out, its audit event last, and what to journal.

    `status` and `reason` are the answer's words, empty where there is none: to be counted, never for a log line.
    """

    outgoing: tuple[Outgoing, ...]
    entry: JournalEntry
    status: str = ""
    reason: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """One principal's hand: its keys, the directory as it stands, and where fresh randomness comes from."""

    keys: KeyRing
    crypto: Crypto
    random: Callable[[int], bytes] = field(repr=False)
    directory: Callable[[], TrustedDirectory] = field(repr=False)

    @stage("seal")
    def seal(self, letter: UnsealedMessage) -> Sealed:
        """Seal one letter. Raises: RejectedError `WRONG_TOPIC`, InvariantError where a reader has no key epoch."""
        directory = self.directory()
        readers = directory.readers(letter.kind, sender=self.keys.principal, topic=letter.topic)
        kem_keys = tuple(directory.kem_key(reader, letter.issued_at).public_key for reader in readers)
        parts = encode_parts(letter.record)
        given = letter.salts or (None,) * len(parts)
        salts = tuple(salt or self.random(SALT_BYTES) for _, salt in zip(parts, given, strict=True))
        header = encode(self._header(letter, directory, kem_keys, salts, parts))  # (1)
        padded = pad(Content(salts=salts, parts=parts), bucket=RULES[letter.kind].bucket)  # (2)
        content_key = self.random(CONTENT_KEY_BYTES)  # fresh each time: the zero nonce depends on it
        ciphertext = self.crypto.encrypt(content_key, padded, header)  # (3)
        info = wrap_info(header, ciphertext)
        wraps = tuple(self.crypto.wrap(key, content_key, info) for key in kem_keys)  # (4)
        digest = digest_of(header, ciphertext, wraps)
        signature = self.keys.signer.sign(digest)  # (5)
        value = encode(Envelope(header=header, ciphertext=ciphertext, wraps=wraps, signature=signature))
        return Sealed(
            outgoing=Outgoing(topic=letter.topic, key=RULES[letter.kind].key.of(letter), value=value),
            message_id=letter.message_id,
            digest=digest,
            readers=readers,
            salts=salts,
            parts=parts,
        )

    def _header(
        self,
        letter: UnsealedMessage,
        directory: TrustedDirectory,
        kem_keys: tuple[bytes, ...],
        salts: tuple[bytes, ...],
        parts: tuple[bytes, ...],
    ) -> Header:
        return Header(
            suite=SUITE,
            partnership=directory.directory.partnership,
            kind=letter.kind,
            topic=letter.topic,
            message_id=letter.message_id,
            request_id=letter.request_id,
            thread=letter.thread,
            answers=letter.answers,
            sender=self.keys.principal,
            signing_key_id=self.keys.signer.key_id,
            recipients=tuple(sha256(key) for key in kem_keys),
            directory_version=directory.directory.version,
            directory_digest=directory.digest,
            schema_digest=schema_digest(MODELS[letter.kind]),
            stream=letter.stream,
            sequence=letter.sequence,
            issued_at=letter.issued_at,
            expires_at=letter.issued_at + LIFETIME,
            event_id=letter.event_id,
            parts=tuple(
                part_hash(index, salt, part) for index, (salt, part) in enumerate(zip(salts, parts, strict=True))
            ),
        )
