"""Read: opening a combined summary is an event too (golden rule 7). It is accounted for before anything is shown.

One event a command, however many versions of the summary came by while it waited. It names the request and the version
of the summary that is shown; what was in that version is accounted for by the events of those who opened the answers.
"""

from __future__ import annotations

from datetime import datetime

from broker.exchange.envelope import request_id_at
from broker.exchange.seal import UnsealedMessage
from broker.requester.ask import Requester
from schemas.audit import AuditEvent, Personal, Skeleton
from schemas.request import Actor
from schemas.summary import SummaryBody
from schemas.topics import Family, topic_name
from schemas.vocabulary import EventKind, Kind


def account_for_reading(requester: Requester, body: SummaryBody, *, actor: Actor | None, now: datetime) -> None:
    """Put the READ event of one summary into the outbox, durably; the caller shows the summary, then drains.

    Crash after this: the ledger says that it was read, and it may not have been; the other way round would be worse.
    """
    sealer, outbox = requester.sealer, requester.outbox
    event_id = request_id_at(now, sealer.random(10))
    topic = topic_name(sealer.directory().directory.partnership, Family.AUDIT)
    with requester.database.transaction() as transaction:
        sequence = outbox.take_sequence(transaction)
        sealed = sealer.seal(
            UnsealedMessage(
                kind=Kind.AUDIT_EVENT,
                topic=topic,
                record=_read_event(requester, body, event_id=event_id, actor=actor, now=now),
                message_id=event_id,
                request_id=body.request_id,
                answers=None,
                event_id=event_id,
                stream=outbox.stream,
                sequence=sequence,
                issued_at=now,
            )
        )
        outbox.put(transaction, sequence, [sealed.outgoing])


def _read_event(
    requester: Requester, body: SummaryBody, *, event_id: str, actor: Actor | None, now: datetime
) -> AuditEvent:
    me = requester.sealer.keys.principal
    skeleton = Skeleton(
        event_id=event_id,
        event=EventKind.READ,
        occurred_at=now,
        organisation=me,
        service=me,
        request_id=body.request_id,
        revision=body.version,
        rag=body.rag,
        due_at=body.due_at,
        recipients=(me,),
        build=requester.build,
    )
    personal = Personal(
        case_ref=body.case_ref,
        actor=actor.actor if actor else None,
        actor_role=actor.role if actor else None,
    )
    return AuditEvent(skeleton=skeleton, personal=personal)
