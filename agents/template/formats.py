"""Which file is whose: the formats that the sector's systems export."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

FORMATS: Final = (CustodianFile(), BareRecord("sector.details"), BareRecord("personal.details"))
"""What the sector exports, the most telling first."""
