"""A HOME with certificates, one secured Kafka node in a container, and the real command line beside it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.crypto.certificates import AUTHORITY, CERTIFICATE, KEY
from broker.adapters.kafka import Files, Security
from broker.partnership.certificates import ADMIN, BROKER, KEYSTORE
from broker.partnership.home import KAFKA_FOLDER
from tests.engine import KAFKA_IMAGE, kafka_node, require

COMMAND = (sys.executable, "-P", "-m", "broker.cli.main")
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Secured:
    """A HOME whose authority the node's certificate comes from, and where the node is found."""

    home: Path
    bootstrap: str
    network: Any

    def security(self, folder: Path, name: str) -> Security:
        """Return how the holder of a folder of certificates shows the node who it is."""
        files = Files(authority=folder / AUTHORITY, certificate=folder / CERTIFICATE, key=folder / KEY)
        return Security(files, principal=name, sign_in=None, clock=lambda: datetime.now(UTC))

    @property
    def admin(self) -> Security:
        """How whoever provisions shows the node who it is."""
        return self.security(self.home / KAFKA_FOLDER / ADMIN, ADMIN)


@pytest.fixture(scope="session")
def mash() -> Callable[..., Any]:
    """Run one command to its end, and return its JSON document; it must exit as expected."""

    def run(*words: object, seconds: float = 90, code: int = 0) -> Any:
        done = subprocess.run(
            [*COMMAND, *map(str, words), "--json"],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            cwd="/",
        )
        assert done.returncode == code, (done.stdout, done.stderr)
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def running() -> Callable[..., Any]:
    """Run a command beside the test, as a context; it is ended at the end."""

    @contextmanager
    def run(*words: object) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen([*COMMAND, *map(str, words)], cwd="/", stdout=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)

    return run


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for something that another process does."""

    def wait(condition: Callable[[], bool], *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.1)

    return wait


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory, mash: Callable[..., Any]) -> Iterator[Secured]:
    """One node for the module's tests: mutual TLS, and nothing allowed to anybody but the admin."""
    require(KAFKA_IMAGE)
    from testcontainers.core.network import Network

    folder = tmp_path_factory.mktemp("secured")
    home = folder / "home"
    mash("init", home, "--org", "police=POLICE", "--review", "none", "--kafka-tls")
    with Network() as network:
        made = Secured(home=home, bootstrap="", network=network)
        keystore = home / KAFKA_FOLDER / BROKER / KEYSTORE
        with kafka_node(folder / "node", keystore=keystore, security=made.admin, network=network) as bootstrap:
            yield Secured(home=home, bootstrap=bootstrap, network=network)
