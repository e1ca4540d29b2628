"""The health agent, found by the entry point `mash.agents`: its table, its mappings, its formats."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from agents.health.formats import FORMATS, SAYINGS
from agents.sdk.agent import SectorAgent
from agents.sdk.dfe import PERSONAL_SAYINGS, PERSONAL_TABLE
from agents.sdk.mapping.release_table import load_release
from schemas.vocabulary import IdentifierScheme, Sector

_HERE: Final = Path(__file__).parent

AGENT: Final = SectorAgent(
    sector=Sector.HEALTH,
    schemes=(IdentifierScheme.NHS,),
    release=load_release(PERSONAL_TABLE, _HERE / "release.toml"),
    sayings={**PERSONAL_SAYINGS, **SAYINGS},
    formats=FORMATS,
    examples=_HERE / "examples",
)
"""A practice's or a trust's own agent."""
