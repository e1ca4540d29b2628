"""The page of a new command, followed block by block."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.pages import ROOT, Tree, blocks

PAGE = ROOT / "docs/add-a-command.md"


def test_every_block_of_the_page_is_marked() -> None:
    """A block that loses its mark would no longer be followed."""
    assert PAGE.read_text("utf-8").count("```") == 2 * len(blocks(PAGE))


@pytest.mark.timeout(600)
def test_a_command_made_by_the_page_works_and_leaves_the_tree_clean(tmp_path: Path) -> None:
    """It runs, its tests pass, it stands on the page of the command line, and format, lint, types and layers hold."""
    tree = Tree.copy_to(tmp_path / "tree")
    printed = tree.follow(blocks(PAGE))
    assert re.search(r"^version +1 *$", printed, re.MULTILINE), printed
    document = json.loads(printed[printed.index("{") :])
    assert list(document) == ["version", "issued_at", "expires_at"]
    tree.check()


def test_a_command_without_its_row_fails_a_test(tmp_path: Path) -> None:
    """Who leaves the contract out is told so, by name."""
    tree = Tree.copy_to(tmp_path / "tree")
    tree.follow([block for block in blocks(PAGE) if block.mark.startswith(("file", "end of"))])
    with pytest.raises(AssertionError, match=r"command-line\.md has no row for `mash directory`"):
        tree.run("python", "-m", "pytest", "tests/architecture/test_command_line.py")
