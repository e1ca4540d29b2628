"""In a population with twins, namesakes, slips, several systems, merges, withdrawals: what is told at AUTO is right."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.population import ERRORS
from benchmarks.precision import measure


@pytest.mark.timeout(300)
def test_nobody_is_mistaken_nothing_is_lost_and_nothing_restricted_is_told() -> None:
    """Reference 7.2: precision before recall; and the rules still find people, or the figure would say nothing."""
    figures = asyncio.run(measure(1_500, 600, 2026))
    assert (figures.of("WRONG"), figures.of("lost"), figures.of("released")) == (0, 0, 0)
    assert figures.of("withheld")
    assert figures.share("right", asked=["none", "co-twin's number"]) > 0.6
    assert figures.share("no trace", asked=[error for error in ERRORS if error != "other child of the family"]) == 0
