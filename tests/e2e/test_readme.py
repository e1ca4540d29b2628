"""The documents are true: the README runs as it stands, links lead somewhere, tests named as evidence exist."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "schemas/*.md", "agents/**/*.md") for path in ROOT.glob(pattern)
)
RUN = re.compile(r"<!-- run -->\n```sh\n(.*?)```\n", re.DOTALL)
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED_TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
REQUEST_ID = "01980000-0000-7000-8000-000000000001"
SECONDS = 240


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[subprocess.CompletedProcess[str]]:
    """Run the README's blocks as one shell session, in a folder that holds nothing but the examples they name."""
    examples = Path("agents/police/examples")
    shutil.copytree(ROOT / examples, tmp_path / examples)
    commands = Path(sys.executable).parent
    assert (commands / "mash").exists(), "the project is not installed here: make test does it"
    script = "set -euo pipefail\n" + "\n".join(RUN.findall((ROOT / "README.md").read_text("utf-8")))
    session = subprocess.Popen(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = session.communicate(timeout=SECONDS)
        yield subprocess.CompletedProcess(script, session.returncode, output)
    finally:
        _end_all_of(session.pid)
        session.wait()


def _end_all_of(group: int) -> None:
    """A block that failed leaves `mash up` behind: a test must not."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.mark.timeout(SECONDS + 60)
def test_walk_through_works_as_it_is_printed(walk: subprocess.CompletedProcess[str]) -> None:
    """Whoever copies the README's blocks gets a partnership, an answer, its account and a ledger that verifies."""
    assert walk.returncode == 0, walk.stdout
    assert REQUEST_ID in walk.stdout
    assert "every organisation has answered" in walk.stdout
    assert "recorded in the ledger" in walk.stdout
    assert walk.stdout.count("verified") >= 2, walk.stdout


def test_readme_shows_every_step_of_the_first_walk() -> None:
    """A block that loses its mark would no longer be run."""
    blocks = "".join(RUN.findall((ROOT / "README.md").read_text("utf-8")))
    for command in ("init", "records import", "up", "request", "summary", "ledger verify"):
        assert f"mash {command}" in blocks


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
