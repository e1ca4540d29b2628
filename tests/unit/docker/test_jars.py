"""Kafka's jars are fetched where the machine can run them; where it cannot, one line says what it lacks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Machine = Callable[..., subprocess.CompletedProcess[str]]
KAFKA = Path(__file__).parents[3] / "docker" / "kafka"
JAVA_17 = """echo 'openjdk version "17.0.15" 2025-04-15' >&2"""
JAVA_8 = """echo 'java version "1.8.0_402"' >&2"""
MAVEN = 'for word; do folder="${word#-DoutputDirectory=}"; done; /bin/mkdir "$folder"; echo jar > "$folder/one.jar"'
FETCHING = "fetching Apache Kafka's jars with Maven, once\n"
BROKEN_MAVEN = "echo 'no such host'; echo 'and more about that'; exit 1"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Run `jars.py` on a machine that has only these programs; its jars go to `tmp_path/libs`."""
    for name in ("jars.py", "pom.xml"):
        shutil.copy(KAFKA / name, tmp_path)
    path = tmp_path / "bin"
    path.mkdir()

    def run(*words: str, **programs: str) -> subprocess.CompletedProcess[str]:
        for name, script in programs.items():
            (path / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
            (path / name).chmod(0o755)
        command = [sys.executable, str(tmp_path / "jars.py"), *words]
        return subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True, check=False)

    return run


def test_jars_are_fetched_where_java_and_maven_are(machine: Machine, tmp_path: Path) -> None:
    ran = machine("--where-possible", java=JAVA_17, mvn=MAVEN)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", FETCHING)
    assert [path.name for path in (tmp_path / "libs").iterdir()] == ["one.jar"]


@pytest.mark.parametrize(
    ("programs", "lacks"),
    [
        ({}, "Java 17 and Maven"),
        ({"java": JAVA_17}, "Maven"),
        ({"mvn": MAVEN}, "Java 17"),
        ({"java": JAVA_8, "mvn": MAVEN}, "Java 17"),
    ],
)
def test_what_the_machine_lacks_is_said_in_one_line(
    machine: Machine, tmp_path: Path, programs: dict[str, str], lacks: str
) -> None:
    ran = machine("--where-possible", **programs)
    said = f"left out: what runs on Apache Kafka: this machine lacks {lacks}\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", said)
    assert not (tmp_path / "libs").exists()


def test_a_failed_fetch_is_said_in_one_line(machine: Machine, tmp_path: Path) -> None:
    ran = machine("--where-possible", java=JAVA_17, mvn=BROKEN_MAVEN)
    said = "left out: what runs on Apache Kafka: Maven cannot fetch its jars (make kafka-jars shows why)\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", FETCHING + said)
    assert not (tmp_path / "libs").exists()


def test_asked_for_the_jars_themselves_a_failed_fetch_is_a_failure(machine: Machine) -> None:
    ran = machine(java=JAVA_17, mvn=BROKEN_MAVEN)
    assert ran.returncode == 1
    assert "no such host" in ran.stdout


def test_jars_that_are_there_need_no_maven(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "libs").mkdir()
    ran = machine("--where-possible", java=JAVA_17)
    assert (ran.returncode, ran.stderr) == (0, "")
