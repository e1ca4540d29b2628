"""What a command stored and did not publish goes out from the process beside it, once nobody has it in hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.application.desk import waiting
from broker.application.home import open_home
from broker.application.session import open_desk
from broker.bootstrap.holder import build_looks
from broker.bootstrap.principal import open_principal
from broker.errors import UnavailableError
from broker.exchange.outbox import Outbox
from broker.runtime.left_behind import LeftBehind

AUDIT = "mash.northants.audit.v1"


async def _look_without_log(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at the police desk by a command that is killed before it publishes."""

    async def away(self: Outbox, log: object) -> None:
        raise UnavailableError("the event log took nothing")

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "drain", away)
        async with open_desk(open_home(home), "police") as desk:
            await waiting(desk, by="police-pr-01")


async def test_a_look_that_was_stored_is_published_at_the_second_look(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _look_without_log(home, monkeypatch)
    principal = open_principal(home / "police")
    log: Any = principal.log()
    try:
        left = LeftBehind(outbox=build_looks(principal).outbox)
        for published in (0, 1, 1):
            await left.publish(log)
            found = await log.read(AUDIT, 0, offset=0, most=9, wait=timedelta(0))
            assert len(found) == published
    finally:
        await log.close()
        principal.close()
