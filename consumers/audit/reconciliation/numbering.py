"""Numbering: which numbers of each stream are missing. Dense streams cost one integer each, gaps one record each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar, final

T = TypeVar("T")
Stream = tuple[str, str]
"""Who numbers, and the stream's name."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Generic[T]):
    """Numbers that are missing, `first` to `last`, and what came with the number after them when they were skipped."""

    first: int
    last: int
    shown_by: T = field(repr=False)

    @property
    def size(self) -> int:
        """How many are missing."""
        return self.last - self.first + 1


@final
class Numbering(Generic[T]):
    """The numbers met so far. A skip of a million numbers is one gap: nobody can fill our memory by skipping."""

    def __init__(self, *, first: int) -> None:
        self._first = first
        self._next: dict[Stream, int] = {}
        self._gaps: dict[Stream, tuple[Gap[T], ...]] = {}

    def take(self, stream: Stream, number: int, carrier: T) -> bool:
        """Note a number; False where it was there before (or is below the first)."""
        expected = self._next.get(stream, self._first)
        if number < expected:
            return self._fill(stream, number)
        if number > expected:
            gap = Gap(first=expected, last=number - 1, shown_by=carrier)
            self._gaps[stream] = (*self._gaps.get(stream, ()), gap)
        self._next[stream] = number + 1
        return True

    def gaps(self) -> Iterator[tuple[Stream, Gap[T]]]:
        """Return what is missing, stream by stream."""
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
