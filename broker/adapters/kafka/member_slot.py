"""A member slot: names the group members that a dead predecessor left, so that nobody waits for their sessions to end.

A slot is a file in the principal's folder, flock-ed for the life of its process. A process that can lock it knows that
the members recorded in it are dead, and evicts them (LeaveGroup) instead of waiting for `session.timeout.ms`.
ADR 14 has the figures.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest

from broker.adapters.kafka.faults import translated
from broker.adapters.kafka.settings import Settings

_MOST: Final = 64
"""Processes that may share one folder; the next one runs without a slot, and costs a session when it is killed."""
_LARGEST: Final = 65_536


class MemberSlot:
    """One slot of a folder, locked at the first use; without a folder, or where all are locked, it records nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file: int | None = None
        self._members: dict[str, str] = {}

    def predecessor(self, group: str, topic: str) -> str | None:
        """Return the member id that this slot's dead process last recorded for the group and topic; None without
        one."""
        self._take()
        return self._members.get(_key(group, topic))

    def record(self, group: str, topic: str, member: str) -> None:
        """Write this process's member id; on a full disk nothing is written, and the successor waits for the
        session."""
        if self._file is None or self._members.get(_key(group, topic)) == member:
            return
        self._members[_key(group, topic)] = member
        with suppress(OSError):
            os.ftruncate(self._file, 0)
            # Crash here: the file is empty, so the successor evicts nobody and waits for the session.
            os.pwrite(self._file, json.dumps(self._members).encode(), 0)

    def close(self) -> None:
        """Free the slot. Safe to call twice."""
        if self._file is not None:
            os.close(self._file)
        self._file, self._folder = None, None

    def _take(self) -> None:
        if self._file is not None or self._folder is None:
            return
        for number in range(_MOST):
            try:
                file = os.open(self._folder / f"slot-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            except OSError:
                self._folder = None  # a read-only disk, say: without a slot a crash costs a session
                return
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
            else:
                self._file, self._members = file, _read(os.pread(file, _LARGEST, 0))
                return


async def evict(settings: Settings, group: str, member: str) -> None:
    """Send LeaveGroup for a dead member; harmless where it has left already. Raises: UnavailableError."""
    client = AIOKafkaAdminClient(**settings.common())
    with translated():
        try:
            await client.start()
            coordinator = await client.find_coordinator(group)
            await client._send_request(LeaveGroupRequest(group, member), coordinator)
        finally:
            await client.close()


def _key(group: str, topic: str) -> str:
    return f"{group} {topic}"


def _read(data: bytes) -> dict[str, str]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return {str(key): str(member) for key, member in found.items()} if isinstance(found, dict) else {}
