"""The pages that say how to add something are followed, block by block, and what they promise comes out."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copy

import pytest

from tests.page_walk import ROOT, SECONDS, walk

PROGRAM = ["schemas", "broker", "agents", "consumers", "tests", "docker/kafka"]


@pytest.mark.timeout(SECONDS + 60)
def test_a_newcomer_makes_a_partnership_of_their_own(tmp_path: Path) -> None:
    """Their own name, their own row, their own version; and a copy that was changed keeps one organisation away."""
    examples = "agents/police/examples"
    profiles = "broker/partnership/profiles"
    done = walk("docs/add-a-partnership.md", tmp_path, holding=[examples, profiles])
    assert done.returncode == 0, done.stdout
    for said in (
        r"mash: sheffield/wrong\.toml: clocks\.RED\.elapsed_minutes: input should be greater than 0",
        r"mash: sheffield/wrong\.toml: review\.GREEN: input should be 'BEFORE', 'AFTER' or 'NONE'",
        r"protocol-[0-9a-f]{64}\.toml",
        r'"outcome": "DENY"',
        r'"table_version": "england-[\w.-]+/sheffield-2026-12\.1"',
        r"mash: partnership/police/directory/protocol-\w+\.toml: was changed and is not the protocol that",
        r"police cannot start",
    ):
        assert re.search(said, done.stdout), (said, done.stdout)
    assert "sheffield" in (tmp_path / "partnership/hub/config.toml").read_text("utf-8")


@pytest.mark.timeout(SECONDS + 60)
def test_a_newcomer_adds_a_gate_row(tmp_path: Path) -> None:
    """Overlap and gap are told, the test that wants a case names its file, and the gate decides by the new row."""
    copy(ROOT / "pyproject.toml", tmp_path)
    done = walk("docs/add-a-gate-row.md", tmp_path, holding=PROGRAM, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stdout
    for said in (
        r"protocol\.toml: protocol: rows L_PROTECTION_LOW and L_PROTECTION_GREEN both match .*rag=GREEN",
        r"protocol\.toml: protocol L_PROTECTION_LOW when rag: Tuple should have at least 1 item",
        r"protocol\.toml: protocol: rows L_RED_PROTECTION and L_PROTECTION_LOW both match .*rag=RED",
        r"row L_PROTECTION_GREEN of northamptonshire/protocol\.toml: add a case to PROTOCOLS\['northamptonshire'\] in"
        r" tests/unit/broker/gate/test_rows\.py",
        r'"outcome": "REFER"',
    ):
        assert re.search(said, done.stdout), (said, done.stdout)
