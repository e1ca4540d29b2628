"""The page of a partnership of one's own, followed block by block."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pages import ROOT, Tree, blocks

PAGE = ROOT / "docs/add-a-partnership.md"


def test_every_block_of_the_page_is_marked() -> None:
    """A block that loses its mark would no longer be followed."""
    assert PAGE.read_text("utf-8").count("```") == 2 * len(blocks(PAGE))


@pytest.mark.timeout(300)
def test_a_newcomer_makes_a_partnership_of_their_own(tmp_path: Path) -> None:
    """Their own name, their own row, their own version; and a copy that was changed keeps one organisation away."""
    tree = Tree.copy_to(tmp_path / "tree")
    printed = tree.follow(blocks(PAGE))
    for told in (
        r"mash: sheffield/wrong\.toml: clocks\.RED\.elapsed_minutes: input should be greater than 0",
        r"mash: sheffield/wrong\.toml: review\.GREEN: input should be 'BEFORE', 'AFTER' or 'NONE'",
        r"protocol-[0-9a-f]{64}\.toml",
        r'refused\n  "outcome": "DENY"',
        r'"table_version": "england-[\w.-]+/sheffield-2026-12\.1"',
        r"mash: partnership/police/directory/protocol-\w+\.toml: was changed and is not the protocol that version 1 of",
        r"police cannot start(.|\n)*found\n$",
    ):
        assert re.search(told, printed), (told, printed)
    assert 'partnership = "sheffield"' in (tree.folder / "partnership/hub/config.toml").read_text("utf-8")
