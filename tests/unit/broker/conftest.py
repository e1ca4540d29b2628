"""A HOME made once and copied for each test, and `mash` run inside the test's own process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from broker.application.create import make_home
from broker.cli import main

ENTRY = metadata.EntryPoint(name="police", value="agents.police.agent:AGENT", group="mash.agents")
CANARY = "Quillfeather"
REQUEST: dict[str, Any] = {
    "case_ref": "C-000123",
    "purpose": "S47_ENQUIRY",
    "rating": "RED",
    "section": "S47",
    "requester": {"actor": "mm-01", "role": "MASH_MANAGER"},
    "presenting_issues": ["DOMESTIC_ABUSE"],
    "narrative": f"An invented concern about {CANARY}.",
    "threshold_statement": "Reasonable cause to suspect significant harm, invented.",
    "no_consent_reason": "WOULD_PREJUDICE_PROTECTION",
    "family_informed": {"status": "DEFERRED", "reason": "WOULD_INCREASE_RISK"},
    "people": [
        {
            "ref": "p1",
            "roles": ["SUBJECT_CHILD"],
            "given_names": ["Robin"],
            "family_name": CANARY,
            "date_of_birth": "2015-03-14",
            "sex": "FEMALE",
            "identifiers": {"nhs": "9990000018"},
            "postcodes": ["ZZ99 3VZ"],
        }
    ],
    "agencies": ["police"],
    "data_classes": ["ORDINARY", "SPECIAL", "CRIMINAL"],
    "mode": "CONTENT",
}


@dataclass(frozen=True)
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def error(self) -> str:
        """The one line on standard error; standard output is empty."""
        assert self.out == ""
        lines = self.err.splitlines()
        assert len(lines) == 1, lines
        return lines[0]


Mash = Callable[..., Ran]


@pytest.fixture(autouse=True, scope="session")
def police_installed() -> Iterator[None]:
    """The police agent is found, also where the application is not installed."""
    known = metadata.entry_points

    def found(**selection: str) -> Any:
        return (ENTRY,) if selection == {"group": "mash.agents"} else known(**selection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metadata, "entry_points", found)
        yield


@pytest.fixture
def mash(capfdbinary: pytest.CaptureFixture[bytes]) -> Mash:
    """Run one command in this process."""

    def run(*words: object) -> Ran:
        capfdbinary.readouterr()
        code = main.run([str(word) for word in words])
        out, err = capfdbinary.readouterr()
        return Ran(code=code, out=out.decode(), err=err.decode())

    return run


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory, police_installed: None) -> Path:
    path = tmp_path_factory.mktemp("template") / "home"
    organisations = ["police=POLICE", "school=EDUCATION"]
    make_home(path, profile="northamptonshire", organisations=organisations, review=["none"])
    return path


@pytest.fixture
def home(tmp_path: Path, _template: Path) -> Path:
    """A HOME of police (with an agent) and a school (answering by hand); nothing runs."""
    return Path(shutil.copytree(_template, tmp_path / "home"))


@pytest.fixture
def form(tmp_path: Path) -> Callable[..., Path]:
    """Write a request file, with changes."""

    def write(**changes: Any) -> Path:
        path = tmp_path / "request.json"
        path.write_text(json.dumps({**REQUEST, **changes}), "utf-8")
        return path

    return write
