"""An organisation settles its journal by what a signed, consistent checkpoint covers, and by nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from broker.bootstrap.holder import build_checkpoint_follower
from broker.bootstrap.principal import OpenPrincipal, open_principal
from broker.exchange.journal import JournalEntry
from broker.partnership.home import open_home
from broker.partnership.hub import open_hub
from broker.ports import CommittedOffset, LogOffset, Outgoing
from broker.transparency.merkle import Frontier
from broker.transparency.note import Checkpoint, CheckpointLeaf, sign_checkpoint

TOPIC = "mash.northants.checkpoints.v1"
ORIGIN = "mash.northants/audit"
EVENTS = [f"00000000-0000-4000-8000-{number:012x}" for number in range(8)]


def _leaf(index: int) -> CheckpointLeaf:
    return CheckpointLeaf(index=index, event_id=EVENTS[index], leaf_hash=bytes([index + 1]) * 32)


def _checkpoint(previous: int, size: int, *, root: bytes | None = None) -> Checkpoint:
    frontier = Frontier()
    for index in range(size):
        frontier, _ = frontier.append(_leaf(index).leaf_hash)
    leaves = tuple(_leaf(index) for index in range(previous, size))
    return Checkpoint(origin=ORIGIN, size=size, root=root or frontier.root(), previous=previous, leaves=leaves)


def _signed(home: Path, checkpoint: Checkpoint, *, by: str = "hub-audit") -> bytes:
    principal = open_principal(home / by)
    try:
        return sign_checkpoint(checkpoint, principal.keys.signer, ORIGIN)
    finally:
        principal.close()


async def _publish(home: Path, notes: Sequence[bytes]) -> None:
    async with open_hub(open_home(home)) as hub:
        claim = await hub.log.claim(TOPIC, 0, group="test")
        messages = [Outgoing(topic=TOPIC, key=ORIGIN.encode(), value=note) for note in notes]
        await claim.publish(messages, position=CommittedOffset(offset=0))
        await claim.release()


def _said(principal: OpenPrincipal) -> None:
    places = [LogOffset(topic="t", partition=0, offset=number) for number in range(len(EVENTS))]
    principal.journal.count_attempt(places, now=principal.clock())
    principal.journal.record_outcome(
        [
            JournalEntry(
                place=place, event_id=event, answer_id=None, answer_digest=None, stream="s", sequence=1, reason=None
            )
            for place, event in zip(places, EVENTS, strict=True)
        ]
    )


async def _follow(principal: OpenPrincipal, offset: int) -> None:
    log = principal.log()
    stop = asyncio.Event()
    follower = build_checkpoint_follower(principal, log=log, stop=stop)
    task = asyncio.create_task(follower.run())
    async with asyncio.timeout(10):
        while follower._place()[0] < offset:  # noqa: ASYNC110 it waits for another's transaction, not for an event
            await asyncio.sleep(0.005)
    stop.set()
    await task
    await log.close()


def unrecorded_after(home: Path, notes: Sequence[bytes], *, offset: int | None = None, said: bool = False) -> int:
    """How many of eight events are open once police have followed these notes."""
    asyncio.run(_publish(home, notes))
    principal = open_principal(home / "police")
    try:
        if not said:
            _said(principal)
        asyncio.run(_follow(principal, offset if offset is not None else len(notes)))
        return principal.journal.unrecorded()
    finally:
        principal.close()


def test_what_checkpoints_cover_is_recorded(home: Path) -> None:
    notes = [_signed(home, _checkpoint(0, 2)), _signed(home, _checkpoint(2, 5))]
    assert unrecorded_after(home, notes) == 3


def test_a_checkpoint_that_skips_one_marks_nothing(home: Path) -> None:
    """Its leaves stand under a root that nobody can follow to: they could still be unsaid."""
    assert unrecorded_after(home, [_signed(home, _checkpoint(0, 2)), _signed(home, _checkpoint(4, 6))]) == 6


@pytest.mark.parametrize("by", ["hub", "police", "hub-screening"])
def test_a_checkpoint_of_anybody_else_marks_nothing(home: Path, by: str) -> None:
    assert unrecorded_after(home, [_signed(home, _checkpoint(0, 3), by=by)]) == 8


def test_a_root_that_does_not_follow_marks_nothing(home: Path) -> None:
    assert unrecorded_after(home, [_signed(home, _checkpoint(0, 3, root=b"\x07" * 32))]) == 8


def test_junk_on_the_topic_is_passed_over(home: Path) -> None:
    assert unrecorded_after(home, [b"junk", b"", _signed(home, _checkpoint(0, 8))]) == 0


def test_a_repeat_marks_nothing_new(home: Path) -> None:
    """A signed note of an earlier size, with leaves that the ledger never had there, proves nothing."""
    leaves = tuple(CheckpointLeaf(index=i, event_id=EVENTS[7 - i], leaf_hash=b"\x09" * 32) for i in range(2))
    other = Checkpoint(origin=ORIGIN, size=2, root=b"\x09" * 32, previous=0, leaves=leaves)
    assert unrecorded_after(home, [_signed(home, _checkpoint(0, 3)), _signed(home, other)]) == 5


def test_following_goes_on_where_it_stopped(home: Path) -> None:
    """The frontier is kept: a restart neither reads from the beginning nor meets a gap."""
    assert unrecorded_after(home, [_signed(home, _checkpoint(0, 3))]) == 5
    assert unrecorded_after(home, [_signed(home, _checkpoint(3, 8))], offset=2, said=True) == 0
