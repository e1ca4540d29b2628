"""kill -9 at random, round after round, on a cluster of three: nothing is lost, doubled or left out of the ledger."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from tests.kafka.campaign import Campaign, a_home

ROUNDS = int(os.environ.get("MASH_KILL_ROUNDS", "8"))
SEED = int(os.environ.get("MASH_KILL_SEED", "1"))


@pytest.mark.timeout(120 + 30 * ROUNDS)
def test_whatever_is_killed_every_request_is_answered_once_and_recorded(
    three_nodes: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """MASH_KILL_ROUNDS says how often something is killed, MASH_KILL_SEED what: read what it prints."""
    home = a_home(tmp_path / "home", ",".join(node.bootstrap for node in three_nodes))

    def say(line: object) -> None:
        with capsys.disabled():
            print(line, flush=True)

    outcome = asyncio.run(Campaign(home, three_nodes, seed=SEED, folder=tmp_path).run(ROUNDS, say=say))
    say(outcome)
    assert outcome.account.is_clean
    assert sum(map(len, outcome.recoveries.values())) == ROUNDS
