"""Our image: an organisation's agent on a machine of its own, locked down, answers a hub that is outside."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from broker.config import FILE_NAME, KafkaLogConfig, load_config, write_config
from broker.partnership.certificates import tls_of
from broker.partnership.process_files import SUPERVISOR_FILE, read_whole
from tests.engine import HOST, IMAGE, LOCKED_DOWN, START_SECONDS, own, require, user

EXAMPLES = Path(__file__).parents[2] / "agents" / "police" / "examples"
SELF, DIRECTORY = "/srv/mash/self", "/srv/mash/directory"
PYTHON = "/opt/mash/bin/python"
SHELLS = ("/usr/bin/dash", "/usr/bin/bash", "/usr/bin/sh")


@pytest.fixture(scope="module")
def site(secured: Any, mash: Callable[..., Any]) -> Path:
    """The organisation's own machine: its folder, which nobody else has any more, and the public directory."""
    mash("records", "import", secured.home, "police", EXAMPLES / "testerton-family.json")
    mash("kafka", "apply", secured.home, "--kafka", secured.bootstrap, "--development")
    site = secured.home.with_name("site")
    site.mkdir()
    (secured.home / "police").rename(site / "self")
    shutil.copytree(secured.home / "directory", site / "directory")
    path = site / "self" / FILE_NAME
    log = KafkaLogConfig(address=f"{HOST}:9092", tls=tls_of(path.parent))
    write_config(path, load_config(path).model_copy(update={"log": log}))
    own(site)
    return site


@pytest.fixture(scope="module")
def agent(secured: Any, site: Path) -> Iterator[Any]:
    """The agent in its container, healthy."""
    require(IMAGE)
    from docker.types import Mount
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import HealthcheckWaitStrategy

    uid, gid = user()
    no_shell = [Mount(target=shell, source="/dev/null", type="bind", read_only=True) for shell in SHELLS]
    container = (
        DockerContainer(IMAGE)
        .with_network(secured.network)
        .with_volume_mapping(site / "self", SELF, "rw")
        .with_volume_mapping(site / "directory", DIRECTORY, "ro")
        .with_tmpfs_mount("/tmp", "size=16m,mode=1777")
        .with_kwargs(user=f"{uid}:{gid}", mounts=no_shell, **LOCKED_DOWN)
        .waiting_for(HealthcheckWaitStrategy().with_startup_timeout(START_SECONDS).with_poll_interval(0.2))
    )
    with container:
        yield container


@pytest.mark.timeout(240)
def test_it_answers_a_request_from_outside(
    secured: Any, agent: Any, mash: Callable[..., Any], running: Callable[..., Any], until: Callable[..., None]
) -> None:
    """The hub and its consumers run here, without the organisation's folder; its agent is in the container."""
    with running("up", secured.home, "--kafka", secured.bootstrap):
        until(lambda: read_whole(secured.home / SUPERVISOR_FILE).get("ready") is True)
        request = EXAMPLES / "requests" / "testerton.json"
        shown = mash("request", secured.home, "--file", request, "--wait", "--timeout", "90", seconds=120)
    answer = shown["answers"]["police"]
    assert (answer["status"], answer["recorded"]) == ("SUMMARY", True)


def test_it_is_nobody_and_can_write_to_its_own_folder_only(agent: Any) -> None:
    """Not root, no write anywhere in the image, and none to the directory that it must believe."""
    attempts = [f"{where}/attempt" for where in ("", "/opt/mash", DIRECTORY, SELF)]
    script = (
        "import os, sys\n"
        "print(os.getuid(), os.getgid())\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n        open(path, 'w').close(); os.unlink(path); print('written')\n"
        "    except OSError as error:\n        print(os.strerror(error.errno))\n"
    )
    said = agent.exec([PYTHON, "-c", script, *attempts]).output.decode().splitlines()
    uid, gid = user()
    assert said[0] == f"{uid} {gid}"
    assert 0 not in (uid, gid)
    assert said[1:] == ["Read-only file system"] * 3 + ["written"]


def test_it_has_no_shell_no_compiler_and_no_pip(agent: Any) -> None:
    """The fixture took the shells away, and it runs; what would help an intruder to build things is not there."""
    for shell in SHELLS:
        assert agent.exec([shell, "-c", "true"]).exit_code != 0
    look = "import importlib.util, shutil; print(importlib.util.find_spec('pip'), shutil.which('gcc'))"
    assert agent.exec([PYTHON, "-c", look]).output.decode().strip() == "None None"


def test_it_ends_in_order_when_it_is_told_to(agent: Any) -> None:
    """Without a shell or an init around it, the signal is its own to handle. (The last test: nothing runs after.)"""
    container = agent.get_wrapped_container()
    container.stop(timeout=20)
    container.reload()
    assert container.attrs["State"]["ExitCode"] == 0
