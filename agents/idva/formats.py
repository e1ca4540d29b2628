"""Which file is whose: what a domestic abuse service exports, beside CSV by a mapping file."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

FORMATS: Final = (
    CustodianFile(),
    BareRecord("idva.case"),
)
"""The formats, the most telling first."""
