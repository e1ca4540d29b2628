"""One vector: messages as they stand in the log, who reads them when, and what must come of the last one."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from broker.exchange.envelope import derived_id, sha256
from broker.exchange.seal import UnsealedMessage
from schemas.codec import MODELS, decode, encode
from schemas.exchange import Envelope
from schemas.scalars import Wire
from schemas.topics import RULES, Family, topic_name
from schemas.vocabulary import Kind
from tests.vectors.forge import Forgery, forge
from tests.vectors.golden_records import examples
from tests.vectors.vector_world import NOW, PARTNERSHIP, World

ACCEPT = "ACCEPT"


@dataclass(frozen=True, kw_only=True)
class Post:
    """How one kind of message usually travels in these vectors."""

    sender: str
    readers: tuple[str, ...]
    topic: str


def _topic(family: Family, *owners: str) -> str:
    return topic_name(PARTNERSHIP, family, *owners)


POSTS = {
    Kind.REQUEST: Post(sender="hub", readers=("police",), topic=_topic(Family.REQUESTS, "police")),
    Kind.ANSWER: Post(sender="police", readers=("hub-screening",), topic=_topic(Family.ANSWERS, "hub", "police")),
    Kind.DISPATCH: Post(sender="hub", readers=("hub-screening",), topic=_topic(Family.DISPATCHES, "hub")),
    Kind.DESK_ITEM: Post(sender="police", readers=("police",), topic=_topic(Family.DESK, "police")),
    Kind.DECISION: Post(sender="police", readers=("police",), topic=_topic(Family.REQUESTS, "police")),
    Kind.SUMMARY: Post(sender="hub-screening", readers=("hub", "hub-screening"), topic=_topic(Family.SUMMARIES, "hub")),
    Kind.AUDIT_EVENT: Post(sender="police", readers=("hub-audit", "police"), topic=_topic(Family.AUDIT)),
}


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A message as it stands in the log."""

    topic: str
    key: str
    value: bytes
    offset: int = 0
    partition: int = 0

    def document(self) -> dict[str, Any]:
        place = {"topic": self.topic, "partition": self.partition, "offset": self.offset, "key": self.key}
        if len(set(self.value)) == 1:  # a megabyte of one byte needs no megabyte of vector
            return {**place, "repeated_byte": self.value[0], "times": len(self.value)}
        return {**place, "value": b64encode(self.value).decode("ascii")}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A vector. `messages` are read in order; all but the last are accepted."""

    name: str
    expect: str
    why: str
    reader: str
    kind: Kind
    messages: tuple[Placed, ...]
    now: datetime = NOW
    keys_destroyed: bool = False
    opened: Wire | None = field(default=None)

    def document(self) -> dict[str, Any]:
        """Return the vector as it is stored."""
        document: dict[str, Any] = {
            "name": self.name,
            "expect": self.expect,
            "why": self.why,
            "reader": self.reader,
            "expects_kind": self.kind.value,
            "now": self.now.isoformat(timespec="milliseconds"),
            "keys_destroyed": self.keys_destroyed,
            "messages": [message.document() for message in self.messages],
        }
        if self.opened is not None:
            document["opened"] = self.opened.model_dump(mode="json")
        return document


def golden_record(kind: Kind) -> Any:
    """Return the golden instance of a kind's record."""
    return examples(MODELS[kind])[0]


def letter(kind: Kind, **changes: Any) -> UnsealedMessage:
    """Return an honest letter that holds the golden record of its kind."""
    record = changes.get("record", golden_record(kind))
    part = getattr(record, next(iter(type(record).model_fields)))
    subject = sha256(kind.encode())
    values: dict[str, Any] = {
        "kind": kind,
        "topic": POSTS[kind].topic,
        "record": record,
        "message_id": derived_id(kind, subject, POSTS[kind].sender, 1),
        "request_id": part.request_id,
        "answers": subject if kind is Kind.ANSWER else None,
        "event_id": derived_id(Kind.AUDIT_EVENT, subject, POSTS[kind].sender, 0),
        "stream": f"{POSTS[kind].sender}.vectors",
        "sequence": 1,
        "issued_at": NOW,
    }
    return UnsealedMessage(**{**values, **changes})


def honest(world: World, name: str, written: UnsealedMessage, *, sender: str | None = None) -> Placed:
    """Return what the product's own Sealer makes of a letter."""
    outgoing = world.sealer(sender or POSTS[written.kind].sender, name).seal(written).outgoing
    return Placed(topic=outgoing.topic, key=outgoing.key.decode(), value=outgoing.value)


def forged(
    world: World,
    name: str,
    forgery: Forgery,
    *,
    written: UnsealedMessage | None = None,
    sender: str | None = None,
    readers: tuple[str, ...] | None = None,
) -> Placed:
    """Return what an insider makes of a letter (a request unless said); everything not forged is right."""
    written = written or letter(Kind.REQUEST)
    post = POSTS[written.kind]
    value = forge(world, sender or post.sender, readers or post.readers, written, name, forgery)
    return Placed(topic=written.topic, key=RULES[written.kind].key.of(written).decode(), value=value)


def insider(world: World, name: str, expect: str, why: str, forgery: Forgery, **more: Any) -> Case:
    """Return a forged request to police, or what `more` says."""
    settings = {key: more.pop(key) for key in ("written", "sender", "readers") if key in more}
    values = {"reader": "police", "kind": Kind.REQUEST, **more}
    return Case(name=name, expect=expect, why=why, messages=(forged(world, name, forgery, **settings),), **values)


def altered(message: Placed, change: Callable[[Envelope], Envelope]) -> Placed:
    """Return a message whose envelope an outsider changed: nobody signs again."""
    return replace(message, value=encode(change(decode(Envelope, message.value))))


def flip(data: bytes, at: int = 0, mask: int = 1) -> bytes:
    """Return the bytes with one bit the other way round."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
