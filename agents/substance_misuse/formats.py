"""Which file is whose: what a drug and alcohol service exports, beside CSV by a mapping file."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

FORMATS: Final = (
    CustodianFile(),
    BareRecord("substance-misuse.treatment"),
    BareRecord("personal.details"),
)
"""The formats, the most telling first."""
