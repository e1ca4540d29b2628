"""A run of the tests ends with what it left out, and with the command that would bring it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.skipped import IN_CONTAINERS, ON_KAFKA, ON_PUBLISHED_SAMPLES, lines

ROOT = Path(__file__).parents[2]
SUITE = f"""
import pytest

@pytest.mark.parametrize("number", range(3))
def test_on_kafka(number):
    pytest.skip({ON_KAFKA!r})

@pytest.mark.skip(reason="nobody wrote it")
def test_other():
    pass

def test_runs():
    pass
"""


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the suite with the hooks that every run here has."""
    (folder / "test_suite.py").write_text(SUITE, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    kept = {name: value for name, value in os.environ.items() if name != "MASH_REQUIRE_ALL"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.skipped", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_line_a_kind_with_the_command_that_brings_it() -> None:
    reasons = [f"Skipped: {reason}" for reason in (IN_CONTAINERS, ON_KAFKA, ON_KAFKA, ON_PUBLISHED_SAMPLES)]
    assert lines(reasons) == [
        "skipped: 2 on Apache Kafka - install Java 17 and Maven, then make kafka-jars",
        "skipped: 1 in containers - make images, then make test-containers",
        "skipped: 1 comparisons with published samples - set MASH_SAMPLES=FOLDER",
    ]


def test_an_unknown_kind_is_told_by_its_reason() -> None:
    assert lines(["Skipped: no such library"] * 2) == ["skipped: 2 because: no such library"]


def test_nothing_skipped_is_nothing_said() -> None:
    assert lines([]) == []


def test_a_run_ends_with_what_it_left_out(tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert ran.returncode == 0
    *_, kafka, other, total = ran.stdout.splitlines()
    assert (kafka, other) == (f"skipped: 3 {ON_KAFKA}", "skipped: 1 because: nobody wrote it")
    assert "1 passed, 4 skipped" in total


def test_where_everything_is_required_a_skipped_test_is_named_and_fails_the_run(tmp_path: Path) -> None:
    ran = run(tmp_path, MASH_REQUIRE_ALL="1")
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED
    assert "SKIPPED where nothing may be: test_suite.py::test_other" in ran.stdout
