"""The agent of adult social care, found by the entry point `mash.agents`: identifiers, formats and narratives."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from agents.sdk.agent import SectorAgent
from agents.sdk.dfe import PERSONAL_DETAILS
from schemas.vocabulary import IdentifierScheme, Sector

from .formats import FORMATS
from .narratives import NARRATIVES

AGENT: Final = SectorAgent(
    Path(__file__).parent,
    sector=Sector.ADULT_SOCIAL_CARE,
    schemes=(IdentifierScheme.NHS,),
    formats=FORMATS,
    narratives=NARRATIVES,
    common=(PERSONAL_DETAILS,),
)
"""The agent of a council's adult services."""
