"""Agents are found by their entry point, whichever distribution brings them, and never two for one sector."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from broker.bootstrap import sectors
from broker.errors import UsageError
from schemas.vocabulary import Sector

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install distributions that name agents, in an environment where there are no others."""
    found: list[metadata.Distribution] = []
    monkeypatch.setattr(
        metadata, "entry_points", lambda *, group: [e for d in found for e in d.entry_points.select(group=group)]
    )

    def one(name: str, **agents: str) -> None:
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = (f"{word} = {value}\n" for word, value in agents.items())
        (info / "entry_points.txt").write_text("[mash.agents]\n" + "".join(lines))
        found.append(metadata.Distribution.at(info))

    return one


POLICE = "agents.police.agent:AGENT"
FIRE = "agents.template.agent:AGENT"


def test_agents_of_several_distributions_are_found(install: Install) -> None:
    install("mash-broker", police=POLICE)
    install("mash-fire", fire=FIRE)
    assert set(sectors.load_agents()) == {Sector.POLICE, Sector.OTHER_AUTHORITY}


def test_two_agents_for_one_sector_are_refused_and_both_named(install: Install) -> None:
    """The last one found would answer with a release table that nobody chose."""
    install("mash-broker", police=POLICE)
    install("another-force", police=POLICE)
    with pytest.raises(UsageError) as refused:
        sectors.load_agents()
    assert str(refused.value) == (
        f"two agents for POLICE: {POLICE} of mash-broker and {POLICE} of another-force: uninstall one"
    )


def test_a_sector_without_an_agent_is_asked_with_the_common_number(install: Install) -> None:
    install("mash-broker", police=POLICE)
    assert sectors.schemes_of()(Sector.HOUSING) == sectors.DEFAULT_SCHEMES
    assert sectors.applicable_classes(Sector.HOUSING) == sectors.ALL_CLASSES
    assert sectors.applicable_classes(Sector.POLICE) < sectors.ALL_CLASSES
