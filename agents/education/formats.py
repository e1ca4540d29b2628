"""Which file is whose: the Department for Education's record types, and what a school's own system exports."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

FORMATS: Final = (
    CustodianFile(),
    BareRecord("education.details"),
    BareRecord("personal.details"),
    BareRecord("arbor", marks=frozenset({"schoolsAttended"})),
)
"""What a school exports, the most telling first."""
