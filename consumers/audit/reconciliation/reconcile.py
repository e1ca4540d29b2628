"""Reconcile: what was audited, what was opened and what was asked must be one story; where they part, a named alarm.

(1) An answer that screening opened has an event of the organisation that wrote it, which quotes the same envelope by
its digest: an event id alone proves nothing, for it can be another organisation's. (2) An answer that was audited was
opened. (3) Both tell the same: id, status, revision, and the status block byte for byte. (4) Whoever was asked has
answered when it is due. (5) The numbers of each stream run 1, 2, 3. A matched pair is forgotten, so that the books hold
only what is open. Nobody's clock is believed further ahead than `verify` allows: moments are the signed headers'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import final

from broker.exchange.worker import FIRST_SEQUENCE
from consumers.audit.reconciliation.numbering import Numbering
from schemas.answer import Answer
from schemas.audit import Personal, Skeleton
from schemas.codec import MalformedError, decode_part
from schemas.scalars import Wire
from schemas.vocabulary import EventKind, PrincipalRole, Status

GRACE = timedelta(seconds=15)
"""How long the other half of a story, or a missing number, may be on its way."""

_QUOTED = ("request_id", "answer_id", "status", "stage", "revision")
"""What both events say of one answer."""

_TOLD = ("request_id", "status", "stage", "reason", "revision", "decision", "item_counts")
"""What the organisation's event repeats from the status block that it sent."""

_ANSWERING = frozenset({EventKind.ANSWERED, EventKind.DECIDED})


class AlarmKind(StrEnum):
    """What does not fit. Scripts rely on these words."""

    ANSWER_NOT_AUDITED = "ANSWER_NOT_AUDITED"  # opened, and its organisation has no event about it
    AUDITED_NOT_OPENED = "AUDITED_NOT_OPENED"  # audited as sent, and screening never opened it
    AUDITED_OTHERWISE = "AUDITED_OTHERWISE"  # one thing was audited and another sent
    REQUEST_OVERDUE = "REQUEST_OVERDUE"  # no final answer when it was due
    SEQUENCE_GAP = "SEQUENCE_GAP"  # events of a stream are missing
    SEQUENCE_REPEATED = "SEQUENCE_REPEATED"  # two events under one number of a stream
    LEAF_UNREADABLE = "LEAF_UNREADABLE"  # the ledger's own row is damaged, and could not be compared


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One finding; no personal data. `organisation` is whose story does not fit.

    `index` is the ledger's entry that shows it, `event_ids` the events concerned, `count` how many things are amiss.
    """

    kind: AlarmKind
    organisation: str
    index: int
    event_ids: tuple[str, ...]
    detail: str = ""
    count: int = 1


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEvent:
    """One recorded event, opened. `sender` signed it; `role` is that principal's in today's directory.

    `answered_by` is who wrote the answer that it consumed, by the topic that it was read from. `personal` is None
    where it was erased by order.
    """

    index: int
    sender: str
    roles: tuple[PrincipalRole, ...]
    stream: str
    sequence: int
    issued_at: datetime
    answered_by: str | None
    skeleton: Skeleton = field(repr=False)
    personal: Personal | None = field(repr=False)

    def alarm(self, kind: AlarmKind, organisation: str, *, detail: str = "", count: int = 1) -> Alarm:
        """Return an alarm that this event shows."""
        ids = (self.skeleton.event_id,)
        return Alarm(kind=kind, organisation=organisation, index=self.index, event_ids=ids, detail=detail, count=count)


def reconcile(events: Iterable[LedgerEvent], now: datetime) -> tuple[Alarm, ...]:
    """Return every alarm over these events, all from the ledger's first on, in the order of their entries."""
    open_items = OpenItems()
    for event in events:
        open_items.add(event)
    return open_items.alarms(now)


_Answer = tuple[str, bytes]
"""Who wrote it, and the digest of its envelope."""


@final
class OpenItems:
    """The items still open after the events so far. `add` takes each of the ledger's events once, in order."""

    def __init__(self) -> None:
        self._audited: dict[_Answer, list[LedgerEvent]] = {}
        self._opened: dict[_Answer, LedgerEvent] = {}
        self._asked: dict[tuple[str, str], LedgerEvent] = {}
        self._numbering: Numbering[LedgerEvent] = Numbering(first=FIRST_SEQUENCE)
        self._certain: list[Alarm] = []

    def add(self, event: LedgerEvent) -> None:
        """Add one event."""
        if not self._numbering.take((event.sender, event.stream), event.sequence, event):  # (5)
            detail = f"{event.stream} {event.sequence}"
            self._certain.append(event.alarm(AlarmKind.SEQUENCE_REPEATED, event.sender, detail=detail))
        kind = event.skeleton.event
        if kind in _ANSWERING:
            self._add_audited(event)
        # An organisation must not vouch for its own answer, nor ask itself: only these roles' events count as such.
        elif kind == EventKind.OPENED and PrincipalRole.SCREENING in event.roles:
            self._add_opened(event)
        elif kind == EventKind.ASKED and PrincipalRole.REQUESTER in event.roles:
            self._add_asked(event)

    def alarms(self, now: datetime) -> tuple[Alarm, ...]:
        """Return the alarms as of `now`."""
        found = [*self._certain, *self._unmatched(now), *self._overdue(now), *self._gaps(now)]
        return tuple(sorted(found, key=lambda one: (one.index, one.kind, one.organisation, one.detail)))

    def _add_audited(self, event: LedgerEvent) -> None:
        if event.skeleton.answer_digest is None:
            return  # a decision without an answer
        answer = (event.sender, event.skeleton.answer_digest)
        opened = self._opened.pop(answer, None)
        if opened is not None:
            self._compare(event, opened)
        else:
            # A second account of one answer stays here for good: nobody opens the answer twice.
            self._audited.setdefault(answer, []).append(event)

    def _add_opened(self, event: LedgerEvent) -> None:
        skeleton = event.skeleton
        if skeleton.answer_digest is None or event.answered_by is None:
            return
        if skeleton.request_id and skeleton.reason is None and skeleton.status != Status.AWAITED:
            self._asked.pop((skeleton.request_id, event.answered_by), None)
        answer = (event.answered_by, skeleton.answer_digest)
        audited = self._audited.get(answer)
        if audited:
            self._compare(audited.pop(0), event)
        else:
            self._opened[answer] = event
        if audited == []:
            del self._audited[answer]

    def _add_asked(self, event: LedgerEvent) -> None:
        if event.skeleton.request_id is not None and event.skeleton.due_at is not None:
            for organisation in event.skeleton.recipients:
                self._asked[event.skeleton.request_id, organisation] = event

    def _compare(self, audited: LedgerEvent, opened: LedgerEvent) -> None:  # (3)
        differing = differences(audited, opened)
        if differing:
            alarm = Alarm(
                kind=AlarmKind.AUDITED_OTHERWISE,
                organisation=audited.sender,
                index=audited.index,
                event_ids=(audited.skeleton.event_id, opened.skeleton.event_id),
                detail=", ".join(differing),
                count=len(differing),
            )
            self._certain.append(alarm)

    def _unmatched(self, now: datetime) -> Iterator[Alarm]:
        for (organisation, _), opened in self._opened.items():  # (1)
            if _is_late(opened, now):
                yield opened.alarm(AlarmKind.ANSWER_NOT_AUDITED, organisation)
        for events in self._audited.values():  # (2)
            for audited in events:
                if _is_late(audited, now):
                    yield audited.alarm(AlarmKind.AUDITED_NOT_OPENED, audited.sender)

    def _overdue(self, now: datetime) -> Iterator[Alarm]:  # (4)
        for (_, organisation), asked in self._asked.items():
            if asked.skeleton.due_at is not None and now > asked.skeleton.due_at:
                yield asked.alarm(AlarmKind.REQUEST_OVERDUE, organisation)

    def _gaps(self, now: datetime) -> Iterator[Alarm]:  # (5)
        for (sender, stream), gap in self._numbering.gaps():
            if _is_late(gap.shown_by, now):
                detail = f"{stream} {gap.first} to {gap.last}"
                yield gap.shown_by.alarm(AlarmKind.SEQUENCE_GAP, sender, detail=detail, count=gap.size)


def differences(audited: LedgerEvent, opened: LedgerEvent) -> tuple[str, ...]:
    """Return the names of what an organisation audited otherwise than what screening opened of it."""
    said, quoted = audited.skeleton, opened.skeleton
    names = {name for name in _QUOTED if getattr(said, name) != getattr(quoted, name)}
    mine, theirs = audited.personal, opened.personal
    if theirs is None or theirs.status_block is None:
        return tuple(sorted(names))  # erased by order, or by a release that did not keep it
    if mine is not None and (mine.status_block, mine.status_salt) != (theirs.status_block, theirs.status_salt):
        names.add("status_block")
    try:
        sent = decode_part(Answer, 0, theirs.status_block)
    except MalformedError:
        return tuple(sorted({*names, "status_block"}))
    names |= {name for name in _TOLD if _plain(getattr(said, name)) != _plain(getattr(sent, name))}
    return tuple(sorted(names))


def _plain(told: object) -> object:
    """Return what was told without its types: an event has the words of an answer as text."""
    if isinstance(told, tuple):
        return tuple(_plain(one) for one in told)
    return told.model_dump() if isinstance(told, Wire) else told


def _is_late(event: LedgerEvent, now: datetime) -> bool:
    return now - event.issued_at > GRACE
