"""The installed sectors: which agents there are, which identifiers each uses, and which data classes it can answer."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from typing import TYPE_CHECKING

from broker.holder.source import Agent
from schemas.directory import Principal as Principal
from schemas.vocabulary import DataClass, IdentifierScheme, Sector

if TYPE_CHECKING:
    pass


AGENTS = "mash.agents"
ALL_CLASSES = frozenset(DataClass)
DEFAULT_SCHEMES = frozenset({IdentifierScheme.NHS})
"""What a sector without an adapter is asked with: it answers by hand, and the NHS number is the common one."""


def load_agents() -> dict[Sector, Agent]:
    """Return the installed sectors' plugs by sector (entry point `mash.agents`)."""
    agents = [entry.load() for entry in metadata.entry_points(group=AGENTS)]
    return {agent.sector: agent for agent in agents}


def schemes_of() -> Callable[[Sector], frozenset[IdentifierScheme]]:
    """Return which identifiers each sector uses; the hub sends it no others."""
    used = {sector: frozenset(agent.schemes) for sector, agent in load_agents().items()}
    return lambda sector: used.get(sector, DEFAULT_SCHEMES)


def applicable_classes(sector: Sector) -> frozenset[DataClass]:
    """Return the data classes that a sector's release table has; all, where it answers by hand."""
    agent = load_agents().get(sector)
    return agent.data_classes if agent else ALL_CLASSES
