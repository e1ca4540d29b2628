"""Containers for tests: whether there is an engine with our images, and how a test starts a Kafka node on it.

The images are those that `make images` builds, unless MASH_KAFKA_IMAGE and MASH_IMAGE name others. Whatever is started
here ends with its `with` block; no helper container looks after it (its image could not be had without a registry).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from contained import CONFIG, DATA, OUTSIDE, USER, give_away, given_to
from node import LOOPBACK, free_ports

from broker.adapters.kafka import KafkaLog, Security
from broker.errors import MashError
from broker.ports import CommittedOffset, Outgoing
from tests.skipped import ALL_REQUIRED, IN_CONTAINERS

KAFKA_IMAGE = os.environ.get("MASH_KAFKA_IMAGE", "mash/kafka:test")
IMAGE = os.environ.get("MASH_IMAGE", "mash/broker:test")
HOST = "kafka-1"
START_SECONDS = 90
LOCKED_DOWN: dict[str, Any] = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    # Asked often: a test waits for the answer.
    "healthcheck": {"interval": 500_000_000, "start_period": START_SECONDS * 1_000_000_000},
}
"""How each of our containers runs, as docker/compose.yaml says."""


def user() -> tuple[int, int]:
    """Return whom containers run as, and its group: who runs the tests, or nobody in particular where that is root."""
    return os.getuid() or USER, os.getgid() or USER


def own(folder: Path) -> None:
    """Let a folder belong to whom containers run as."""
    if os.getuid() == 0:
        give_away(folder)


def require(image: str) -> None:
    """Return where an engine answers and has the image; else skip, or fail where every test is required."""
    # There is no registry here to get its helper container's image from.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    if not _docker("version"):
        lacking = "no engine for containers answers: make images"
    elif not _docker("image", "inspect", image):
        lacking = f"the image {image} is not here: make images"
    else:
        return
    if ALL_REQUIRED:
        pytest.fail(lacking)
    pytest.skip(IN_CONTAINERS)


def _docker(*words: str) -> bool:
    program = shutil.which("docker")
    return program is not None and subprocess.run([program, *words], capture_output=True, check=False).returncode == 0


@contextmanager
def kafka_node(
    folder: Path, *, keystore: Path | None = None, security: Security | None = None, network: Any = None
) -> Iterator[str]:
    """Run one node in a container, ready inside, and yield where it is found from this machine."""
    require(KAFKA_IMAGE)
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import HealthcheckWaitStrategy

    [outside] = free_ports(1)
    [given] = given_to(folder, hosts=[HOST], keystore=keystore, outside=outside, quick=True)
    own(given)
    uid, gid = user()
    container = (
        DockerContainer(KAFKA_IMAGE)
        .with_volume_mapping(given, str(CONFIG), "ro")
        .with_tmpfs_mount(str(DATA), f"uid={uid},gid={gid},mode=0700")
        .with_tmpfs_mount("/tmp", "size=16m,mode=1777,exec")
        .with_kwargs(user=f"{uid}:{gid}", hostname=HOST, **LOCKED_DOWN)
        .waiting_for(HealthcheckWaitStrategy().with_startup_timeout(START_SECONDS).with_poll_interval(0.2))
    )
    container.ports[str(OUTSIDE)] = (LOOPBACK, outside)  # never for other machines: it may be in the clear
    if network is not None:
        container.with_network(network).with_network_aliases(HOST)
    with container:
        bootstrap = f"{LOOPBACK}:{outside}"
        asyncio.run(_ready(bootstrap, security))
        yield bootstrap


async def _ready(bootstrap: str, security: Security | None) -> None:
    """Wait until a transaction works: its coordinators are up later than the node listens."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            log = KafkaLog(bootstrap, client_id="readiness", session=timedelta(seconds=6), security=security)
            try:
                await log.create_topics({"readiness": 1})
                claim = await log.claim("readiness", 0, group=f"readiness-{uuid.uuid4().hex}")
                message = Outgoing(topic="readiness", key=b"readiness", value=b"")
                await claim.publish([message], position=CommittedOffset(offset=1))
                return
            except MashError:
                await asyncio.sleep(0.1)
            finally:
                await log.close()
