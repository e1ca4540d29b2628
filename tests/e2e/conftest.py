"""The real command line in real processes, on a HOME of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

COMMAND = (sys.executable, "-P", "-m", "broker.cli.main")
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "agents" / "police" / "examples" / "testerton-family.json"
CANARIES = {
    "given": "Zephyrine",
    "family": "Quillfeather",
    "nhs": "9990000018",
    "street": "7 Canarybird Lane",
    "postcode": "ZQ9 9QZ",
    "marker": "Canarymarker says take care",
    "parent": "Ottoline",
    "narrative": "Canarynarrative of an invented night",
    "threshold": "Canarythreshold is met",
    "why": "Canaryreason to know of her",
    "case": "C-CANARY-77",
}
"""Values that stand in the records and requests of these tests, and may stand nowhere else."""


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


@dataclass
class Mash:
    """Runs commands, and keeps what they said on standard error."""

    said: list[str] = field(default_factory=list)

    def __call__(self, *words: object, seconds: float = 60) -> Ran:
        done = subprocess.run(
            [*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=seconds, check=False, cwd="/"
        )
        self.said.append(done.stderr)
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)

    def start(self, *words: object) -> subprocess.Popen[str]:
        """Start a command and go on."""
        return subprocess.Popen(
            [*COMMAND, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/"
        )

    def ended(self, process: subprocess.Popen[str], *, seconds: float = 60) -> Ran:
        """Wait for a started command."""
        out, err = process.communicate(timeout=seconds)
        self.said.append(err)
        return Ran(code=process.returncode, out=out, err=err)


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def status_file(home: Path) -> dict[str, Any]:
    """What the supervisor says of itself; empty where none runs."""
    try:
        found = json.loads((home / "supervisor.json").read_text())
    except FileNotFoundError:
        return {}
    assert isinstance(found, dict)
    return found


def _ready(home: Path, pid: int) -> bool:
    status = status_file(home)
    return status.get("pid") == pid and bool(status["ready"])


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@contextmanager
def up(mash: Mash, home: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `mash up` on a HOME, ready inside, ended after."""
    process = mash.start("up", home, "--json")
    try:
        wait_until(lambda: _ready(home, process.pid) or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        if not process.stdout or not process.stdout.closed:
            mash.ended(process, seconds=20)


def write_records(path: Path) -> Path:
    """The example's file, about somebody with canaries for values."""
    document = json.loads(EXAMPLE.read_text("utf-8"))
    person, crime = document["records"][0]["payload"], document["records"][1]["payload"]
    person |= {"firstName": CANARIES["given"], "lastName": CANARIES["family"]}
    person["address"] |= {"line1": CANARIES["street"], "postcode": CANARIES["postcode"]}
    person["relatedPeople"][0]["name"] = f"{CANARIES['parent']} {CANARIES['family']}"
    crime["policeMarkerDetails"] = CANARIES["marker"]
    path.write_text(json.dumps(document), "utf-8")
    return path


def write_request(path: Path, **changes: Any) -> Path:
    """A request about the same person."""
    form = {
        "case_ref": CANARIES["case"],
        "purpose": "S47_ENQUIRY",
        "rating": "RED",
        "section": "S47",
        "requester": {"actor": "mm-01", "role": "MASH_MANAGER"},
        "presenting_issues": ["DOMESTIC_ABUSE"],
        "narrative": CANARIES["narrative"],
        "threshold_statement": CANARIES["threshold"],
        "no_consent_reason": "WOULD_PREJUDICE_PROTECTION",
        "family_informed": {"status": "DEFERRED", "reason": "WOULD_INCREASE_RISK"},
        "people": [
            {
                "ref": "p1",
                "roles": ["SUBJECT_CHILD"],
                "given_names": [CANARIES["given"]],
                "family_name": CANARIES["family"],
                "date_of_birth": "2014-03-04",
                "identifiers": {"nhs": CANARIES["nhs"]},
                "postcodes": [CANARIES["postcode"]],
            },
            {
                "ref": "p2",
                "roles": ["PARENT"],
                "given_names": [CANARIES["parent"]],
                "family_name": CANARIES["family"],
                "date_of_birth": "1988-02-01",
                "relation_to_child": "BIRTH_MOTHER",
                "why_needed": CANARIES["why"],
            },
        ],
        "agencies": ["police"],
        "data_classes": ["ORDINARY", "SPECIAL", "CRIMINAL", "THIRD_PARTY"],
        "mode": "CONTENT",
    }
    path.write_text(json.dumps({**form, **changes}), "utf-8")
    return path


@dataclass(frozen=True)
class World:
    """A HOME with records, and what the tests do with it."""

    home: Path
    folder: Path
    mash: Mash
    up: Callable[[Mash, Path], Any] = up
    wait_until: Callable[..., None] = wait_until
    is_alive: Callable[[int], bool] = is_alive
    status_file: Callable[[Path], dict[str, Any]] = status_file
    canaries: dict[str, str] = field(default_factory=lambda: CANARIES)

    def request(self, name: str = "request.json", **changes: Any) -> Path:
        """Write a request file."""
        return write_request(self.folder / name, **changes)

    def records(self, name: str = "records.json") -> Path:
        """Write the canaries' file of records."""
        return write_records(self.folder / name)


@pytest.fixture(scope="session")
def mash() -> Mash:
    """The command line."""
    if not any(entry.name == "police" for entry in metadata.entry_points(group="mash.agents")):
        pytest.skip("the application is not installed in this environment: pip install -e .")
    return Mash()


def make_world(mash: Mash, folder: Path, *organisations: str) -> World:
    """Make a HOME and import the canaries' records into the police's store."""
    home = folder / "home"
    orgs = [word for organisation in organisations for word in ("--org", organisation)]
    by_hand = ("--by-hand", "housing") if "housing=HOUSING" in organisations else ()
    made = mash("init", home, *orgs, *by_hand, "--review", "none", "--json")
    assert made.code == 0, made.err
    assert made.document["home"] == str(home)
    imported = mash("records", "import", home, "police", write_records(folder / "records.json"), "--json")
    assert imported.code == 0, imported
    assert imported.document["files"][0]["records"] == 3
    return World(home=home, folder=folder, mash=mash)


@pytest.fixture(scope="session")
def live(mash: Mash, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A running partnership: police with records, and a housing service that answers by hand."""
    folder = tmp_path_factory.mktemp("live")
    os.chmod(folder, 0o700)
    world = make_world(mash, folder, "police=POLICE", "housing=HOUSING")
    with up(mash, world.home):
        yield world


@pytest.fixture
def world(mash: Mash, tmp_path: Path) -> World:
    """A HOME of police alone, with records; nothing runs."""
    return make_world(mash, tmp_path, "police=POLICE")


@pytest.fixture(scope="session")
def world_at(mash: Mash) -> Callable[[Path], World]:
    """A world around a HOME that the test makes itself."""
    return lambda home: World(home=home, folder=home.parent, mash=mash)


@pytest.fixture(scope="session")
def kafka_node(kafka_bootstrap: str, kafka_data: Path) -> SimpleNamespace:
    """Where a real Kafka node listens and keeps its files."""
    return SimpleNamespace(bootstrap=kafka_bootstrap, data=kafka_data)
