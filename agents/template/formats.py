"""How the sector's records are put into words. Each mapping sees only what its row of `release.toml` reads."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile
from agents.sdk.mapping.values import Fields

FORMATS: Final = (CustodianFile(), BareRecord("sector.details"), BareRecord("personal.details"))
"""What the sector exports, the most telling first."""


def _status(fields: Fields) -> str:
    return f"Status: {fields.text()}."


SAYINGS: Final = {"sector.details": {"/status": _status}}
"""The mapping of every row of `release.toml` that releases an item."""
