"""The agent of youth justice, found by the entry point `mash.agents`: identifiers, formats and narratives."""

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
    sector=Sector.YOUTH_JUSTICE,
    schemes=(IdentifierScheme.NHS, IdentifierScheme.YJS, IdentifierScheme.PNC),
    formats=FORMATS,
    narratives=NARRATIVES,
    common=(PERSONAL_DETAILS,),
)
"""The agent of a youth justice service."""
