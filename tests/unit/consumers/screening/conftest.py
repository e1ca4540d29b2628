from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.exchange import follower
from consumers.screening import service
from tests.screening_world import World


@pytest.fixture
def world(make_partnership: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    # Stopping waits for the readers' idle time: short here, so that a test is.
    monkeypatch.setattr(follower, "IDLE", timedelta(milliseconds=20))
    monkeypatch.setattr(service, "LOOK_AGAIN", timedelta(milliseconds=20))
    folder = tmp_path / "screening"
    folder.mkdir(mode=0o700)
    return World(partnership=make_partnership(), folder=folder)
