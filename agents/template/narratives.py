"""How the sector's records are put into words. Each mapping sees only what its row of `release.toml` reads."""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narratives
from agents.sdk.mapping.values import Fields


def _status(fields: Fields) -> str:
    return f"Status: {fields.text()}."


NARRATIVES: Final[Narratives] = {"sector.details": {"/status": _status}}
"""The mapping of every row of `release.toml` that releases an item."""
