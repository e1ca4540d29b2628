"""The page of a fifth sector, followed block by block: inside the tree, and as a distribution of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pages import ROOT, Block, Tree, blocks

FILE = ROOT / "agents/template/README.md"
PAGE = blocks(FILE)
OUTSIDE = "In a distribution of its own"
ASKED = {
    "case_ref": "C-000123",
    "purpose": "S47_ENQUIRY",
    "rating": "RED",
    "section": "S47",
    "requester": {"actor": "mm-01", "role": "MASH_MANAGER"},
    "presenting_issues": ["NEGLECT"],
    "narrative": "An invented concern about an invented child.",
    "threshold_statement": "Reasonable cause to suspect significant harm, invented.",
    "no_consent_reason": "WOULD_PREJUDICE_PROTECTION",
    "family_informed": {"status": "DEFERRED", "reason": "WOULD_INCREASE_RISK"},
    "people": [
        {
            "ref": "p1",
            "roles": ["SUBJECT_CHILD"],
            "given_names": ["Robin"],
            "family_name": "Testerton",
            "date_of_birth": "2014-03-04",
            "identifiers": {"nhs": "9990000018"},
            "postcodes": ["ZE1 0AA"],
        }
    ],
    "agencies": ["fire"],
    "data_classes": ["ORDINARY"],
    "mode": "CONTENT",
}
ANSWER = """
trap 'kill $!' EXIT
mash up partnership 2>up.txt &
until mash status partnership > status.txt; do sleep 0.2; done
mash request partnership --file request.json --wait --json
"""


def parts(*, outside: bool) -> list[Block]:
    """The page's blocks for one of its two ways: the sixth part is only for the one, the last for the other."""
    return [block for block in PAGE if not (block.heading.startswith("6.") if outside else block.heading == OUTSIDE)]


def account_of(printed: str) -> dict[str, object]:
    """The account of the import, which is the last thing that the page prints."""
    (account,) = json.loads(printed[printed.index('{\n  "org"') :])["files"]
    return {key: account[key] for key in ("people", "records", "rejected", "flagged", "ignored_fields")}


ACCOUNT = {
    "people": 1,
    "records": 2,
    "rejected": [],
    "flagged": [],
    "ignored_fields": {"/records/*/payload/caseId": 1},
}


def test_every_block_of_the_page_is_marked() -> None:
    """A block that loses its mark would no longer be followed."""
    assert FILE.read_text("utf-8").count("```") == 2 * len(PAGE)


@pytest.mark.timeout(600)
def test_a_sector_made_by_the_page_works_and_leaves_the_tree_clean(tmp_path: Path) -> None:
    """Format, lint, types and layers are as quiet as before, and the new sector's own test passes."""
    tree = Tree.copy_to(tmp_path / "tree")
    assert account_of(tree.follow(parts(outside=False))) == ACCOUNT
    tree.check()


@pytest.mark.timeout(300)
def test_an_agent_of_another_distribution_imports_a_file_and_answers(tmp_path: Path) -> None:
    """Nothing of it lies in our packages; the hub asks it and it answers, like any other."""
    tree = Tree.copy_to(tmp_path / "tree")
    assert account_of(tree.follow(parts(outside=True))) == ACCOUNT
    assert not (tree.folder / "agents/fire").exists()
    (tree.folder / "request.json").write_text(json.dumps(ASKED), "utf-8")
    printed = tree.run("bash", "-euo", "pipefail", "-c", ANSWER)
    answer = json.loads(printed)["answers"]["fire"]
    assert answer["status"] == "SUMMARY"
    assert [item["text"] for item in answer["items"]] == [
        "Home fire safety visit: open. A smoke alarm works.",
        "Meeting point outside the home: the gate.",
    ]
