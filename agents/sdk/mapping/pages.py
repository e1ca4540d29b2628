"""What a file says of itself: that it is one page of several, that something was kept back, when it was made.

Promise: a further page, a count that exceeds what came, and an error beside the records are gaps, in every sector's
writing; nothing of their contents is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from agents.sdk.mapping.reader import step
from agents.sdk.mapping.results import Gap, Json, JsonObject
from agents.sdk.mapping.values import is_nothing
from agents.sdk.mapping.versions import moment

NEXT_PAGE: Final = "NEXT_PAGE"
MORE_THAN_HERE: Final = "MORE_THAN_HERE"
SOURCE_ERROR: Final = "SOURCE_ERROR"

_NEXT: Final = ("next", "nextPage", "nextLink", "nextPageUrl", "nextPageToken", "nextCursor", "continuationToken")
_PAGING: Final = ("pagination", "paging", "page", "links", "_links", "meta")
_TOTALS: Final = ("total", "totalCount", "totalRecords", "totalElements", "totalResults")
_ERRORS: Final = ("errors", "warnings", "failures")
_EXTRACTED: Final = ("extractedAt", "exportedAt", "generatedAt", "timestamp", "extractDate", "asAt")


def page_gaps(document: JsonObject, held: int | None) -> Iterator[Gap]:
    """Find what says that a document is not all; `held` is how many records it has, where that can be counted."""
    for at, place in _places(document):
        for key in _NEXT:
            if place.get(key) not in (None, False, "", 0):
                yield Gap(at=f"{at}/{key}", reason=NEXT_PAGE)
        if place.get("isLastPage") is False or place.get("hasMore") is True or place.get("last") is False:
            yield Gap(at=at, reason=NEXT_PAGE)
        elif _number(place.get("totalPages")) > max(1, _number(place.get("page"))):
            yield Gap(at=f"{at}/totalPages", reason=NEXT_PAGE)
        for key in _TOTALS:
            if held is not None and _number(place.get(key)) > held:
                yield Gap(at=f"{at}/{key}", reason=MORE_THAN_HERE)
    for key in _ERRORS:
        if not is_nothing(document.get(key)):
            yield Gap(at=step(key), reason=SOURCE_ERROR)


def extracted_at(document: JsonObject) -> datetime | None:
    """Return when the extract was made, as its own field says."""
    return next((read for key in _EXTRACTED if (read := moment(document.get(key))) is not None), None)


def _places(document: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    yield "", document
    for key in _PAGING:
        if isinstance(inner := document.get(key), dict):
            yield step(key), inner


def _number(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
