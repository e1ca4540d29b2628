"""Vectors that must be refused, made by somebody who has no key: whoever runs or can write to the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from broker.exchange.envelope import LIFETIME
from broker.ports import MAX_VALUE_BYTES
from schemas.codec import decode, encode
from schemas.exchange import Envelope, Header
from schemas.vocabulary import Kind
from tests.vectors.vector_case import Case, Placed, altered, flip, honest, letter
from tests.vectors.vector_world import NOW, SUITE_ENDS, World

MILLISECOND = timedelta(milliseconds=1)


def cases(world: World) -> list[Case]:
    """Return them all."""
    request = honest(world, "accept-REQUEST", letter(Kind.REQUEST))
    return [*_unreadable(request), *_changed(world, request), *_elsewhere(world, request), *_untimely(request)]


def _refuse(name: str, expect: str, why: str, *messages: Placed, **more: object) -> Case:
    values = {"reader": "police", "kind": Kind.REQUEST, **more}
    return Case(name=name, expect=expect, why=why, messages=messages, **values)  # type: ignore[arg-type]


def _unreadable(request: Placed) -> list[Case]:
    value = request.value
    length = len(decode(Envelope, value).header)
    # The header's length in two bytes, then in three: the same number, spelt with a needless group of zeros.
    overlong = value[:1] + bytes([value[1] | 0x80, 0]) + value[2:]
    assert 64 <= length < 8192
    return [
        _refuse(
            "too-large", "TOO_LARGE", "one byte over the limit", replace(request, value=bytes(MAX_VALUE_BYTES + 1))
        ),
        _refuse("empty", "MALFORMED", "no bytes at all", replace(request, value=b"")),
        _refuse("cut-short", "MALFORMED", "the last byte is missing", replace(request, value=value[:-1])),
        _refuse("trailing-byte", "MALFORMED", "a byte behind the envelope", replace(request, value=value + b"\0")),
        _refuse(
            "overlong-number",
            "MALFORMED",
            "a length spelt with one byte more than it needs",
            replace(request, value=overlong),
        ),
        _refuse(
            "wrap-too-many",
            "MALFORMED",
            "more wraps than recipients",
            altered(request, lambda envelope: envelope.model_copy(update={"wraps": (*envelope.wraps, b"another")})),
        ),
    ]


def _changed(world: World, request: Placed) -> list[Case]:
    event = honest(world, "accept-AUDIT_EVENT", letter(Kind.AUDIT_EVENT))
    other = honest(world, "other-request", letter(Kind.REQUEST))

    def renumbered(envelope: Envelope) -> Envelope:
        header = decode(Header, envelope.header)
        return envelope.model_copy(update={"header": encode(header.model_copy(update={"sequence": 2}))})

    def field(name: str, value: object) -> Placed:
        return altered(request, lambda envelope: envelope.model_copy(update={name: value}))

    first, second = decode(Envelope, request.value), decode(Envelope, other.value)
    two = decode(Envelope, event.value)
    return [
        _refuse(
            "signature-bit",
            "BAD_SIGNATURE",
            "one bit of the signature",
            field("signature", flip(first.signature, 40)),
        ),
        _refuse(
            "ciphertext-bit",
            "BAD_SIGNATURE",
            "one bit of the ciphertext",
            field("ciphertext", flip(first.ciphertext, 5000)),
        ),
        _refuse(
            "wrap-bit",
            "BAD_SIGNATURE",
            "one bit of a wrapped key: the digest covers the wraps",
            field("wraps", (flip(first.wraps[0], 1119),)),
        ),
        _refuse(
            "header-renumbered", "BAD_SIGNATURE", "another sequence number in the header", altered(request, renumbered)
        ),
        _refuse(
            "wrap-of-another",
            "BAD_SIGNATURE",
            "the wrap of another envelope to the same reader",
            field("wraps", second.wraps),
        ),
        _refuse(
            "wraps-swapped",
            "BAD_SIGNATURE",
            "the two wraps the other way round",
            altered(event, lambda envelope: envelope.model_copy(update={"wraps": two.wraps[::-1]})),
            reader="hub-audit",
            kind=Kind.AUDIT_EVENT,
        ),
    ]


def _elsewhere(world: World, request: Placed) -> list[Case]:
    answer = honest(world, "accept-ANSWER", letter(Kind.ANSWER))
    return [
        _refuse(
            "other-topic",
            "WRONG_TOPIC",
            "copied to the topic of another organisation",
            replace(request, topic="mash.northants.requests.health.v1"),
            reader="health",
        ),
        _refuse(
            "other-key",
            "WRONG_MESSAGE_KEY",
            "filed under the key of another request",
            replace(request, key="019ab0e8-2c00-7000-8000-00000000000f"),
        ),
        _refuse(
            "other-kind",
            "WRONG_KIND",
            "an answer where only requests are read",
            replace(answer, topic=request.topic),
        ),
        _refuse(
            "not-a-reader",
            "WRONG_RECIPIENT",
            "an organisation reads a topic that is not its own",
            request,
            reader="health",
        ),
        _refuse(
            "key-destroyed",
            "KEY_DESTROYED",
            "the private half of the key epoch is gone, as it must be after `open_until`",
            request,
            keys_destroyed=True,
        ),
        _refuse(
            "replayed",
            "REPLAYED",
            "the same envelope again at a later offset",
            request,
            replace(request, offset=7),
        ),
    ]


def _untimely(request: Placed) -> list[Case]:
    return [
        _refuse(
            "from-the-future",
            "FROM_THE_FUTURE",
            "issued a millisecond more than 120 seconds ahead of the reader's clock",
            request,
            now=NOW - timedelta(seconds=120) - MILLISECOND,
        ),
        _refuse("expired", "EXPIRED", "the moment of expiry is too late already", request, now=NOW + LIFETIME),
        _refuse(
            "retired-suite",
            "WRONG_SUITE",
            "MASH1 after the moment until which the directory accepts it",
            request,
            now=SUITE_ENDS,
        ),
    ]
