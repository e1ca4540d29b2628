"""What the event log still holds of audit events and checkpoints, as somebody outside the ledger sees it.

Read it before the ledger: then all that it shows must be in the ledger already, or stand after the ledger's position.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import final

from broker.errors import RejectedError
from broker.exchange.envelope import envelope_digest, sha256
from broker.ports import LogReader, Message
from broker.transparency.follow import ledger_name
from schemas.codec import MalformedError, decode
from schemas.exchange import Envelope
from schemas.topics import Family, topic_name

_MOST = 256
_WAIT = timedelta(seconds=2)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One message on the audit topic: the envelope's digest (None where it is no envelope) and SHA-256 of its value."""

    offset: int
    digest: bytes | None
    value_hash: bytes


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """All retained messages: of the audit topic, and under the ledger's name on the checkpoints topic."""

    events: tuple[Seen, ...]
    checkpoints: tuple[bytes, ...]


async def read_log(log: LogReader, partnership: str) -> LogView:
    """Read both topics as they are now. A topic that does not exist yet is empty.

    Raises: UnavailableError.
    """
    audit = topic_name(partnership, Family.AUDIT)
    events = [_seen(message) async for message in _all(log, audit)]
    name = ledger_name(partnership).encode()
    checkpoints = [
        message.value async for message in _all(log, topic_name(partnership, Family.CHECKPOINTS)) if message.key == name
    ]
    return LogView(events=tuple(events), checkpoints=tuple(checkpoints))


async def _all(log: LogReader, topic: str) -> AsyncIterator[Message]:
    try:
        end = await log.end(topic, 0)
    except RejectedError as error:
        if error.reason == "UNKNOWN_TOPIC":
            return
        raise
    offset = 0
    while offset < end:
        messages = await log.read(topic, 0, offset=offset, most=_MOST, wait=_WAIT)
        if not messages:
            return  # what is left below the end are the log's own markers
        for message in messages:
            yield message
        offset = messages[-1].place.offset + 1


def _seen(message: Message) -> Seen:
    try:
        digest = envelope_digest(decode(Envelope, message.value))
    except MalformedError:
        digest = None
    return Seen(offset=message.place.offset, digest=digest, value_hash=sha256(message.value))
