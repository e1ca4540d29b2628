"""The agent of domestic abuse advice, found by the entry point `mash.agents`: identifiers, formats and narratives."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from agents.sdk.agent import SectorAgent
from schemas.vocabulary import IdentifierScheme, Sector

from .formats import FORMATS
from .narratives import NARRATIVES

AGENT: Final = SectorAgent(
    Path(__file__).parent,
    sector=Sector.IDVA,
    schemes=(IdentifierScheme.NHS,),
    formats=FORMATS,
    narratives=NARRATIVES,
)
"""The agent of a domestic abuse service."""
