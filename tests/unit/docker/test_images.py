"""Building the images: what this machine cannot do (exit 2) is another thing than a build that fails (exit 1)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "docker" / "offline" / "build.py"


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, on a machine that has an engine which answers and builds nothing."""
    engine = tmp_path / "docker"
    engine.write_text('#!/bin/sh\n[ "$1" = version ]\n', "utf-8")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    spec = importlib.util.spec_from_file_location("offline_build", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)  # a dataclass looks its module up there
    spec.loader.exec_module(module)
    return module


def test_a_build_that_fails_is_a_failure(build: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        build._build("mash/broker:test", tmp_path)
    assert ended.value.code == 1


def test_without_kafkas_jars_the_images_cannot_be_made(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "LIBS", tmp_path / "libs")
    with pytest.raises(SystemExit) as ended:
        build.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "images: the jars of Apache Kafka are not here: make kafka-jars\n"


def test_without_root_a_missing_base_cannot_be_made(build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as ended:
        build.make_base(build.PYTHON_BASE)
    assert ended.value.code == 2
