"""Append: the additions of one transaction to the ledger: leaves, refusals, subtrees and the new head.

Promise: the stored tree is the one that the head names, and leaf n+1 follows leaf n. The numbered rules are those of
`ledger`.
"""

from __future__ import annotations

from typing import final

from broker.errors import InvariantError, RejectedError
from broker.ports import Transaction
from broker.transparency.merkle import Frontier, leaf_hash, ledger_leaf
from broker.transparency.note import Checkpoint, CheckpointLeaf, streams_line
from consumers.audit.intake import Entry, Refused, second_story
from consumers.audit.tables import Head, blob, stored_ends, stored_nodes
from consumers.audit.vault import Vault


def stored_frontier(transaction: Transaction, head: Head) -> Frontier:
    """Return the stored tree's right edge. Raises: InvariantError where it does not lead to the head's root (1)."""
    try:
        frontier = Frontier.at(stored_nodes(transaction), head.size)
    except RejectedError as error:
        raise InvariantError(f"the stored tree cannot be read ({error})") from None
    if frontier.root() != head.root:
        raise InvariantError("the stored tree does not lead to the stored root")
    return frontier


@final
class Append:
    """The additions of one transaction."""

    def __init__(self, transaction: Transaction, vault: Vault, head: Head) -> None:
        self._transaction = transaction
        self._vault = vault
        self._before = head
        self._frontier = stored_frontier(transaction, head)
        self._refused = head.refused
        self._ends: dict[tuple[str, str], int] = {}
        self.leaves: list[CheckpointLeaf] = []
        self.copies = 0

    def take(self, item: Entry | Refused) -> None:
        """Add one message: a leaf, a refusal, or nothing for a copy."""
        if isinstance(item, Refused):
            self._refuse(item)
            return
        leaf = leaf_hash(ledger_leaf(item.digest))
        known = self._transaction.execute(  # (3)
            "SELECT leaf_hash FROM ledger_leaf WHERE sender = :sender AND event_id = :event_id",
            sender=item.header.sender,
            event_id=item.header.event_id,
        )
        if not known:
            self._append(item, leaf)
        elif blob(known[0][0]) == leaf:
            self.copies += 1
        else:
            self._refuse(second_story(item))

    def head(self, *, position: int) -> Head:
        """Return the head after every message taken."""
        frontier = self._frontier
        return Head(size=frontier.size, root=frontier.root(), position=position, refused=self._refused)

    def checkpoint(self, origin: str) -> Checkpoint:
        """Keep where the streams end now, and return the unsigned checkpoint over the leaves taken."""
        self._transaction.executemany(
            """INSERT INTO ledger_stream (sender, stream, sequence) VALUES (:sender, :stream, :sequence)
            ON CONFLICT (sender, stream) DO UPDATE SET sequence = :sequence""",
            [{"sender": one, "stream": stream, "sequence": last} for (one, stream), last in self._ends.items()],
        )
        ends = stored_ends(self._transaction)
        return Checkpoint(
            origin=origin,
            size=self._frontier.size,
            root=self._frontier.root(),
            previous=self._before.size,
            leaves=tuple(self.leaves),
            extensions=(streams_line(ends),),
        )

    def _append(self, item: Entry, leaf: bytes) -> None:
        index = self._frontier.size
        self._frontier, nodes = self._frontier.append(leaf)
        self._insert(item, index, leaf)
        self._ends[(item.header.sender, item.header.stream)] = item.header.sequence
        self._transaction.executemany(
            "INSERT INTO ledger_node (level, idx, digest) VALUES (:level, :idx, :digest)",
            [{"level": node.level, "idx": node.index, "digest": node.digest} for node in nodes[1:]],
        )
        self.leaves.append(CheckpointLeaf(index=index, event_id=item.header.event_id, leaf_hash=leaf))

    def _insert(self, item: Entry, index: int, leaf: bytes) -> None:
        header, place = item.header, item.place
        locked = self._vault.lock(index, place, salts=item.salts, parts=item.parts)
        self._transaction.execute(
            """INSERT INTO ledger_leaf (idx, event_id, sender, stream, sequence, topic, partition, position, header,
                ciphertext_hash, wraps_hash, signature, leaf_hash, skeleton, personal)
            VALUES (:idx, :event_id, :sender, :stream, :sequence, :topic, :partition, :position, :header,
                :ciphertext_hash, :wraps_hash, :signature, :leaf_hash, :skeleton, :personal)""",
            idx=index,
            event_id=header.event_id,
            sender=header.sender,
            stream=header.stream,
            sequence=header.sequence,
            topic=place.topic,
            partition=place.partition,
            position=place.offset,
            header=item.header_bytes,
            ciphertext_hash=item.ciphertext_hash,
            wraps_hash=item.wraps_hash,
            signature=item.signature,
            leaf_hash=leaf,
            skeleton=locked.skeleton,
            personal=locked.personal,
        )
        self._transaction.execute(
            "INSERT INTO ledger_personal_key (idx, wrapped) VALUES (:idx, :wrapped)",
            idx=index,
            wrapped=locked.wrapped_key,
        )

    def _refuse(self, item: Refused) -> None:
        number, place = self._refused, item.place
        columns = (number, place.topic, place.partition, place.offset, item.reason, item.digest, item.sender)
        self._transaction.execute(
            """INSERT INTO ledger_refused (number, topic, partition, position, reason, digest, sender, seal)
            VALUES (:number, :topic, :partition, :position, :reason, :digest, :sender, :seal)""",
            number=number,
            topic=place.topic,
            partition=place.partition,
            position=place.offset,
            reason=item.reason,
            digest=item.digest,
            sender=item.sender,
            seal=self._vault.seal("ledger_refused", *columns),
        )
        self._refused += 1
