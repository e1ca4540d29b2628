"""What a check of the ledger says: its size and root as recomputed, and every problem, in stable words.

Promise: `verified` is true only if nothing is altered and nothing is missing. What an outsider can cause by writing
junk to a topic is listed too, but cannot make a sound ledger look tampered with. No detail holds personal data: it
gives organisations, places, numbers and reason words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import final

MOST_PROBLEMS = 1000
"""The most problems that are listed one by one; the rest are counted."""


class ProblemKind(StrEnum):
    """What is wrong. Scripts rely on these words (command line contract)."""

    DAMAGED = "DAMAGED"  # the database cannot be read whole
    ALTERED_HEAD = "ALTERED_HEAD"
    ALTERED_LEAF = "ALTERED_LEAF"  # a stored column is not what was recorded
    ALTERED_PART = "ALTERED_PART"  # an encrypted part does not open, or is not the one that was signed for
    ALTERED_NODE = "ALTERED_NODE"
    ALTERED_CHECKPOINT = "ALTERED_CHECKPOINT"
    ALTERED_REFUSAL = "ALTERED_REFUSAL"
    ALTERED_BUNDLE = "ALTERED_BUNDLE"
    MISSING_LEAF = "MISSING_LEAF"
    MISSING_CHECKPOINT = "MISSING_CHECKPOINT"
    MISSING_EVENT = "MISSING_EVENT"  # in the event log, and neither recorded nor refused
    BAD_SIGNATURE = "BAD_SIGNATURE"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    UNTRUSTED_DIRECTORY = "UNTRUSTED_DIRECTORY"
    SEQUENCE_GAP = "SEQUENCE_GAP"  # a sender's numbers do not follow one another: an event is missing
    REWRITTEN_HISTORY = "REWRITTEN_HISTORY"  # a checkpoint was published and signed that the ledger does not hold
    LOG_DIFFERS = "LOG_DIFFERS"  # the event log has something else where the leaf was read
    EQUIVOCATION = "EQUIVOCATION"  # a sender told two stories under one event id; the first one stands
    UNREADABLE_EVENT = "UNREADABLE_EVENT"  # refused on the audit topic: junk, or an event that cannot be accepted
    UNREADABLE_CHECKPOINT = "UNREADABLE_CHECKPOINT"  # junk on the checkpoints topic
    MORE = "MORE"  # so many problems that the rest are only counted


NOTICES = frozenset({ProblemKind.EQUIVOCATION, ProblemKind.UNREADABLE_EVENT, ProblemKind.UNREADABLE_CHECKPOINT})
"""Kinds that say something about senders and topics, not about the ledger: it stays verified beside them."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding. `index` is the leaf's, where it is about one."""

    kind: ProblemKind
    index: int | None
    detail: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerReport:
    """The finding over a whole ledger or bundle. `root` is the recomputed root in hex."""

    size: int
    root: str
    verified: bool
    problems: tuple[Problem, ...]
    erased: int
    """How many leaves' personal parts were erased by order: accounted for, not a problem."""
    notes: tuple[str, ...]
    """What a reader has to know or compare by other means, such as root key fingerprints."""

    def document(self) -> dict[str, object]:
        """Return what `mash ledger verify --json` prints."""
        problems = [{"kind": one.kind.value, "index": one.index, "detail": one.detail} for one in self.problems]
        return {
            "size": self.size,
            "root": self.root,
            "verified": self.verified,
            "problems": problems,
            "erased": self.erased,
            "notes": list(self.notes),
        }


@final
class Findings:
    """Collects problems while a check runs."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._more = 0
        self._sound = True
        self._notes: list[str] = []
        self.erased = 0

    def add(self, kind: ProblemKind, detail: str, *, index: int | None = None) -> None:
        """Add a problem. A wrecked ledger of a million leaves still gives a report that can be read."""
        self._sound = self._sound and kind in NOTICES
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(Problem(kind=kind, index=index, detail=detail))
        else:
            self._more += 1

    def note(self, text: str) -> None:
        """Add something to know that is no problem."""
        self._notes.append(text)

    def report(self, *, size: int, root: bytes) -> LedgerReport:
        """Close the collection."""
        more = Problem(kind=ProblemKind.MORE, index=None, detail=f"{self._more} more problems")
        return LedgerReport(
            size=size,
            root=root.hex(),
            verified=self._sound,
            problems=(*self._problems, more) if self._more else tuple(self._problems),
            erased=self.erased,
            notes=tuple(self._notes),
        )
