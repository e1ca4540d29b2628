"""How new a record says it is: by its own words, in whatever field its system writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from agents.sdk.mapping.results import Json, JsonObject, RecordVersion

_EARLIEST_YEAR: Final = 1900
_LATEST_YEAR: Final = 2199
_MOST_DIGITS: Final = 18
_UPDATED: Final = (
    "lastUpdated",
    "lastUpdatedAt",
    "updatedAt",
    "lastModified",
    "modifiedAt",
    "lastUpdatedDateTime",
    "assessedOn",
)
_UNSTATED: Final = RecordVersion()
_NUMBERED: Final = ("versionId", "revision", "recordVersion")


def version_of(*places: Json) -> RecordVersion:
    """Return the version that the first of these objects states which states any."""
    for place in places:
        if isinstance(place, dict):
            updated, number = _first_moment(place, _UPDATED), _first_number(place)
            if updated is not None or number is not None:
                return RecordVersion(updated=updated, number=number)
    return _UNSTATED


def is_newer(one: RecordVersion, other: RecordVersion) -> bool:
    """Return whether `one` says that it is newer: by its moment where both have one, else by its number."""
    if one.updated is not None and other.updated is not None and one.updated != other.updated:
        return one.updated > other.updated
    return one.number is not None and other.number is not None and one.number > other.number


def moment(value: Json) -> datetime | None:
    """Read a moment in ISO form; without a zone it is in UTC, and a day alone is its beginning."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if not _EARLIEST_YEAR <= read.year <= _LATEST_YEAR:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _first_moment(place: JsonObject, names: tuple[str, ...]) -> datetime | None:
    for name in names:
        if name in place and (read := moment(place[name])) is not None:
            return read
    return None


def _first_number(place: JsonObject) -> int | None:
    for name in _NUMBERED:
        value = str(place[name]) if name in place else ""
        if value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
            return int(value)
    return None
