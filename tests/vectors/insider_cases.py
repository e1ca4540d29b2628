"""Vectors that must be refused although a real key signed them: what a dishonest or broken member can send."""

from __future__ import annotations

from typing import Any

from broker.exchange.envelope import sha256
from schemas.answer import Answer
from schemas.codec import decode, schema_digest
from schemas.exchange import Content, Envelope
from schemas.vocabulary import Kind
from tests.vectors.forge import Forgery
from tests.vectors.vector_case import Case, Placed, flip, forged, honest, letter
from tests.vectors.vector_world import World

OTHER_REQUEST = "019ab0e8-2c00-7000-8000-00000000000f"


def cases(world: World) -> list[Case]:
    """Return them all."""
    return [*_headers(world), *_readers(world), *_splices(world), *_contents(world), *_stories(world)]


def _refuse(world: World, name: str, expect: str, why: str, forgery: Forgery, **more: Any) -> Case:
    """Return a forged request to police, or what `more` says."""
    settings = {key: more.pop(key) for key in ("written", "sender", "readers") if key in more}
    values = {"reader": "police", "kind": Kind.REQUEST, **more}
    return Case(name=name, expect=expect, why=why, messages=(forged(world, name, forgery, **settings),), **values)


def _headers(world: World) -> list[Case]:
    def header(name: str, expect: str, why: str, **changes: Any) -> Case:
        return _refuse(world, name, expect, why, Forgery(header=changes))

    borrowed = letter(Kind.ANSWER, topic="mash.northants.answers.hub.health.v1")
    return [
        _refuse(
            world,
            "header-trailing-byte",
            "MALFORMED",
            "a signed header with a byte behind it",
            Forgery(header_bytes=lambda honest: honest + b"\0"),
        ),
        header("wrong-suite", "WRONG_SUITE", "a suite that is not MASH1, however well signed", suite="MASH0"),
        header(
            "wrong-schema",
            "WRONG_SCHEMA",
            "the schema digest of another kind",
            schema_digest=schema_digest(Answer),
        ),
        header("wrong-partnership", "WRONG_PARTNERSHIP", "test traffic in production", partnership="training"),
        header("unknown-sender", "UNKNOWN_SENDER", "a sender that the directory does not name", sender="nobody"),
        _refuse(
            world,
            "suspended-sender",
            "NOT_TAKING_PART",
            "a sender that the directory suspends",
            Forgery(),
            sender="county",
        ),
        _refuse(world, "holder-asks", "WRONG_ROLE", "a holder sends a request", Forgery(), sender="health"),
        header(
            "key-of-another",
            "UNKNOWN_KEY",
            "the key id of another member",
            signing_key_id=world.signers["health"].key_id,
        ),
        _refuse(
            world,
            "signed-by-another",
            "BAD_SIGNATURE",
            "named after the hub, signed by health's key",
            Forgery(signer="health"),
        ),
        _refuse(
            world,
            "borrowed-topic",
            "WRONG_TOPIC",
            "police answers on the topic that belongs to health",
            Forgery(),
            written=borrowed,
            kind=Kind.ANSWER,
            reader="hub-screening",
        ),
        header("unknown-directory", "UNKNOWN_DIRECTORY", "a directory version nobody published", directory_version=99),
        header(
            "other-directory",
            "UNKNOWN_DIRECTORY",
            "a known version with another digest: the sender was shown another directory",
            directory_digest=bytes(32),
        ),
    ]


def _readers(world: World) -> list[Case]:
    event = letter(Kind.AUDIT_EVENT)

    def sealed_to(name: str, why: str, *readers: str, **more: Any) -> Case:
        return _refuse(world, name, "WRONG_RECIPIENT", why, Forgery(), readers=readers, **more)

    audit: dict[str, Any] = {"written": event, "kind": Kind.AUDIT_EVENT, "reader": "hub-audit"}
    return [
        sealed_to("extra-reader", "health can open what is for police", "police", "health"),
        sealed_to("other-reader", "on police's topic, sealed to health", "health"),
        sealed_to("missing-reader", "the sender cannot check its own audit event later", "hub-audit", **audit),
        sealed_to("readers-swapped", "the readers in another order", "police", "hub-audit", **audit),
        _refuse(
            world,
            "unlisted-recipient",
            "WRONG_RECIPIENT",
            "a recipient key that the directory does not name",
            Forgery(header={"recipients": (sha256(b"no key"),)}),
        ),
    ]


def _splices(world: World) -> list[Case]:
    other = decode(Envelope, honest(world, "other-request", letter(Kind.REQUEST)).value)
    return [
        _refuse(
            world,
            "spliced-wrap",
            "WRAP_NOT_OURS",
            "the wrap of another envelope, signed over: a wrap is bound to its header and ciphertext",
            Forgery(envelope=lambda made: made.model_copy(update={"wraps": other.wraps})),
        ),
        _refuse(
            world,
            "spliced-ciphertext",
            "WRAP_NOT_OURS",
            "ciphertext and wrap of another envelope under a new header",
            Forgery(
                envelope=lambda made: made.model_copy(update={"ciphertext": other.ciphertext, "wraps": other.wraps})
            ),
        ),
        _refuse(
            world,
            "wrong-content-key",
            "CIPHERTEXT_ALTERED",
            "the wrapped key is not the one it was encrypted with",
            Forgery(wrapped_key=flip),
        ),
        _refuse(
            world,
            "short-content-key",
            "CIPHERTEXT_ALTERED",
            "a wrapped key of 16 bytes: AES-128 is not in the suite",
            Forgery(wrapped_key=lambda key: key[:16]),
        ),
    ]


def _contents(world: World) -> list[Case]:
    def content(name: str, expect: str, why: str, **forgery: Any) -> Case:
        return _refuse(world, name, expect, why, Forgery(**forgery))

    def first_part(made: Content) -> Content:
        return made.model_copy(update={"parts": (flip(made.parts[0], 5), *made.parts[1:])})

    return [
        content("padding-byte-set", "PADDING", "a padding byte carries data out", padded=lambda made: flip(made, -1)),
        content(
            "length-beyond-end",
            "PADDING",
            "the length says more than there is",
            padded=lambda made: b"\0\0\xff\xff" + made[4:],
        ),
        content(
            "content-trailing-byte",
            "MALFORMED",
            "the length takes one padding byte in",
            padded=lambda made: (int.from_bytes(made[:4], "big") + 1).to_bytes(4, "big") + made[4:],
        ),
        content("part-changed", "PART_MISMATCH", "a part other than the one that was hashed", content=first_part),
        content(
            "salt-changed",
            "PART_MISMATCH",
            "a salt other than the one that was hashed with",
            content=lambda made: made.model_copy(update={"salts": (flip(made.salts[0]), made.salts[1])}),
        ),
        content(
            "parts-swapped",
            "PART_MISMATCH",
            "both parts with their salts, the other way round",
            content=lambda made: Content(salts=made.salts[::-1], parts=made.parts[::-1]),
        ),
        content(
            "part-missing",
            "PART_MISMATCH",
            "one part fewer than were signed for",
            content=lambda made: Content(salts=made.salts[:1], parts=made.parts[:1]),
        ),
        content(
            "salt-missing",
            "PART_MISMATCH",
            "one salt fewer than there are parts",
            content=lambda made: made.model_copy(update={"salts": made.salts[:1]}),
        ),
        content(
            "part-trailing-byte",
            "MALFORMED",
            "a part with a byte behind it, its hash right",
            part=lambda made: made + b"\0",
        ),
        _refuse(
            world,
            "spliced-request",
            "SPLICED",
            "the header names another request than the content",
            Forgery(),
            written=letter(Kind.REQUEST, request_id=OTHER_REQUEST),
        ),
        _refuse(
            world,
            "request-id-left-out",
            "SPLICED",
            "the content names a request, the header none",
            Forgery(),
            written=letter(Kind.REQUEST, request_id=None),
        ),
    ]


def _stories(world: World) -> list[Case]:
    def two(name: str, expect: str, why: str, kind: Kind, reader: str) -> Case:
        messages = (
            _placed(honest(world, f"{name}-first", letter(kind)), 0),
            _placed(honest(world, f"{name}-second", letter(kind)), 1),
        )
        return Case(name=name, expect=expect, why=why, reader=reader, kind=kind, messages=messages)

    return [
        two("two-stories", "EQUIVOCATION", "two envelopes under one message id", Kind.REQUEST, "police"),
        two(
            "second-answer",
            "DUPLICATE_ANSWER",
            "a second envelope under an answer's id: the first one stands",
            Kind.ANSWER,
            "hub-screening",
        ),
    ]


def _placed(message: Placed, offset: int) -> Placed:
    return Placed(topic=message.topic, key=message.key, value=message.value, offset=offset)
