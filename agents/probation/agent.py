"""The probation agent, found by the entry point `mash.agents`: its identifiers, formats and narratives."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from agents.sdk.agent import SectorAgent
from schemas.vocabulary import IdentifierScheme, Sector

from .formats import FORMATS
from .narratives import NARRATIVES

AGENT: Final = SectorAgent(
    Path(__file__).parent,
    sector=Sector.PROBATION,
    schemes=(
        IdentifierScheme.CRN,
        IdentifierScheme.NOMS,
        IdentifierScheme.PNC,
        IdentifierScheme.CRO,
        IdentifierScheme.NHS,
    ),
    formats=FORMATS,
    narratives=NARRATIVES,
)
"""A probation service's own agent."""
