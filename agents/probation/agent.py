"""The probation agent, found by the entry point `mash.agents`: its table, its mappings, its formats."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from agents.probation.formats import FORMATS
from agents.probation.narratives import SAYINGS
from agents.sdk.agent import SectorAgent
from agents.sdk.mapping.release_table import load_release
from schemas.vocabulary import IdentifierScheme, Sector

_HERE: Final = Path(__file__).parent

AGENT: Final = SectorAgent(
    sector=Sector.PROBATION,
    schemes=(
        IdentifierScheme.CRN,
        IdentifierScheme.NOMS,
        IdentifierScheme.PNC,
        IdentifierScheme.CRO,
        IdentifierScheme.NHS,
    ),
    release=load_release(_HERE / "release.toml"),
    sayings=SAYINGS,
    formats=FORMATS,
    examples=_HERE / "examples",
)
"""A probation service's own agent."""
