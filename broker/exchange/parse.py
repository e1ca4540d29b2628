"""Parse: bytes off the log become `Unverified`, which promises only size, version and one canonical spelling.

(1) inside the size limit; (2) one strict envelope; (3) one strict header; (4) our suite; (5) a kind of the table that
has a record; (6) a schema that we speak.
Nothing here is authentic yet; nothing here touches a key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError
from broker.exchange.envelope import envelope_digest
from broker.exchange.timing import stage
from broker.ports import MAX_VALUE_BYTES, LogOffset, Message
from schemas.codec import MODELS, MalformedError, decode, schema_digest
from schemas.exchange import SUITE, Envelope, Header
from schemas.vocabulary import Kind, ReservedKind


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """A well-formed envelope of unknown origin, with the place it came from."""

    place: LogOffset
    key: bytes
    envelope: Envelope = field(repr=False)
    header: Header
    kind: Kind
    digest: bytes


@stage("parse")
def parse(message: Message) -> Unverified:
    """Read one message.

    Raises: RejectedError `TOO_LARGE`, `MALFORMED`, `WRONG_SUITE`, `UNKNOWN_KIND`, `NOT_IN_USE` or `WRONG_SCHEMA`.
    """
    if len(message.value) > MAX_VALUE_BYTES:  # (1)
        raise RejectedError("TOO_LARGE", f"{len(message.value)} bytes")
    try:
        envelope = decode(Envelope, message.value)  # (2)
        header = decode(Header, envelope.header)  # (3)
    except MalformedError as error:
        raise RejectedError("MALFORMED", str(error)) from None
    if header.suite != SUITE:  # (4) downgrade: there is one suite, and the attacker cannot name another
        raise RejectedError("WRONG_SUITE")
    kind = _kind(header.kind)  # (5)
    if header.schema_digest != schema_digest(MODELS[kind]):  # (6)
        raise RejectedError("WRONG_SCHEMA", "the sender's contract is not one that is released here")
    if len(envelope.wraps) != len(header.recipients):
        raise RejectedError("MALFORMED", "wraps and recipients differ in number")
    return Unverified(
        place=message.place,
        key=message.key,
        envelope=envelope,
        header=header,
        kind=kind,
        digest=envelope_digest(envelope),
    )


def _kind(word: str) -> Kind:
    if word in ReservedKind.__members__:
        raise RejectedError("NOT_IN_USE", f"{word.lower()} is reserved and has no record yet")
    if word not in Kind.__members__:
        raise RejectedError("UNKNOWN_KIND")  # the word is the sender's: it is not repeated
    return Kind(word)
