"""Diagnosis of the ledger: the reconciler's alarms, one finding for each name and organisation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from broker.application.diagnosis.principal import Finding, Patience
from broker.bootstrap.audit import ledger_reader
from broker.bootstrap.principal import OpenPrincipal
from broker.errors import RejectedError
from consumers.audit.reconciliation.monitor import LedgerReader, has_read
from consumers.audit.reconciliation.reconcile import Alarm, AlarmKind
from schemas.topics import Family, topic_name

MOST_LISTED = 5
LOOK_AGAIN_SECONDS = 0.25

DO = {
    AlarmKind.ANSWER_NOT_AUDITED: "ask the organisation which event of its own accounts for the answer; it has none",
    AlarmKind.AUDITED_NOT_OPENED: "see that screening runs; if it does, ask the organisation what it sent, and where",
    AlarmKind.AUDITED_OTHERWISE: "compare both events: the organisation recorded one thing and sent another",
    AlarmKind.REQUEST_OVERDUE: "ask the organisation by telephone; see that its agent runs and look at its desk",
    AlarmKind.SEQUENCE_GAP: "ask the organisation for the missing events: its journal has them",
    AlarmKind.SEQUENCE_REPEATED: "ask the organisation whether it restored an old copy of its store",
    AlarmKind.LEAF_UNREADABLE: "run: mash ledger verify HOME",
}


def reconciled(principal: OpenPrincipal, patience: Patience) -> Iterator[Finding]:
    """Return the alarms over the audit principal's ledger as findings. Raises: RejectedError, UnavailableError."""
    reader = ledger_reader(principal)
    if not asyncio.run(_read(principal, reader, looks=patience.looks)):
        # The missing half of a pair may be in the unread rest of the topic, so no alarm would be certain.
        yield Finding(what="the ledger has not read all audit events yet", do="start it with: mash up HOME")
        return
    groups: dict[tuple[AlarmKind, str, str], list[Alarm]] = {}
    for alarm in reader.alarms(principal.clock()):
        groups.setdefault((alarm.kind, alarm.organisation, alarm.detail), []).append(alarm)
    for (kind, organisation, detail), alarms in groups.items():
        about = " ".join(word for word in (organisation, f"({detail})" if detail else "") if word)
        yield Finding(what=f"{kind.value}: {about}{' ' if about else ''}{_places(alarms)}", do=DO[kind])


async def _read(principal: OpenPrincipal, reader: LedgerReader, *, looks: int) -> bool:
    log, topic = principal.log(), topic_name(principal.config.partnership, Family.AUDIT)
    try:
        end = await log.end(topic, 0)  # before the ledger: then all of it must be there
        for left in range(looks, 0, -1):
            position = await asyncio.to_thread(reader.read_on)
            if await has_read(log, topic, position=position, end=end):
                return True
            if left > 1:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
        return False
    except RejectedError as fault:
        if fault.reason != "UNKNOWN_TOPIC":
            raise
        return True  # the missing topic is a finding of its own
    finally:
        await log.close()


def _places(alarms: Sequence[Alarm]) -> str:
    """Return the first few alarms' places in the ledger, as entry and event."""
    listed = [f"{one.index} {'/'.join(one.event_ids)}".strip() for one in alarms[:MOST_LISTED]]
    more = f" and {len(alarms) - MOST_LISTED} more" if len(alarms) > MOST_LISTED else ""
    return f"at ledger entry {', '.join(listed)}{more}"
