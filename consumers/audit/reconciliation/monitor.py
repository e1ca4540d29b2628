"""The monitor: follow the ledger, reconcile it, and raise each alarm once, by its name.

(1) The end of the audit topic is read before the ledger. Nothing counts as missing until the ledger has reached that
end, and then as of the moment of the first read: so neither a backlog nor a start raises a false alarm. (2) An
unreadable leaf is an alarm itself, and the leaves after it are compared all the same. All state is in memory: a restart
reads the whole ledger again, and raises every open alarm again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import final

from broker.errors import RejectedError, UnavailableError
from broker.exchange.directory import TrustedDirectory
from broker.ports import Clock, Database, LogReader
from consumers.audit.reconciliation.reconcile import Alarm, AlarmKind, LedgerEvent, OpenItems
from consumers.audit.tables import PAGE, LeafRow, Row, head_of, head_rows, leaf_of, leaf_rows
from consumers.audit.vault import PERSONAL, SKELETON, Vault
from schemas.audit import AuditEvent, Personal, Skeleton
from schemas.codec import MalformedError, decode, decode_part
from schemas.exchange import Header
from schemas.topics import Family, topic_name, topic_owners

Observe = Callable[[str, Mapping[str, int | str]], None]
EVERY_SECONDS = 3.0
_WAIT = timedelta(milliseconds=100)


async def has_read(log: LogReader, topic: str, *, position: int, end: int) -> bool:
    """Return whether a reader whose next offset is `position` has read every message before `end`.

    Raises: RejectedError `UNKNOWN_TOPIC`, UnavailableError.
    """
    if position >= end:
        return True
    # Kafka's transaction markers take offsets too, so the two offsets alone do not tell.
    messages = await log.read(topic, 0, offset=position, most=1, wait=_WAIT)
    return not messages or messages[0].place.offset >= end


@final
class LedgerReader:
    """A reader of recorded events into the open items, page by page, each event once."""

    def __init__(self, *, database: Database, vault: Vault, directory: Callable[[], TrustedDirectory]) -> None:
        self._database = database
        self._vault = vault
        self._directory = directory
        self._open_items = OpenItems()
        self._unreadable: list[Alarm] = []
        self._following = 0

    def read_on(self) -> int:
        """Read the leaves recorded since, and return the ledger's own position on the audit topic.

        Raises: UnavailableError; RejectedError where the ledger's head cannot be read.
        """
        with self._database.snapshot() as transaction:
            heads = head_rows(transaction)
        if not heads:
            return 0
        _, head, _ = head_of(heads[0])
        while self._following < head.size:
            end = min(self._following + PAGE, head.size)
            with self._database.snapshot() as transaction:
                rows = {row[0]: row for row in leaf_rows(transaction, self._following, end)}
            for index in range(self._following, end):
                self._take(index, rows.get(index))
            self._following = end
        return head.position

    def alarms(self, now: datetime) -> tuple[Alarm, ...]:
        """Return the alarms over all leaves read."""
        return (*self._unreadable, *self._open_items.alarms(now))

    def _take(self, index: int, row: Row | None) -> None:
        try:
            if row is None:
                raise RejectedError("LEAF_MISSING", "there is no such leaf")
            self._open_items.add(self._opened(leaf_of(row)))
        except (RejectedError, MalformedError) as fault:
            detail = fault.reason if isinstance(fault, RejectedError) else "MALFORMED"
            alarm = Alarm(kind=AlarmKind.LEAF_UNREADABLE, organisation="", index=index, event_ids=(), detail=detail)
            self._unreadable.append(alarm)  # (2)

    def _opened(self, leaf: LeafRow) -> LedgerEvent:
        header, principals = decode(Header, leaf.header), self._directory().principals
        skeleton = decode_part(AuditEvent, SKELETON, self._skeleton(leaf))
        if not isinstance(skeleton, Skeleton):
            raise RejectedError("ROW_MALFORMED", "a skeleton is none")
        sender, consumed = principals.get(header.sender), skeleton.consumed
        owners = topic_owners(header.partnership, Family.ANSWERS, consumed.topic) if consumed else None
        return LedgerEvent(
            index=leaf.index,
            sender=header.sender,
            roles=sender.roles if sender else (),
            stream=header.stream,
            sequence=header.sequence,
            issued_at=header.issued_at,
            answered_by=owners[-1] if owners else None,
            skeleton=skeleton,
            personal=self._personal(leaf),
        )

    def _skeleton(self, leaf: LeafRow) -> bytes:
        return self._vault.open_skeleton(leaf.index, leaf.place, leaf.skeleton).body

    def _personal(self, leaf: LeafRow) -> Personal | None:
        if leaf.wrapped_key is None:
            return None
        part = self._vault.open_personal(leaf.index, leaf.place, leaf.personal, wrapped_key=leaf.wrapped_key)
        personal = decode_part(AuditEvent, PERSONAL, part.body)
        if not isinstance(personal, Personal):
            raise RejectedError("ROW_MALFORMED", "a personal part is none")
        return personal


@final
class Monitor:
    """The audit process's monitor, which looks every few seconds."""

    def __init__(
        self,
        reader: LedgerReader,
        *,
        log: LogReader,
        partnership: str,
        clock: Clock,
        stop: asyncio.Event,
        observe: Observe,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._reader = reader
        self._log = log
        self._topic = topic_name(partnership, Family.AUDIT)
        self._clock = clock
        self._stop = stop
        self._observe = observe
        self._every_seconds = every_seconds
        self._told: frozenset[Alarm] = frozenset()
        self._mark: tuple[int, datetime] | None = None

    async def run(self) -> None:
        """Look until `stop` is set. Raises: RejectedError `UNKNOWN_TOPIC`, or where the ledger cannot be read."""
        while not self._stop.is_set():
            with suppress(UnavailableError):  # the next look reads on
                await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), self._every_seconds)

    async def look(self) -> None:
        """Read on; raise new alarms once the ledger has reached the topic's end as of the look before (1)."""
        mark = (await self._log.end(self._topic, 0), self._clock())
        position = await asyncio.to_thread(self._reader.read_on)
        self._mark = self._mark or mark
        end, moment = self._mark
        if await has_read(self._log, self._topic, position=position, end=end):
            self._tell(self._reader.alarms(moment))
            self._mark = mark

    def _tell(self, alarms: tuple[Alarm, ...]) -> None:
        for alarm in alarms:
            if alarm not in self._told:
                facts: dict[str, int | str] = {"reason": alarm.kind.value, "count": alarm.count, "index": alarm.index}
                about = {"organisation": alarm.organisation, "event_id": ",".join(alarm.event_ids)}
                self._observe("alarm", {**facts, **{key: value for key, value in about.items() if value}})
        self._told = frozenset(alarms)
