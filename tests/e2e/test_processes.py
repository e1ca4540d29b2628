"""Processes: each works alone from its own folder, stops when told, and never outlives its supervisor."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from broker.adapters.embedded import EmbeddedLog
from broker.bootstrap.principal import open_principal, utc_now
from broker.bootstrap.requester import build_requester
from broker.partnership.enrolment import Plan, create_home
from broker.partnership.home import open_home
from broker.partnership.profile import load_profile
from broker.requester.announce import announce
from schemas.vocabulary import Sector
from tests.renewed import renew_early

ID = "01a202ba-3fba-7fab-b007-09e980195820"
PRINCIPALS = ("hub", "hub-audit", "hub-screening", "police")
STOPS_WITHIN_SECONDS = 10


def ends_of(home: Path, *topics: str) -> list[int]:
    """How many messages stand on these topics."""

    async def read() -> list[int]:
        log = EmbeddedLog(home / "log.sqlite")
        try:
            return [await log.end(f"mash.northants.{topic}.v1", 0) for topic in topics]
        finally:
            await log.close()

    return asyncio.run(read())


@contextmanager
def alone(world: Any, name: str) -> Iterator[None]:
    """Run one process while no other principal's folder is there; it must be ready, and stop when told."""
    away = world.folder / "away"
    away.mkdir()
    for other in PRINCIPALS:
        if other != name:
            shutil.move(world.home / other, away / other)
    process = world.mash.start("run", world.home / name)
    try:
        world.wait_until(lambda: (world.home / name / "ready.json").exists() or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        ran = world.mash.ended(process, seconds=STOPS_WITHIN_SECONDS)
        (world.folder / f"{name}.said").write_text(ran.err)
        assert ran.code == 0, ran.err
        assert ran.out == ""
        assert not (world.home / name / "ready.json").exists()
        for other in away.iterdir():
            shutil.move(other, world.home / other.name)
        away.rmdir()


def test_each_process_reads_its_own_folder_only(world: Any) -> None:
    """With every other principal's folder gone, each takes its part of the path; only the log joins them."""
    assert world.mash("request", world.home, "--file", world.request(), "--request-id", ID).code == 0
    with alone(world, "hub"):
        assert ends_of(world.home, "directory") == [1], "it announces, with nobody's folder but its own"
    said = (world.folder / "hub.said").read_text()
    assert '"reason": "ROOT_OUT_OF_REACH", "organisation": "police"' in said
    (events,) = ends_of(world.home, "audit")
    with alone(world, "police"):
        world.wait_until(lambda: ends_of(world.home, "answers.hub.police", "audit") == [1, events + 1])
    with alone(world, "hub-screening"):
        world.wait_until(lambda: ends_of(world.home, "summaries.hub", "audit") == [2, events + 2])
    with alone(world, "hub-audit"):
        world.wait_until(lambda: ends_of(world.home, "checkpoints")[0] >= 1)
    with alone(world, "hub-screening"):
        world.wait_until(lambda: ends_of(world.home, "summaries.hub") == [3])
    ran = world.mash("summary", world.home, ID, "--by", "mm-01", "--json")
    assert ran.code == 0
    answer = ran.document["answers"]["police"]
    assert (answer["status"], answer["recorded"]) == ("SUMMARY", True)


def test_it_stops_in_time_and_leaves_nobody_behind(world: Any) -> None:
    """SIGTERM drains; SIGKILL of the supervisor takes the children with it; both can be started again."""
    with world.up(world.mash, world.home) as process:
        pids = [one["pid"] for one in world.status_file(world.home)["processes"].values()]
        process.kill()
        world.mash.ended(process)
        world.wait_until(lambda: not any(world.is_alive(pid) for pid in pids), seconds=STOPS_WITHIN_SECONDS)
        assert world.mash("status", world.home, "--json").code == 3
    with world.up(world.mash, world.home) as process:
        pids = [one["pid"] for one in world.status_file(world.home)["processes"].values()]
        assert len(pids) == 4
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        ran = world.mash.ended(process, seconds=STOPS_WITHIN_SECONDS)
        assert time.monotonic() - begun < STOPS_WITHIN_SECONDS
        assert ran.code == 0
        assert ran.document["ready"] is True  # printed once all were ready, and nothing after
        assert not any(world.is_alive(pid) for pid in pids)
        assert not (world.home / "supervisor.json").exists()


def test_a_renewed_directory_is_taken_up_while_it_runs(world: Any) -> None:
    """A new key epoch is only in the folder and the directory: each process drains, and starts again with it."""
    home = open_home(world.home)
    with world.up(world.mash, world.home):
        hub = open_principal(home.folder("hub"))
        try:
            renew_early(home, hub.published)
        finally:
            hub.close()

        def all_again() -> bool:
            status = world.status_file(world.home)
            return status["ready"] and all(one["restarts"] == 1 for one in status["processes"].values())

        world.wait_until(all_again)
        ran = world.mash("request", world.home, "--file", world.request(), "--wait", "--json")
        assert ran.code == 0
        assert "key_epoch_renewed" in (world.home / "police" / "service.log").read_text()
    with world.up(world.mash, world.home):
        assert ends_of(world.home, "directory") == [2], "each version is announced, once"
        assert world.mash("ledger", "verify", world.home, "--json").document["verified"] is True


def test_a_killed_hub_is_started_again_and_loses_nothing(world: Any) -> None:
    """kill -9 with something stored that nobody published: its successor publishes it, once, under its number."""
    with world.up(world.mash, world.home):
        hub_before = world.status_file(world.home)["processes"]["hub"]
        (audited,) = ends_of(world.home, "audit")
        os.kill(hub_before["pid"], signal.SIGKILL)
        store_an_announcement(world.home)

        def again() -> bool:
            hub = world.status_file(world.home)["processes"]["hub"]
            return bool(hub["ready"]) and hub["restarts"] == hub_before["restarts"] + 1

        world.wait_until(again)
        assert ends_of(world.home, "directory", "audit") == [2, audited + 1]
        ran = world.mash("request", world.home, "--file", world.request(), "--wait", "--json")
        assert ran.code == 0
        world.wait_until(lambda: world.mash("ledger", "verify", world.home, "--json").document["verified"] is True)


def store_an_announcement(home: Path) -> None:
    """What a command leaves that is killed between its commit and its drain."""
    hub = open_principal(open_home(home).folder("hub"), observe=lambda *_: None)
    try:
        folder = hub.folder / hub.config.directory.folder
        renew_early(open_home(home), hub.published)
        assert announce(build_requester(hub), published=hub.published, folder=folder, now=utc_now()) == 1
    finally:
        hub.close()


def test_after_weeks_the_directory_is_renewed_before_anything_is_taken_up(world: Any, tmp_path: Path) -> None:
    """A HOME that lay for 22 days, without a topic: each waits for the hub, loads its new key, and answers."""
    loaded = load_profile("northamptonshire")
    review = {"police": dict(loaded.profile.review)}
    plan = Plan(profile=loaded.profile, files=loaded.files, organisations={"police": Sector.POLICE}, review=review)
    home = create_home(tmp_path / "old", plan, now=utc_now() - timedelta(days=22)).path
    assert world.mash("records", "import", home, "police", world.records()).code == 0
    with world.up(world.mash, home):

        def loaded() -> bool:
            status = world.status_file(home)
            return status["ready"] and all(one["restarts"] == 1 for one in status["processes"].values())

        world.wait_until(loaded)
        ran = world.mash("request", home, "--file", world.request(), "--wait", "--json")
        assert (ran.code, ran.document["answers"]["police"]["status"]) == (0, "SUMMARY")
        assert ends_of(home, "directory") == [2]
        assert world.mash("doctor", home, "--json").document == {"ok": True, "findings": []}


def test_the_current_folder_cannot_replace_the_program(world: Any, tmp_path: Path) -> None:
    """A folder of our names in the working directory is not run by the processes that `up` starts."""
    trap = tmp_path / "trap"
    for name in ("broker", "schemas"):
        (trap / name).mkdir(parents=True)
        (trap / name / "__init__.py").write_text("raise SystemExit(99)")
    known = Path.cwd()
    os.chdir(trap)
    try:
        with world.up(world.mash, world.home):
            assert world.status_file(world.home)["ready"] is True
    finally:
        os.chdir(known)
