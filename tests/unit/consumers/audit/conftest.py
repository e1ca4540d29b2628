"""The audit consumer's world as fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.audit_world import Audit


@pytest.fixture
def make_audit(make_partnership: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[[], Audit]]:
    made: list[Audit] = []

    def make() -> Audit:
        folder = tmp_path / f"audit-{len(made)}"
        folder.mkdir()
        made.append(Audit(partnership=make_partnership(), folder=folder))
        return made[-1]

    yield make
    for audit in made:
        audit.close()


@pytest.fixture
def audit(make_audit: Callable[[], Audit]) -> Audit:
    return make_audit()
