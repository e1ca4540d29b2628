from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.errors import RejectedError
from broker.exchange import follower, outbox, worker
from broker.exchange.parse import parse
from broker.exchange.verify import Verified
from schemas.directory import Principal
from schemas.request import InformationRequest
from schemas.topics import Family
from tests.dying_world import Desk
from tests.exchange_world import Insider


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


@pytest.fixture
def verify(partnership: Any) -> Callable[..., Verified[Any]]:
    """Verify as one principal, at one place and time."""

    def run(outgoing, *, who="police", record=InformationRequest, offset=0, now=None, message=None):
        message = message or partnership.placed(outgoing, offset=offset)
        return partnership.verifier(who).verify(parse(message), record=record, now=now or partnership.now)

    return run


@pytest.fixture
def refused(verify: Callable[..., Verified[Any]]) -> Callable[..., str]:
    """Return the reason for which a message is refused."""

    def run(outgoing, **settings):
        with pytest.raises(RejectedError) as raised:
            verify(outgoing, **settings)
        return raised.value.reason

    return run


@pytest.fixture
def requests(partnership: Any) -> str:
    return partnership.topic(Family.REQUESTS, "police")


@pytest.fixture
def answers(partnership: Any) -> str:
    return partnership.topic(Family.ANSWERS, "hub", "police")


@pytest.fixture
def amend(partnership: Any) -> Callable[..., None]:
    """Trust a directory in which one principal differs."""

    def run(name, **changes):
        principals = tuple(
            Principal(**{**dict(one), **changes}) if one.id == name else one
            for one in partnership.trusted.directory.principals
        )
        partnership.trusted = partnership.trust(partnership.signed(partnership.directory(principals=principals)))

    return run
