"""The installed sectors: their agents, the identifiers each uses, and the data classes each can answer."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata

from broker.bootstrap.principal import OpenPrincipal
from broker.errors import UsageError
from broker.holder.source import Agent
from schemas.vocabulary import DataClass, IdentifierScheme, PrincipalState, Sector

AGENTS = "mash.agents"
ALL_CLASSES = frozenset(DataClass)
DEFAULT_SCHEMES = frozenset({IdentifierScheme.NHS})
"""The identifiers sent to a sector without an agent, which answers by hand: the NHS number is common to all."""


def load_agents() -> dict[Sector, Agent]:
    """Return the installed agents by sector (entry point `mash.agents`), whichever distribution brings them.

    Raises: UsageError naming both distributions where two agents are of one sector.
    """
    agents: dict[Sector, Agent] = {}
    origins: dict[Sector, str] = {}
    for entry in metadata.entry_points(group=AGENTS):
        agent: Agent = entry.load()
        origin = f"{entry.value} of {entry.dist.name if entry.dist else 'an unknown distribution'}"
        if agent.sector in agents:  # else any installed distribution could replace a sector's release table
            raise UsageError(f"two agents for {agent.sector}: {origins[agent.sector]} and {origin}: uninstall one")
        agents[agent.sector], origins[agent.sector] = agent, origin
    return agents


def agent_of(principal: OpenPrincipal) -> Agent | None:
    """Return an organisation's agent; None where it answers by hand, by the directory or for want of an agent."""
    state = principal.published.current().principal(principal.config.principal).state
    return None if state is PrincipalState.MANUAL else load_agents().get(principal.config.sector)


def schemes_of() -> Callable[[Sector], frozenset[IdentifierScheme]]:
    """Return the identifiers of each sector, as a function; the hub sends a sector no others."""
    used = {sector: frozenset(agent.schemes) for sector, agent in load_agents().items()}
    return lambda sector: used.get(sector, DEFAULT_SCHEMES)


def applicable_classes(sector: Sector) -> frozenset[DataClass]:
    """Return the data classes of a sector's release table; all classes if the sector answers by hand."""
    agent = load_agents().get(sector)
    return agent.data_classes if agent else ALL_CLASSES
