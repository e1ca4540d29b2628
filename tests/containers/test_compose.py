"""What docker/compose.yaml runs: everything locked down, everybody with their own folder, on the secured settings."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import contained
import pytest
import secured as secured_nodes
from node import QuorumMember, properties
from prepare import ADDRESS, HOSTS, prepare

from broker.config import load_config
from broker.errors import UsageError
from broker.partnership.profile import load_profile

DOCKER = Path(__file__).parents[2] / "docker"
ELSEWHERE = {"listeners", "advertised.listeners", "controller.quorum.bootstrap.servers", "log.dirs"}
FILES = {"ssl.keystore.location", "ssl.truststore.location"}
"""The only settings of a node that a container may change."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, mash: Callable[..., Any]) -> Path:
    """A HOME ready for Compose."""
    home = tmp_path_factory.mktemp("compose") / "home"
    mash("init", home, "--kafka-tls")
    prepare(home)
    return home


@pytest.fixture(scope="module")
def services() -> dict[str, str]:
    """Each service's text, by name."""
    text = (DOCKER / "compose.yaml").read_text("utf-8")
    body = re.sub(r"(?m)^ *#.*\n", "", text[text.index("\nservices:") : text.index("\nnetworks:")])
    parts = re.split(r"(?m)^  ([a-z0-9-]+):\n", body)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _settings(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text("utf-8").splitlines())


def test_a_node_in_a_container_has_the_settings_of_one_without(prepared: Path) -> None:
    """One table for both: whoever inspects one has inspected the other."""
    members = [
        QuorumMember(number=n, folder=Path("/x"), port=n, controller_port=n, directory_id="x") for n in (1, 2, 3)
    ]
    for member, host in zip(members, HOSTS, strict=True):
        without = properties(member, members, further=secured_nodes.tls(Path("/x"), Path("/x")))
        within = _settings(prepared / "kafka" / "nodes" / host / "server.properties")
        assert {name for name in without | within if without.get(name) != within.get(name)} == ELSEWHERE | FILES


def test_a_node_is_given_no_key_but_the_nodes_own(prepared: Path) -> None:
    """Neither the authority's key nor the administrator's."""
    for host in HOSTS:
        given = {path.name for path in (prepared / "kafka" / "nodes" / host).iterdir()}
        assert given == {"server.properties", "log4j2.properties", "format", "run", "node.pem", "authority.pem"}


def test_every_process_shows_its_certificate_to_those_nodes(prepared: Path) -> None:
    """And nothing runs as root."""
    for path in prepared.glob("*/config.toml"):
        log = load_config(path).log
        assert (log.address, log.tls is not None) == (ADDRESS, True)
    assert f"MASH_USER={os.getuid() or contained.USER}:" in (prepared / "compose.env").read_text("utf-8")


def test_a_home_is_prepared_once_and_only_with_certificates(prepared: Path, tmp_path: Path, mash: Any) -> None:
    """The nodes' ids and every position belong together."""
    with pytest.raises(UsageError, match="prepared already"):
        prepare(prepared)
    mash("init", tmp_path / "plain")
    with pytest.raises(UsageError, match="no certificates"):
        prepare(tmp_path / "plain")


def test_every_service_is_locked_down_and_only_prometheus_is_reached(services: dict[str, str]) -> None:
    """What the anchors say is nowhere taken back."""
    for name, text in services.items():
        assert re.search(r"<<: \*(locked-down|kafka|process)\n", text), name
        assert not re.search(r"read_only: false|privileged|cap_add|network_mode|docker\.sock", text), name
        assert ("ports:" in text) == (name == "prometheus"), name
    assert 'ports: ["127.0.0.1:' in services["prometheus"]


def test_everybody_runs_with_their_own_folder_only(services: dict[str, str]) -> None:
    """One principal's folder a container, and the directory read-only; Prometheus looks at each."""
    profile = load_profile("northamptonshire").profile
    processes = {*profile.organisations, f"{profile.hub}-screening", f"{profile.hub}-audit", profile.hub}
    assert set(services) == {*processes, *HOSTS, "provision", "prometheus"}
    for name in processes:
        mounted = re.findall(r"- \$\{MASH_HOME\}/(\S+)", services[name])
        assert mounted == [f"{name}:/srv/mash/{name}", "directory:/srv/mash/directory:ro"]
    targets = re.findall(r"- (\S+):9464", (DOCKER / "observability" / "prometheus.yml").read_text("utf-8"))
    assert set(targets) == processes
