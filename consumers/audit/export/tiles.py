"""The ledger as plain files, so that a stranger with a stock tool can read and check all of it, offline.

Promise: `write_tiles` gives exactly the files that C2SP tlog-tiles asks for at one tree size. `read_tiles`
returns only if no file is missing or extra, every hash in every tile follows from the entries, and all of it
leads to the root that the caller took from a signed checkpoint.

Source: https://c2sp.org/tlog-tiles (tiles 256 hashes wide, eight levels high).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError
from broker.transparency.merkle import MAX_SIZE, MemoryNodes, NodeReader, leaf_hash, root_at

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_ENTRY_BYTES = 2**16 - 1


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A run of `width` hashes: number `index` of its tile level. Narrower than 256 only at the right edge.

    Raises: RejectedError `TILE_RANGE`.
    """

    level: int
    index: int
    width: int

    def __post_init__(self) -> None:
        if not (0 <= self.level <= 63 and 0 <= self.index <= MAX_SIZE and 1 <= self.width <= TILE_WIDTH):
            raise RejectedError("TILE_RANGE", f"no tile {self.index} of width {self.width} at level {self.level}")

    @property
    def path(self) -> str:
        """Where the hashes lie: `tile/<L>/<N>[.p/<W>]`."""
        return f"tile/{self.level}/{self._name}"

    @property
    def entries_path(self) -> str:
        """Where the entries under a level 0 tile lie: `tile/entries/<N>[.p/<W>]`. Raises: RejectedError."""
        if self.level:
            raise RejectedError("TILE_RANGE", "only tiles of level 0 have entries")
        return f"tile/entries/{self._name}"

    @property
    def _name(self) -> str:
        parts, rest = [f"{self.index % 1000:03d}"], self.index // 1000
        while rest:
            parts.append(f"x{rest % 1000:03d}")
            rest //= 1000
        partial = f".p/{self.width}" if self.width < TILE_WIDTH else ""
        return "/".join(reversed(parts)) + partial


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedTiles:
    """A whole tree read from files; made by `read_tiles` alone, after everything in it was recomputed."""

    size: int
    root: bytes
    entries: tuple[bytes, ...] = field(repr=False)
    nodes: MemoryNodes = field(repr=False)
    """For proofs, and for the roots of the earlier checkpoints."""


def tiles_of(size: int) -> Iterator[Tile]:
    """Give every tile that a tree of `size` has, level by level, none of them empty.

    Raises: RejectedError `TILE_RANGE`.
    """
    if not 0 <= size <= MAX_SIZE:
        raise RejectedError("TILE_RANGE", f"no tree of size {size}")
    level, hashes = 0, size
    while hashes:
        full, width = divmod(hashes, TILE_WIDTH)
        for index in range(full):
            yield Tile(level=level, index=index, width=TILE_WIDTH)
        if width:
            yield Tile(level=level, index=full, width=width)
        level, hashes = level + 1, full


def hash_tile(nodes: NodeReader, tile: Tile) -> bytes:
    """Return the bytes of one hash tile: `width` hashes of 32 bytes each."""
    first = tile.index * TILE_WIDTH
    return b"".join(nodes(tile.level * TILE_HEIGHT, first + place) for place in range(tile.width))


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Return the bytes of one bundle: each entry (leaf data) behind its u16 big-endian length.

    Raises: RejectedError `ENTRY_TOO_LONG`.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise RejectedError("ENTRY_TOO_LONG", f"an entry of {len(entry)} bytes")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def write_tiles(nodes: NodeReader, entries: Sequence[bytes], *, size: int) -> dict[str, bytes]:
    """Return every file, path to bytes, of the tree of `size` whose leaf data are `entries`.

    Raises: RejectedError `ENTRIES_COUNT`, `ENTRY_HASH` (an entry is not what was hashed), `ENTRY_TOO_LONG`.
    """
    if len(entries) != size:
        raise RejectedError("ENTRIES_COUNT", f"{len(entries)} entries for a tree of {size}")
    for index, entry in enumerate(entries):
        if leaf_hash(entry) != nodes(0, index):
            raise RejectedError("ENTRY_HASH", f"entry {index} is not the leaf that was hashed")
    files: dict[str, bytes] = {}
    for tile in tiles_of(size):
        files[tile.path] = hash_tile(nodes, tile)
        if tile.level == 0:
            first = tile.index * TILE_WIDTH
            files[tile.entries_path] = entry_bundle(entries[first : first + tile.width])
    return files


def read_tiles(files: Mapping[str, bytes], *, size: int, root: bytes) -> VerifiedTiles:
    """Check all files of a tree against one another and against a signed size and root.

    (1) the files are those of `size`; (2) entries are well formed; (3) every tile follows from them;
    (4) so does the root.
    Raises: RejectedError `TILE_MISSING`, `TILE_UNEXPECTED`, `ENTRIES_MALFORMED`, `TILE_HASH`, `TILES_ROOT`,
    `TILE_RANGE`.
    """
    tiles = _expected_tiles(files, size)  # (1)
    bottom = [tile for tile in tiles if tile.level == 0]
    entries = tuple(entry for tile in bottom for entry in _entries(files[tile.entries_path], tile))  # (2)
    nodes = MemoryNodes(map(leaf_hash, entries))
    for tile in tiles:  # (3)
        if files[tile.path] != hash_tile(nodes, tile):
            raise RejectedError("TILE_HASH", f"{tile.path} does not follow from the entries")
    if root_at(nodes, size) != root:  # (4)
        raise RejectedError("TILES_ROOT", f"the tree of {size} has another root than the one signed")
    return VerifiedTiles(size=size, root=root, entries=entries, nodes=nodes)


def _expected_tiles(files: Mapping[str, bytes], size: int) -> list[Tile]:
    """List the tiles of a tree of `size`, all of which are there with nothing beside them."""
    tiles: list[Tile] = []
    known: set[str] = set()
    # One by one: a bundle which claims 2**62 leaves is refused at its first gap, not after listing them all.
    for tile in tiles_of(size):
        paths = {tile.path} if tile.level else {tile.path, tile.entries_path}
        for path in sorted(paths - files.keys()):
            raise RejectedError("TILE_MISSING", path)
        tiles.append(tile)
        known |= paths
    if len(files) != len(known):
        raise RejectedError("TILE_UNEXPECTED", f"{len(files) - len(known)} files are not of a tree of {size}")
    return tiles


def _entries(bundle: bytes, tile: Tile) -> list[bytes]:
    """Split a bundle into exactly as many entries as its tile has hashes."""
    entries: list[bytes] = []
    place = 0
    while place < len(bundle):
        start = place + 2
        place = start + int.from_bytes(bundle[place:start], "big")
        entries.append(bundle[start:place])
    if place != len(bundle) or len(entries) != tile.width:
        raise RejectedError("ENTRIES_MALFORMED", tile.entries_path)
    return entries
