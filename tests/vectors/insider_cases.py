"""Vectors that must be refused although a real key signed them: what a dishonest or broken member can send."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from broker.exchange.envelope import LIFETIME, sha256
from schemas.answer import Answer
from schemas.codec import schema_digest
from schemas.vocabulary import Kind
from tests.vectors.forge import Forgery
from tests.vectors.vector_case import Case, Placed, honest, insider, letter
from tests.vectors.vector_world import NOW, OPEN_UNTIL, SEAL_FROM, World

MILLISECOND = timedelta(milliseconds=1)
NOT_BEGUN = SEAL_FROM - timedelta(seconds=120) - MILLISECOND
NEARLY_OVER = OPEN_UNTIL - LIFETIME + MILLISECOND
OTHER_REQUEST = "019ab0e8-2c00-7000-8000-00000000000f"


def cases(world: World) -> list[Case]:
    """Return them all."""
    return [*_headers(world), *_topics(world), *_readers(world), *_stories(world)]


def _headers(world: World) -> list[Case]:
    def header(name: str, expect: str, why: str, **changes: Any) -> Case:
        return insider(world, name, expect, why, Forgery(header=changes))

    return [
        insider(
            world,
            "header-trailing-byte",
            "MALFORMED",
            "a signed header with a byte behind it",
            Forgery(header_bytes=lambda honest: honest + b"\0"),
        ),
        header(
            "wrong-suite", "WRONG_SUITE", "a suite other than MASH1, although the directory lists it", suite="MASH2"
        ),
        header("unknown-kind", "UNKNOWN_KIND", "a kind that no table has", kind="GOSSIP"),
        header("kind-not-in-use", "NOT_IN_USE", "a kind that is reserved and has no record yet", kind="CONTACT"),
        header(
            "thread-not-inside",
            "SPLICED",
            "a thread in the header of a kind whose part 0 has none: free bits that anybody can read",
            thread=OTHER_REQUEST,
        ),
        header(
            "wrong-schema",
            "WRONG_SCHEMA",
            "the schema digest of another kind",
            schema_digest=schema_digest(Answer),
        ),
        header("wrong-partnership", "WRONG_PARTNERSHIP", "test traffic in production", partnership="training"),
        header("unknown-sender", "UNKNOWN_SENDER", "a sender that the directory does not name", sender="nobody"),
        insider(
            world,
            "suspended-sender",
            "NOT_TAKING_PART",
            "a sender that the directory suspends",
            Forgery(),
            sender="county",
        ),
        insider(world, "holder-asks", "WRONG_ROLE", "a holder sends a request", Forgery(), sender="health"),
        header(
            "key-of-another",
            "UNKNOWN_KEY",
            "the key id of another member",
            signing_key_id=world.signers["health"].key_id,
        ),
        insider(
            world,
            "signed-by-another",
            "BAD_SIGNATURE",
            "named after the hub, signed by health's key",
            Forgery(signer="health"),
        ),
        header(
            "lifetime-longer",
            "WRONG_LIFETIME",
            "valid for longer than 14 days: it would outlive the journals that know it for a replay",
            expires_at=NOW + LIFETIME + MILLISECOND,
        ),
        header(
            "lifetime-shorter",
            "WRONG_LIFETIME",
            "valid for less than 14 days: it would show that it is urgent",
            expires_at=NOW + LIFETIME - MILLISECOND,
        ),
        _key_time(world, "signing-key-over", "issued as its signing key ends: it was retired", "hub-retired"),
        _key_time(world, "signing-key-not-begun", "issued before its signing key begins", "hub-next"),
        _issued(world, "key-not-begun", "sealed to a key before it begins: it would outlive its week", NOT_BEGUN),
        _issued(world, "key-nearly-over", "sealed to a key that is destroyed before the message expires", NEARLY_OVER),
        header("unknown-directory", "UNKNOWN_DIRECTORY", "a directory version nobody published", directory_version=99),
        header(
            "other-directory",
            "UNKNOWN_DIRECTORY",
            "a known version with another digest: the sender was shown another directory",
            directory_digest=bytes(32),
        ),
    ]


def _issued(world: World, name: str, why: str, moment: datetime) -> Case:
    written = letter(Kind.REQUEST, issued_at=moment)
    return insider(world, name, "WRONG_EPOCH", why, Forgery(), written=written, now=moment)


def _key_time(world: World, name: str, why: str, key: str) -> Case:
    forgery = Forgery(signer=key, header={"signing_key_id": world.signers[key].key_id})
    return insider(world, name, "WRONG_KEY_TIME", why, forgery)


def _topics(world: World) -> list[Case]:
    def on(name: str, why: str, kind: Kind, topic: str, reader: str, **more: Any) -> Case:
        written = letter(kind, topic=topic)
        return insider(world, name, "WRONG_TOPIC", why, Forgery(), written=written, kind=kind, reader=reader, **more)

    return [
        on(
            "borrowed-topic",
            "police answers on the topic that belongs to health",
            Kind.ANSWER,
            "mash.northants.answers.hub.health.v1",
            "hub-screening",
        ),
        on(
            "other-family",
            "a request on a topic for dispatches",
            Kind.REQUEST,
            "mash.northants.dispatches.police.v1",
            "police",
        ),
        on(
            "summary-for-another",
            "one hub's screening writes on another requester's topic for summaries",
            Kind.SUMMARY,
            "mash.northants.summaries.county.v1",
            "county",
            readers=("county", "hub-screening"),
        ),
    ]


def _readers(world: World) -> list[Case]:
    event = letter(Kind.AUDIT_EVENT)

    def sealed_to(name: str, why: str, *readers: str, **more: Any) -> Case:
        return insider(world, name, "WRONG_RECIPIENT", why, Forgery(), readers=readers, **more)

    audit: dict[str, Any] = {"written": event, "kind": Kind.AUDIT_EVENT, "reader": "hub-audit"}
    return [
        sealed_to("extra-reader", "health can open what is for police", "police", "health"),
        sealed_to("other-reader", "on police's topic, sealed to health", "health"),
        sealed_to("missing-reader", "the sender cannot check its own audit event later", "hub-audit", **audit),
        sealed_to("readers-swapped", "the readers in another order", "police", "hub-audit", **audit),
        insider(
            world,
            "unlisted-recipient",
            "WRONG_RECIPIENT",
            "a recipient key that the directory does not name",
            Forgery(header={"recipients": (sha256(b"no key"),)}),
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
