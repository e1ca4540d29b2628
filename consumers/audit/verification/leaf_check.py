"""Scan: every stored leaf, in order, against what was signed and against its own columns.

(1) the public checks; (2) the stored hash; (3) offsets that rise; (4) columns equal to the header's; (5) both parts
open and fit the header's hashes, or the personal one was erased by order. What it read is kept, by hash, for the checks
of tree, checkpoints and event log that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import final

from broker.errors import RejectedError
from broker.exchange.envelope import part_hash
from consumers.audit.tables import LeafRow, Row, leaf_of
from consumers.audit.vault import PERSONAL, SKELETON, Part, Vault
from consumers.audit.verification.log_compare import LedgerContents
from consumers.audit.verification.public_check import UNREAD, LeafCheck, NamedLeaf, PublicLeaf
from consumers.audit.verification.report import Findings, ProblemKind
from schemas.exchange import Header


@final
class LeafScan:
    """Reads leaves page by page. `hashes` and `named` have an entry for every index, also for one not there."""

    def __init__(self, *, public: LeafCheck, vault: Vault, held: LedgerContents, findings: Findings) -> None:
        self._public = public
        self._vault = vault
        self._held = held
        self._findings = findings
        self.hashes: list[bytes] = []
        self.named: list[NamedLeaf | None] = []

    def page(self, expected: range, rows: Sequence[Row]) -> None:
        """Check the rows that are there for the leaves that should be."""
        by_index = {row[0]: row for row in rows}
        for index in expected:
            row = by_index.get(index)
            if row is None:
                self._unread(ProblemKind.MISSING_LEAF, "there is no such leaf", index)
                continue
            try:
                leaf = leaf_of(row)
            except RejectedError as error:
                self._unread(ProblemKind.ALTERED_LEAF, error.detail, index)
                continue
            self._leaf(leaf)

    def _unread(self, kind: ProblemKind, detail: str, index: int) -> None:
        self._findings.add(kind, detail, index=index)
        self._keep(UNREAD, None)

    def _keep(self, leaf_hash: bytes, header: Header | None) -> None:
        self.hashes.append(leaf_hash)
        self.named.append(NamedLeaf.of(header) if header else None)

    def _leaf(self, leaf: LeafRow) -> None:
        public = PublicLeaf(
            index=leaf.index,
            header=leaf.header,
            ciphertext_hash=leaf.ciphertext_hash,
            wraps_hash=leaf.wraps_hash,
            signature=leaf.signature,
        )
        header = self._public.check(public)  # (1)
        self._keep(public.hash, header)
        if public.hash != leaf.leaf_hash:  # (2)
            self._altered(leaf, "the stored hash is not that of what was signed")
        if leaf.place.offset < self._held.position:  # (3)
            self._altered(leaf, "its offset does not follow that of the leaf before it")
        self._held.leaves[leaf.place.offset] = (leaf.index, public.digest)
        self._held.position = leaf.place.offset + 1
        if header is not None:
            self._columns(leaf, header)
            self._parts(leaf, header)

    def _columns(self, leaf: LeafRow, header: Header) -> None:  # (4)
        stored = (leaf.event_id, leaf.sender, leaf.stream, leaf.sequence, leaf.place.topic)
        if stored != (header.event_id, header.sender, header.stream, header.sequence, header.topic):
            self._altered(leaf, "a column differs from the signed header")

    def _parts(self, leaf: LeafRow, header: Header) -> None:  # (5)
        vault, index, place = self._vault, leaf.index, leaf.place
        self._part(leaf, header, SKELETON, lambda: vault.open_skeleton(index, place, leaf.skeleton))
        wrapped = leaf.wrapped_key
        if wrapped is None and leaf.erased is not None:
            self._erased(leaf, *leaf.erased)
        elif wrapped is None or leaf.erased is not None:
            self._altered_part(leaf, "the personal part's key and its erasure contradict each other")
        else:
            self._part(
                leaf,
                header,
                PERSONAL,
                lambda: vault.open_personal(index, place, leaf.personal, wrapped_key=wrapped),
            )

    def _part(self, leaf: LeafRow, header: Header, number: int, opened: Callable[[], Part]) -> None:
        try:
            part = opened()
        except RejectedError as error:
            self._altered_part(leaf, f"part {number} does not open ({error.reason})")
            return
        if header.parts[number : number + 1] != (part_hash(number, part.salt, part.body),):
            self._altered_part(leaf, f"part {number} is not the one that was signed for")

    def _erased(self, leaf: LeafRow, moment: str, seal: bytes) -> None:
        try:
            self._vault.check(seal, "ledger_erasure", leaf.index, moment)
        except RejectedError:
            # Whoever deletes a key with no order destroys evidence; it must not pass for an erasure.
            self._altered_part(leaf, "the personal part's key is gone without an order")
            return
        if leaf.personal:
            self._altered_part(leaf, "an erased part holds something")
        self._findings.erased += 1

    def _altered(self, leaf: LeafRow, detail: str) -> None:
        self._findings.add(ProblemKind.ALTERED_LEAF, detail, index=leaf.index)

    def _altered_part(self, leaf: LeafRow, detail: str) -> None:
        self._findings.add(ProblemKind.ALTERED_PART, detail, index=leaf.index)
