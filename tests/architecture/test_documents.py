"""What the documents point at is there: every test that THREATS names, every file that a page links to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "docker/*.md", "schemas/*.md") for path in ROOT.glob(pattern)
)
NAMED = re.compile(r"`((?:unit|properties|vectors|faults|contract|architecture|kafka|e2e)/[\w/]+\.py)(?:::(\w+))?`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[\w-]*)?\)")


def test_every_test_that_threats_names_exists() -> None:
    """A promise that points at no test is a claim."""
    named = NAMED.findall((ROOT / "THREATS.md").read_text("utf-8"))
    assert len(named) > 40
    for file, name in named:
        source = (ROOT / "tests" / file).read_text("utf-8")
        assert not name or f"def {name}(" in source, f"{file}::{name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """A stranger follows them."""
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
