"""The tree against RFC 6962's own recursive definitions, and every single change against the verifiers."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.errors import RejectedError
from broker.transparency.merkle import (
    Frontier,
    MemoryNodes,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from consumers.audit.export.tiles import read_tiles, write_tiles

SIZES = [*range(65), *range(255, 259), 511, 512, 513]
DATA = [b"leaf %d" % number for number in range(max(SIZES))]
HASHES = [leaf_hash(each) for each in DATA]
NODES = MemoryNodes(HASHES)

patient = settings(deadline=None, max_examples=200)


def split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, MTH, over leaf hashes."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 2.1.1, PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """RFC 6962 2.1.2, SUBPROOF(m, D[n], b)."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


@pytest.mark.parametrize("size", SIZES)
def test_root_is_the_recursive_definition_at_every_size(size: int) -> None:
    expected = mth(HASHES[:size])
    assert root(HASHES[:size]) == expected
    assert root_at(NODES, size) == expected


@pytest.mark.parametrize("size", range(1, 65))
def test_every_inclusion_proof_is_the_recursive_definition_and_verifies(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(NODES, index, size)
        assert list(proof) == path(index, HASHES[:size])
        verify_inclusion(leaf=HASHES[index], index=index, size=size, proof=proof, root=root_at(NODES, size))


@pytest.mark.parametrize("new", range(1, 65))
def test_every_consistency_proof_is_the_recursive_definition_and_verifies(new: int) -> None:
    for old in range(1, new + 1):
        proof = consistency_proof(NODES, old, new)
        assert list(proof) == subproof(old, HASHES[:new], whole=True)
        verify_consistency(old=old, new=new, old_root=root_at(NODES, old), new_root=root_at(NODES, new), proof=proof)


@pytest.mark.parametrize("size", [255, 256, 257, 258])
def test_proofs_hold_around_the_width_of_a_tile(size: int) -> None:
    for index in (0, 1, 127, 128, 253, 254, size - 1):
        proof = inclusion_proof(NODES, index, size)
        assert list(proof) == path(index, HASHES[:size])
        verify_inclusion(leaf=HASHES[index], index=index, size=size, proof=proof, root=root_at(NODES, size))
    for old in (1, 2, 127, 128, 129, 254, 255, size):
        proof = consistency_proof(NODES, old, size)
        verify_consistency(old=old, new=size, old_root=root_at(NODES, old), new_root=root_at(NODES, size), proof=proof)


@pytest.mark.parametrize("size", SIZES)
def test_frontier_restarted_at_any_size_equals_one_that_never_stopped(size: int) -> None:
    restarted = Frontier.at(NODES, size)
    for leaf in HASHES[size : size + 3]:
        restarted, _ = restarted.append(leaf)
    assert restarted.root() == root(HASHES[: restarted.size])


def flip(value: bytes, bit: int) -> bytes:
    place, shift = divmod(bit, 8)
    return value[:place] + bytes([value[place] ^ 1 << shift]) + value[place + 1 :]


@patient
@given(data=st.data(), size=st.integers(1, 64), bit=st.integers(0, 255))
def test_any_flipped_bit_of_an_inclusion_is_rejected(data: st.DataObject, size: int, bit: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    parts = [HASHES[index], root_at(NODES, size), *inclusion_proof(NODES, index, size)]
    victim = data.draw(st.integers(0, len(parts) - 1))
    parts[victim] = flip(parts[victim], bit)
    with pytest.raises(RejectedError, match="NOT_INCLUDED"):
        verify_inclusion(leaf=parts[0], index=index, size=size, proof=parts[2:], root=parts[1])


@patient
@given(data=st.data(), new=st.integers(1, 64), bit=st.integers(0, 255))
def test_any_flipped_bit_of_a_consistency_is_rejected(data: st.DataObject, new: int, bit: int) -> None:
    old = data.draw(st.integers(0, new))
    parts = [root_at(NODES, old), root_at(NODES, new), *consistency_proof(NODES, old, new)]
    # What follows the empty tree is not bound by its root: only the old root can be wrong then.
    victim = data.draw(st.integers(0, len(parts) - 1)) if old else 0
    parts[victim] = flip(parts[victim], bit)
    with pytest.raises(RejectedError, match="NOT_CONSISTENT"):
        verify_consistency(old=old, new=new, old_root=parts[0], new_root=parts[1], proof=parts[2:])


@patient
@given(data=st.data(), new=st.integers(2, 64), swap=st.booleans())
def test_no_rewritten_or_swapped_leaf_is_consistent(data: st.DataObject, new: int, swap: bool) -> None:
    """Whatever the log does to leaves that were signed, its honest proof of the changed tree fails."""
    old = data.draw(st.integers(1, new))
    index = data.draw(st.integers(0, old - 1))
    changed = list(HASHES[:new])
    other = (index + 1) % new
    changed[index] = HASHES[other] if swap else leaf_hash(b"rewritten")
    changed[other] = HASHES[index] if swap else changed[other]
    forged = MemoryNodes(changed)
    with pytest.raises(RejectedError, match="NOT_CONSISTENT"):
        verify_consistency(
            old=old,
            new=new,
            old_root=root_at(NODES, old),
            new_root=root_at(forged, new),
            proof=consistency_proof(forged, old, new),
        )


@patient
@given(
    leaf=st.binary(min_size=32, max_size=32),
    index=st.integers(0, 2**63),
    size=st.integers(0, 2**63),
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=70),
)
def test_no_proof_from_a_stranger_passes_or_crashes(leaf: bytes, index: int, size: int, proof: list[bytes]) -> None:
    elsewhere = sha256(b"the root of another tree").digest()
    with pytest.raises(RejectedError):
        verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=elsewhere)
    with pytest.raises(RejectedError):
        verify_consistency(old=index, new=size, old_root=leaf, new_root=elsewhere, proof=proof)


@pytest.mark.parametrize("size", SIZES)
def test_written_tiles_read_back_to_the_same_tree(size: int) -> None:
    files = write_tiles(NODES, DATA[:size], size=size)
    tree = read_tiles(files, size=size, root=root_at(NODES, size))
    assert tree.entries == tuple(DATA[:size])
    assert root_at(tree.nodes, size) == root_at(NODES, size)


@settings(deadline=None, max_examples=100)
@given(data=st.data(), size=st.sampled_from([1, 5, 255, 256, 257, 513]), bit=st.integers(0, 2**20))
def test_any_flipped_bit_of_any_tile_is_rejected(data: st.DataObject, size: int, bit: int) -> None:
    files = write_tiles(NODES, DATA[:size], size=size)
    victim = data.draw(st.sampled_from(sorted(files)))
    files[victim] = flip(files[victim], bit % (len(files[victim]) * 8))
    with pytest.raises(RejectedError, match=r"TILE_HASH|ENTRIES_MALFORMED"):
        read_tiles(files, size=size, root=root_at(NODES, size))
