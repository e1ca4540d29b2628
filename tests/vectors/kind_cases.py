"""Vectors of what only one kind has: the message passed every check of an envelope, and its content does not hold.

They are read in order by whoever receives that kind: an organisation, screening, the audit service.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from broker.exchange.envelope import derived_id, envelope_digest, sha256
from schemas.codec import decode
from schemas.exchange import Asked, Decided, Dispatch, Envelope, Original
from schemas.request import InformationRequest
from schemas.vocabulary import Kind, Sector
from tests.vectors.vector_case import ACCEPT, POSTS, Case, Placed, golden_record, honest, letter
from tests.vectors.vector_world import World

OTHER_REQUEST = "019ab0e8-2c00-7000-8000-00000000000f"


def cases(world: World) -> list[Case]:
    """Return them all."""
    return [*_requests(world), *_decisions(world), *_events(world), *_answers(world), *_dispatches(world)]


def _case(name: str, expect: str, why: str, kind: Kind, *messages: Placed) -> Case:
    placed = tuple(replace(one, offset=offset) for offset, one in enumerate(messages))
    return Case(name=name, expect=expect, why=why, reader=POSTS[kind].readers[0], kind=kind, messages=placed)


# ---------------------------------------------------------------- an organisation


def _requests(world: World) -> list[Case]:
    golden: InformationRequest = golden_record(Kind.REQUEST)

    def of(name: str, expect: str, why: str, part: str, **changes: Any) -> Case:
        said = golden.model_copy(update={part: getattr(golden, part).model_copy(update=changes)})
        return _case(name, expect, why, Kind.REQUEST, honest(world, name, letter(Kind.REQUEST, record=said)))

    identifier = golden.addressed.identifiers[0].model_copy(update={"person": "p9"})
    return [
        of("accept-request-of-its-sender", ACCEPT, "it names its sender and its reader", "common"),
        of("asks-for-another", "SPLICED", "the hub asks in another's name", "common", organisation="county"),
        of(
            "addressed-to-another",
            "SPLICED",
            "what is for health",
            "addressed",
            organisation="health",
        ),
        of(
            "identifier-of-nobody",
            "SPLICED",
            "an identifier of nobody asked about",
            "addressed",
            identifiers=(identifier,),
        ),
    ]


def _decisions(world: World) -> list[Case]:
    request = honest(world, "accept-REQUEST", letter(Kind.REQUEST))
    event = honest(world, "accept-AUDIT_EVENT", letter(Kind.AUDIT_EVENT))
    golden: Decided = golden_record(Kind.DECISION)

    def decided(name: str, expect: str, why: str, original: Original, **changes: Any) -> Case:
        body = golden.body.model_copy(update={"original": original} | changes)
        written = letter(Kind.DECISION, record=Decided(body=body))
        return _case(name, expect, why, Kind.DECISION, request, honest(world, name, written))

    first = _kept(request)
    return [
        decided("accept-decision-with-original", ACCEPT, "it holds the request, whole and from its place", first),
        decided(
            "original-altered",
            "SPLICED",
            "the digest beside the original is not its own",
            first.model_copy(update={"digest": bytes(32)}),
        ),
        decided(
            "original-of-another-request",
            "SPLICED",
            "a decision about one request with the original of another",
            first,
            request_id=OTHER_REQUEST,
        ),
        decided(
            "original-elsewhere",
            "REPLAYED",
            "the original never lay at the place that is said",
            first.model_copy(update={"offset": 7}),
        ),
        decided("decided-by-nobody", "NOT_A_PRACTITIONER", "they may sign nothing", first, by="police-ex-01"),
        decided("original-of-another-kind", "WRONG_KIND", "the original is no request", _kept(event)),
    ]


def _kept(message: Placed) -> Original:
    return Original(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key.encode(),
        value=message.value,
        digest=sha256(message.value),
    )


# ---------------------------------------------------------------- the audit service


def _events(world: World) -> list[Case]:
    golden = golden_record(Kind.AUDIT_EVENT)

    def of(name: str, expect: str, why: str, event_id: str) -> Case:
        written = letter(Kind.AUDIT_EVENT, event_id=event_id)
        return _case(name, expect, why, Kind.AUDIT_EVENT, honest(world, name, written))

    return [
        of("accept-event-by-its-id", ACCEPT, "header and skeleton name one event", golden.skeleton.event_id),
        of("event-of-another-id", "SPLICED", "an event in the place of another in its stream", OTHER_REQUEST),
    ]


# ---------------------------------------------------------------- screening


def _answers(world: World) -> list[Case]:
    request = honest(world, "accept-REQUEST", letter(Kind.REQUEST))
    digest = envelope_digest(decode(Envelope, request.value))
    asked = _dispatch(world, "dispatched-to-police", _asked("police", digest))

    def answer(label: str, *, answers: bytes | None = digest, ordinal: int | None = None, **changes: Any) -> Placed:
        golden = golden_record(Kind.ANSWER)
        status = golden.status.model_copy(update=changes)
        message_id = derived_id(Kind.ANSWER, digest, "police", status.revision if ordinal is None else ordinal)
        said = golden.model_copy(update={"status": status})
        return honest(world, label, letter(Kind.ANSWER, record=said, answers=answers, message_id=message_id))

    def of(name: str, expect: str, why: str, *messages: Placed) -> Case:
        return _case(name, expect, why, Kind.ANSWER, *messages)

    other = _dispatch(world, "dispatched-to-health", _asked("health", sha256(b"health")))
    return [
        of("accept-answer-to-dispatch", ACCEPT, "police answers the envelope it was sent", asked, answer("an-answer")),
        of(
            "answer-to-another-envelope",
            "WRONG_REQUEST",
            "police answers an envelope that the dispatch does not say it was sent",
            asked,
            _answer_to_another(world),
        ),
        of("answer-to-nothing", "WRONG_REQUEST", "it names no envelope", asked, answer("to-nothing", answers=None)),
        of(
            "answer-for-another",
            "WRONG_ORGANISATION",
            "police signs an answer of health",
            asked,
            answer("for-another", organisation="health"),
        ),
        of("answer-of-another-id", "WRONG_ID", "revision 1 under the id of 2", asked, answer("other-id", ordinal=2)),
        of("answer-unasked", "NOT_ASKED", "the dispatch does not name police", other, answer("unasked")),
        of(
            "answer-older",
            "OLDER_REVISION",
            "revision 1 after revision 2",
            asked,
            answer("revision-2", revision=2),
            answer("revision-1"),
        ),
    ]


def _answer_to_another(world: World) -> Placed:
    return honest(world, "to-another", letter(Kind.ANSWER))  # its subject is the digest of no envelope


def _dispatches(world: World) -> list[Case]:
    first = _dispatch(world, "first-dispatch", _asked("police", sha256(b"police")))
    second = _dispatch(
        world,
        "second-dispatch",
        _asked("police", sha256(b"police")),
        message_id=derived_id(Kind.DISPATCH, sha256(b"second"), "hub", 1),
    )
    twice = _dispatch(world, "asked-twice", _asked("police", bytes(32)), _asked("police", sha256(b"police")))
    return [
        _case(
            "dispatch-twice", "SECOND_DISPATCH", "the first dispatch of a request stands", Kind.DISPATCH, first, second
        ),
        _case(
            "dispatch-asks-twice",
            "ASKED_TWICE",
            "one organisation twice: which envelope it was sent cannot be told",
            Kind.DISPATCH,
            twice,
        ),
    ]


def _dispatch(world: World, label: str, *asked: Asked, **changes: Any) -> Placed:
    body = golden_record(Kind.DISPATCH).body.model_copy(update={"asked": asked})
    return honest(world, label, letter(Kind.DISPATCH, record=Dispatch(body=body), **changes))


def _asked(organisation: str, digest: bytes) -> Asked:
    sector = {"police": Sector.POLICE, "health": Sector.HEALTH}[organisation]
    return Asked(organisation=organisation, sector=sector, request_digest=digest)
