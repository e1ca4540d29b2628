"""Check: everything the database holds, recomputed from what was signed and compared with what is stored.

(1) the engine finds its pages sound; (2) each leaf (`scan`); (3) every stored subtree; (4) the head; (5) every
checkpoint; (6) every refusal is as it was sealed; (7) where a view of the event log is given, `compare`. Reads in
pages, so that the running service goes on meanwhile. A file that cannot be read gives the problem DAMAGED.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from typing import Protocol, final

from broker.errors import InvariantError, RejectedError
from broker.exchange.directory import TrustedDirectory
from broker.ports import Crypto, Transaction
from broker.transparency.follow import ledger_name
from broker.transparency.merkle import EMPTY_ROOT, MemoryNodes, root_at
from broker.transparency.note import StreamEnds
from consumers.audit.checkpoint import FIRST_NUMBER
from consumers.audit.intake import EQUIVOCATION
from consumers.audit.tables import (
    PAGE,
    Head,
    RefusedRow,
    Row,
    blob,
    checkpoint_rows,
    head_of,
    head_rows,
    integer,
    leaf_rows,
    refused_of,
    refused_rows,
    stored_ends,
)
from consumers.audit.vault import Vault
from consumers.audit.verification.leaf_check import LeafScan
from consumers.audit.verification.log_compare import LedgerContents, compare
from consumers.audit.verification.log_view import LogView
from consumers.audit.verification.public_check import ChainCheck, Directories, LeafCheck
from consumers.audit.verification.report import Findings, LedgerReport, ProblemKind


class SoundDatabase(Protocol):
    """A database that can be asked whether its file is sound."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin; see `broker.ports.Database`."""
        ...

    def integrity_problems(self) -> tuple[str, ...]:
        """Name what is wrong with the file; empty where nothing is."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


def check_ledger(
    open_database: Callable[[], SoundDatabase],
    *,
    vault: Vault,
    directories: Sequence[TrustedDirectory],
    partnership: str,
    crypto: Crypto,
    log: LogView | None,
) -> LedgerReport:
    """Check a whole ledger. `log` must have been read before (`read_log`); None leaves step (7) out.

    Raises: UnavailableError where the database is away for the moment; nothing for one that is damaged.
    """
    findings = Findings()
    check = _Check(
        vault=vault, keys=Directories(directories), partnership=partnership, crypto=crypto, findings=findings
    )
    try:
        with closing(open_database()) as database:
            for problem in database.integrity_problems():  # (1)
                findings.add(ProblemKind.DAMAGED, problem)
            check.run(database, log)
    except (RejectedError, InvariantError) as error:
        # All that is raised here comes from the database: a page, a text or a table that is not one any more.
        findings.add(ProblemKind.DAMAGED, str(error))
    return findings.report(size=check.size, root=check.root)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    """How far the tables went when the check began; what the service adds meanwhile is the next check's."""

    heads: list[Row]
    leaves: int
    nodes: int
    checkpoints: int
    refused: int
    ends: StreamEnds


@final
class _Check:
    def __init__(
        self, *, vault: Vault, keys: Directories, partnership: str, crypto: Crypto, findings: Findings
    ) -> None:
        self._vault = vault
        self._keys = keys
        self._partnership = partnership
        self._crypto = crypto
        self._findings = findings
        self._held = LedgerContents()
        public = LeafCheck(directories=keys, partnership=partnership, crypto=crypto, findings=findings)
        self._scan = LeafScan(public=public, vault=vault, held=self._held, findings=findings)

    @property
    def size(self) -> int:
        return len(self._scan.hashes)

    @property
    def root(self) -> bytes:
        return root_at(MemoryNodes(self._scan.hashes), self.size) if self.size else EMPTY_ROOT

    def run(self, database: SoundDatabase, log: LogView | None) -> None:
        with database.transaction() as transaction:
            extent = _extent(transaction)
        for page in _pages(extent.leaves):  # (2)
            with database.transaction() as transaction:
                rows = leaf_rows(transaction, page.start, page.stop)
            self._scan.page(page, rows)
        nodes = MemoryNodes(self._scan.hashes)
        self._tree(database, nodes, extent.nodes)
        self._head(extent)
        self._chain(database, nodes, extent)
        self._refusals(database, extent.refused)
        if log is not None:  # (7)
            origin, keys = ledger_name(self._partnership), self._keys.ledger_keys()
            compare(log, self._held, origin=origin, keys=keys, crypto=self._crypto, findings=self._findings)

    def _tree(self, database: SoundDatabase, nodes: MemoryNodes, count: int) -> None:  # (3)
        expected, level = 0, 1
        while width := nodes.size >> level:
            expected += width
            for page in _pages(width):
                with database.transaction() as transaction:
                    self._subtrees(transaction, nodes, level, page)
            level += 1
        if count != expected:
            detail = f"{count} subtrees are stored where {expected} belong"
            self._findings.add(ProblemKind.ALTERED_NODE, detail)

    def _subtrees(self, transaction: Transaction, nodes: MemoryNodes, level: int, page: range) -> None:
        rows = transaction.execute(
            "SELECT idx, digest FROM ledger_node WHERE level = :level AND idx >= :first AND idx < :end",
            level=level,
            first=page.start,
            end=page.stop,
        )
        stored = {row[0]: row[1] for row in rows}
        for index in page:
            if stored.get(index) != nodes(level, index):
                detail = f"subtree {index} of level {level} is not that of the leaves"
                self._findings.add(ProblemKind.ALTERED_NODE, detail, index=index << level)

    def _head(self, extent: _Extent) -> None:  # (4)
        if not extent.heads and not any((extent.leaves, extent.checkpoints, extent.refused)):
            return  # a ledger that was never begun
        try:
            ((origin, head, seal),) = [head_of(row) for row in extent.heads]
            self._vault.check(seal, "ledger_head", *head.columns)
        except (RejectedError, ValueError):
            self._findings.add(ProblemKind.ALTERED_HEAD, "the head is missing or not as it was sealed")
            return
        self._head_fits(origin, head, extent)
        self._held.position = max(self._held.position, head.position)

    def _head_fits(self, origin: str, head: Head, extent: _Extent) -> None:
        if (origin, head.size, head.root) != (ledger_name(self._partnership), self.size, self.root):
            detail = f"the head names a tree of {head.size}, the leaves make another of {self.size}"
            self._findings.add(ProblemKind.ALTERED_HEAD, detail)
        if head.position < self._held.position:
            self._findings.add(ProblemKind.ALTERED_HEAD, "the position is before the last leaf")
        if head.refused != extent.refused:
            detail = f"{extent.refused} refused messages are stored, {head.refused} were counted"
            self._findings.add(ProblemKind.ALTERED_REFUSAL, detail)

    def _chain(self, database: SoundDatabase, nodes: MemoryNodes, extent: _Extent) -> None:  # (5)
        chain = ChainCheck(
            directories=self._keys,
            partnership=self._partnership,
            crypto=self._crypto,
            findings=self._findings,
            nodes=nodes,
            named=self._scan.named,
        )
        for number, row in enumerate(_checkpoints(database, extent.checkpoints), FIRST_NUMBER):
            checkpoint = chain.check(blob(row[2]))
            if checkpoint is None:
                continue
            self._held.checkpoints.append(checkpoint)
            if (integer(row[0]), integer(row[1])) != (number, checkpoint.size):
                detail = f"checkpoint {number}: its number or size was altered"
                self._findings.add(ProblemKind.ALTERED_CHECKPOINT, detail)
        chain.finish()
        if chain.ends != extent.ends:
            self._findings.add(ProblemKind.ALTERED_HEAD, "the streams are stored to end where the leaves do not")

    def _refusals(self, database: SoundDatabase, count: int) -> None:  # (6)
        reasons: dict[str, list[int]] = {}
        number = 0
        for number, row in enumerate(_refused(database, count), 1):
            refused = refused_of(row)
            try:
                self._vault.check(refused.seal, "ledger_refused", *refused.columns)
            except RejectedError:
                detail = f"refused message {number} is not as it was sealed"
                self._findings.add(ProblemKind.ALTERED_REFUSAL, detail)
                continue
            self._held.refused[refused.place.offset] = refused.digest
            self._tell(refused, reasons)
        if number != count:
            self._findings.add(ProblemKind.ALTERED_REFUSAL, "a refused message is missing")
        for reason, offsets in sorted(reasons.items()):
            detail = f"{len(offsets)} refused as {reason}, the first at offset {offsets[0]}"
            self._findings.add(ProblemKind.UNREADABLE_EVENT, detail)

    def _tell(self, refused: RefusedRow, reasons: dict[str, list[int]]) -> None:
        if refused.reason == EQUIVOCATION and refused.sender is not None:
            detail = f"{refused.sender} told a second story under one event id, at offset {refused.place.offset}"
            self._findings.add(ProblemKind.EQUIVOCATION, detail)
        else:
            reasons.setdefault(refused.reason, []).append(refused.place.offset)


def _extent(transaction: Transaction) -> _Extent:
    def count(sql: str) -> int:
        return integer(transaction.execute(sql)[0][0])

    return _Extent(
        heads=head_rows(transaction),
        leaves=count("SELECT count(*) FROM ledger_leaf"),
        nodes=count("SELECT count(*) FROM ledger_node"),
        checkpoints=count("SELECT count(*) FROM ledger_checkpoint"),
        refused=count("SELECT count(*) FROM ledger_refused"),
        ends=stored_ends(transaction),
    )


def _pages(size: int) -> Iterator[range]:
    return (range(first, min(first + PAGE, size)) for first in range(0, size, PAGE))


def _checkpoints(database: SoundDatabase, count: int) -> Iterator[Row]:
    after, left = FIRST_NUMBER - 1, count
    while left > 0:
        with database.transaction() as transaction:
            rows = checkpoint_rows(transaction, after + 1, most=min(left, PAGE))
        if not rows:
            return
        yield from rows
        after, left = integer(rows[-1][0]), left - len(rows)


def _refused(database: SoundDatabase, count: int) -> Iterator[Row]:
    after, left = -1, count
    while left > 0:
        with database.transaction() as transaction:
            rows = refused_rows(transaction, after + 1)[:left]
        if not rows:
            return
        yield from rows
        after, left = integer(rows[-1][0]), left - len(rows)
