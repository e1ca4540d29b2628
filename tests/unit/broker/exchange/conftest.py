from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.exchange import follower, outbox, worker
from tests.exchange_world import Desk, Insider


@pytest.fixture
def insider(partnership: Any) -> Callable[[str], Insider]:
    """Somebody with one principal's signing key, and no scruples."""
    return lambda sender: Insider(partnership=partnership, sender=sender)


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    # Idle times and pauses are short here, so that a test is.
    monkeypatch.setattr(worker, "IDLE", timedelta(milliseconds=20))
    monkeypatch.setattr(follower, "IDLE", timedelta(milliseconds=20))
    monkeypatch.setattr(worker, "PAUSE_AFTER_TROUBLE_SECONDS", 0.01)
    monkeypatch.setattr(follower, "PAUSE_AFTER_TROUBLE_SECONDS", 0.01)
    monkeypatch.setattr(outbox, "PAUSE_SECONDS", 0.01)
    made = Desk(folder=tmp_path)
    yield made
    await made.close()
