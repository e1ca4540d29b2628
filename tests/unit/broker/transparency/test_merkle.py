"""The Merkle tree against those who would rewrite, shorten or invent its history."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import pytest

from broker.errors import RejectedError
from broker.transparency.merkle import (
    MAX_SIZE,
    Frontier,
    MemoryNodes,
    Node,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    ledger_leaf,
    node_hash,
    right_edge,
    root,
    root_at,
    verify_inclusion,
)

HASHES = [leaf_hash(b"event %d" % number) for number in range(13)]
NODES = MemoryNodes(HASHES)


def rejected(reason: str, call: Callable[[], object]) -> None:
    with pytest.raises(RejectedError) as caught:
        call()
    assert caught.value.reason == reason


def test_leaf_data_is_version_one_and_the_envelope_digest() -> None:
    digest = sha256(b"envelope").digest()
    assert ledger_leaf(digest) == b"\x01" + digest
    assert leaf_hash(ledger_leaf(digest)) == sha256(b"\x00\x01" + digest).digest()


@pytest.mark.parametrize("length", [0, 31, 33])
def test_leaf_of_something_that_is_no_digest_is_refused(length: int) -> None:
    rejected("HASH_LENGTH", lambda: ledger_leaf(bytes(length)))


def test_frontier_hands_out_each_perfect_subtree_once_as_it_is_completed() -> None:
    frontier, stored = Frontier(), {}
    for leaf in HASHES:
        frontier, completed = frontier.append(leaf)
        for node in completed:
            assert (node.level, node.index) not in stored
            stored[node.level, node.index] = node.digest
    assert stored == {(level, index): NODES(level, index) for level in range(4) for index in range(13 >> level)}


def test_fourth_leaf_completes_a_leaf_a_pair_and_a_quartet() -> None:
    before = Frontier.at(NODES, 3)
    _, completed = before.append(HASHES[3])
    assert completed == tuple(
        Node(level=level, index=index, digest=NODES(level, index)) for level, index in [(0, 3), (1, 1), (2, 0)]
    )


def test_frontier_of_a_rolled_back_append_is_unchanged() -> None:
    before = Frontier.at(NODES, 5)
    before.append(HASHES[5])
    assert before.size == 5
    assert before.root() == root(HASHES[:5])


def test_frontier_rebuilt_from_storage_continues_as_if_never_stopped() -> None:
    after, _ = Frontier.at(NODES, 6).append(HASHES[6])
    assert after.root() == root(HASHES[:7])
    assert after == Frontier.at(NODES, 7)


def test_right_edge_names_the_perfect_subtrees_of_a_size() -> None:
    assert right_edge(0) == ()
    assert right_edge(6) == ((2, 0), (1, 2))
    assert right_edge(8) == ((3, 0),)


@pytest.mark.parametrize(("size", "hashes"), [(0, 1), (3, 1), (4, 2)])
def test_frontier_with_an_edge_of_another_size_is_refused(size: int, hashes: int) -> None:
    rejected("FRONTIER_SHAPE", lambda: Frontier(size=size, edge=(bytes(32),) * hashes))


def test_tree_of_a_cut_or_lengthened_hash_is_refused() -> None:
    rejected("HASH_LENGTH", lambda: Frontier(size=1, edge=(bytes(31),)))
    rejected("HASH_LENGTH", lambda: Frontier().append(bytes(33)))
    rejected("HASH_LENGTH", lambda: MemoryNodes([bytes(32), bytes(31)]))


@pytest.mark.parametrize("size", [-1, MAX_SIZE + 1])
def test_impossible_sizes_are_refused(size: int) -> None:
    rejected("PROOF_RANGE", lambda: right_edge(size))
    rejected("PROOF_RANGE", lambda: Frontier(size=size))


@pytest.mark.parametrize(("level", "index"), [(0, 13), (0, -1), (3, 1), (4, 0), (-1, 0)])
def test_unknown_subtree_is_refused_not_guessed(level: int, index: int) -> None:
    rejected("NODE_UNKNOWN", lambda: NODES(level, index))


def test_proof_costs_a_logarithmic_number_of_reads() -> None:
    reads: list[tuple[int, int]] = []

    def nodes(level: int, index: int) -> bytes:
        reads.append((level, index))
        return sha256(b"%d/%d" % (level, index)).digest()

    size = 2**40 - 1
    inclusion_proof(nodes, 2**39 + 12345, size)
    consistency_proof(nodes, 2**39 + 54321, size)
    assert len(reads) <= 4 * 40


# ---------------------------------------------------------------- inclusion


@pytest.mark.parametrize(("index", "size"), [(-1, 13), (13, 13), (0, 0)])
def test_inclusion_outside_the_tree_is_refused(index: int, size: int) -> None:
    rejected("PROOF_RANGE", lambda: inclusion_proof(NODES, index, size))
    rejected(
        "PROOF_RANGE",
        lambda: verify_inclusion(leaf=HASHES[0], index=index, size=size, proof=(), root=root(HASHES)),
    )


def test_rewritten_leaf_is_not_included() -> None:
    proof = inclusion_proof(NODES, 4, 13)
    rewritten = leaf_hash(b"event 4, improved")
    rejected(
        "NOT_INCLUDED",
        lambda: verify_inclusion(leaf=rewritten, index=4, size=13, proof=proof, root=root(HASHES)),
    )


def test_leaf_in_another_place_is_not_included() -> None:
    proof = inclusion_proof(NODES, 4, 13)
    rejected(
        "NOT_INCLUDED",
        lambda: verify_inclusion(leaf=HASHES[4], index=5, size=13, proof=proof, root=root(HASHES)),
    )


@pytest.mark.parametrize("index", range(13))
def test_proof_with_a_hash_more_or_less_is_refused(index: int) -> None:
    proof = inclusion_proof(NODES, index, 13)
    for wrong in (proof[:-1], (*proof, bytes(32))):
        rejected(
            "PROOF_LENGTH",
            lambda wrong=wrong: verify_inclusion(
                leaf=HASHES[index], index=index, size=13, proof=wrong, root=root(HASHES)
            ),
        )


def test_proof_with_hashes_of_another_length_is_refused() -> None:
    first, *rest = inclusion_proof(NODES, 4, 13)
    for wrong in ([first[:-1], *rest], [first + b"\x00", *rest]):
        rejected(
            "HASH_LENGTH",
            lambda wrong=wrong: verify_inclusion(leaf=HASHES[4], index=4, size=13, proof=wrong, root=root(HASHES)),
        )


def test_inner_node_served_as_leaf_data_is_not_included() -> None:
    """Second preimage: without the prefixes, `left || right` as data would hash to the node above them."""
    forged = HASHES[0] + HASHES[1]
    assert leaf_hash(forged) != node_hash(HASHES[0], HASHES[1])
    rejected(
        "NOT_INCLUDED",
        lambda: verify_inclusion(leaf=leaf_hash(forged), index=0, size=2, proof=(NODES(1, 1),), root=root_at(NODES, 4)),
    )


def test_leaf_data_that_imitates_a_node_is_no_node() -> None:
    assert leaf_hash(b"\x01" + HASHES[0] + HASHES[1]) != node_hash(HASHES[0], HASHES[1])


def test_inner_node_does_not_pass_for_a_leaf_of_the_signed_size() -> None:
    """A log that hands out a node's hash needs a smaller tree to hang it in; the signed size forbids that."""
    rejected(
        "PROOF_LENGTH",
        lambda: verify_inclusion(leaf=NODES(1, 0), index=0, size=4, proof=(NODES(1, 1),), root=root_at(NODES, 4)),
    )
