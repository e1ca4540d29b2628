"""Early messages: sealed under a directory version that has not reached this process yet. One policy for all consumers.

Each process takes the directory from its own copy of the public folder, so that the first messages under a new version
may come before it. (1) A message is early if it names a version newer than ours and was rejected for a reason that a
newer version can lift. (2) It is judged again until that version is here, for `PATIENCE` at most; the messages behind
it in its partition wait. (3) Then the verdict under our version is final. All five reasons count, because a rejection
loses an answer, or an event of the ledger, where waiting only delays. (4) Three of them are given before the signature
is checked, so that anybody who may write to the topic can provoke them: one wait in vain for such a reason is granted
for each version that we hold. A stranger can hold a partition up once, and not for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar, final

from broker.errors import RejectedError, UnavailableError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.parse import parse
from broker.ports import Message

SIGNED: Final = frozenset({"UNKNOWN_DIRECTORY", "WRONG_RECIPIENT"})
"""Reasons given after the signature was found good: a sender that abuses them has signed for it."""

UNSIGNED: Final = frozenset({"UNKNOWN_SENDER", "UNKNOWN_KEY", "NOT_TAKING_PART"})
"""Reasons given before that: to a stranger, and to an organisation that is new or has a new key."""

PATIENCE: Final = timedelta(seconds=10)
"""The time that copying the public folder to another machine may take: each try looks into the folder again. It is
little beside the shortest clock, an hour, for which everything behind the message waits."""

PAUSE_SECONDS: Final = 0.1

T = TypeVar("T")


@final
class EarlyMessages:
    """Judges the messages of one partition, for its one reader."""

    def __init__(self, directory: Callable[[], TrustedDirectory], *, stop: asyncio.Event) -> None:
        self._directory = directory
        self._stop = stop
        self._in_vain: int | None = None
        """The version that we held when an unsigned message was waited for in vain last."""

    async def judge(self, message: Message, verdict: Callable[[], Awaitable[T]]) -> T:
        """Return the verdict on a message; while the message is early, ask for the verdict again.

        Raises: what the verdict raises; UnavailableError once `stop` is set: the next start reads the message again.
        """
        deadline = _now() + PATIENCE.total_seconds()
        while True:
            try:
                return await verdict()
            except RejectedError as refused:
                if not self._is_early(message, refused.reason):
                    raise
                if self._stop.is_set():
                    raise UnavailableError("the directory that a message names has not come yet") from None
                if _now() >= deadline:  # (3)
                    self._give_up(refused.reason)
                    raise
            await asyncio.sleep(PAUSE_SECONDS)  # (2)

    def _is_early(self, message: Message, reason: str) -> bool:
        held = self._directory().directory.version
        if reason not in SIGNED and (reason not in UNSIGNED or self._in_vain == held):  # (4)
            return False
        try:
            return parse(message).header.directory_version > held  # (1)
        except RejectedError:
            return False  # no envelope: a checkpoint, say, which names no directory

    def _give_up(self, reason: str) -> None:
        if reason in UNSIGNED:
            self._in_vain = self._directory().directory.version


def _now() -> float:
    return asyncio.get_running_loop().time()
