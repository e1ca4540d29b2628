"""Which file is whose: what a council's adult services exports, beside CSV by a mapping file."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

FORMATS: Final = (
    CustodianFile(),
    BareRecord("adult-social-care.case"),
    BareRecord("personal.details"),
)
"""The formats, the most telling first."""
