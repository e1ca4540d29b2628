"""Which file is whose: what a youth justice service exports, beside CSV by a mapping file."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

FORMATS: Final = (
    CustodianFile(),
    BareRecord("youth-justice.case"),
    BareRecord("personal.details"),
)
"""The formats, the most telling first."""
