"""`mash gate explain`: the same decision as the gate itself, from the same folder, and nothing sent."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packaged_tables import northamptonshire

Form = Callable[..., Path]


def test_the_hubs_gate_is_explained(mash: Any, home: Path, form: Form) -> None:
    ran = mash("gate", "explain", home, "--file", form(), "--as", "hub", "--json")
    assert ran.code == 0
    assert ran.document["outcome"] == "PERMIT"
    assert "P2" in ran.document["rows"]
    assert len(ran.document["table_hash"]) == 64
    assert ran.document["table_version"]
    assert ran.err == ""


def test_a_holders_gate_is_explained_from_its_own_folder_alone(mash: Any, home: Path, form: Form) -> None:
    """Neither the hub's folder nor the log is needed, and what the hub would drop is not asked of the holder."""
    child = {"ref": "p1", "roles": ["SUBJECT_CHILD"], "given_names": ["Robin"], "family_name": "Testerton"}
    parent = {"ref": "p2", "roles": ["PARENT"], "given_names": ["Julia"], "family_name": "Testerton"}
    path = form(people=[{**one, "date_of_birth": "2014-03-04"} for one in (child, parent)])
    hub = mash("gate", "explain", home, "--file", path, "--as", "hub", "--json").document
    assert hub["missing_evidence"], "the parent is not shown to be needed: the hub does not ask about them"
    for name in ("hub", "hub-screening", "hub-audit", "school"):
        shutil.rmtree(home / name)
    (home / "log.sqlite").unlink()
    ran = mash("gate", "explain", home, "--file", path, "--as", "police", "--json")
    assert ran.code == 0
    assert ran.document["outcome"] == "PERMIT"
    assert ran.document["missing_evidence"] == []


def test_the_holders_missing_policy_document_is_named(mash: Any, home: Path, form: Form) -> None:
    """The APD is the holder's own evidence: without it special and criminal data stay back."""
    config = home / "police" / "config.toml"
    kept = [line for line in config.read_text().splitlines() if not line.startswith("apd_")]
    config.write_text("\n".join(kept))
    ran = mash("gate", "explain", home, "--file", form(), "--as", "police", "--json")
    assert ran.code == 0
    assert ran.document["outcome"] == "PARTIAL"
    assert "APD_REF" in " ".join(ran.document["missing_evidence"]).upper()


@pytest.mark.parametrize("side", ["hub", "police", "school"])
def test_a_refusal_is_1(mash: Any, home: Path, form: Form, side: str) -> None:
    refused = form(requester={"actor": "nobody-9", "role": "MASH_MANAGER"})
    ran = mash("gate", "explain", home, "--file", refused, "--as", side, "--json")
    assert ran.code == 1
    assert ran.document["outcome"] in {"DENY", "REFER"}
    assert "UNKNOWN_ACTOR" in ran.document["reasons"]


def test_nothing_is_sent_or_stored(mash: Any, home: Path, form: Form) -> None:
    before = (home / "log.sqlite").read_bytes()
    for side in ("hub", "police"):
        mash("gate", "explain", home, "--file", form(), "--as", side)
    assert (home / "log.sqlite").read_bytes() == before


def test_nobody_of_that_name_is_2(mash: Any, home: Path, form: Form) -> None:
    for side in ("hub-audit", "fire"):
        assert (
            "--as: the hub or one of: police, school"
            in mash("gate", "explain", home, "--file", form(), "--as", side).error
        )


def test_people_see_the_rows(mash: Any, home: Path, form: Form) -> None:
    ran = mash("gate", "explain", home, "--file", form(), "--as", "police")
    assert ran.code == 0
    assert "PERMIT" in ran.out
    assert northamptonshire().version in ran.out


@pytest.mark.parametrize("side", ["hub", "police"])
def test_what_no_gate_decides_on_yet_is_named(mash: Any, home: Path, form: Form, side: str) -> None:
    path = form(level="LEVEL_4", guidance_version="WT-2026")
    ran = mash("gate", "explain", home, "--file", path, "--as", side, "--json")
    assert ran.document["not_decided_on_yet"] == ["level", "guidance_version"]
