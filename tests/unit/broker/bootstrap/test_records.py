"""An organisation's record store while it is taken away, put back and filled, under a process that has it open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broker.bootstrap.principal import open_principal
from broker.bootstrap.records import WatchedRecords
from broker.bootstrap.sectors import load_agents
from broker.holder.source import Holdings, NothingToSearch

EXAMPLE = Path(__file__).parents[4] / "agents" / "police" / "examples" / "testerton-family.json"


@pytest.fixture
def records(home: Path) -> Iterator[WatchedRecords]:
    """The police's records, open as their agent has them."""
    principal = open_principal(home / "police")
    yield WatchedRecords(principal, load_agents()[principal.config.sector])
    principal.close()


def covered(records: WatchedRecords) -> Holdings:
    return asyncio.run(records.coverage())


def reason(records: WatchedRecords) -> str:
    with pytest.raises(NothingToSearch) as raised:
        covered(records)
    return raised.value.reason


def test_an_import_beside_a_running_agent_is_seen_by_the_next_request(
    mash: Any, home: Path, records: WatchedRecords
) -> None:
    assert reason(records) == "NOTHING_IMPORTED"
    assert mash("records", "import", home, "police", EXAMPLE).code == 0
    assert covered(records).gaps == ""


def test_a_store_deleted_under_a_running_agent_is_lost_and_can_be_filled_again(
    mash: Any, home: Path, records: WatchedRecords
) -> None:
    mash("records", "import", home, "police", EXAMPLE)
    assert covered(records).systems_searched
    (home / "police" / "records.sqlite").unlink()
    assert reason(records) == "STORE_LOST"
    assert mash("records", "import", home, "police", EXAMPLE).code == 0
    assert covered(records).gaps == ""


def test_a_store_deleted_while_nothing_runs_is_lost_at_the_next_start(mash: Any, home: Path) -> None:
    mash("records", "import", home, "police", EXAMPLE)
    for path in (home / "police").glob("records.sqlite*"):
        path.unlink()
    principal = open_principal(home / "police")
    assert reason(WatchedRecords(principal, load_agents()[principal.config.sector])) == "STORE_LOST"
    principal.close()
