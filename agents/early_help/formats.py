"""Which file is whose: what an early help service exports, beside CSV by a mapping file."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

FORMATS: Final = (
    CustodianFile(),
    BareRecord("early-help.episode"),
    BareRecord("personal.details"),
)
"""The formats, the most telling first."""
