"""Rows of whoever is sent messages: an organisation's path, screening and its page, the desk, the reconciler."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Callable
from random import Random

from rich.console import Console

from broker.application.documents import desk_item_document, desk_line_document, summary_document
from broker.bootstrap.holder import build_holder
from broker.bootstrap.screening import open_screening
from broker.cli.output import emit
from broker.cli.views.summary import render, show_desk_item
from broker.errors import RejectedError
from broker.exchange.envelope import derived_id
from broker.exchange.worker import Delivery
from broker.holder.decide import DeskInbox
from broker.holder.desk import keep
from broker.holder.desk_clock import rings
from broker.ports import Message
from consumers.audit.reconciliation.reconcile import LedgerEvent, OpenItems
from consumers.screening.handlers import Handlers
from consumers.screening.join import RequestState, summary_of
from consumers.screening.publisher import SummaryPublisher
from consumers.screening.reader import SummaryReader
from consumers.screening.state import ScreeningState
from fuzzing.mutation import golden
from fuzzing.partnership import UNWRITABLE, OneTopic, Partnership
from schemas.answer import Answer
from schemas.audit import AuditEvent
from schemas.codec import MalformedError, decode, encode, encode_parts
from schemas.directory import Person
from schemas.exchange import Decided, DecidedBody, DeskItem, Dispatch
from schemas.request import InformationRequest
from schemas.summary import Summary, SummaryBody
from schemas.topics import Family
from schemas.vocabulary import (
    Capability,
    DecisionAction,
    DeskReason,
    EventKind,
    Kind,
    PersonRole,
    PrincipalRole,
    Purpose,
)

Step = Callable[[], str]
TAKEN, NOT_WRITABLE = "taken", "not writable"


# ---------------------------------------------------------------- an organisation


def holder(world: Partnership) -> Step:
    """An organisation's whole path, sent mutated requests by its hub and mutated decisions by its own desk."""
    random = world.random
    world.load_records("police")
    police, topic = world.principal("police"), world.topic(Family.REQUESTS, "police")
    honest, _, message = asyncio.run(world.honest())
    world.mutator.learn(honest)
    path, numbers = build_holder(police), iter(range(1, 2**53))
    signer = _who_signs(police.published.register().people, "police")

    def a_request() -> InformationRequest:
        record, how = honest, random.random()
        if how < 0.15:
            record = with_other_children(record, random)
        elif how < 0.9:
            part = random.choice(("common", "addressed"))
            record = record.model_copy(update={part: world.mutator.mutated(getattr(record, part))})
        if random.random() < 0.5:  # otherwise it is another story about a request that was asked before
            record = _with_common(record, request_id=world.id())
        return record

    def sent(record: InformationRequest) -> Message | None:
        return world.sealed("hub", Kind.REQUEST, topic, record, message_id=world.id())

    def a_decision() -> Message | None:
        original = random.choice((message, sent(a_request()) or message))
        body = random.choice(golden(Decided)).body.model_copy(
            update={
                "item_id": world.id(),
                "request_id": honest.common.request_id,
                "reason": random.choice(list(DeskReason)),
                "action": random.choice(list(DecisionAction)),
                "by": signer,
                "original": keep(original),
            }
        )
        return world.sealed("police", Kind.DECISION, topic, Decided(body=_mostly(world, body)))

    def step() -> str:
        asked = a_request() if random.random() < 2 / 3 else None
        made = a_decision() if asked is None else sent(asked)
        if made is None:
            return NOT_WRITABLE
        now = police.clock()
        police.journal.count_attempt([made.place], now=now)
        delivery = Delivery(stream="police.fuzz", sequence=next(numbers), attempts=0, now=now)
        ended = asyncio.run(path.end(made, delivery))
        police.journal.record_outcome([ended.entry])
        if asked is not None and ended.status and ended.entry.reason is None:
            assert has_its_child(asked), "a request was taken that has no child, or several"
        return ended.entry.reason or (TAKEN if ended.status else "decided")

    return step


def with_other_children(record: InformationRequest, random: Random) -> InformationRequest:
    """Return the request without a subject child, or with a second one: nothing may be made of either."""
    people = record.common.people
    child = next(person for person in people if person.is_subject)
    if random.random() < 0.5:
        return _with_common(record, people=(*people, child.model_copy(update={"ref": "p63"})))
    parent = child.model_copy(update={"roles": (PersonRole.PARENT,)})
    return _with_common(record, people=tuple(parent if person is child else person for person in people))


def has_its_child(record: InformationRequest) -> bool:
    """Return whether it has one subject child, as CODEC-9 wants; a consultation may have none."""
    children = sum(person.is_subject for person in record.common.people)
    return children == 1 or (children == 0 and record.common.purpose is Purpose.CONSULTATION)


def _with_common(record: InformationRequest, **changes: object) -> InformationRequest:
    return record.model_copy(update={"common": record.common.model_copy(update=changes)})


def _who_signs(people: tuple[Person, ...], organisation: str) -> str:
    ours = (one for one in people if one.organisation == organisation)
    return next(one.actor for one in ours if one.may(Capability.SIGN, band=None, purpose=None))


def _mostly(world: Partnership, body: DecidedBody) -> DecidedBody:
    return world.mutator.mutated(body) if world.random.random() < 0.8 else body


# ---------------------------------------------------------------- screening and the page


def screening(world: Partnership) -> Step:
    """Screening, sent mutated dispatches and answers in any order, and the page of what it made of them."""
    random = world.random
    world.load_records("police")
    own = world.principal("hub-screening")
    _, dispatch, message = asyncio.run(world.honest())
    honest = _answered(world, message)
    database = open_screening(own)
    state = ScreeningState(database, rest=own.keys.rest)
    handlers = Handlers(
        database,
        verifier=own.verifier,
        state=state,
        publisher=SummaryPublisher(database, sealer=own.sealer, requester="hub", build="fuzz"),
        clock=own.clock,
    )
    world.mutator.learn((dispatch, honest))
    answers = [honest, *golden(Answer)]

    def a_dispatch(request_id: str) -> Message | None:
        body = dispatch.body.model_copy(update={"request_id": request_id})
        if random.random() < 0.7:
            body = world.mutator.mutated(body)
        return world.sealed("hub", Kind.DISPATCH, world.topic(Family.DISPATCHES, "hub"), Dispatch(body=body))

    def an_answer(request_id: str) -> Message | None:
        asked = next(one for one in dispatch.body.asked if one.organisation == "police")
        record = random.choice(answers)
        update = {"request_id": request_id, "organisation": "police", "revision": random.randrange(4)}
        record = record.model_copy(update={"status": record.status.model_copy(update=update)})
        if random.random() < 0.8:
            part = random.choice(("status", "body"))
            record = record.model_copy(update={part: world.mutator.mutated(getattr(record, part))})
        revision = record.status.revision
        digest = random.choice((asked.request_digest,) * 9 + (random.randbytes(32),))
        try:
            message_id = derived_id(Kind.ANSWER, digest, "police", revision)
        except UNWRITABLE:
            return None
        topic = world.topic(Family.ANSWERS, "hub", "police")
        return world.sealed("police", Kind.ANSWER, topic, record, answers=digest, message_id=message_id)

    def step() -> str:
        request_id = world.id()
        steps = [(handlers.dispatch, a_dispatch), *[(handlers.answer, an_answer)] * random.randint(1, 4)]
        random.shuffle(steps)
        words: list[str] = []
        for take, make in steps:
            made = make(request_id)
            if made is not None:
                words += _ended(handlers, take, made)
        with database.transaction() as transaction:
            kept, version = state.load(transaction, request_id)
        return _page_of(kept, version) or (words[0] if words else NOT_WRITABLE)

    return step


def _answered(world: Partnership, message: Message) -> Answer:
    police = world.principal("police")
    delivery = Delivery(stream="police.first", sequence=1, attempts=0, now=police.clock())
    ended = asyncio.run(build_holder(police).end(message, delivery))
    answer = next(one for one in ended.outgoing if ".answers." in one.topic)
    opened: Answer = world.opened("hub-screening", world.placed(answer), Answer)
    return opened


def _ended(handlers: Handlers, take: Callable[[Message], tuple[str, ...]], message: Message) -> tuple[str, ...]:
    try:
        return take(message)
    except RejectedError as refused:
        handlers.quarantined(message.place, refused.reason)
        return (refused.reason,)


def _page_of(kept: RequestState, version: int) -> str | None:
    if kept.dispatch is None:
        return None
    return _shown(summary_of(kept, kept.dispatch, version=version))


def _shown(body: SummaryBody) -> str:
    """Draw the page and write the document, and count the panels: nobody may draw another's."""
    document = summary_document(body)
    page = io.StringIO()
    Console(file=page, width=100, highlight=False, markup=False, emoji=False).print(render(document))
    heads = sum(line.startswith("╭─ ") for line in page.getvalue().splitlines())
    assert heads == len(document["answers"]), "the page has another number of panels than there are organisations"
    with contextlib.redirect_stdout(_Nowhere()) as written:
        emit(document)
    assert "\x1b" not in written.buffer.getvalue().decode(), "the document holds an escape"
    return TAKEN


class _Nowhere(io.TextIOWrapper):
    """Standard output that nobody sees."""

    buffer: io.BytesIO

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), "utf-8")


def summaries(world: Partnership) -> Step:
    """The requester's reader of summaries and its page, sent mutated summaries by its own screening."""
    random = world.random
    hub, topic = world.principal("hub"), world.topic(Family.SUMMARIES, "hub")
    seeds = golden(Summary)

    def step() -> str:
        request_id, log = world.id(), OneTopic()
        for _ in range(random.randint(1, 3)):
            body = random.choice(seeds).body.model_copy(update={"request_id": request_id})
            made = world.sealed("hub-screening", Kind.SUMMARY, topic, Summary(body=world.mutator.mutated(body)))
            log.messages += [made] if made else []
        reader = SummaryReader(log, request_id=request_id, requester="hub", verifier=hub.verifier, clock=hub.clock)
        newest = asyncio.run(reader.latest())
        if newest is not None:
            return _shown(newest)
        return reader.rejected[0] if reader.rejected else NOT_WRITABLE

    return step


# ---------------------------------------------------------------- the desk


def desk(world: Partnership) -> Step:
    """A desk, its view and its clock, sent mutated items under the organisation's own key."""
    random = world.random
    police, topic = world.principal("police"), world.topic(Family.DESK, "police")
    seeds, refused = golden(DeskItem), list[str]()

    def step() -> str:
        refused.clear()
        log = OneTopic()
        inbox = DeskInbox(verifier=police.verifier, partnership=world.name, clock=police.clock, alarm=refused.append)
        for _ in range(random.randint(1, 3)):
            body = random.choice(seeds).body.model_copy(update={"item_id": world.id()})
            made = world.sealed("police", Kind.DESK_ITEM, topic, DeskItem(body=world.mutator.mutated(body)))
            log.messages += [made] if made else []
        waiting = asyncio.run(inbox.waiting(log))
        for item in waiting:
            rings(item, police.clock())
            desk_line_document(item)
            document = desk_item_document(item, organisation="police", sector=police.config.sector)
            with contextlib.redirect_stdout(_Nowhere()):
                show_desk_item("police", document)
                emit(document)
        return TAKEN if waiting else refused[0] if refused else "nothing waits"

    return step


# ---------------------------------------------------------------- the reconciler


def reconciler(world: Partnership) -> Step:
    """The reconciler, given arbitrary events as the ledger could hold them."""
    random = world.random
    mutator, seeds = world.mutator, golden(AuditEvent)
    names, streams, digests = ("hub", "police", "hub-screening"), ("a.0", "b.0"), (bytes(32), b"\1" * 32)
    blocks = [encode_parts(one)[0] for one in golden(Answer)]

    def event(index: int) -> LedgerEvent | None:
        made = mutator.mutated(random.choice(seeds), most=6)
        told = {"answer_digest": random.choice(digests), "event": random.choice(list(EventKind))}
        try:
            made = made.model_copy(
                update={
                    "skeleton": made.skeleton.model_copy(update=told),
                    "personal": made.personal.model_copy(update={"status_block": random.choice(blocks)}),
                }
            )
            made = decode(AuditEvent, encode(made))
        except (MalformedError, *UNWRITABLE):
            return None
        return LedgerEvent(
            index=index,
            sender=random.choice(names),
            roles=tuple(random.sample(list(PrincipalRole), k=random.randint(0, 2))),
            stream=random.choice(streams),
            sequence=random.choice((0, 1, 2, 3, 4, 2**53)),
            issued_at=made.skeleton.occurred_at,
            answered_by=random.choice((None, *names)),
            skeleton=made.skeleton,
            personal=random.choice((None, made.personal, made.personal)),
        )

    def step() -> str:
        items = OpenItems()
        events = [one for one in map(event, range(random.randint(1, 8))) if one is not None]
        for one in events:
            items.add(one)
            items.alarms(random.choice(events).issued_at)
        return TAKEN if events else "MALFORMED"

    return step
