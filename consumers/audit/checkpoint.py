"""Checkpoints: signed in the transaction that appends, published after it, in order, without a hole.

Promise: (1) a checkpoint follows the last one stored, and is stored together with the leaves it lists: none is ever
signed that a crash could take back; (2) only what is stored is published; (3) how far publishing came is a position in
the event log, which moves with what is published: nothing is left out, and a second instance is fenced; (4) a database
that is older than what it once published is not continued: it would sign a second history.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import final

from broker.errors import Fenced, InvariantError, UnavailableError
from broker.ports import Claim, CommittedOffset, Database, LogOwner, Outgoing, Signer, Transaction
from broker.transparency.note import Checkpoint, sign_checkpoint
from consumers.audit.tables import blob, checkpoint_rows, integer
from schemas.topics import Family, topic_name

FIRST_NUMBER = 1
MOST_AT_ONCE = 32
ASSIGNMENT_SECONDS = 0.25


def is_bare(value: bytes, checkpoint: Checkpoint) -> bool:
    """Return whether the note is this checkpoint's text with exactly one signature: as stored, without witnesses."""
    text = (checkpoint.text + "\n").encode()
    return value.startswith(text) and value.count(b"\n", len(text)) == 1


@final
class Checkpoints:
    """The signer and store of the ledger's checkpoints."""

    def __init__(self, *, signer: Signer, origin: str) -> None:
        self._signer = signer
        self._origin = origin

    def issue(self, transaction: Transaction, checkpoint: Checkpoint) -> None:
        """Sign the checkpoint and store it in this transaction (1).

        Raises: InvariantError where it does not begin at the size of the last one stored.
        """
        number, size = last_issued(transaction)
        if size != checkpoint.previous:
            raise InvariantError("the last checkpoint stored is not of the size that the ledger had")
        transaction.execute(
            "INSERT INTO ledger_checkpoint (number, size, note) VALUES (:number, :size, :note)",
            number=number + 1,
            size=checkpoint.size,
            note=sign_checkpoint(checkpoint, self._signer, self._origin),
        )


def last_issued(transaction: Transaction) -> tuple[int, int]:
    """Return number and size of the last checkpoint stored; (0, 0) where there is none."""
    rows = transaction.execute("SELECT number, size FROM ledger_checkpoint ORDER BY number DESC LIMIT 1")
    return (integer(rows[0][0]), integer(rows[0][1])) if rows else (FIRST_NUMBER - 1, 0)


@final
class CheckpointPublisher:
    """The publisher of stored checkpoints, and owner of the position on the checkpoints topic while it lives."""

    def __init__(self, *, log: LogOwner, database: Database, origin: str, partnership: str, group: str) -> None:
        self._log = log
        self._database = database
        self._origin = origin
        self._topic = topic_name(partnership, Family.CHECKPOINTS)
        self._group = group
        self._claim: Claim | None = None
        self._next = FIRST_NUMBER
        self._fenced = False

    async def publish(self) -> int:
        """Publish every stored checkpoint not yet published; return how many.

        Raises: UnavailableError to be called again, InvariantError (4).
        """
        published = 0
        try:
            claim = await self._own()
            while messages := await asyncio.to_thread(self._stored):
                # Crash before this line, or after it: the position says which checkpoint is the next.
                await claim.publish(messages, position=CommittedOffset(offset=self._next + len(messages)))  # (3)
                self._next += len(messages)
                published += len(messages)
        except (Fenced, UnavailableError) as error:
            # Whether the last commit happened is read from the position, with a new claim.
            self._fenced = self._fenced or isinstance(error, Fenced)
            await self.close()
            raise UnavailableError(f"checkpoints wait to be published ({type(error).__name__})") from None
        return published

    async def close(self) -> None:
        """Release the claim on the checkpoints topic. Safe to call twice."""
        claim, self._claim = self._claim, None
        if claim is not None:
            with suppress(Fenced, UnavailableError):  # the claim lapses by itself
                await claim.release()

    async def _own(self) -> Claim:
        if self._claim is None:
            if self._fenced:
                await self._wait_for_assignment()
            self._claim = await self._log.claim(self._topic, 0, group=self._group)
            self._fenced = False
            self._next = max(self._claim.position.offset, FIRST_NUMBER)
            await asyncio.to_thread(self._check_not_behind)
        return self._claim

    async def _wait_for_assignment(self) -> None:
        # Another instance took over. Never fence it back: two instances would fence each other for ever.
        try:
            async with asyncio.timeout(ASSIGNMENT_SECONDS):
                await self._log.wait_for_assignment(self._topic, group=self._group)
        except TimeoutError:
            raise UnavailableError("another instance publishes the checkpoints") from None

    def _check_not_behind(self) -> None:
        with self._database.transaction() as transaction:
            number, _ = last_issued(transaction)
        if self._next > number + 1:  # (4)
            raise InvariantError(
                f"{self._next - 1} checkpoints were published and the database holds {number}: restore a newer one"
            )

    def _stored(self) -> list[Outgoing]:
        with self._database.transaction() as transaction:
            rows = checkpoint_rows(transaction, self._next, most=MOST_AT_ONCE)
        if [integer(row[0]) for row in rows] != list(range(self._next, self._next + len(rows))):
            raise InvariantError("a stored checkpoint is missing")  # it would be published with a hole
        return [Outgoing(topic=self._topic, key=self._origin.encode(), value=blob(row[2])) for row in rows]
