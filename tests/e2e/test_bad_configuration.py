"""A configuration that is wrong stops a process at its start: exit 2, one line that says what and where."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from broker.application.switch_log import tls_of
from broker.config import FILE_NAME, KafkaLogConfig, write_config
from broker.partnership.home import open_home

NOBODY = "127.0.0.1:1"
"""Where nothing listens."""

TLS = Path("police") / "tls"


def without(name: str) -> Callable[[Path], object]:
    return lambda home: (home / TLS / name).unlink()


def with_hubs(*names: str) -> Callable[[Path], object]:
    return lambda home: [shutil.copy(home / "hub" / "tls" / name, home / TLS / name) for name in names]


@pytest.fixture
def home(mash: Any, tmp_path: Path) -> Path:
    """A HOME with certificates, whose police are told to use brokers that are not there."""
    path = tmp_path / "home"
    made = mash("init", path, "--org", "police=POLICE", "--kafka-tls", "--json")
    assert made.code == 0, made.err
    opened = open_home(path)
    log = KafkaLogConfig(address=NOBODY, tls=tls_of(path / "police"))
    write_config(path / "police" / FILE_NAME, opened.config("police").model_copy(update={"log": log}))
    return path


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (without("certificate.pem"), "police/tls/certificate.pem: no such file or directory"),
        (without("key.pem"), "police/tls/key.pem: no such file or directory"),
        (without("authority.pem"), "police/tls/authority.pem: no such file or directory"),
        (with_hubs("key.pem"), "police/tls/key.pem: is not the private key of"),
        (with_hubs("key.pem", "certificate.pem"), "is the certificate of hub, not of police"),
        (lambda home: (home / TLS / "key.pem").chmod(0o640), "police/tls/key.pem: is open to others (mode 0640)"),
        (lambda home: (home / "police/keys/signing.seed").chmod(0o644), "signing.seed is open to others (mode 0644)"),
        (lambda home: (home / "police" / FILE_NAME).unlink(), "police/config.toml: no such configuration file"),
        (lambda home: None, "police/config.toml: log.address: no broker answers at 127.0.0.1:1 (connection refused)"),
    ],
)
def test_it_stops_with_one_line_and_exit_2(mash: Any, home: Path, spoil: Callable[[Path], object], says: str) -> None:
    spoil(home)
    ran = mash("run", home / "police")
    said = [line for line in ran.err.splitlines() if line.startswith("mash: ")]
    assert (ran.code, ran.out, len(said)) == (2, "", 1), ran.err
    assert says in said[0]


def test_brokers_that_are_not_there_are_not_moved_to(mash: Any, home: Path) -> None:
    before = (home / "hub" / FILE_NAME).read_bytes()
    ran = mash("up", home, "--kafka", NOBODY)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [f"mash: --kafka: no broker answers at {NOBODY} (connection refused)"]
    assert (home / "hub" / FILE_NAME).read_bytes() == before
