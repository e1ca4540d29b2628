"""Social care, and two later sectors under other law, each with its example, asked at RED by the real command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

AGENTS = Path(__file__).parents[2] / "agents"
SECTORS = {
    "social_care": "CHILDRENS_SOCIAL_CARE",
    "idva": "IDVA",
    "substance_misuse": "SUBSTANCE_MISUSE",
}
ROBIN = {
    "ref": "p1",
    "roles": ["SUBJECT_CHILD"],
    "given_names": ["Robin"],
    "family_name": "Testerton",
    "date_of_birth": "2014-03-04",
    "identifiers": {"nhs": "9990000018", "csc": "EX000001"},
}
CLASSES = ["ORDINARY", "SPECIAL", "CRIMINAL", "CONFIDENTIAL_HEALTH"]


def named(folder: str) -> str:
    """Write a sector's folder as an organisation's id."""
    return folder.replace("_", "-")


@pytest.mark.timeout(300)
def test_every_sector_that_is_asked_at_red_answers_from_what_it_was_fed(
    mash: Any, world_at: Callable[[Path], Any], tmp_path: Path
) -> None:
    """Nobody looks first: what comes back is what each agent read in its own example."""
    orgs = [word for folder, sector in SECTORS.items() for word in ("--org", f"{named(folder)}={sector}")]
    world = world_at(tmp_path / "home")
    assert mash("init", world.home, *orgs, "--review", "none").code == 0
    for folder in SECTORS:
        files = [path for path in sorted((AGENTS / folder / "examples").iterdir()) if path.is_file()]
        ran = mash("records", "import", world.home, named(folder), *files, "--json")
        assert ran.code == 0, ran
    with world.up(mash, world.home):
        agencies = [named(folder) for folder in SECTORS]
        form = world.request("ask.json", people=[ROBIN], agencies=agencies, data_classes=CLASSES)
        ran = mash("request", world.home, "--file", form, "--wait", "--json")
    assert ran.code == 0, ran.err
    answers = ran.document["answers"]
    assert {name: answer["status"] for name, answer in answers.items()} == dict.fromkeys(agencies, "SUMMARY")
    assert {name for name, answer in answers.items() if not answer["items"]} == set()
    care = answers["social-care"]
    assert (care["match"]["certainty"], set(care["match"]["identifiers_used"])) == (
        "AUTO",
        {"nhs", "csc", "date_of_birth"},
    )
    told = {item["type"] for item in care["items"]}
    assert told >= {"LEAD_CONTACT", "CHILD_PROTECTION_PLAN", "CHILD_IN_NEED_PLAN", "LOOKED_AFTER", "REFERRAL"}
