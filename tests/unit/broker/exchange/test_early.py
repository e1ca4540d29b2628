"""Messages under a directory that is still on its way: waited for, not for ever, and not for every stranger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.errors import RejectedError, UnavailableError
from broker.exchange import early
from broker.exchange.early import SIGNED, UNSIGNED, EarlyMessages
from broker.ports import Message

Judge = Callable[..., Any]


class Verdict:
    """Rejects for a reason so many times, then accepts."""

    def __init__(self, reason: str, *, times: float = float("inf")) -> None:
        self.reason = reason
        self.times = times
        self.asked = 0

    async def __call__(self) -> str:
        self.asked += 1
        if self.asked > self.times:
            return "accepted"
        raise RejectedError(self.reason)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(early, "PATIENCE", timedelta(milliseconds=40))


@pytest.fixture
def held(partnership: Any) -> list[Any]:
    """The directory that this process holds: version 1, while everybody else has version 2."""
    old = partnership.trusted
    partnership.trusted = partnership.trust(partnership.signed(partnership.directory(version=2)))
    return [old]


@pytest.fixture
def message(partnership: Any, held: list[Any]) -> Message:
    """A message under version 2."""
    placed: Message = partnership.placed(partnership.seal_request().outgoing)
    return placed


@pytest.fixture
def messages(held: list[Any]) -> EarlyMessages:
    return EarlyMessages(lambda: held[0], stop=asyncio.Event())


@pytest.mark.parametrize("reason", sorted(SIGNED | UNSIGNED))
async def test_early_message_is_judged_again_until_its_directory_is_here(
    messages: EarlyMessages, message: Message, reason: str
) -> None:
    verdict = Verdict(reason, times=3)
    assert await messages.judge(message, verdict) == "accepted"
    assert verdict.asked == 4


@pytest.mark.parametrize("reason", sorted(SIGNED | UNSIGNED))
async def test_directory_that_never_comes_is_not_waited_for_without_end(
    messages: EarlyMessages, message: Message, reason: str
) -> None:
    verdict = Verdict(reason)
    with pytest.raises(RejectedError, match=reason):
        await messages.judge(message, verdict)
    assert verdict.asked > 2


async def test_reason_that_no_directory_lifts_is_final_at_once(messages: EarlyMessages, message: Message) -> None:
    verdict = Verdict("BAD_SIGNATURE")
    with pytest.raises(RejectedError, match="BAD_SIGNATURE"):
        await messages.judge(message, verdict)
    assert verdict.asked == 1


async def test_message_under_a_version_that_is_here_is_not_early(
    messages: EarlyMessages, message: Message, held: list[Any], partnership: Any
) -> None:
    held[0] = partnership.trusted
    verdict = Verdict("UNKNOWN_DIRECTORY")
    with pytest.raises(RejectedError):
        await messages.judge(message, verdict)
    assert verdict.asked == 1


async def test_what_is_no_envelope_names_no_directory(messages: EarlyMessages, message: Message) -> None:
    verdict = Verdict("UNKNOWN_KEY")
    with pytest.raises(RejectedError, match="UNKNOWN_KEY"):
        await messages.judge(replace(message, value=b"a checkpoint"), verdict)
    assert verdict.asked == 1


@pytest.mark.parametrize("reason", sorted(UNSIGNED))
async def test_stranger_can_hold_a_partition_up_once_and_not_for_ever(
    messages: EarlyMessages, message: Message, held: list[Any], partnership: Any, reason: str
) -> None:
    """Attack: name a version that will never come, in message after message, and sign with any key."""

    async def tries() -> int:
        verdict = Verdict(reason)
        with pytest.raises(RejectedError):
            await messages.judge(message, verdict)
        return verdict.asked

    assert await tries() > 2
    assert [await tries(), await tries()] == [1, 1]
    held[0] = partnership.trust(partnership.signed(partnership.directory(version=2)))
    partnership.trusted = partnership.trust(partnership.signed(partnership.directory(version=3)))
    message = partnership.placed(partnership.seal_request().outgoing)
    assert await tries() > 2


async def test_strangers_wait_in_vain_takes_nothing_from_an_organisation_that_signed(
    messages: EarlyMessages, message: Message
) -> None:
    """Attack: use up the waiting, so that the next organisation's true answer is refused instead of waited for."""
    with pytest.raises(RejectedError):
        await messages.judge(message, Verdict("UNKNOWN_SENDER"))
    for _ in range(2):
        assert await messages.judge(message, Verdict("UNKNOWN_DIRECTORY", times=3)) == "accepted"


async def test_stop_leaves_an_early_message_to_the_next_start(held: list[Any], message: Message) -> None:
    """Neither refused nor taken: the reader's position stays before it."""
    stop = asyncio.Event()
    stop.set()
    with pytest.raises(UnavailableError):
        await EarlyMessages(lambda: held[0], stop=stop).judge(message, Verdict("UNKNOWN_DIRECTORY"))
