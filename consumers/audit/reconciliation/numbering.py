"""Gaps in the sequence numbers of each stream. A dense stream costs one integer of memory, a gap one record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar, final

T = TypeVar("T")
Stream = tuple[str, str]
"""The sender, and the stream's name."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Generic[T]):
    """Missing numbers, `first` to `last`, with the carrier of the number that skipped them."""

    first: int
    last: int
    shown_by: T = field(repr=False)

    @property
    def size(self) -> int:
        """The count of missing numbers."""
        return self.last - self.first + 1


@final
class Numbering(Generic[T]):
    """The numbers seen so far. A skip of a million numbers is one gap, so that no sender can fill our memory."""

    def __init__(self, *, first: int) -> None:
        self._first = first
        self._next: dict[Stream, int] = {}
        self._gaps: dict[Stream, tuple[Gap[T], ...]] = {}

    def take(self, stream: Stream, number: int, carrier: T) -> bool:
        """Record a number; return False if it was seen before, or is below the first."""
        expected = self._next.get(stream, self._first)
        if number < expected:
            return self._fill(stream, number)
        if number > expected:
            gap = Gap(first=expected, last=number - 1, shown_by=carrier)
            self._gaps[stream] = (*self._gaps.get(stream, ()), gap)
        self._next[stream] = number + 1
        return True

    def gaps(self) -> Iterator[tuple[Stream, Gap[T]]]:
        """Return the gaps, stream by stream."""
        for stream, gaps in self._gaps.items():
            for gap in gaps:
                yield stream, gap

    def _fill(self, stream: Stream, number: int) -> bool:
        gaps = self._gaps.get(stream, ())
        around = next((gap for gap in gaps if gap.first <= number <= gap.last), None)
        if around is None:
            return False
        parts = ((around.first, number - 1), (number + 1, around.last))
        left = [Gap(first=first, last=last, shown_by=around.shown_by) for first, last in parts if first <= last]
        self._gaps[stream] = (*(gap for gap in gaps if gap is not around), *left)
        return True
