"""The commands of the Makefile: what each runs in which order, and what it leaves out on a machine that cannot."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ABLE, CANNOT, FAILED = 0, 2, 1
LINT = ["ruff format --check .", "ruff check .", "mypy", "lint-imports"]
OFFER = "python docker/kafka/jars.py --where-possible"
TESTS = "python -m pytest --ignore=tests/containers"
KAFKA = "python docker/kafka/demo.py"
IMAGES = "python docker/offline/build.py"
CONTAINERS = "python -m pytest tests/containers"


class Made:
    """What a command of the Makefile ran, and how it ended."""

    def __init__(self, code: int, said: str, ran: list[str]) -> None:
        self.code, self.said, self.ran = code, said, ran


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Made]:
    """Run a command of the Makefile with programs that only write down what they were told."""
    log, bin_folder = tmp_path / "log", tmp_path / "venv" / "bin"
    bin_folder.mkdir(parents=True)

    def run(target: str, *, kafka: int = ABLE, images: int = ABLE, **environment: str) -> Made:
        script = (
            f'#!/bin/sh\necho "${{0##*/}} $*" | sed "s/ *$//" >> {log}\n'
            f'case "$*" in *jars.py\\ --where-possible) exit {kafka} ;; *build.py) exit {images} ;; esac\n'
        )
        for name in ("python", "mash", "ruff", "mypy", "lint-imports"):
            (bin_folder / name).write_text(script, "utf-8")
            (bin_folder / name).chmod(0o755)
        (bin_folder.parent / ".ready").touch()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MASH_", "MAKE", "PYTEST"))}
        words = ["make", "--no-print-directory", f"VENV={bin_folder.parent}", target]
        done = subprocess.run(
            words, cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, timeout=60, check=False
        )
        return Made(done.returncode, done.stderr, log.read_text("utf-8").splitlines())

    return run


def test_check_runs_everything(make: Callable[..., Made]) -> None:
    made = make("check")
    assert made.code == 0, made.said
    expected = [*LINT, "mash demo", OFFER, TESTS, OFFER, KAFKA, IMAGES, CONTAINERS]
    assert made.ran[: len(expected)] == expected


@pytest.mark.parametrize("command", ["test", "check"])
def test_without_java_everything_else_runs(make: Callable[..., Made], command: str) -> None:
    made = make(command, kafka=CANNOT)
    assert made.code == 0, made.said
    assert any("pytest" in line for line in made.ran)
    assert KAFKA not in made.ran


def test_check_says_what_it_left_out(make: Callable[..., Made]) -> None:
    made = make("check", kafka=CANNOT, images=CANNOT)
    assert made.code == 0, made.said
    assert re.findall(r"left out: (.*)", made.said) == ["make demo-kafka", "make test-containers"]
    assert CONTAINERS not in made.ran


@pytest.mark.parametrize("lacking", [{"kafka": CANNOT}, {"images": CANNOT}])
def test_where_everything_is_required_nothing_is_left_out(make: Callable[..., Made], lacking: dict[str, int]) -> None:
    assert make("check", **lacking, MASH_REQUIRE_ALL="1").code != 0


def test_images_that_a_machine_can_build_and_does_not_fail_the_check(make: Callable[..., Made]) -> None:
    assert make("check", images=FAILED).code != 0


def test_ci_runs_check_with_nothing_left_out() -> None:
    *_, last = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert last == "MASH_REQUIRE_ALL=1 make check"


def test_every_command_says_what_it_does_and_is_no_file() -> None:
    source = (ROOT / "Makefile").read_text("utf-8")
    commands = set(re.findall(r"^([a-z-]+):", source, re.MULTILINE))
    assert set(re.findall(r"^([a-z-]+):.*## \S", source, re.MULTILINE)) == commands
    [phony] = re.findall(r"^\.PHONY: (.*)", source, re.MULTILINE)
    assert set(phony.split()) == commands
