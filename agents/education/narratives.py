"""How an education record is put into words: `education.details` of the Department for Education (ref 5.3).

Each mapping sees only what its row of `release.toml` reads, and writes one sentence for a social worker. Numbers
are said with what they are numbers of, and a zero says nothing: that a child was never excluded is no item.
"""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narrative, Narratives
from agents.sdk.mapping.values import Fields

_START: Final = "academicTermYearStart"
_END: Final = "academicTermYearEnd"


def _setting(fields: Fields) -> str:
    return f"Education setting: {fields.text()}."


def _setting_address(fields: Fields) -> str:
    parts = [fields.text(part) for part in ("line1", "line2", "townOrCity", "county", "postcode")]
    return f"Address of the education setting: {', '.join(part for part in parts if part)}."


def _setting_telephone(fields: Fields) -> str:
    return f"Telephone of the education setting: {fields.text()}."


def _plan(fields: Fields) -> str:
    parts = [("Status", fields.text("status")), ("Plan", fields.text("plan"))]
    return " ".join(f"{label}: {text}." for label, text in parts if text)


def _year(fields: Fields) -> str:
    start, end = fields.text(_START), fields.day(_END)
    if start and end:
        return f"in the school year {start} to {end.year}"
    return f"in the school year to {end.year}" if end else "in a school year that is not recorded"


def _attendance(fields: Fields) -> str | None:
    labels = (
        ("attendancePercentage", "attended {} per cent"),
        ("unauthorisedAbsencePercentage", "unauthorised absence {} per cent"),
        ("schoolsAverageAttendance", "the school's average is {} per cent"),
    )
    numbers = [(label, fields.number(name)) for name, label in labels]
    held = [label.format(number) for label, number in numbers if number is not None]
    return f"Attendance {_year(fields)}: {'; '.join(held)}." if held else None


def _count_of(one: str, several: str) -> Narrative:
    def say(fields: Fields) -> str | None:
        number = fields.number()
        if number is None or number <= 0:
            return None
        return f"{number} {one if number == 1 else several} {_year(fields)}."

    return say


NARRATIVES: Final[Narratives] = {
    "education.details": {
        "/educationSettingName": _setting,
        "/educationSettingAddress": _setting_address,
        "/educationSettingTelephone": _setting_telephone,
        "/educationActiveStatusesAndPlans/*": _plan,
        "/yearlyEducationAttendances/*": _attendance,
        "/yearlyEducationAttendances/*/suspensions": _count_of("suspension", "suspensions"),
        "/yearlyEducationAttendances/*/exclusions": _count_of("exclusion", "exclusions"),
        "/yearlyEducationAttendances/*/schoolMovesNonTransitional": _count_of(
            "move of school that was no ordinary transition", "moves of school that were no ordinary transitions"
        ),
    }
}
"""The mapping of every row of `release.toml` that releases an item."""
