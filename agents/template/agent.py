"""The sector's agent, found by the entry point `mash.agents`: its identifiers, formats and narratives."""

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
    sector=Sector.OTHER_AUTHORITY,  # yours
    schemes=(IdentifierScheme.NHS,),  # the numbers that your records hold: a request sends you no others
    formats=FORMATS,
    narratives=NARRATIVES,
    common=(PERSONAL_DETAILS,),
)
"""The sector's own agent."""
