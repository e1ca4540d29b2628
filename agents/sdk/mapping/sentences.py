"""The sentences that narratives of several sectors are made of.

Promise: an end is told wherever a beginning is, and a date that is there and cannot be read is said to be so: what is
over never reads as in force.
"""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narrative
from agents.sdk.mapping.values import Fields, Unreadable, day_in_words

NOT_READABLE: Final = "date not readable"


def sentences(*parts: tuple[str, str | None]) -> str:
    """Write a sentence for each label that has a text."""
    return " ".join(f"{label}: {text.rstrip('.')}." for label, text in parts if text)


def on(fields: Fields, name: str = "") -> str | None:
    """Write a date; None only where there is none."""
    day = fields.day(name)
    if day is not None:
        return day_in_words(day)
    return NOT_READABLE if isinstance(fields.values[name], Unreadable) else None


def period(fields: Fields, start: str = "start", end: str = "end") -> str:
    """Write from when to when, or since when."""
    begun, over = on(fields, start) or "date not recorded", on(fields, end)
    return f"from {begun} to {over}" if over else f"since {begun}, no end recorded"


def labelled(label: str) -> Narrative:
    """Return a narrative that writes a text behind its label."""
    return lambda fields: f"{label}: {fields.text()}."


def labelled_period(label: str) -> Narrative:
    """Return a narrative that writes a text with its `start` and `end`."""
    return lambda fields: f"{label}: {fields.text()}, {period(fields)}."


def dated(label: str) -> Narrative:
    """Return a narrative that writes a date behind its label."""
    return lambda fields: f"{label}: {on(fields)}."


def where_yes(sentence: str) -> Narrative:
    """Return a narrative that writes a sentence where the field says yes."""
    return lambda fields: sentence if fields.yes_no() else None


def judged(label: str) -> Narrative:
    """Return a narrative that writes a level with the day it was assessed on (`assessedOn`)."""
    return lambda fields: sentences(
        (label, (fields.text() or "").replace("_", " ")), ("Assessed on", on(fields, "assessedOn"))
    )
