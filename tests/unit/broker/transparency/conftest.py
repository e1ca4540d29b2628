"""A partnership whose screening follows a ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.screening_world import World


@pytest.fixture
def world(make_partnership: Callable[..., Any], tmp_path: Path) -> World:
    folder = tmp_path / "screening"
    folder.mkdir(mode=0o700)
    return World(partnership=make_partnership(), folder=folder)
