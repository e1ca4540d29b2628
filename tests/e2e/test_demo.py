"""`mash demo`: the story holds, for programs and for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

FOUR = {"police", "health", "education", "probation"}


@pytest.fixture(scope="module")
def kept(mash: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """One demonstration whose HOME is kept."""
    path = tmp_path_factory.mktemp("demo") / "kept"
    return mash("demo", "--keep", path, "--json"), path


def test_the_demonstration_holds(kept: tuple[Any, Path]) -> None:
    ran, _ = kept
    assert ran.code == 0, ran.err
    document = ran.document
    assert document["log"] == "embedded"
    assert document["tamper_found"] is True
    assert document["seconds"] > 0
    assert document["ledger"]["verified"] is True
    red, amber, overridden, green, twin, restricted = document["requests"]
    assert all(request["held"] for request in document["requests"])
    assert {name: bool(one["items"]) for name, one in red["answers"].items()} == dict.fromkeys(FOUR, True)
    assert red["answers"]["health"]["approved_by"] == "health-pr-01"
    assert (amber["hub_decision"]["outcome"], amber["answers"]) == ("REFER", {})
    assert set(overridden["answers"]) == FOUR
    assert "no_consent_reason" in green["answers"]["education"]["decision"]["missing_evidence"]
    assert twin["answers"]["police"]["status"] == "MATCH_UNCERTAIN"
    health = restricted["answers"]["health"]
    assert (health["status"], health["items"]) == ("HELD_WITHHELD", [])


def test_the_home_that_is_kept_goes_on(kept: tuple[Any, Path], mash: Any) -> None:
    ran, path = kept
    request_id = ran.document["requests"][0]["request_id"]
    assert mash("summary", path, request_id, "--by", "mm-01", "--json").code == 0
    assert mash("ledger", "verify", path, "--json").code == 0
    assert mash("status", path).code == 3


def test_a_folder_that_is_not_empty_is_refused(kept: tuple[Any, Path], mash: Any) -> None:
    ran = mash("demo", "--keep", kept[1])
    assert (ran.code, ran.out) == (2, "")
