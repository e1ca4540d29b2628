"""The Merkle tree of the ledger: append-only, and provable to somebody who trusts nobody.

Promise: two trees with the same size and root hold the same leaves in the same order. An inclusion proof
shows that one leaf stands in a tree; a consistency proof shows that a newer tree only added to an older one.
Nothing here stores anything: perfect subtrees are read through `NodeReader`, so a proof costs O(log n) reads.

Source: RFC 6962 and RFC 9162 section 2.1, with SHA-256.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import final

from broker.errors import RejectedError

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1
"""The most leaves a tree may have; it fits the integer of any database."""

EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves (RFC 9162 2.1.1)."""

NodeReader = Callable[[int, int], bytes]
"""(level, index) to the hash of the perfect subtree over the `index`-th run of 2**`level` leaves."""


def ledger_leaf(envelope_digest: bytes) -> bytes:
    """Return what this product's ledger has for a leaf: 0x01 (the version) and the 32-byte envelope digest.

    Raises: RejectedError `HASH_LENGTH`. Source: blueprint section 7.
    """
    _check_hash(envelope_digest)
    return b"\x01" + envelope_digest


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf's data. The prefix keeps a leaf from passing for an inner node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node from its two children's hashes."""
    return sha256(b"\x01" + left + right).digest()


def right_edge(size: int) -> tuple[tuple[int, int], ...]:
    """Return (level, index) of the perfect subtrees that make up a tree of `size`, the widest first."""
    _check_range(0, size, MAX_SIZE)
    bits = range(size.bit_length() - 1, -1, -1)
    return tuple((level, (size >> level) - 1) for level in bits if (size >> level) & 1)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The hash of one perfect subtree: of 2**`level` leaves, the `index`-th of its level."""

    level: int
    index: int
    digest: bytes


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """All that appending needs to know of a tree: its size and the O(log n) hashes at its right edge.

    A value, not a state: `append` returns the next one, so that a transaction which rolls back leaves the
    ledger holding the frontier it had. Raises: RejectedError `FRONTIER_SHAPE`, `HASH_LENGTH`, `PROOF_RANGE`.
    """

    size: int = 0
    edge: tuple[bytes, ...] = ()
    """The hashes of `right_edge(size)`, in that order."""

    def __post_init__(self) -> None:
        _check_range(0, self.size, MAX_SIZE)
        if len(self.edge) != self.size.bit_count():
            raise RejectedError("FRONTIER_SHAPE", f"{len(self.edge)} hashes do not make a tree of {self.size}")
        _check_hash(*self.edge)

    @classmethod
    def at(cls, nodes: NodeReader, size: int) -> Frontier:
        """Rebuild the frontier of a stored tree; compare its `root()` with the last signed one before use."""
        return cls(size=size, edge=tuple(nodes(level, index) for level, index in right_edge(size)))

    def append(self, leaf: bytes) -> tuple[Frontier, tuple[Node, ...]]:
        """Return the frontier with one leaf hash more, and the nodes to store (the leaf first).

        Raises: RejectedError `HASH_LENGTH`, `PROOF_RANGE`.
        """
        edge = list(self.edge)
        completed = [Node(level=0, index=self.size, digest=leaf)]
        while completed[-1].index & 1:
            right = completed[-1]
            digest = node_hash(edge.pop(), right.digest)
            completed.append(Node(level=right.level + 1, index=right.index >> 1, digest=digest))
        return Frontier(size=self.size + 1, edge=(*edge, completed[-1].digest)), tuple(completed)

    def root(self) -> bytes:
        """Return the root hash of the whole tree."""
        if not self.edge:
            return EMPTY_ROOT
        digest = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            digest = node_hash(left, digest)
        return digest


@final
class MemoryNodes:
    """A `NodeReader` over leaf hashes held in memory: for bundles, read whole anyway, and for tests."""

    __slots__ = ("_levels",)

    def __init__(self, leaf_hashes: Iterable[bytes]) -> None:
        """Hash every perfect subtree once. Raises: RejectedError `HASH_LENGTH`."""
        level = tuple(leaf_hashes)
        _check_hash(*level)
        levels = [level]
        while len(level) > 1:
            level = tuple(map(node_hash, level[::2], level[1::2]))
            levels.append(level)
        self._levels = tuple(levels)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0])

    def __call__(self, level: int, index: int) -> bytes:
        """Return one subtree's hash. Raises: RejectedError `NODE_UNKNOWN`."""
        if not 0 <= level < len(self._levels) or not 0 <= index < len(self._levels[level]):
            raise RejectedError("NODE_UNKNOWN", f"no subtree {index} at level {level}")
        return self._levels[level][index]


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over these leaf hashes. Raises: RejectedError `HASH_LENGTH`."""
    frontier = Frontier()
    for leaf in leaf_hashes:
        frontier, _ = frontier.append(leaf)
    return frontier.root()


def root_at(nodes: NodeReader, size: int) -> bytes:
    """Return the root that a stored tree had at this size. Raises: RejectedError `PROOF_RANGE`."""
    return Frontier.at(nodes, size).root()


def inclusion_proof(nodes: NodeReader, index: int, size: int) -> tuple[bytes, ...]:
    """Return the proof that leaf `index` stands in the tree of `size`, lowest sibling first.

    Raises: RejectedError `PROOF_RANGE`. Source: RFC 9162 2.1.3.1.
    """
    _check_range(0, index, size - 1)
    return tuple(_path(nodes, index, 0, size))


def consistency_proof(nodes: NodeReader, old: int, new: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of size `new` begins with the tree of size `old`.

    Empty when both are one tree, or when the old one has no leaves.
    Raises: RejectedError `PROOF_RANGE`. Source: RFC 9162 2.1.4.1.
    """
    _check_range(0, old, new)
    return tuple(_subproof(nodes, old, 0, new, whole=True)) if old else ()


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return only if the leaf with hash `leaf` is number `index` of the tree with this size and root.

    `size` and `root` must come from one signed checkpoint, and `leaf` be hashed by the caller from data it
    holds: a log that may choose a size can pass an inner node off as a leaf of a smaller tree.
    Raises: RejectedError `HASH_LENGTH`, `PROOF_RANGE`, `PROOF_LENGTH`, `NOT_INCLUDED`.
    Source: RFC 9162 2.1.3.2.
    """
    _check_hash(leaf, root, *proof)
    _check_range(0, index, size - 1)
    digest = leaf
    for sibling, on_the_left in _climb(index, size - 1, proof):
        digest = node_hash(sibling, digest) if on_the_left else node_hash(digest, sibling)
    if digest != root:
        raise RejectedError("NOT_INCLUDED", f"leaf {index} does not lead to the root of size {size}")


def verify_consistency(*, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return only if the tree (`new`, `new_root`) begins with the whole tree (`old`, `old_root`).

    Raises: RejectedError `HASH_LENGTH`, `PROOF_RANGE` (also for a log that got shorter), `PROOF_LENGTH`,
    `NOT_CONSISTENT`: history was changed, an alarm. Source: RFC 9162 2.1.4.2.
    """
    _check_hash(old_root, new_root, *proof)
    _check_range(0, old, new)
    if old in (0, new):
        _verify_without_proof(old, new, old_root, new_root, proof)
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise RejectedError("PROOF_LENGTH", "the proof is empty")
    shift = _trailing_zeros(old)  # what is complete below the old tree's edge needs no proof
    was = now = path[0]
    for sibling, on_the_left in _climb((old - 1) >> shift, (new - 1) >> shift, path[1:]):
        was = node_hash(sibling, was) if on_the_left else was
        now = node_hash(sibling, now) if on_the_left else node_hash(now, sibling)
    if (was, now) != (old_root, new_root):
        raise RejectedError("NOT_CONSISTENT", f"the tree of {new} does not begin with the tree of {old}")


def _verify_without_proof(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Settle what RFC 9162 leaves out: one and the same tree, and an old tree without leaves."""
    if proof:
        raise RejectedError("PROOF_LENGTH", "nothing is to be proved here, yet there is a proof")
    if (old == 0 and old_root != EMPTY_ROOT) or (old == new and old_root != new_root):
        raise RejectedError("NOT_CONSISTENT", f"another root for the tree of {old}")


def _climb(index: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Give each sibling from the leaf up, True where it stands on the left: RFC 9162's `fn`, `sn` walk."""
    for sibling in proof:
        if last == 0:
            raise RejectedError("PROOF_LENGTH", "the proof is longer than the tree is high")
        on_the_left = bool(index & 1) or index == last
        yield sibling, on_the_left
        # At the right edge a node without a sibling is carried up unhashed until it has one.
        shift = 1 + (_trailing_zeros(index) if on_the_left else 0)
        index, last = index >> shift, last >> shift
    if last:
        raise RejectedError("PROOF_LENGTH", "the proof is shorter than the tree is high")


def _path(nodes: NodeReader, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = _middle(start, end)
    if index < middle:
        return [*_path(nodes, index, start, middle), _range_root(nodes, middle, end)]
    return [*_path(nodes, index, middle, end), _range_root(nodes, start, middle)]


def _subproof(nodes: NodeReader, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF over leaves `[start, end)`; `whole` while the verifier knows this subtree's old root."""
    if old == end:
        return [] if whole else [_range_root(nodes, start, end)]
    middle = _middle(start, end)
    if old <= middle:
        return [*_subproof(nodes, old, start, middle, whole=whole), _range_root(nodes, middle, end)]
    return [*_subproof(nodes, old, middle, end, whole=False), _range_root(nodes, start, middle)]


def _range_root(nodes: NodeReader, start: int, end: int) -> bytes:
    """Hash leaves `[start, end)`; `start` is a multiple of the widest perfect subtree that fits."""
    level = (end - start).bit_length() - 1
    left = nodes(level, start >> level)
    middle = start + (1 << level)
    return left if middle == end else node_hash(left, _range_root(nodes, middle, end))


def _middle(start: int, end: int) -> int:
    """Split at the largest power of two smaller than the number of leaves (RFC 9162 2.1.1)."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def _check_range(low: int, number: int, high: int) -> None:
    if not low <= number <= high <= MAX_SIZE:
        raise RejectedError("PROOF_RANGE", f"{number} is not between {low} and {high}")


def _check_hash(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise RejectedError("HASH_LENGTH", f"a hash is not {HASH_BYTES} bytes long")
