"""Which file is whose: what a housing authority or association exports, beside CSV by a mapping file."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

FORMATS: Final = (
    CustodianFile(),
    BareRecord("housing.tenancy"),
    BareRecord("housing.homelessness"),
    BareRecord("personal.details"),
)
"""The formats, the most telling first."""
