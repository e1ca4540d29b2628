"""The ledger as files: the layout that stock tools expect, and what a reader refuses."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import pytest

from broker.errors import RejectedError
from broker.transparency.merkle import MemoryNodes, leaf_hash, ledger_leaf, root, root_at
from consumers.audit.export.tiles import Tile, entry_bundle, hash_tile, read_tiles, tiles_of, write_tiles

DATA = [ledger_leaf(sha256(b"envelope %d" % number).digest()) for number in range(600)]
NODES = MemoryNodes(map(leaf_hash, DATA))


def rejected(reason: str, call: Callable[[], object]) -> None:
    with pytest.raises(RejectedError) as caught:
        call()
    assert caught.value.reason == reason


def files_of(size: int) -> dict[str, bytes]:
    return write_tiles(NODES, DATA[:size], size=size)


def widths(size: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for tile in tiles_of(size):
        assert tile.index == len(found.setdefault(tile.level, []))
        found[tile.level].append(tile.width)
    return found


# ---------------------------------------------------------------- layout


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 0, 1, "tile/0/000.p/1"),
        (1, 999, 255, "tile/1/999.p/255"),
        (0, 1000, 256, "tile/0/x001/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (63, 1234067, 8, "tile/63/x001/x234/067.p/8"),
    ],
)
def test_path_is_that_of_the_specification(level: int, index: int, width: int, path: str) -> None:
    tile = Tile(level=level, index=index, width=width)
    assert tile.path == path
    if level == 0:
        assert tile.entries_path == path.replace("tile/0/", "tile/entries/")


def test_only_the_lowest_tiles_have_entries() -> None:
    rejected("TILE_RANGE", lambda: Tile(level=1, index=0, width=256).entries_path)


@pytest.mark.parametrize(("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_impossible_tile_is_refused(level: int, index: int, width: int) -> None:
    rejected("TILE_RANGE", lambda: Tile(level=level, index=index, width=width))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, {}),
        (1, {0: [1]}),
        (255, {0: [255]}),
        (256, {0: [256], 1: [1]}),
        (257, {0: [256, 1], 1: [1]}),
        (65535, {0: [256] * 255 + [255], 1: [255]}),
        (65536, {0: [256] * 256, 1: [256], 2: [1]}),
        (65537, {0: [256] * 256 + [1], 1: [256], 2: [1]}),
        (70000, {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}),
    ],
)
def test_tiles_of_a_size_are_those_of_the_specification(size: int, expected: dict[int, list[int]]) -> None:
    """70,000 and 256 are the examples that tlog-tiles gives; empty tiles never occur."""
    assert widths(size) == expected


@pytest.mark.parametrize("size", [-1, 2**63])
def test_impossible_size_has_no_tiles(size: int) -> None:
    rejected("TILE_RANGE", lambda: list(tiles_of(size)))


def test_tile_holds_the_hashes_that_the_formula_names() -> None:
    """`MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l])` for tile n of level l."""
    files = files_of(600)
    for tile in tiles_of(600):
        span = 256**tile.level
        for place in range(tile.width):
            start = (tile.index * 256 + place) * span
            expected = root(map(leaf_hash, DATA[start : start + span]))
            assert files[tile.path][place * 32 : place * 32 + 32] == expected


def test_third_level_reads_the_nodes_sixteen_levels_up() -> None:
    reads: list[tuple[int, int]] = []

    def nodes(level: int, index: int) -> bytes:
        reads.append((level, index))
        return bytes(32)

    assert len(hash_tile(nodes, Tile(level=2, index=3, width=2))) == 64
    assert reads == [(16, 768), (16, 769)]


def test_bundle_is_length_prefixed_entries_in_order() -> None:
    assert entry_bundle([b"", b"a", b"bc" * 200]) == b"\x00\x00\x00\x01a\x01\x90" + b"bc" * 200
    assert files_of(2)["tile/entries/000.p/2"] == b"\x00\x21" + DATA[0] + b"\x00\x21" + DATA[1]


def test_entry_that_its_length_cannot_hold_is_refused() -> None:
    assert len(entry_bundle([bytes(65535)])) == 65537
    rejected("ENTRY_TOO_LONG", lambda: entry_bundle([bytes(65536)]))


def test_empty_tree_has_no_files() -> None:
    assert files_of(0) == {}
    assert read_tiles({}, size=0, root=root([])).entries == ()


def test_files_of_a_tree_are_exactly_these() -> None:
    assert sorted(files_of(300)) == [
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    ]


def test_full_tiles_never_change_as_the_tree_grows() -> None:
    before, after = files_of(300), files_of(600)
    full = [path for path in before if ".p/" not in path]
    assert full == ["tile/0/000", "tile/entries/000"]
    assert all(after[path] == before[path] for path in full)


def test_writer_refuses_entries_that_are_not_what_was_hashed() -> None:
    """The database's entries and its tree no longer agree: export nothing that looks whole."""
    rejected("ENTRY_HASH", lambda: write_tiles(NODES, [DATA[1], DATA[0]], size=2))
    rejected("ENTRIES_COUNT", lambda: write_tiles(NODES, DATA[:2], size=3))


# ---------------------------------------------------------------- reading what a stranger gave


def test_what_was_read_gives_proofs_and_earlier_roots() -> None:
    tree = read_tiles(files_of(600), size=600, root=root_at(NODES, 600))
    assert tree.entries == tuple(DATA)
    assert root_at(tree.nodes, 257) == root_at(NODES, 257)


def test_tree_past_the_second_level_is_written_and_read() -> None:
    size = 65537
    data = [b"%d" % number for number in range(size)]
    nodes = MemoryNodes(map(leaf_hash, data))
    files = write_tiles(nodes, data, size=size)
    assert files["tile/2/000.p/1"] == nodes(16, 0)
    assert read_tiles(files, size=size, root=root_at(nodes, size)).entries == tuple(data)
    files["tile/2/000.p/1"] = bytes(32)
    rejected("TILE_HASH", lambda: read_tiles(files, size=size, root=root_at(nodes, size)))


def test_other_root_than_the_signed_one_is_refused() -> None:
    """A bundle that agrees with itself in every file, but is another tree than the checkpoint's."""
    forged = [ledger_leaf(bytes(32)), *DATA[1:300]]
    nodes = MemoryNodes(map(leaf_hash, forged))
    files = write_tiles(nodes, forged, size=300)
    rejected("TILES_ROOT", lambda: read_tiles(files, size=300, root=root_at(NODES, 300)))


@pytest.mark.parametrize("victim", sorted(files_of(300)))
def test_missing_file_is_refused(victim: str) -> None:
    files = files_of(300)
    del files[victim]
    rejected("TILE_MISSING", lambda: read_tiles(files, size=300, root=root_at(NODES, 300)))


@pytest.mark.parametrize("extra", ["tile/0/001.p/43", "tile/0/001", "tile/2/000.p/1", "../../etc/passwd", ""])
def test_file_that_does_not_belong_is_refused(extra: str) -> None:
    files = files_of(300) | {extra: bytes(32)}
    rejected("TILE_UNEXPECTED", lambda: read_tiles(files, size=300, root=root_at(NODES, 300)))


def test_truncated_log_is_refused() -> None:
    """The last leaf is left out of a bundle for the signed size, or the size is told smaller."""
    signed = root_at(NODES, 300)
    rejected("TILE_MISSING", lambda: read_tiles(files_of(299), size=300, root=signed))
    rejected("TILES_ROOT", lambda: read_tiles(files_of(299), size=299, root=signed))


def test_rewritten_leaf_is_refused_wherever_the_forger_stops_rehashing() -> None:
    """Entry only; entry and its hash; entry, hash and the level above: each time the next one up tells."""
    signed = root_at(NODES, 300)
    forged = [*DATA[:7], ledger_leaf(bytes(32)), *DATA[8:300]]
    better = write_tiles(MemoryNodes(map(leaf_hash, forged)), forged, size=300)
    files = files_of(300)
    for path, reason in [
        ("tile/entries/000", "TILE_HASH"),
        ("tile/0/000", "TILE_HASH"),
        ("tile/1/000.p/1", "TILES_ROOT"),
    ]:
        files[path] = better[path]
        rejected(reason, lambda: read_tiles(files, size=300, root=signed))


def test_rewritten_hash_above_honest_entries_is_refused() -> None:
    files = files_of(300)
    files["tile/1/000.p/1"] = bytes(32)
    rejected("TILE_HASH", lambda: read_tiles(files, size=300, root=root_at(NODES, 300)))


def test_tile_of_another_width_is_refused() -> None:
    for change in (lambda tile: tile[:-32], lambda tile: tile + bytes(32), lambda tile: tile[:-1]):
        files = files_of(300)
        files["tile/0/001.p/44"] = change(files["tile/0/001.p/44"])
        rejected("TILE_HASH", lambda files=files: read_tiles(files, size=300, root=root_at(NODES, 300)))


@pytest.mark.parametrize(
    "bundle",
    [
        b"",
        b"\x00",
        b"\x00\x21" + DATA[0],
        b"\x00\x21" + DATA[0] + b"\x00\x21" + DATA[1] + b"\x00",
        b"\x00\x21" + DATA[0] + b"\x00\x22" + DATA[1],
        b"\x00\x21" + DATA[0] + b"\x00\x21" + DATA[1] + b"\x00\x00",
    ],
    ids=["empty", "half a length", "one too few", "stray byte", "runs over the end", "one too many"],
)
def test_malformed_bundle_is_refused(bundle: bytes) -> None:
    files = files_of(2) | {"tile/entries/000.p/2": bundle}
    rejected("ENTRIES_MALFORMED", lambda: read_tiles(files, size=2, root=root_at(NODES, 2)))


def test_claim_of_an_immense_size_is_refused_at_the_first_gap() -> None:
    """The work is bounded by the files that are there, not by the number a stranger wrote down."""
    rejected("TILE_MISSING", lambda: read_tiles(files_of(256), size=2**62, root=bytes(32)))
