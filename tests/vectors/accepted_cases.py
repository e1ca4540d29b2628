"""Vectors that must be accepted: one of each kind, and the edges of what is still right."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from broker.exchange.envelope import LIFETIME
from schemas.vocabulary import Kind
from tests.vectors.forge import Forgery
from tests.vectors.vector_case import ACCEPT, POSTS, Case, Placed, forged, golden_record, honest, letter
from tests.vectors.vector_world import NOW, OPEN_UNTIL, SEAL_FROM, World

MILLISECOND = timedelta(milliseconds=1)
MOST_AHEAD = timedelta(seconds=120)
EPOCH_EDGES = (
    ("accept-key-begins", "120 seconds before a key begins: the sender's clock may be ahead", SEAL_FROM - MOST_AHEAD),
    ("accept-key-last-moment", "the last moment from which a key outlives the message", OPEN_UNTIL - LIFETIME),
)


def cases(world: World) -> list[Case]:
    """Return them all."""
    return [*_kinds(world), *_edges(world)]


def _accept(name: str, why: str, kind: Kind, *messages: Placed, **more: Any) -> Case:
    reader = more.pop("reader", POSTS[kind].readers[0])
    opened = more.pop("opened", None) or golden_record(kind)
    return Case(name=name, expect=ACCEPT, why=why, reader=reader, kind=kind, messages=messages, opened=opened, **more)


def _kinds(world: World) -> list[Case]:
    return [
        _accept(
            f"accept-{kind.value.lower().replace('_', '-')}",
            f"a {kind.value.lower()} from its sender, on its topic, sealed to its readers",
            kind,
            honest(world, f"accept-{kind.value}", letter(kind)),
        )
        for kind in Kind
    ]


def _edges(world: World) -> list[Case]:
    request = honest(world, "accept-REQUEST", letter(Kind.REQUEST))
    event = honest(world, "accept-AUDIT_EVENT", letter(Kind.AUDIT_EVENT))
    return [
        _accept(
            "accept-second-reader",
            "an audit event opens for its sender too, by the second wrap",
            Kind.AUDIT_EVENT,
            event,
            reader="police",
        ),
        _accept(
            "accept-redelivery",
            "the same envelope at the same place again is redelivery: the reader crashed or was fenced",
            Kind.REQUEST,
            request,
            request,
        ),
        _accept(
            "accept-issued-120-s-ahead",
            "a sender's clock may be exactly 120 seconds ahead",
            Kind.REQUEST,
            request,
            now=NOW - MOST_AHEAD,
        ),
        _accept(
            "accept-last-millisecond",
            "one millisecond before it expires a message still counts",
            Kind.REQUEST,
            request,
            now=NOW + LIFETIME - MILLISECOND,
        ),
        _accept(
            "accept-id-of-another-sender",
            "ids are known by sender: health cannot have police's event refused by using its id first",
            Kind.AUDIT_EVENT,
            honest(world, "accept-id-of-another-sender", letter(Kind.AUDIT_EVENT), sender="health"),
            replace(event, offset=1),
        ),
        *(_issued(world, *one) for one in EPOCH_EDGES),
        _key_time(world, "accept-signing-key-begins", "issued 120 seconds before its signing key begins", "hub-begins"),
        _key_time(world, "accept-signing-key-ends", "issued in the last millisecond of its signing key", "hub-ends"),
        _without_request(world),
        _larger(world),
        _by_hand(world),
    ]


def _issued(world: World, name: str, why: str, moment: datetime) -> Case:
    written = letter(Kind.REQUEST, issued_at=moment)
    return _accept(name, why, Kind.REQUEST, forged(world, name, Forgery(), written=written), now=moment)


def _key_time(world: World, name: str, why: str, key: str) -> Case:
    forgery = Forgery(signer=key, header={"signing_key_id": world.signers[key].key_id})
    return _accept(name, why, Kind.REQUEST, forged(world, name, forgery))


def _without_request(world: World) -> Case:
    item = golden_record(Kind.DESK_ITEM)
    item = item.model_copy(update={"body": item.body.model_copy(update={"request_id": None})})
    written = letter(Kind.DESK_ITEM, record=item)
    return _accept(
        "accept-key-without-request",
        "a desk item that belongs to no request has its message id as its key",
        Kind.DESK_ITEM,
        honest(world, "accept-key-without-request", written),
        opened=item,
    )


def _larger(world: World) -> Case:
    request = golden_record(Kind.REQUEST)
    addressed = request.addressed.model_copy(update={"narrative": "an invented line\n" * 480})
    request = request.model_copy(update={"addressed": addressed})
    written = letter(Kind.REQUEST, record=request)
    return _accept(
        "accept-next-bucket",
        "content that does not fit 8 KiB is padded to 16 KiB",
        Kind.REQUEST,
        honest(world, "accept-next-bucket", written),
        opened=request,
    )


def _by_hand(world: World) -> Case:
    return _accept(
        "accept-sealed-by-hand",
        "sealed step by step by the text of README.md, without the product's Sealer",
        Kind.AUDIT_EVENT,
        forged(world, "accept-sealed-by-hand", Forgery(), written=letter(Kind.AUDIT_EVENT)),
    )
