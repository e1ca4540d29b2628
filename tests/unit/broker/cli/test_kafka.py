"""`mash kafka`: what is wrong before any broker is asked is said in one line, and a plan is shown to people whole."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.crypto.certificates import CERTIFICATE, KEY, Authority
from broker.cli.views.kafka import show_provisioning
from broker.partnership import provisioning

NOWHERE = "127.0.0.1:1"


@pytest.fixture
def admin(tmp_path: Path) -> Path:
    """A folder with an administrator's certificate."""
    Authority.make(tmp_path / "authority", name="test", now=datetime.now(UTC)).issue(
        "admin", tmp_path / "admin", now=datetime.now(UTC)
    )
    return tmp_path / "admin"


def test_home_on_its_embedded_log_has_no_brokers(mash: Any, home: Path) -> None:
    ran = mash("kafka", "plan", home)
    assert (ran.code, "--kafka: missing" in ran.error) == (2, True)


@pytest.mark.parametrize("word", ["", "broker", "broker:port", "a:1;b:2"])
def test_what_names_no_brokers_is_no_address(mash: Any, home: Path, admin: Path, word: str) -> None:
    ran = mash("kafka", "plan", home, "--kafka", word, "--as-admin", admin)
    assert (ran.code, "HOST:PORT" in ran.error) == (2, True)


def test_missing_certificate_is_named(mash: Any, home: Path) -> None:
    ran = mash("kafka", "apply", home, "--kafka", NOWHERE)
    assert ran.code == 2
    assert f"kafka/admin/{CERTIFICATE}: no such file" in ran.error


def test_administrator_s_key_that_others_can_read_is_not_used(mash: Any, home: Path, admin: Path) -> None:
    (admin / KEY).chmod(0o644)
    ran = mash("kafka", "plan", home, "--kafka", NOWHERE, "--as-admin", admin)
    assert (ran.code, "open to others" in ran.error) == (2, True)


def test_missing_extra_is_named(mash: Any, home: Path, admin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Agents need no administration client, and do not have one."""
    found = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("confluent_kafka"):
            raise ModuleNotFoundError(name=name)
        return found(name, *rest)

    monkeypatch.delitem(sys.modules, "broker.adapters.kafka_admin.cluster", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    ran = mash("kafka", "plan", home, "--kafka", NOWHERE, "--as-admin", admin)
    assert (ran.code, "pip install 'mash-broker[provision]'" in ran.error) == (2, True)


def test_directory_that_has_expired_decides_nothing(
    mash: Any, home: Path, admin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may name who has been suspended since."""
    monkeypatch.setattr(provisioning, "utc_now", lambda: datetime.now(UTC) + timedelta(days=8))
    ran = mash("kafka", "apply", home, "--kafka", NOWHERE, "--as-admin", admin)
    assert (ran.code, "has expired" in ran.error) == (2, True)


def test_directory_that_two_roots_did_not_sign_decides_nothing(mash: Any, home: Path, admin: Path) -> None:
    [path] = (home / "directory").glob("directory-*.avro")
    signed = bytearray(path.read_bytes())
    signed[len(signed) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(signed)
    ran = mash("kafka", "apply", home, "--kafka", NOWHERE, "--as-admin", admin)
    assert (ran.code, "DIRECTORY_" in ran.error) == (2, True)


@pytest.mark.timeout(60)
def test_brokers_that_are_away_are_named(mash: Any, home: Path, admin: Path) -> None:
    ran = mash("kafka", "plan", home, "--kafka", NOWHERE, "--as-admin", admin)
    assert (ran.code, NOWHERE in ran.error) == (3, True)


NOTE = {"what": "police has too little", "why": "somebody took it", "do": "give it back"}
STEP = {"step": "grant", "on": "topic mash.northants.audit.v1", "there": "", "wanted": "User:police may WRITE"}


@pytest.mark.parametrize(
    ("document", "done", "seen"),
    [
        ({"changes": [], "refused": [], "foreign": []}, False, ("everything is as the table says",)),
        ({"changes": [STEP], "refused": [], "foreign": []}, False, ("1 changes to make", "mash.northants.audit.v1")),
        (
            {"changes": [STEP], "refused": [NOTE], "foreign": []},
            True,
            ("1 changes made", "left to a person", *NOTE.values()),
        ),
        ({"changes": [], "refused": [], "foreign": [NOTE]}, True, ("not of the table", *NOTE.values())),
    ],
)
def test_people_see_all_of_a_plan(
    document: Mapping[str, Any], done: bool, seen: tuple[str, ...], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    show_provisioning(document, done=done)
    shown = capsys.readouterr().out
    assert [part for part in seen if part not in shown] == []
