"""The account of one imported file: counts, places and words, never a value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, final

from agents.sdk.mapping.results import FileRead, Flagged, Gap, Rejected
from agents.sdk.reasons import what_to_do
from agents.sdk.store.linkage import Linkable, link
from agents.sdk.store.writes import TakenIn

FEWER_THAN_HELD: Final = "FEWER_THAN_HELD"
"""A whole export is so small that nothing was withdrawn for not being in it."""

FIRST_PLACES: Final = 5
"""Places that are named of many with the same reason."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FileAccount:
    """The account of one imported file (`mash records import --json`). `format` is None for an unreadable file."""

    file: str
    format: str | None
    people: int = 0
    records: int = 0
    rejected: tuple[Rejected, ...] = ()
    flagged: tuple[Flagged, ...] = ()
    gaps: tuple[Gap, ...] = ()
    ignored_fields: tuple[tuple[str, int], ...] = ()
    passed_over: tuple[tuple[str, int], ...] = ()
    sources: tuple[str, ...] = ()
    withdrawn: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether everything in the file that should be here now is."""
        return not self.rejected and not any(one.reason == FEWER_THAN_HELD for one in self.flagged)

    def as_json(self) -> dict[str, object]:
        """Return the account as the command line prints it: the same reason many times is one row."""
        return {
            "file": self.file,
            "format": self.format,
            "sources": list(self.sources),
            "people": self.people,
            "records": self.records,
            "withdrawn": self.withdrawn,
            "rejected": _rows(self.rejected),
            "flagged": _rows(self.flagged),
            "gaps": _rows(self.gaps),
            "passed_over": dict(self.passed_over),
            "ignored_fields": dict(self.ignored_fields),
        }


def _rows(remarks: Iterable[Rejected | Flagged | Gap]) -> list[dict[str, object]]:
    places: dict[str, list[str]] = {}
    for one in remarks:
        places.setdefault(one.reason, []).append(one.at)
    return [
        {
            "at": found[0],
            "reason": reason,
            "count": len(found),
            "places": found[:FIRST_PLACES],
            "do": what_to_do(reason),
        }
        for reason, found in places.items()
    ]


def refused(file: str, why: Rejected) -> FileAccount:
    """Account for a file of which nothing was read."""
    return FileAccount(file=file, format=None, rejected=(why,))


def accepted(file: str, read: FileRead, taken: TakenIn, conflicting: Sequence[str]) -> FileAccount:
    """Account for a file that was taken in."""
    numbered = [Linkable(number=place, subject=record.subject) for place, record in enumerate(read.records)]
    ignored: dict[str, int] = dict(read.ignored)
    for record in read.records:
        for pointer, count in record.ignored:
            ignored[pointer] = ignored.get(pointer, 0) + count
    flagged = [*read.flagged, *taken.flagged]
    flagged += [Flagged(at=at, reason="CONFLICTING_BIRTH_DATES") for at in conflicting]
    flagged += [Flagged(at="", reason=FEWER_THAN_HELD)] if taken.too_few else []
    return FileAccount(
        file=file,
        format=read.format,
        people=len(link(numbered)),
        records=len(read.records),
        rejected=read.rejected,
        flagged=tuple(flagged),
        gaps=read.gaps,
        ignored_fields=tuple(sorted(ignored.items())),
        passed_over=read.passed_over,
        sources=taken.sources,
        withdrawn=taken.left,
    )
