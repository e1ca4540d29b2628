"""The supervisor starts, restarts, reports and stops; a child never outlives it, nor it a stubborn child."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from broker.application.status import alive
from broker.partnership.process_files import read_whole, write_whole
from broker.runtime import service_log, supervisor
from broker.runtime.service_log import ServiceLog
from broker.runtime.supervisor import Child, Supervisor

READY = """
import json, os, signal, sys, time
json.dump({"pid": os.getpid(), "ready": True}, open("ready.json", "w"))
"""
SERVE = READY + "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\nwhile True: time.sleep(0.02)\n"
DEAF = READY + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(0.02)\n"
LOOKS = {supervisor.LOOK_EVERY_SECONDS, supervisor.LOOK_AT_READY_EVERY_SECONDS, supervisor.CAP_EVERY_SECONDS}
COUNT = "open('runs', 'a').write('x')\n"


def child(home: Path, name: str, code: str) -> Child:
    """A child that runs this code in its own folder."""
    folder = home / name
    folder.mkdir(mode=0o700)
    script = f"import os; os.chdir({str(folder)!r})\n{code}"
    return Child(name=name, folder=folder, command=(sys.executable, "-c", script))


async def until(condition: Callable[[], bool], *, seconds: float = 15) -> None:
    """Wait for something that another process does."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def supervise(home: Path, children: tuple[Child, ...], meanwhile: Callable[[Supervisor], Any]) -> Supervisor:
    """Run a supervisor, do something meanwhile, and stop it."""

    async def run() -> Supervisor:
        one = Supervisor(home=home, log_kind="embedded", stop=asyncio.Event(), children=children, say=print)
        task = asyncio.create_task(one.run())
        try:
            await meanwhile(one)
        finally:
            one.stop.set()
            await task
        return one

    return asyncio.run(run())


def test_children_get_ready_and_are_reported(tmp_path: Path) -> None:
    children = (child(tmp_path, "a", SERVE), child(tmp_path, "b", SERVE))
    seen: dict[str, Any] = {}

    async def look(one: Supervisor) -> None:
        await one.all_ready.wait()
        seen.update(read_whole(tmp_path / "supervisor.json"))

    supervise(tmp_path, children, look)
    assert (seen["pid"], seen["ready"], seen["log"]) == (os.getpid(), True, "embedded")
    assert {name: (one["ready"], one["restarts"]) for name, one in seen["processes"].items()} == {
        "a": (True, 0),
        "b": (True, 0),
    }
    assert not any(alive(one["pid"]) for one in seen["processes"].values())
    assert not (tmp_path / "supervisor.json").exists()


def test_a_killed_child_is_started_again_and_counted(tmp_path: Path) -> None:
    one_child = child(tmp_path, "a", SERVE)

    async def kill(one: Supervisor) -> None:
        await one.all_ready.wait()
        first = one_child.pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: one_child.ready and one_child.pid != first)

    supervise(tmp_path, (one_child,), kill)
    assert one_child.restarts == 1


def test_a_readiness_file_of_the_killed_child_does_not_count(tmp_path: Path) -> None:
    """The next one must say so itself."""
    one_child = child(tmp_path, "a", "import time\nwhile True: time.sleep(0.02)\n")
    write_whole(one_child.folder / "ready.json", {"pid": 1, "ready": True})

    async def look(one: Supervisor) -> None:
        await until(lambda: one_child.pid != 0)
        assert not one_child.ready
        assert not (one_child.folder / "ready.json").exists()

    supervise(tmp_path, (one_child,), look)


def test_a_child_that_asks_for_it_is_started_again_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 0 is a request (a new key epoch): no pause, however often."""
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 3600.0)
    one_child = child(tmp_path, "a", COUNT)
    supervise(tmp_path, (one_child,), lambda one: until(lambda: one_child.restarts >= 3))
    assert len((one_child.folder / "runs").read_text()) >= 3


def test_a_child_that_keeps_failing_is_tried_ever_more_rarely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    known = asyncio.wait_for

    async def noted(awaitable: Any, seconds: float | None) -> Any:
        if seconds is not None and seconds not in LOOKS:
            pauses.append(seconds)
            seconds = 0.0
        return await known(awaitable, seconds)

    monkeypatch.setattr(asyncio, "wait_for", noted)
    one_child = child(tmp_path, "a", "raise SystemExit(2)")
    supervise(tmp_path, (one_child,), lambda one: until(lambda: one_child.restarts >= 8))
    assert pauses[:7] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0]


def test_a_child_that_cannot_be_started_leaves_the_others_running(tmp_path: Path) -> None:
    broken = child(tmp_path, "a", "")
    broken.command = (str(tmp_path / "no-such-program"),)
    good = child(tmp_path, "b", SERVE)
    supervise(tmp_path, (broken, good), lambda one: until(lambda: good.ready and broken.restarts >= 1))


def test_a_child_that_does_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM first; what has not drained in time must not keep `up` from ending."""
    monkeypatch.setattr(supervisor, "DRAIN_SECONDS", 0.2)
    deaf = child(tmp_path, "a", DEAF)
    pids: list[int] = []

    async def look(one: Supervisor) -> None:
        await one.all_ready.wait()
        pids.append(deaf.pid)

    supervise(tmp_path, (deaf,), look)
    assert not alive(pids[0])


def test_what_a_child_writes_is_kept_in_its_own_folder(tmp_path: Path) -> None:
    one_child = child(tmp_path, "a", "import sys; print('out'); print('err', file=sys.stderr)\n" + SERVE)
    supervise(tmp_path, (one_child,), lambda one: one.all_ready.wait())
    log = one_child.folder / "service.log"
    assert "err" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_log_that_grows_too_large_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One older generation stays; the child goes on writing to the same open file."""
    monkeypatch.setattr(service_log, "MOST_BYTES", 10)
    with ServiceLog(tmp_path) as output:
        output.file.write(b"0123456789ab\n")
        output.cap()
        output.file.write(b"new\n")
        output.cap()
    assert (tmp_path / "service.log.1").read_bytes() == b"0123456789ab\n"
    assert (tmp_path / "service.log").read_bytes() == b"new\n"


def test_a_child_sees_no_standard_input(tmp_path: Path) -> None:
    code = "import sys; open('in', 'w').write(repr(sys.stdin.read()))\n" + SERVE
    one_child = child(tmp_path, "a", code)
    supervise(tmp_path, (one_child,), lambda one: one.all_ready.wait())
    assert (one_child.folder / "in").read_text() == "''"


def test_stopping_before_the_first_start_ends(tmp_path: Path) -> None:
    async def stop(one: Supervisor) -> None:
        one.stop.set()
        await asyncio.sleep(0)

    one_child = child(tmp_path, "a", SERVE)
    supervise(tmp_path, (one_child,), stop)
    assert one_child.pid == 0
