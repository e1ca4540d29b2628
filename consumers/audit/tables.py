"""The ledger's tables, and rows read so strictly that a damaged file gives a reason word and never a surprise.

Portable SQL (SQLite here, PostgreSQL elsewhere). `ledger_node` holds perfect subtrees from level 1 on; level 0 is the
leaves' own column. Personal keys and erasures stand apart from the leaves, which are never updated but to erase.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError
from broker.ports import LogOffset, Transaction
from broker.transparency.merkle import NodeReader
from broker.transparency.note import StreamEnds

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS ledger_head (
        origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, position INTEGER NOT NULL,
        refused INTEGER NOT NULL, seal BLOB NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS ledger_leaf (
        idx INTEGER PRIMARY KEY, event_id TEXT NOT NULL, sender TEXT NOT NULL, stream TEXT NOT NULL,
        sequence INTEGER NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
        header BLOB NOT NULL, ciphertext_hash BLOB NOT NULL, wraps_hash BLOB NOT NULL, signature BLOB NOT NULL,
        leaf_hash BLOB NOT NULL, skeleton BLOB NOT NULL, personal BLOB NOT NULL,
        UNIQUE (sender, event_id))""",
    """CREATE TABLE IF NOT EXISTS ledger_stream (
        sender TEXT NOT NULL, stream TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (sender, stream))""",
    """CREATE TABLE IF NOT EXISTS ledger_node (
        level INTEGER NOT NULL, idx INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (level, idx))""",
    "CREATE TABLE IF NOT EXISTS ledger_personal_key (idx INTEGER PRIMARY KEY, wrapped BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS ledger_erasure (
        idx INTEGER PRIMARY KEY, erased_at TEXT NOT NULL, seal BLOB NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS ledger_refused (
        number INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
        reason TEXT NOT NULL, digest BLOB NOT NULL, sender TEXT, seal BLOB NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS ledger_checkpoint (
        number INTEGER PRIMARY KEY, size INTEGER NOT NULL UNIQUE, note BLOB NOT NULL)""",
)

Row = tuple[object, ...]
PAGE = 500
_LEAF_COLUMNS = """leaf.idx, leaf.event_id, leaf.sender, leaf.stream, leaf.sequence, leaf.topic, leaf.partition,
    leaf.position, leaf.header, leaf.ciphertext_hash, leaf.wraps_hash, leaf.signature, leaf.leaf_hash, leaf.skeleton,
    leaf.personal, personal_key.wrapped, erasure.erased_at, erasure.seal"""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the ledger stands: its size and root, the offset to read next, how many messages it refused."""

    size: int
    root: bytes
    position: int
    refused: int

    @property
    def columns(self) -> tuple[int, bytes, int, int]:
        """What the row's seal is over."""
        return (self.size, self.root, self.position, self.refused)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LeafRow:
    """One leaf as stored. `erased` holds the moment and the seal where the personal part is gone by order."""

    index: int
    event_id: str
    sender: str
    stream: str
    sequence: int
    place: LogOffset
    header: bytes = field(repr=False)
    ciphertext_hash: bytes
    wraps_hash: bytes
    signature: bytes
    leaf_hash: bytes
    skeleton: bytes = field(repr=False)
    personal: bytes = field(repr=False)
    wrapped_key: bytes | None = field(repr=False)
    erased: tuple[str, bytes] | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """One refused message as stored."""

    number: int
    place: LogOffset
    reason: str
    digest: bytes
    sender: str | None
    seal: bytes

    @property
    def columns(self) -> tuple[int, str, int, int, str, bytes, str | None]:
        """What the row's seal is over."""
        place = self.place
        return (
            self.number,
            place.topic,
            place.partition,
            place.offset,
            self.reason,
            self.digest,
            self.sender,
        )


def integer(value: object) -> int:
    """Return a stored integer. Raises: RejectedError `ROW_MALFORMED`."""
    if type(value) is not int:
        raise RejectedError("ROW_MALFORMED", "a number is not one")
    return value


def text(value: object) -> str:
    """Return a stored text. Raises: RejectedError `ROW_MALFORMED`."""
    if not isinstance(value, str):
        raise RejectedError("ROW_MALFORMED", "a text is not one")
    return value


def blob(value: object) -> bytes:
    """Return stored bytes. Raises: RejectedError `ROW_MALFORMED`."""
    if not isinstance(value, bytes | memoryview):
        raise RejectedError("ROW_MALFORMED", "bytes are not bytes")
    return bytes(value)


def head_rows(transaction: Transaction) -> list[Row]:
    """Return what there is of heads: (origin, size, root, position, refused, seal)."""
    return list(transaction.execute("SELECT origin, size, root, position, refused, seal FROM ledger_head"))


def head_of(row: Row) -> tuple[str, Head, bytes]:
    """Return a head row as (origin, head, seal). Raises: RejectedError `ROW_MALFORMED`."""
    origin, size, root, position, refused, seal = row
    head = Head(size=integer(size), root=blob(root), position=integer(position), refused=integer(refused))
    return text(origin), head, blob(seal)


def leaf_rows(transaction: Transaction, first: int, end: int) -> list[Row]:
    """Return the rows of leaves `[first, end)` in order, for `leaf_of`."""
    return list(
        transaction.execute(
            f"""SELECT {_LEAF_COLUMNS} FROM ledger_leaf AS leaf
            LEFT JOIN ledger_personal_key AS personal_key ON personal_key.idx = leaf.idx
            LEFT JOIN ledger_erasure AS erasure ON erasure.idx = leaf.idx
            WHERE leaf.idx >= :first AND leaf.idx < :end ORDER BY leaf.idx""",  # noqa: S608 a constant
            first=first,
            end=end,
        )
    )


def leaf_of(row: Row) -> LeafRow:
    """Return one leaf. Raises: RejectedError `ROW_MALFORMED`."""
    index, event_id, sender, stream, sequence, topic, partition, position, *rest = row
    header, ciphertext_hash, wraps_hash, signature, leaf_hash, skeleton, personal, wrapped, at, seal = rest
    return LeafRow(
        index=integer(index),
        event_id=text(event_id),
        sender=text(sender),
        stream=text(stream),
        sequence=integer(sequence),
        place=LogOffset(topic=text(topic), partition=integer(partition), offset=integer(position)),
        header=blob(header),
        ciphertext_hash=blob(ciphertext_hash),
        wraps_hash=blob(wraps_hash),
        signature=blob(signature),
        leaf_hash=blob(leaf_hash),
        skeleton=blob(skeleton),
        personal=blob(personal),
        wrapped_key=None if wrapped is None else blob(wrapped),
        erased=None if at is None and seal is None else (text(at), blob(seal)),
    )


def refused_rows(transaction: Transaction, first: int) -> list[Row]:
    """Return a page of refused messages from number `first` on, for `refused_of`."""
    return list(
        transaction.execute(
            """SELECT number, topic, partition, position, reason, digest, sender, seal FROM ledger_refused
            WHERE number >= :first ORDER BY number LIMIT :most""",
            first=first,
            most=PAGE,
        )
    )


def refusal_counts(transaction: Transaction) -> dict[str, int]:
    """Count the refused messages by reason. Raises: RejectedError `ROW_MALFORMED`."""
    rows = transaction.execute("SELECT reason, count(*) FROM ledger_refused GROUP BY reason ORDER BY reason")
    return {text(reason): integer(count) for reason, count in rows}


def refused_of(row: Row) -> RefusedRow:
    """Return one refused message. Raises: RejectedError `ROW_MALFORMED`."""
    number, topic, partition, position, reason, digest, sender, seal = row
    return RefusedRow(
        number=integer(number),
        place=LogOffset(topic=text(topic), partition=integer(partition), offset=integer(position)),
        reason=text(reason),
        digest=blob(digest),
        sender=None if sender is None else text(sender),
        seal=blob(seal),
    )


def checkpoint_rows(transaction: Transaction, first: int, *, most: int) -> list[Row]:
    """Return (number, size, note) of checkpoints from number `first` on."""
    return list(
        transaction.execute(
            """SELECT number, size, note FROM ledger_checkpoint
            WHERE number >= :first ORDER BY number LIMIT :most""",
            first=first,
            most=most,
        )
    )


def stored_nodes(transaction: Transaction) -> NodeReader:
    """Return a reader of the stored tree. It raises RejectedError `NODE_UNKNOWN`, `ROW_MALFORMED`."""

    def read(level: int, index: int) -> bytes:
        if level == 0:
            rows = transaction.execute("SELECT leaf_hash FROM ledger_leaf WHERE idx = :idx", idx=index)
        else:
            rows = transaction.execute(
                "SELECT digest FROM ledger_node WHERE level = :level AND idx = :idx", level=level, idx=index
            )
        return blob(_only(rows, f"no subtree {index} at level {level}")[0])

    return read


def _only(rows: Sequence[Row], missing: str) -> Row:
    if len(rows) != 1:
        raise RejectedError("NODE_UNKNOWN", missing)
    return rows[0]


def stored_ends(transaction: Transaction) -> StreamEnds:
    """Return the last number of each (sender, stream), as it is stored. Raises: RejectedError for another type."""
    rows = transaction.execute("SELECT sender, stream, sequence FROM ledger_stream")
    return {(text(sender), text(stream)): integer(last) for sender, stream, last in rows}
