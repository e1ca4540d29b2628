"""`mash init`: what it makes, and what it refuses before it makes anything."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from broker.bootstrap.principal import open_principal
from broker.bootstrap.sectors import agent_of
from broker.partnership.home import open_home
from schemas.vocabulary import RatingBand, ReviewPolicy

EXAMPLE = Path(__file__).parents[4] / "agents" / "housing" / "examples" / "testerton-family.json"


def test_init_prints_what_it_made(mash: Any, tmp_path: Path) -> None:
    ran = mash("init", tmp_path / "h", "--org", "police=POLICE", "--org", "nhft=health", "--json")
    assert ran.code == 0
    assert ran.document == {
        "home": str(tmp_path / "h"),
        "partnership": "northants",
        "organisations": {"police": "POLICE", "nhft": "HEALTH"},
        "processes": ["hub", "hub-audit", "hub-screening", "nhft", "police"],
    }
    assert ran.err == ""


def test_an_organisation_answers_by_hand_though_its_sector_has_an_agent(mash: Any, tmp_path: Path) -> None:
    """From an empty store its agent would say that it cannot search, where a person could answer."""
    home = tmp_path / "h"
    mash("init", home, "--org", "police=POLICE", "--org", "council=HOUSING", "--by-hand", "council")
    states = {name: open_principal(home / name) for name in ("police", "council")}
    current = states["police"].published.current()
    assert (current.principal("police").state, current.principal("council").state) == ("LIVE", "MANUAL")
    assert agent_of(states["police"]) is not None
    assert agent_of(states["council"]) is None
    refused = mash("records", "import", home, "council", EXAMPLE)
    assert (refused.code, "or council answers by hand" in refused.error) == (2, True)


def test_everything_secret_is_the_owners_only(mash: Any, tmp_path: Path) -> None:
    mash("init", tmp_path / "h", "--org", "police=POLICE")
    home = open_home(tmp_path / "h")
    for name in home.principals:
        assert stat.S_IMODE(home.folder(name).stat().st_mode) == 0o700
        for path in home.folder(name).rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name
    assert stat.S_IMODE((home.path / "log.sqlite").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--org", "police"], "--org (1): is not ID=SECTOR"),
        (["--org", "police=POLICE", "--org", "x=FIRE"], "--org (2): is not ID=SECTOR"),
        (["--org", "Police Force=POLICE"], "--org (1): an id is lower-case"),
        (["--org", "../x=POLICE"], "--org (1): an id is lower-case"),
        (["--org", "police=POLICE", "--org", "police=HEALTH"], "--org (2): this id is given twice"),
        (["--org", "hub=POLICE"], "this id is the hub's own, or reserved"),
        (["--org", "directory=POLICE"], "this id is the hub's own, or reserved"),
        (["--org", "police=POLICE", "--org", "admin=HEALTH"], "admin: this id is the hub's own, or reserved"),
        (["--profile", "atlantis"], "no such profile; there are: northamptonshire"),
        (["--org", "police=POLICE", "--by-hand", "council"], "--by-hand (1): is no organisation of this home"),
        (["--review", "sometimes"], "--review (1): is not"),
        (["--review", "nobody=none"], "--review (1): is not"),
        (["--review", "none", "--review", "after"], "--review (2): is given twice"),
    ],
)
def test_a_wrong_word_is_refused_and_nothing_is_made(mash: Any, tmp_path: Path, words: list[str], line: str) -> None:
    """What is left behind would be in the way of the corrected command."""
    ran = mash("init", tmp_path / "h", *words)
    assert ran.code == 2
    assert line in ran.error
    assert not (tmp_path / "h").exists()


def test_a_home_that_is_not_empty_is_refused_untouched(mash: Any, tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine")
    ran = mash("init", tmp_path)
    assert ran.code == 2
    assert "is not an empty folder" in ran.error
    assert [path.name for path in tmp_path.iterdir()] == ["keep.txt"]


def test_review_is_set_for_all_and_for_one(mash: Any, tmp_path: Path) -> None:
    """The word for one organisation stands, whatever the order."""
    words = ["--org", "a=POLICE", "--org", "b=HEALTH", "--review", "b=before", "--review", "none"]
    assert mash("init", tmp_path / "h", *words).code == 0
    hub = open_principal(tmp_path / "h" / "hub")
    try:
        agreements = {one.holder: one for one in hub.published.current().directory.agreements}
    finally:
        hub.close()
    assert {
        name: (one.review_at(RatingBand.RED), one.review_at(RatingBand.GREEN)) for name, one in agreements.items()
    } == {
        "a": (ReviewPolicy.NONE, ReviewPolicy.NONE),
        "b": (ReviewPolicy.BEFORE, ReviewPolicy.BEFORE),
    }


def test_without_words_the_profile_decides(mash: Any, tmp_path: Path) -> None:
    ran = mash("init", tmp_path / "h", "--json")
    assert list(ran.document["organisations"]) == ["police", "health", "education", "probation"]


MANAGER = "ASK RATE ALLOCATE DECIDE OVERRIDE OVERSEE CHAIR LOOK"
REGISTERED = {
    ("hub", "rc-01"): ("MASH_OFFICER", "RECEIVE LOOK"),
    ("hub", "mm-01"): ("MASH_MANAGER", MANAGER),
    ("hub", "mm-02"): ("MASH_MANAGER", MANAGER),
    ("hub", "sw-014"): ("MASH_SOCIAL_WORKER", "ASK SCREEN RECOMMEND CONVENE LOOK"),
    ("hub", "pc-01"): ("PARTNERSHIP_COORDINATOR", "ASK OVERSEE DECIDE TRIAGE_EARLY_HELP LOOK"),
    ("hub", "edt-01"): ("OUT_OF_HOURS_WORKER", "RECEIVE ASK RATE LOOK"),
    ("hub", "sm-01"): ("SERVICE_MANAGER", "ESCALATE_TO DECIDE OVERSEE LOOK"),
    ("hub", "ig-01"): ("GOVERNANCE_OFFICER", "READ_LEDGER"),
    ("a", "a-pr-01"): ("PRACTITIONER", "SIGN LOOK"),
    ("a", "a-ro-01"): ("RECORDS_OFFICER", "MANAGE_RECORDS"),
    ("a", "a-ig-01"): ("ORGANISATION_GOVERNANCE_OFFICER", "ERASE READ_LEDGER"),
}


def test_the_register_holds_the_persons_of_the_contract(mash: Any, tmp_path: Path) -> None:
    """K9, K28: who may do what, and a partnership coordinator at GREEN only."""
    assert mash("init", tmp_path / "h", "--org", "a=POLICE").code == 0
    hub = open_principal(tmp_path / "h" / "hub")
    try:
        people = hub.published.register().people
    finally:
        hub.close()
    assert {
        (one.organisation, one.actor): (one.title, " ".join(held.capability for held in one.capabilities))
        for one in people
    } == REGISTERED
    limits = {one.actor: {held.bands for held in one.capabilities} for one in people}
    assert limits.pop("pc-01") == {(RatingBand.GREEN,)}
    assert all(bands == {()} for bands in limits.values())
    assert not any(held.purposes for one in people for held in one.capabilities)
