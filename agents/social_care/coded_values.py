"""What both returns write in their own way: sex, yes and no, dates, an end that is none, and which record is which."""

from __future__ import annotations

import re
from typing import Final

from agents.sdk.dfe import LONGEST_WORD
from agents.sdk.mapping.results import Json
from agents.sdk.mapping.values import clean

_SEXES: Final = {"1": "male", "2": "female", "0": "unknown", "9": "other"}
_YES_NO: Final = {"1": "yes", "0": "no"}
_DAY: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_NEVER: Final = "9999-"


def sex(value: Json) -> Json:
    """Return the word for a code of sex; any other writing as it is."""
    return _SEXES.get(value, value) if isinstance(value, str) else value


def yes_no(value: Json) -> Json:
    """Return the word for 1 or 0; any other writing as it is."""
    return _YES_NO.get(value, value) if isinstance(value, str) else value


def day(value: Json) -> Json:
    """Return 31/03/2026 as 2026-03-31; any other writing as it is, for the reader to flag."""
    match = _DAY.fullmatch(value) if isinstance(value, str) else None
    return f"{match[3]}-{match[2]}-{match[1]}" if match else value


def ended(value: Json) -> Json:
    """Return an end; None for the year 9999, which systems write for what has not ended."""
    return None if isinstance(value, str) and value.startswith(_NEVER) else value


def reference(*parts: Json) -> str:
    """Return what a record is known by within its return, fit for the wire."""
    return clean("/".join("" if part is None else str(part) for part in parts))[:LONGEST_WORD]
