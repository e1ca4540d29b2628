"""The mutations of `tests/mutations` fit the code: a rule that moved takes its row with it."""

from __future__ import annotations

import pytest

from tests.mutations.run import ROOT, fits, rows_of, tell


@pytest.mark.parametrize("row", rows_of([]), ids=lambda row: str(row["rule"]))
def test_every_mutation_fits_the_code_and_its_tests_are_there(row: dict[str, str]) -> None:
    assert fits(ROOT, row)
    assert row["old"] != row["new"]
    assert all((ROOT / path.partition("::")[0]).exists() for path in row["tests"].split())


def test_a_row_is_told_as_rule_mutation_and_failing_test(capsys: pytest.CaptureFixture[str]) -> None:
    tell({"rule": "1: a rule", "file": "a.py", "old": "if  x:", "new": ""}, "tests/test_a.py::test_x")
    assert capsys.readouterr().out == "1: a rule\n    a.py: if x:  ->  (nothing)\n    tests/test_a.py::test_x\n"


def test_every_rule_of_records_has_a_mutation() -> None:
    """The ten rules of records told truly, each in one table at least."""
    assert {row["rule"].partition(":")[0] for row in rows_of([])} >= {str(number) for number in range(1, 11)}
