"""Compare: what the ledger holds against what the event log still shows to everybody.

(1) where a leaf was read, the log has that envelope; (2) what the log has before the ledger's position is a leaf, a
copy of one, or refused; (3) every checkpoint ever published under the ledger's signature is one that it still holds: a
history that was written anew, with proper signatures and all, is found here; (4) none between two was held back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError
from broker.ports import Crypto
from broker.transparency.follow import open_own
from broker.transparency.note import Checkpoint
from consumers.audit.verification.log_view import LogView
from consumers.audit.verification.report import Findings, ProblemKind


@final
@dataclass(slots=True, kw_only=True)
class LedgerContents:
    """What a check has read of the ledger so far, by offset in the audit topic."""

    leaves: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """Offset to leaf index and envelope digest."""
    refused: dict[int, bytes] = field(default_factory=dict)
    """Offset to SHA-256 of the message's value."""
    checkpoints: list[Checkpoint] = field(default_factory=list)
    position: int = 0


def compare(
    log: LogView, held: LedgerContents, *, origin: str, keys: Sequence[bytes], crypto: Crypto, findings: Findings
) -> None:
    """Add to the findings what does not agree. `keys` are the ledger's own public keys, of all years."""
    if log.events:
        _leaves_stand_in_log(log, held, findings)
        _log_stands_in_ledger(log, held, findings)
    else:
        findings.note("the event log holds no audit events any more to compare with")
    published: set[int] = set()
    strange = 0
    texts = {checkpoint.size: checkpoint.text for checkpoint in held.checkpoints}
    for value in log.checkpoints:
        try:
            checkpoint = open_own(value, origin=origin, public_keys=keys, crypto=crypto)
        except RejectedError:
            strange += 1
            continue
        published.add(checkpoint.size)
        if texts.get(checkpoint.size) != checkpoint.text:  # (3)
            detail = f"a signed checkpoint of size {checkpoint.size} was published that the ledger does not hold"
            findings.add(ProblemKind.REWRITTEN_HISTORY, detail)
    _none_held_back(held, published, findings)
    if strange:
        detail = f"{strange} messages under the ledger's name are not its checkpoints"
        findings.add(ProblemKind.UNREADABLE_CHECKPOINT, detail)


def _leaves_stand_in_log(log: LogView, held: LedgerContents, findings: Findings) -> None:  # (1)
    seen = {one.offset: one.digest for one in log.events}
    first, last = log.events[0].offset, log.events[-1].offset  # older ones are past their retention
    for offset, (index, digest) in held.leaves.items():
        if first <= offset <= last and seen.get(offset) != digest:
            findings.add(ProblemKind.LOG_DIFFERS, f"the event log has another message at {offset}", index=index)


def _log_stands_in_ledger(log: LogView, held: LedgerContents, findings: Findings) -> None:  # (2)
    recorded = {digest for _, digest in held.leaves.values()}
    for one in log.events:
        if one.offset >= held.position or one.offset in held.leaves:
            continue
        if one.offset in held.refused:
            if held.refused[one.offset] != one.value_hash:
                findings.add(ProblemKind.LOG_DIFFERS, f"the event log has another message at {one.offset}")
        elif one.digest not in recorded:
            detail = f"the message at {one.offset} is neither recorded nor refused"
            findings.add(ProblemKind.MISSING_EVENT, detail)


def _none_held_back(held: LedgerContents, published: set[int], findings: Findings) -> None:  # (4)
    if not published:
        return
    for checkpoint in held.checkpoints:
        if min(published) < checkpoint.size < max(published) and checkpoint.size not in published:
            detail = f"the checkpoint of size {checkpoint.size} is missing from the event log"
            findings.add(ProblemKind.LOG_DIFFERS, detail)
