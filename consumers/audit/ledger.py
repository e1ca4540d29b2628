"""The ledger: every audit event one leaf of an RFC 6962 tree, in the order of the audit topic's offsets.

Promise: one transaction moves leaves, subtrees, refusals, head, position and the checkpoint over them, or none.
(1) Before anything is added, the stored tree must lead to the stored head's root: a ledger that was altered is not
continued. (2) What stands before the position was handled: redelivery changes nothing. (3) One leaf for each sender
and event id; the same envelope again is a copy and is dropped, another one under the id is refused as EQUIVOCATION.
(4) An erasure deletes the key of a personal part; header, hashes and signature stay, and so does every proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, final

from broker.errors import InvariantError, RejectedError, UsageError
from broker.ports import Database, Transaction
from broker.transparency.merkle import EMPTY_ROOT, consistency_proof, inclusion_proof
from broker.transparency.note import Checkpoint
from consumers.audit.append import Append, stored_frontier
from consumers.audit.checkpoint import last_issued
from consumers.audit.intake import Entry, Refused
from consumers.audit.tables import Head, head_of, head_rows, integer, stored_nodes
from consumers.audit.vault import Vault


class Issue(Protocol):
    """A function that signs and stores a checkpoint in the transaction that appended its leaves."""

    def __call__(self, transaction: Transaction, checkpoint: Checkpoint) -> None:
        """Sign and store the checkpoint; a fault rolls the appended leaves back."""
        ...


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The result of one call of `record`, in numbers."""

    size: int
    position: int
    leaves: int
    copies: int
    refused: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """Proof that the leaf with hash `leaf` is number `index` of the tree with `size` and `root`.

    Size and root are those of the last checkpoint; check with `merkle.verify_inclusion`.
    """

    index: int
    size: int
    root: bytes
    leaf: bytes
    proof: tuple[bytes, ...]


@final
class Ledger:
    """One partnership's ledger in its database."""

    def __init__(self, *, database: Database, vault: Vault, origin: str) -> None:
        self._database = database
        self._vault = vault
        self._origin = origin

    def start(self) -> int:
        """Create the ledger if there is none, check that it may be continued (1), and return its position.

        Raises: InvariantError when head, tree or the last checkpoint do not fit one another.
        """
        with self._database.transaction() as transaction:
            if not head_rows(transaction):
                self._write_head(transaction, Head(size=0, root=EMPTY_ROOT, position=0, refused=0), new=True)
            head = self._head(transaction)
            stored_frontier(transaction, head)
            if last_issued(transaction)[1] != head.size:
                raise InvariantError("the last checkpoint stored is not of the size that the ledger has")
        return head.position

    def record(self, batch: Sequence[Entry | Refused], *, since: int, following: int, issue: Issue) -> Recorded:
        """Append a batch, all messages that were read from offset `since` on, and move the position to `following`.

        All in one transaction.
        Raises: InvariantError when what is stored is not what was stored, or when messages before `since` were not
        handled; UnavailableError (OutcomeUnknown: the position tells, and calling again is safe).
        """
        with self._database.transaction() as transaction:
            head = self._head(transaction)
            if head.position < since:
                raise InvariantError("messages were left out before this batch")
            growth = Append(transaction, self._vault, head)
            for item in batch:
                if item.place.offset >= head.position:  # (2)
                    growth.take(item)
            after = growth.head(position=max(head.position, following))
            self._write_head(transaction, after, new=False)
            if growth.leaves:
                issue(transaction, growth.checkpoint(self._origin))
        # Crash before this line: nothing of the batch is there; after it: all of it is, and its checkpoint.
        return Recorded(
            size=after.size,
            position=after.position,
            leaves=len(growth.leaves),
            copies=growth.copies,
            refused=after.refused - head.refused,
        )

    def prove(self, event_id: str, *, sender: str) -> Inclusion:
        """Return the proof that this sender's event is recorded. Raises: UsageError where it is not."""
        with self._database.transaction() as transaction:
            index = _index_of(transaction, event_id, sender)
            head, nodes = self._head(transaction), stored_nodes(transaction)
            proof = inclusion_proof(nodes, index, head.size)
            return Inclusion(index=index, size=head.size, root=head.root, leaf=nodes(0, index), proof=proof)

    def prove_consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the ledger of size `new` begins with that of size `old`.

        Raises: RejectedError `PROOF_RANGE`, also for a size that the ledger has not reached.
        """
        with self._database.transaction() as transaction:
            size = self._head(transaction).size
            if new > size:
                raise RejectedError("PROOF_RANGE", f"the ledger has {size} leaves")
            return consistency_proof(stored_nodes(transaction), old, new)

    def erase(self, event_id: str, *, sender: str, now: datetime) -> int:
        """Destroy the personal part of an event (4), for good, and return its leaf's index. Twice does no harm.

        The file's freed bytes are overwritten; older backups of it are not reached from here.
        Raises: UsageError where there is no such event.
        """
        with self._database.transaction() as transaction:
            index = _index_of(transaction, event_id, sender)
            if not transaction.execute("SELECT 1 FROM ledger_personal_key WHERE idx = :idx", idx=index):
                return index
            transaction.execute("DELETE FROM ledger_personal_key WHERE idx = :idx", idx=index)
            # The ciphertext goes too: with no key nobody could tell any more whether it was altered.
            transaction.execute("UPDATE ledger_leaf SET personal = :nothing WHERE idx = :idx", idx=index, nothing=b"")
            moment = now.isoformat()
            transaction.execute(
                "INSERT INTO ledger_erasure (idx, erased_at, seal) VALUES (:idx, :erased_at, :seal)",
                idx=index,
                erased_at=moment,
                seal=self._vault.seal("ledger_erasure", index, moment),
            )
        return index

    def _head(self, transaction: Transaction) -> Head:
        rows = head_rows(transaction)
        try:
            ((origin, head, seal),) = [head_of(row) for row in rows]
            self._vault.check(seal, "ledger_head", *head.columns)
        except (RejectedError, ValueError):
            raise InvariantError("the ledger's head is missing or was altered") from None
        if origin != self._origin:
            raise InvariantError("this database holds another ledger")
        return head

    def _write_head(self, transaction: Transaction, head: Head, *, new: bool) -> None:
        insert = """INSERT INTO ledger_head (origin, size, root, position, refused, seal)
            VALUES (:origin, :size, :root, :position, :refused, :seal)"""
        update = """UPDATE ledger_head SET size = :size, root = :root, position = :position, refused = :refused,
            seal = :seal WHERE origin = :origin"""
        transaction.execute(
            insert if new else update,
            origin=self._origin,
            size=head.size,
            root=head.root,
            position=head.position,
            refused=head.refused,
            seal=self._vault.seal("ledger_head", *head.columns),
        )


def _index_of(transaction: Transaction, event_id: str, sender: str) -> int:
    rows = transaction.execute(
        "SELECT idx FROM ledger_leaf WHERE sender = :sender AND event_id = :event_id",
        sender=sender,
        event_id=event_id,
    )
    if not rows:
        raise UsageError(f"no event {event_id} of {sender} is in the ledger")
    return integer(rows[0][0])
