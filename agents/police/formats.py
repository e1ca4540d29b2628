"""Which file is whose: the Department for Education's record types, and what a force's own system exports."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

FORMATS: Final = (
    CustodianFile(),
    BareRecord("crime-justice.details"),
    BareRecord("personal.details"),
    BareRecord("niche", marks=frozenset({"knownToPolice", "policePowersOfProtection"})),
)
"""What a force exports, the most telling first."""
