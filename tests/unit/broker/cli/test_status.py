"""`mash status`: who is ready, from two kinds of small files; a file left behind proves nothing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from broker.partnership.process_files import clear_ready, is_ready, write_ready, write_whole

NAMES = ["hub", "hub-audit", "hub-screening", "police", "school"]


def _dead_pid() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def _told(home: Path, *, supervisor: int, pid: int, ready: bool = True) -> None:
    processes = {name: {"ready": ready, "pid": pid, "restarts": 1} for name in NAMES}
    write_whole(home / "supervisor.json", {"pid": supervisor, "ready": ready, "processes": processes})


def test_where_nothing_runs_every_process_is_named_and_not_ready(mash: Any, home: Path) -> None:
    ran = mash("status", home, "--json")
    assert ran.code == 3
    assert ran.document == {
        "ready": False,
        "log": "embedded",
        "processes": {name: {"ready": False, "pid": 0, "restarts": 0} for name in NAMES},
    }


def test_all_ready_is_0(mash: Any, home: Path) -> None:
    _told(home, supervisor=os.getpid(), pid=os.getpid())
    ran = mash("status", home, "--json")
    assert ran.code == 0
    assert ran.document["ready"] is True
    assert ran.document["processes"]["police"] == {"ready": True, "pid": os.getpid(), "restarts": 1}


def test_what_a_killed_supervisor_left_behind_does_not_count(mash: Any, home: Path) -> None:
    _told(home, supervisor=_dead_pid(), pid=os.getpid())
    ran = mash("status", home, "--json")
    assert (ran.code, ran.document["ready"]) == (3, False)


def test_a_process_that_died_is_not_ready(mash: Any, home: Path) -> None:
    _told(home, supervisor=os.getpid(), pid=_dead_pid())
    ran = mash("status", home, "--json")
    assert ran.code == 3
    assert ran.document["processes"]["police"]["pid"] == 0


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"pid": "x"}', '{"pid": true, "processes": 3}'])
def test_a_broken_supervisor_file_is_not_ready(mash: Any, home: Path, content: str) -> None:
    (home / "supervisor.json").write_text(content)
    assert mash("status", home, "--json").code == 3


def test_a_folder_that_is_no_home_is_2(mash: Any, tmp_path: Path) -> None:
    assert "not a home" in mash("status", tmp_path).error


def test_people_see_a_table(mash: Any, home: Path) -> None:
    ran = mash("status", home)
    assert ran.code == 3
    assert "hub-screening" in ran.out


def test_readiness_counts_only_for_the_process_that_said_so(tmp_path: Path) -> None:
    write_ready(tmp_path)
    assert is_ready(tmp_path, os.getpid())
    assert not is_ready(tmp_path, os.getpid() + 1)
    assert (tmp_path / "ready.json").stat().st_mode & 0o777 == 0o600
    clear_ready(tmp_path)
    clear_ready(tmp_path)
    assert not is_ready(tmp_path, os.getpid())


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A reader at any moment finds a document, and no draft stays behind."""
    write_whole(tmp_path / "x.json", {"a": 1})
    write_whole(tmp_path / "x.json", {"a": 2})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
