"""The social care agent, found by the entry point `mash.agents`: its identifiers, formats and narratives."""

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
    sector=Sector.CHILDRENS_SOCIAL_CARE,
    schemes=(IdentifierScheme.NHS, IdentifierScheme.UPN, IdentifierScheme.CSC),
    formats=FORMATS,
    narratives=NARRATIVES,
    common=(PERSONAL_DETAILS,),
)
"""A local authority's own agent for children's social care."""
