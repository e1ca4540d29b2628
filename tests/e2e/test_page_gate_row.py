"""The page of a gate row, followed block by block."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pages import ROOT, Tree, blocks

PAGE = ROOT / "docs/add-a-gate-row.md"


def test_every_block_of_the_page_is_marked() -> None:
    """A block that loses its mark would no longer be followed."""
    assert PAGE.read_text("utf-8").count("```") == 2 * len(blocks(PAGE))


@pytest.mark.timeout(300)
def test_a_newcomer_adds_a_gate_row(tmp_path: Path) -> None:
    """A gap is told, the test that wants a case names its file, and the gate decides by the new row."""
    tree = Tree.copy_to(tmp_path / "tree")
    printed = tree.follow(blocks(PAGE))
    for told in (
        r"protocol\.toml: protocol: no row matches purpose=IMMEDIATE_PROTECTION rag=GREEN",
        r"row L_PROTECTION_GREEN of northamptonshire/protocol\.toml: add a case to PROTOCOLS\['northamptonshire'\] in"
        r" tests/unit/broker/gate/test_rows\.py",
        r"FAILED tests/unit/broker/gate/test_tables\.py",
        r'"outcome": "REFER"',
    ):
        assert re.search(told, printed), (told, printed)
    # The row that lacks its case is told in a line that begins like this too, where nothing cuts it short.
    since_the_case = re.split(r"\b\d+ passed\b", printed)[-1]
    assert "FAILED tests/unit/broker/gate/test_rows.py" not in since_the_case
    tree.run("ruff", "format", "--check", "tests/unit/broker/gate")
