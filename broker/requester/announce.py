"""Announce: every directory version is published on the log and accounted for by one CHANGED event, exactly once.

(1) What was announced is remembered in the transaction that numbers and stores the announcement, so a crash leaves
both or neither; (2) each version since the last one is announced, in order; (3) the event quotes the digest that two
organisations' roots signed, so that a version shown to some only is found in the ledger; (4) the outbox publishes.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from broker.exchange.directory_source import DirectorySource, directory_file
from broker.exchange.envelope import derived_id
from broker.exchange.seal import UnsealedMessage
from broker.ports import Outgoing, Transaction
from broker.requester.ask import Requester
from schemas.audit import AuditEvent, Personal, Skeleton
from schemas.topics import Family, topic_name
from schemas.vocabulary import EventKind, Kind

SCHEMA = ("CREATE TABLE IF NOT EXISTS announced (version INTEGER PRIMARY KEY)",)
CHANGED_WHAT = "DIRECTORY"


def announce(requester: Requester, *, published: DirectorySource, folder: Path, now: datetime) -> int:
    """Put every version that was not announced yet into the outbox, and return how many; the caller drains it.

    `folder` is where the signed versions lie.
    """
    newest = published.current().directory.version
    announced = 0
    with requester.database.transaction() as transaction:  # (1)
        rows = transaction.execute("SELECT coalesce(max(version), 0) FROM announced")
        for version in range(int(rows[0][0]) + 1, newest + 1):  # (2)
            digest = published.known_version(version)
            if digest is None:
                continue  # not here, or not signed: nobody can vouch for it, and its successor names its digest
            signed = directory_file(folder, version).read_bytes()
            _store(requester, transaction, version, signed, digest, now)
            announced += 1
    return announced


def _store(
    requester: Requester, transaction: Transaction, version: int, signed: bytes, digest: bytes, now: datetime
) -> None:
    sealer, outbox = requester.sealer, requester.outbox
    partnership = sealer.directory().directory.partnership
    sequence = outbox.take_sequence(transaction)
    event_id = derived_id(Kind.AUDIT_EVENT, digest, sealer.keys.principal, version)
    event = sealer.seal(
        UnsealedMessage(
            kind=Kind.AUDIT_EVENT,
            topic=topic_name(partnership, Family.AUDIT),
            record=_changed_event(requester, event_id, digest, now),
            message_id=event_id,
            request_id=None,
            answers=None,
            event_id=event_id,
            stream=outbox.stream,
            sequence=sequence,
            issued_at=now,
        )
    )
    directory = Outgoing(topic=topic_name(partnership, Family.DIRECTORY), key=str(version).encode(), value=signed)
    outbox.put(transaction, sequence, [directory, event.outgoing])  # (4)
    transaction.execute("INSERT INTO announced (version) VALUES (:version)", version=version)


def _changed_event(requester: Requester, event_id: str, digest: bytes, now: datetime) -> AuditEvent:
    me = requester.sealer.keys.principal
    skeleton = Skeleton(
        event_id=event_id,
        event=EventKind.CHANGED,
        occurred_at=now,
        organisation=me,
        service=me,
        changed=CHANGED_WHAT,
        changed_digest=digest,  # (3)
        profile_digest=requester.sealer.directory().directory.profile_digest,
        build=requester.build,
    )
    return AuditEvent(skeleton=skeleton, personal=Personal())
