"""A running partnership from outside: every process is scraped, one request moves the numbers, and names nobody."""

from __future__ import annotations

import json
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

ID = "0190b5f0-0000-7000-8000-00000000000b"
NAMES = ("housing", "hub", "hub-audit", "hub-screening", "police")
ROOT = Path(__file__).parents[2]
STAGES = {"parse", "verify", "gate", "find", "identify", "look_up", "minimise", "review", "seal", "publish"}


def free_ports(many: int) -> int:
    """The first of so many neighbouring ports that nobody uses."""
    for first in range(20_000, 30_000, many):
        sockets = [socket.socket() for _ in range(many)]
        try:
            for number, one in enumerate(sockets):
                one.bind(("127.0.0.1", first + number))
        except OSError:
            continue
        else:
            return first
        finally:
            for one in sockets:
                one.close()
    raise AssertionError("no port is free")


def ask(port: int, path: str) -> tuple[int, str]:
    """One GET."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


class Seen:
    """A running partnership and where its processes are seen."""

    def __init__(self, world: Any, first: int) -> None:
        self.world = world
        self.ports = {name: first + number for number, name in enumerate(NAMES)}

    def scrapes(self) -> dict[str, str]:
        """What every process shows now."""
        return {name: self._scrape(port) for name, port in self.ports.items()}

    def number(self, name: str, metric: str, **labels: str) -> float:
        """The sum of one metric's rows with these labels; nought where there are none."""
        families = text_string_to_metric_families(self._scrape(self.ports[name]))
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == metric and labels.items() <= sample.labels.items()
        )

    @staticmethod
    def _scrape(port: int) -> str:
        status, body = ask(port, "/metrics")
        assert status == 200
        return body


@contextmanager
def watched(world: Any, *on: str) -> Iterator[Seen]:
    """Run `mash up --observe`; it prints each address."""
    seen = Seen(world, free_ports(len(NAMES)))
    process = world.mash.start("up", world.home, "--observe", f"127.0.0.1:{seen.ports[NAMES[0]]}", *on)
    try:
        world.wait_until(lambda: world.status_file(world.home).get("ready") is True or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        yield seen
    finally:
        process.terminate()
        ran = world.mash.ended(process, seconds=20)
    for name, port in seen.ports.items():
        assert f"{name} is seen at http://127.0.0.1:{port}/metrics" in ran.err


@pytest.fixture(params=["embedded", "kafka"])
def on(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """On which log: what `mash up` is told."""
    return () if request.param == "embedded" else ("--kafka", request.getfixturevalue("kafka_node").bootstrap)


@pytest.fixture
def world(mash: Any, tmp_path: Path, world_at: Any) -> Any:
    """A HOME of police with records, and of a housing service that answers by hand; nothing runs."""
    made = world_at(tmp_path / "home")
    orgs = ("--org", "police=POLICE", "--org", "housing=HOUSING", "--by-hand", "housing", "--review", "none")
    assert mash("init", made.home, *orgs).code == 0
    assert mash("records", "import", made.home, "police", made.records()).code == 0
    return made


def test_one_request_moves_the_numbers_and_is_in_none_of_them(world: Any, on: tuple[str, ...]) -> None:
    with watched(world, *on) as seen:
        for port in seen.ports.values():
            assert ask(port, "/livez")[0] == 200
            world.wait_until(lambda port=port: ask(port, "/readyz")[0] == 200)
        before = seen.number("police", "mash_transactions_total", outcome="committed")
        request = world.request(agencies=["police", "housing"])
        assert world.mash("request", world.home, "--file", request, "--request-id", ID).code == 0
        world.wait_until(lambda: seen.number("police", "mash_outcomes_total") == 1)
        world.wait_until(lambda: seen.number("hub-audit", "mash_ledger_total", what="leaves") >= 3)
        assert seen.number("police", "mash_outcomes_total", status="SUMMARY") == 1
        assert seen.number("police", "mash_transactions_total", outcome="committed") == before + 1
        scrapes = seen.scrapes()
        told = {stage for stage in STAGES if f'stage="{stage}"' in scrapes["police"]}
        assert told == STAGES

        # Housing answers by hand: it waits at its desk, and screening waits for it.
        world.wait_until(lambda: seen.number("hub-screening", "mash_requests_open", rag="RED") == 1)
        world.wait_until(lambda: seen.number("housing", "mash_desk_items", reason="SOURCE", rag="RED") == 1)
        assert 0 < seen.number("housing", "mash_desk_due_seconds", rag="RED") <= 3600
        assert seen.number("hub-screening", "mash_requests_overdue") == 0
        world.wait_until(lambda: seen.number("police", "mash_unrecorded_messages") == 0)
        world.wait_until(lambda: all(seen.number(name, "mash_lag_messages") == 0 for name in NAMES))
        assert seen.number("hub", "mash_outbox_messages") == 0
        assert seen.number("hub", "mash_directory_version") == 1
        _nobody_in("\n".join(seen.scrapes().values()), world)
        _every_number_is_shown(seen.scrapes())
        _one_trace(world)


def _nobody_in(text: str, world: Any) -> None:
    document = json.loads(world.request().read_text())
    person = document["people"][0]
    values = [*world.canaries.values(), ID, person["date_of_birth"], document["requester"]["actor"]]
    assert [value for value in values if value.lower() in text.lower()] == []
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{32}", text), "no id of any kind"


def _every_number_is_shown(scrapes: dict[str, str]) -> None:
    """What alerts and dashboard name is in a real scrape, by name."""
    shown = set(re.findall(r"^# TYPE (\S+)", "\n".join(scrapes.values()), flags=re.MULTILINE))
    folder = ROOT / "docker" / "observability"
    named = re.findall(r"\bmash_[a-z_]+", (folder / "alerts.yml").read_text() + (folder / "dashboard.json").read_text())
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in named} - shown == set()


def _one_trace(world: Any) -> None:
    """The agents' lines about one request carry one random id."""
    lines = [
        json.loads(line)
        for name in ("police", "housing")
        for line in (world.home / name / "service.log").read_text().splitlines()
        if '"event": "message"' in line
    ]
    assert len(lines) == 2
    (trace,) = {line["trace_id"] for line in lines}
    assert re.fullmatch(r"[0-9a-f]{32}", trace)
