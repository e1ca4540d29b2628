"""`mash doctor` on secured brokers: each principal looks with its own rights, and what is wrong is named."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.kafka_admin.current import Operation
from broker.adapters.kafka_admin.plan import Configure, Revoke
from broker.application.create import Certificates, make_home
from broker.application.diagnosis.home import findings_of
from broker.application.switch_log import move_to_kafka
from broker.partnership.certificates import ADMIN
from broker.partnership.home import KAFKA_FOLDER, Home, open_home
from broker.partnership.provisioning import Provisioning, open_provisioning

NAME = "doctored"
TOPIC = f"mash.{NAME}.requests.police.v1"


@pytest.fixture
def provisioning(secured_cluster: Any, tmp_path: Path) -> tuple[Home, Provisioning]:
    make_home(
        tmp_path / "home",
        profile="northamptonshire",
        organisations=["police=POLICE"],
        review=[],
        certificates=Certificates(authority_folder=secured_cluster.folder),
        partnership=NAME,
    )
    home = open_home(tmp_path / "home")
    shutil.copytree(secured_cluster.admin, home.path / KAFKA_FOLDER / ADMIN)
    provisioning = open_provisioning(home, kafka=secured_cluster.bootstrap, admin=None, development=False)
    provisioning.apply()
    move_to_kafka(home, secured_cluster.bootstrap)
    return home, provisioning


def whats(home: Home) -> list[str]:
    return [one.what for one in findings_of(home)]


def test_what_the_brokers_lack_is_named_and_nothing_else(provisioning: tuple[Home, Provisioning]) -> None:
    home, admin = provisioning
    assert whats(home) == []
    state = admin.cluster.current_state(NAME)
    [read] = [
        acl
        for acl in state.acls
        if acl.name == TOPIC and acl.operation == Operation.READ and acl.principal == "User:police"
    ]
    admin.cluster.carry_out([Revoke(acl=read)])
    found = whats(home)
    assert f"police may not read {TOPIC}, or there is no such topic" in found
    assert any(what.startswith("brokers: ") and "police" in what for what in found)


def test_a_topic_that_is_set_otherwise_is_named(provisioning: tuple[Home, Provisioning]) -> None:
    home, admin = provisioning
    admin.apply()
    looser = Configure(topic=TOPIC, name="min.insync.replicas", there="2", wanted="1")
    admin.cluster.carry_out([looser])
    assert any(TOPIC in what and "min.insync.replicas" in what for what in whats(home))
