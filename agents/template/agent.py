"""The sector's agent, found by the entry point `mash.agents`: its table, its mappings, its formats."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from agents.sdk.agent import SectorAgent
from agents.sdk.dfe import PERSONAL_SAYINGS, PERSONAL_TABLE
from agents.sdk.mapping.release_table import load_release
from agents.template.formats import FORMATS, SAYINGS
from schemas.vocabulary import IdentifierScheme, Sector

_HERE: Final = Path(__file__).parent

AGENT: Final = SectorAgent(
    sector=Sector.HOUSING,  # yours
    schemes=(IdentifierScheme.NHS,),  # the numbers that your records hold: a request sends you no others
    release=load_release(PERSONAL_TABLE, _HERE / "release.toml"),
    sayings={**PERSONAL_SAYINGS, **SAYINGS},
    formats=FORMATS,
    examples=_HERE / "examples",
)
"""The sector's own agent."""
