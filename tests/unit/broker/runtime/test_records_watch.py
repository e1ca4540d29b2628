"""The watch over an organisation's records: said once, for as long as it lasts, where status and metrics find it."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.bootstrap.principal import OpenPrincipal, open_principal
from broker.bootstrap.records import WatchedRecords
from broker.bootstrap.sectors import load_agents
from broker.config import HolderConfig
from broker.partnership.process_files import records_reason, write_records, write_whole
from broker.runtime.records_watch import RecordsWatch, show_records

EXAMPLE = Path(__file__).parents[4] / "agents" / "police" / "examples" / "testerton-family.json"


@pytest.fixture
def said() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def principal(home: Path, said: list[tuple[str, str]]) -> Iterator[OpenPrincipal]:
    opened = open_principal(home / "police", observe=lambda event, facts: said.append((event, str(facts["reason"]))))
    yield opened
    opened.close()


@pytest.fixture
def watch(principal: OpenPrincipal) -> RecordsWatch:
    source = WatchedRecords(principal, load_agents()[principal.config.sector])
    return RecordsWatch(principal=principal, source=source, stop=asyncio.Event())


def look(watch: RecordsWatch) -> None:
    watch.look(asyncio.run(watch.source.condition()))


def test_a_store_that_is_lost_is_said_once_and_again_when_it_is_back(
    mash: Any, home: Path, watch: RecordsWatch, said: list[tuple[str, str]]
) -> None:
    mash("records", "import", home, "police", EXAMPLE)
    look(watch)
    assert said == []
    assert records_reason(home / "police", os.getpid()) is None
    (home / "police" / "records.sqlite").unlink()
    look(watch)
    look(watch)
    assert said == [("alarm", "STORE_LOST")]
    assert records_reason(home / "police", os.getpid()) == "STORE_LOST"
    assert records_reason(home / "police", os.getpid() + 1) is None, "what another process left behind does not count"
    mash("records", "import", home, "police", EXAMPLE)
    look(watch)
    assert said[1:] == [("records_back", "STORE_LOST")]
    assert records_reason(home / "police", os.getpid()) is None


def test_records_that_are_too_old_are_an_alarm(
    mash: Any, home: Path, said: list[tuple[str, str]], principal: OpenPrincipal
) -> None:
    mash("records", "import", home, "police", EXAMPLE)
    config = principal.config.model_copy(update={"holder": HolderConfig(records_within_days={"*": 7})})
    late = dataclasses.replace(principal, config=config, clock=lambda: principal.clock() + timedelta(days=8))
    source = WatchedRecords(late, load_agents()[principal.config.sector])
    look(RecordsWatch(principal=late, source=source, stop=asyncio.Event()))
    assert said == [("alarm", "SOURCE_TOO_OLD")]
    assert "older than it may be" in asyncio.run(source.coverage()).gaps


async def test_the_gauges_say_how_the_sources_are(mash: Any, home: Path, watch: RecordsWatch) -> None:
    read = {}

    class Seen:
        principal = watch.principal

        def sample(self, part: str, names: tuple[str, ...], function: Any) -> None:
            read[part] = function

    show_records(Seen(), watch.source)  # type: ignore[arg-type]
    assert (await read["records"]())["mash_records_searchable"] == {(): 0.0}
    await asyncio.to_thread(mash, "records", "import", home, "police", EXAMPLE)
    rows = await read["records"]()
    assert rows["mash_records_searchable"] == {(): 1.0}
    assert rows["mash_record_sources"][("HELD",)] == 1.0
    assert rows["mash_records_oldest_seconds"][()] >= 0


def test_doctor_names_a_lost_store_and_what_to_do(mash: Any, home: Path) -> None:
    mash("records", "import", home, "police", EXAMPLE)
    for path in (home / "police").glob("records.sqlite*"):
        path.unlink()
    findings = mash("doctor", home, "--json").document["findings"]
    assert any("STORE_LOST: police" in one["what"] and "backup" in one["do"] for one in findings)


def test_status_says_which_process_has_no_records(mash: Any, home: Path) -> None:
    one = {"pid": os.getpid(), "ready": True, "restarts": 0}
    write_whole(home / "supervisor.json", {"pid": os.getpid(), "processes": {"police": one}})
    write_records(home / "police", "STORE_LOST")
    processes = mash("status", home, "--json").document["processes"]
    assert processes["police"]["records"] == "STORE_LOST"
    assert "records" not in processes["hub"]
    assert "STORE_LOST" in mash("status", home).out
