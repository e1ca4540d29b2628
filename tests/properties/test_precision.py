"""No wrong person at AUTO, in a population of 100,000 with twins, siblings, namesakes and typing errors."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def precision() -> ModuleType:
    """The script that prints the figure; here it is only counted."""
    path = Path(__file__).parents[2] / "benchmarks" / "precision.py"
    spec = importlib.util.spec_from_file_location("benchmark_precision", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.timeout(300)
def test_nobody_is_mistaken_for_somebody_else(precision: ModuleType) -> None:
    """Reference 7.2: precision before recall; and the rules still find people, or the figure would say nothing."""
    _, auto, wrong = precision.measure(100_000, 5_000, 2026)
    assert wrong == 0
    assert auto > 1_000
