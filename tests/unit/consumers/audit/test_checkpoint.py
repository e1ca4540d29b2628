"""Checkpoints leave in order, without a hole, only after they are stored, and from one instance only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from typing import Any

import pytest

from broker.adapters.crypto import FileSigner
from broker.adapters.sql import SqlDatabase
from broker.errors import Fenced, InvariantError, OutcomeUnknown, RejectedError, UnavailableError
from broker.ports import Claim, CommittedOffset, EventLog, Message, Outgoing
from broker.transparency.follow import ledger_name, open_own
from broker.transparency.note import Checkpoint, add_signature, sign_checkpoint
from consumers.audit import checkpoint as module
from consumers.audit.checkpoint import CheckpointPublisher, Checkpoints, is_bare

ORIGIN = ledger_name("northants")


def made(size: int, *, origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin=origin, size=size, root=bytes(32), previous=size, leaves=())


def publisher(audit: Any, log: EventLog, database: SqlDatabase) -> CheckpointPublisher:
    return CheckpointPublisher(
        log=log, database=database, origin=audit.origin, partnership=audit.name, group="hub-audit.checkpoints"
    )


async def shown(audit: Any, log: EventLog) -> list[Message]:
    return list(await log.read(audit.checkpoints_topic, 0, offset=0, most=100, wait=timedelta(milliseconds=1)))


async def sizes(audit: Any, log: EventLog) -> list[int]:
    return [int(message.value.split(b"\n")[1]) for message in await shown(audit, log)]


@asynccontextmanager
async def opened(audit: Any) -> AsyncIterator[EventLog]:
    log = audit.log()
    await audit.topics(log)
    try:
        yield log
    finally:
        await log.close()


# ---------------------------------------------------------------- signing and opening


def test_log_name_is_the_origin_that_others_know() -> None:
    assert ledger_name("northants") == "mash.northants/audit"


def test_checkpoint_of_any_of_the_ledgers_keys_opens(audit: Any) -> None:
    old, new = FileSigner(bytes([1]) * 32), FileSigner(bytes([2]) * 32)
    note = sign_checkpoint(made(3), old, ORIGIN)
    crypto = audit.partnership.crypto
    keys = [new.public_key, old.public_key]
    assert open_own(note, origin=ORIGIN, public_keys=keys, crypto=crypto) == made(3)
    for wrong in ([new.public_key], []):
        with pytest.raises(RejectedError, match="NOTE_UNSIGNED"):
            open_own(note, origin=ORIGIN, public_keys=wrong, crypto=crypto)


def test_checkpoint_of_another_ledger_does_not_open(audit: Any) -> None:
    key = FileSigner(bytes([1]) * 32)
    note = sign_checkpoint(made(3, origin="mash.elsewhere/audit"), key, ORIGIN)
    with pytest.raises(RejectedError, match="CHECKPOINT_ORIGIN"):
        open_own(note, origin=ORIGIN, public_keys=[key.public_key], crypto=audit.partnership.crypto)


def test_note_is_bare_with_one_signature_only() -> None:
    key, witness = FileSigner(bytes([1]) * 32), FileSigner(bytes([2]) * 32)
    note = sign_checkpoint(made(3), key, ORIGIN)
    assert is_bare(note, made(3))
    assert not is_bare(note, made(4))
    assert not is_bare(add_signature(note, witness, "witness"), made(3))


def test_checkpoint_that_does_not_follow_the_last_one_is_not_stored(audit: Any) -> None:
    audit.filled(2)
    issue = Checkpoints(signer=FileSigner(bytes([1]) * 32), origin=ORIGIN).issue
    with (
        closing(audit.open()) as database,
        pytest.raises(InvariantError),
        database.transaction() as transaction,
    ):
        issue(transaction, made(3))


# ---------------------------------------------------------------- publishing


async def test_everything_stored_is_published_once_and_in_order(audit: Any) -> None:
    audit.filled(1, 2, 1)
    async with opened(audit) as log:
        with closing(audit.open()) as database:
            first = publisher(audit, log, database)
            assert await first.publish() == 3
            assert await first.publish() == 0
            audit.record(database, audit.placed(audit.event()))
            assert await first.publish() == 1
            await first.close()
            again = publisher(audit, log, database)
            assert await again.publish() == 0, "a restart publishes nothing twice"
            await again.close()
        assert await sizes(audit, log) == [1, 3, 4, 5]
        assert {message.key for message in await shown(audit, log)} == {ORIGIN.encode()}


async def test_many_checkpoints_go_out_in_several_transactions(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_AT_ONCE", 2)
    audit.filled(1, 1, 1, 1, 1)
    async with opened(audit) as log:
        with closing(audit.open()) as database:
            one = publisher(audit, log, database)
            assert await one.publish() == 5
            await one.close()
        assert await sizes(audit, log) == [1, 2, 3, 4, 5]


async def test_database_older_than_what_it_published_is_not_continued(audit: Any) -> None:
    """A restored backup would be filled again and sign a second history under the sizes already published."""
    audit.filled(1, 1)
    backup = audit.path.read_bytes()
    async with opened(audit) as log:
        audit.filled(1)
        with closing(audit.open()) as database:
            one = publisher(audit, log, database)
            await one.publish()
            await one.close()
        audit.path.write_bytes(backup)
        with closing(audit.open()) as database:
            again = publisher(audit, log, database)
            with pytest.raises(InvariantError, match="3 checkpoints were published and the database holds 2"):
                await again.publish()
            await again.close()
        assert await sizes(audit, log) == [1, 2, 3]


async def test_hole_in_the_store_stops_the_publishing(audit: Any) -> None:
    audit.filled(1, 1, 1)
    async with opened(audit) as log:
        with closing(audit.open()) as database:
            with database.transaction() as transaction:
                transaction.execute("DELETE FROM ledger_checkpoint WHERE number = 2")
            one = publisher(audit, log, database)
            with pytest.raises(InvariantError, match="missing"):
                await one.publish()
            await one.close()
        assert await sizes(audit, log) == []


class Trouble(Claim):
    """A claim whose next publish fails, before or after it took effect."""

    def __init__(self, claim: Claim, fault: Exception | None, *, after: bool) -> None:
        self.claim, self.fault, self.after = claim, fault, after
        self.position = claim.position

    async def fetch(self, *, most: int, wait: timedelta) -> tuple[Message, ...]:
        return await self.claim.fetch(most=most, wait=wait)

    async def publish(self, messages: Any, *, position: CommittedOffset) -> None:
        fault, self.fault = self.fault, None
        if fault is None or self.after:
            await self.claim.publish(messages, position=position)
        if fault is not None:
            raise fault

    async def release(self) -> None:
        await self.claim.release()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("fault", [OutcomeUnknown("lost"), UnavailableError("away")])
async def test_unknown_outcome_leads_to_neither_a_copy_nor_a_hole(audit: Any, fault: Exception, after: bool) -> None:
    audit.filled(1, 2)
    async with opened(audit) as log:
        with closing(audit.open()) as database:
            one = publisher(audit, log, database)
            real = log.claim

            async def troubled(*args: Any, **kwargs: Any) -> Claim:
                log.claim = real  # type: ignore[method-assign]
                return Trouble(await real(*args, **kwargs), fault, after=after)

            log.claim = troubled  # type: ignore[method-assign]
            with pytest.raises(UnavailableError):
                await one.publish()
            await one.publish()
            await one.close()
        assert await sizes(audit, log) == [1, 3]


async def test_fenced_instance_shows_nothing_and_does_not_fence_back(
    audit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two instances that took the position from one another in turn would never get anything published."""
    monkeypatch.setattr(module, "ASSIGNMENT_SECONDS", 0.02)
    audit.filled(1)
    async with opened(audit) as log, opened(audit) as other:
        with closing(audit.open()) as database:
            old, new = publisher(audit, log, database), publisher(audit, other, database)
            assert await old.publish() == 1
            assert await new.publish() == 0
            audit.record(database, audit.placed(audit.event()))
            for _ in range(3):
                with pytest.raises(UnavailableError):
                    await old.publish()
            assert await new.publish() == 1
            await new.close()
            audit.record(database, audit.placed(audit.event()))
            for _ in range(100):
                try:
                    assert await old.publish() == 1
                    break
                except UnavailableError:
                    await asyncio.sleep(0.01)
            await old.close()
        assert await sizes(audit, log) == [1, 2, 3]


async def test_fence_while_giving_up_is_no_trouble(audit: Any) -> None:
    class Gone(Trouble):
        async def release(self) -> None:
            raise Fenced("gone")

    audit.filled(1)
    async with opened(audit) as log:
        with closing(audit.open()) as database:
            one = publisher(audit, log, database)
            await one.publish()
            assert one._claim is not None
            one._claim = Gone(one._claim, None, after=False)
            await one.close()
            await one.close()


async def test_other_messages_on_the_topic_do_not_move_the_position(audit: Any) -> None:
    """Witnesses write there too; how far we came is ours alone."""
    audit.filled(1)
    async with opened(audit) as log:
        claim = await log.claim(audit.checkpoints_topic, 0, group="witness")
        await claim.publish(
            [Outgoing(topic=audit.checkpoints_topic, key=b"witness", value=b"x\n7")],
            position=CommittedOffset(offset=99),
        )
        with closing(audit.open()) as database:
            one = publisher(audit, log, database)
            assert await one.publish() == 1
            await one.close()
