"""Real Kafka for tests: one node, a container, or a secured cluster, each started once for the first test that asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jars  # docker/kafka/jars.py: pyproject.toml names its folder
import node
import pytest
import secured

from tests.engine import kafka_node
from tests.skipped import ALL_REQUIRED, ON_KAFKA


@pytest.fixture(scope="session")
def node_parts() -> ModuleType:
    """How to start a Kafka node; skipped where its jars or Java are not here, unless every test is required."""
    if not ALL_REQUIRED and (jars.lacking() or not jars.fetched()):
        pytest.skip(ON_KAFKA)
    jars.fetch()
    return node


@pytest.fixture(scope="session")
def kafka_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the test session's Kafka node keeps its files."""
    return tmp_path_factory.getbasetemp() / "kafka"


@pytest.fixture(scope="session")
def kafka_bootstrap(request: pytest.FixtureRequest, kafka_data: Path) -> Iterator[str]:
    """Where the test session's one Kafka node listens; it is started for the first test that asks.

    With MASH_KAFKA=container it is the image's (`tests/engine.py`), and else one of this machine's own.
    """
    if os.environ.get("MASH_KAFKA") == "container":
        with kafka_node(kafka_data) as bootstrap:
            yield bootstrap
        return
    node_parts = request.getfixturevalue("node_parts")
    one = node_parts.shared(kafka_data)
    yield one.bootstrap
    one.kill()


@pytest.fixture(scope="session")
def secured_cluster(node_parts: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Three nodes with mutual TLS that deny what is not allowed, one cluster for the whole test session."""
    cluster = secured.secured_cluster(tmp_path_factory.getbasetemp() / "secured")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.kill()
