"""Consistency of the ledger's trees against a log that rewrites, shortens or forks its history."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from broker.errors import RejectedError
from broker.transparency.merkle import (
    EMPTY_ROOT,
    MemoryNodes,
    consistency_proof,
    leaf_hash,
    root,
    root_at,
    verify_consistency,
)

HASHES = [leaf_hash(b"event %d" % number) for number in range(13)]
NODES = MemoryNodes(HASHES)


def rejected(reason: str, call: Callable[[], object]) -> None:
    with pytest.raises(RejectedError) as caught:
        call()
    assert caught.value.reason == reason


def consistent(old: int, new: int, *, old_root: bytes, new_root: bytes, proof: tuple[bytes, ...]) -> None:
    verify_consistency(old=old, new=new, old_root=old_root, new_root=new_root, proof=proof)


@pytest.mark.parametrize("old", range(1, 13))
def test_rewritten_history_is_not_consistent_whatever_proof_the_log_makes(old: int) -> None:
    """The log changes leaf 0 and makes the honest proof for its new tree."""
    forged = MemoryNodes([leaf_hash(b"forged"), *HASHES[1:]])
    rejected(
        "NOT_CONSISTENT",
        lambda: consistent(
            old,
            13,
            old_root=root_at(NODES, old),
            new_root=root_at(forged, 13),
            proof=consistency_proof(forged, old, 13),
        ),
    )


@pytest.mark.parametrize("old", range(1, 13))
def test_proof_of_the_old_tree_does_not_carry_a_forged_new_root(old: int) -> None:
    """The proof leads to the true old root, but the new root is of a tree with another last leaf."""
    forged = MemoryNodes([*HASHES[:12], leaf_hash(b"forged")])
    rejected(
        "NOT_CONSISTENT",
        lambda: consistent(
            old,
            13,
            old_root=root_at(NODES, old),
            new_root=root_at(forged, 13),
            proof=consistency_proof(NODES, old, 13),
        ),
    )


def test_proof_for_another_pair_of_sizes_is_refused() -> None:
    """Sizes 6 to 8 and 7 to 8 need proofs of other lengths; 5 to 8 and 7 to 8 of one length, other hashes."""
    for borrowed in (5, 6):
        with pytest.raises(RejectedError, match=r"PROOF_LENGTH|NOT_CONSISTENT"):
            consistent(
                7,
                8,
                old_root=root_at(NODES, 7),
                new_root=root_at(NODES, 8),
                proof=consistency_proof(NODES, borrowed, 8),
            )


def test_truncated_log_is_refused() -> None:
    """The log presents an older tree as the newest: sizes only ever grow."""
    rejected(
        "PROOF_RANGE",
        lambda: consistent(9, 8, old_root=root_at(NODES, 9), new_root=root_at(NODES, 8), proof=()),
    )
    rejected("PROOF_RANGE", lambda: consistency_proof(NODES, 9, 8))


def test_truncated_log_relabelled_with_a_later_size_is_refused() -> None:
    rejected(
        "NOT_CONSISTENT",
        lambda: consistent(
            9,
            10,
            old_root=root_at(NODES, 9),
            new_root=root_at(NODES, 8),
            proof=consistency_proof(NODES, 9, 10),
        ),
    )


def test_two_roots_for_one_size_are_an_equivocation() -> None:
    rejected(
        "NOT_CONSISTENT",
        lambda: consistent(8, 8, old_root=root_at(NODES, 8), new_root=root_at(NODES, 9), proof=()),
    )


def test_same_tree_needs_and_takes_no_proof() -> None:
    tree = root_at(NODES, 8)
    assert consistency_proof(NODES, 8, 8) == ()
    consistent(8, 8, old_root=tree, new_root=tree, proof=())
    rejected("PROOF_LENGTH", lambda: consistent(8, 8, old_root=tree, new_root=tree, proof=(tree,)))


def test_every_tree_begins_with_the_empty_one_and_no_other_root_passes_for_it() -> None:
    tree = root_at(NODES, 8)
    assert consistency_proof(NODES, 0, 8) == ()
    consistent(0, 8, old_root=EMPTY_ROOT, new_root=tree, proof=())
    consistent(0, 0, old_root=EMPTY_ROOT, new_root=EMPTY_ROOT, proof=())
    rejected("NOT_CONSISTENT", lambda: consistent(0, 0, old_root=EMPTY_ROOT, new_root=tree, proof=()))
    rejected("NOT_CONSISTENT", lambda: consistent(0, 0, old_root=tree, new_root=tree, proof=()))
    rejected("NOT_CONSISTENT", lambda: consistent(0, 8, old_root=tree, new_root=tree, proof=()))
    rejected("PROOF_LENGTH", lambda: consistent(0, 8, old_root=EMPTY_ROOT, new_root=tree, proof=(tree,)))


def test_missing_proof_is_refused() -> None:
    for old in range(1, 8):
        rejected(
            "PROOF_LENGTH",
            lambda old=old: consistent(old, 8, old_root=root_at(NODES, old), new_root=root_at(NODES, 8), proof=()),
        )


@pytest.mark.parametrize("old", range(1, 13))
def test_consistency_proof_with_a_hash_more_or_less_is_refused(old: int) -> None:
    proof = consistency_proof(NODES, old, 13)
    for wrong in (proof[:-1], (*proof, bytes(32))):
        rejected(
            "PROOF_LENGTH",
            lambda wrong=wrong: consistent(old, 13, old_root=root_at(NODES, old), new_root=root(HASHES), proof=wrong),
        )


def test_consistency_with_hashes_of_another_length_is_refused() -> None:
    old_root, new_root = root_at(NODES, 5), root(HASHES)
    proof = consistency_proof(NODES, 5, 13)
    rejected(
        "HASH_LENGTH",
        lambda: consistent(5, 13, old_root=old_root, new_root=new_root, proof=(proof[0][1:], *proof[1:])),
    )
    rejected("HASH_LENGTH", lambda: consistent(5, 13, old_root=old_root[1:], new_root=new_root, proof=proof))
