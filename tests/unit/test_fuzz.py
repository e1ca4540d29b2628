"""Every row of `benchmarks/fuzz.py` runs, so that the script cannot rot, and shows what its reader does wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from schemas.request import InformationRequest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import fuzz
from fuzzing import paths

ROUNDS = 12


@pytest.mark.parametrize("row", fuzz.ROWS)
def test_reader_has_a_word_for_whatever_it_is_given(row: str, tmp_path: Path) -> None:
    with closing(fuzz.Partnership(tmp_path, Random(f"smoke/{row}"))) as world:
        step = fuzz.ROWS[row](world)
        assert all(step() for _ in range(ROUNDS))


def test_script_counts_and_caps_each_row_in_a_process_of_its_own() -> None:
    words = [sys.executable, fuzz.__file__, "--seconds", "0.2", "--seed", "1", "--rows", "reconciler", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=100)
    row = json.loads(done.stdout)
    assert row["tried"] == sum(row["came"].values()) > 0
    assert (row["others"], row["faults"]) == (0, {})


def test_exception_that_is_no_refusal_is_counted_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(world: object) -> object:
        return lambda: [][1]

    monkeypatch.setitem(fuzz.ROWS, "reconciler", broken)
    monkeypatch.setattr(fuzz.resource, "setrlimit", lambda *_: None)
    row = fuzz.run("reconciler", seconds=0.01, seed=1, megabytes=1024)
    assert row["others"] == row["tried"] != 0
    assert "IndexError at test_fuzz.py" in next(iter(row["faults"]))


def test_the_holders_row_sends_requests_without_a_child_and_with_two(tmp_path: Path) -> None:
    """Both were taken once, and one of them ended the process; the row raises where one is taken again."""
    (golden,) = fuzz.wire.golden(InformationRequest)[:1]
    random = Random("children")
    made = [paths.with_other_children(golden, random) for _ in range(20)]
    children = {sum(person.is_subject for person in one.common.people) for one in made}
    assert (paths.has_its_child(golden), children) == (True, {0, 2})
    assert not any(map(paths.has_its_child, made))
    with closing(fuzz.Partnership(tmp_path, Random("children"))) as world:
        step = fuzz.ROWS["holder"](world)
        assert Counter(step() for _ in range(40))["MALFORMED"]
