"""The documents are true: the README runs as it stands, links lead somewhere, tests named as evidence exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.page_walk import SECONDS, blocks, walk

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "schemas/*.md", "agents/**/*.md") for path in ROOT.glob(pattern)
)
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED_TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
REQUEST_ID = "01980000-0000-7000-8000-000000000001"


@pytest.mark.timeout(SECONDS + 60)
def test_walk_through_works_as_it_is_printed(tmp_path: Path) -> None:
    """Whoever copies the README's blocks gets a partnership, an answer, its account and a ledger that verifies."""
    done = walk("README.md", tmp_path, holding=["agents/police/examples"])
    assert done.returncode == 0, done.stdout
    assert REQUEST_ID in done.stdout
    assert "every organisation has answered" in done.stdout
    assert "recorded in the ledger" in done.stdout
    assert done.stdout.count("verified") >= 2, done.stdout


def test_readme_shows_every_step_of_the_first_walk() -> None:
    """A block that loses its mark would no longer be run."""
    shown = "".join(blocks("README.md"))
    for command in ("init", "records import", "up", "request", "summary", "ledger verify"):
        assert f"mash {command}" in shown


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    """A map with dead ends is worse than none."""
    for target in LINK.findall(FENCED.sub("", document.read_text("utf-8"))):
        name, _, anchor = target.partition("#")
        if name.startswith(("http:", "https:")):
            continue
        path = (document.parent / name) if name else document
        assert path.exists(), target
        if anchor:
            assert anchor in _anchors(path), target


def _anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_test_named_as_evidence_exists() -> None:
    """A threat that is said to be tested is tested."""
    named = [found for document in DOCUMENTS for found in NAMED_TEST.findall(document.read_text("utf-8"))]
    assert named
    for file, name in named:
        path = ROOT / file if file.startswith("tests/") else ROOT / "tests" / file
        assert path.exists(), file
        assert re.search(rf"^\s*(?:async )?def {name}\(", path.read_text("utf-8"), re.MULTILINE), f"{file}::{name}"


def test_licence_is_the_one_the_package_says() -> None:
    """LICENSE and the package's metadata agree."""
    assert (ROOT / "LICENSE").read_text("utf-8").startswith("MIT License\n")
    assert '\nlicense = "MIT"\n' in (ROOT / "pyproject.toml").read_text("utf-8")
