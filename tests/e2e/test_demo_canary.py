"""After the whole demonstration, no value of a record or request stands anywhere but with who holds it.

Every text of the example records and of the requests is a canary: as it is, escaped, in base64, in hexadecimal, in
any case. What is looked through is bytes: the log's file, every store, every service log, standard error.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HOLDERS = ("police", "health", "education", "probation")
OWN_RECORDS = "records.sqlite"
OWN_REGISTER = "holder.sqlite"
SHORTEST = 6
RECENT = re.compile(r"20(1[89]|2\d)-\d\d")
"""Days that a log or a certificate may name for reasons of its own; dates of birth are older."""


def texts(document: Any) -> Iterator[str]:
    """Every text value of a document, and each longer word of a short one, such as a name's."""
    match document:
        case dict():
            for value in document.values():
                yield from texts(value)
        case list():
            for value in document:
                yield from texts(value)
        case str():
            yield document
            if document.count(" ") <= 2:
                yield from document.split()
        case _:
            pass


FAMILYS_OWN = {"broker/cli/demo/script.py", "agents/sdk/testing.py"}
"""What plays the invented family, or lends it to a sector's tests."""


def program() -> str:
    """All the words that the program itself consists of: a value that it contains betrays nobody."""
    found = [
        path.read_text("utf-8")
        for part in ("broker", "agents", "consumers", "schemas")
        for path in sorted((ROOT / part).rglob("*"))
        if path.suffix in {".py", ".toml"} and path.relative_to(ROOT).as_posix() not in FAMILYS_OWN
    ]
    return "\n".join(found).lower()


def canaries_in(paths: Iterable[Path], *, known: str) -> frozenset[str]:
    """The values in these documents that are nobody's vocabulary."""
    values = {value for path in paths for value in texts(json.loads(path.read_text("utf-8")))}
    return frozenset(
        value
        for value in values
        if len(value) >= SHORTEST and value.lower() not in known and "://" not in value and not RECENT.match(value)
    )


def encodings(value: str) -> frozenset[bytes]:
    """A value as somebody might have written it; case is folded, here and in what is looked through."""
    raw = value.encode()
    shifted = []
    for shift in range(3):  # base64 reads differently by where in the text the value begins
        encoded = base64.b64encode(bytes(shift) + raw).rstrip(b"=")
        shifted.append(encoded[shift + 1 if shift else 0 : -1])
    long_enough = [one for one in shifted if len(one) >= SHORTEST]
    url_safe = [one.replace(b"+", b"-").replace(b"/", b"_") for one in long_enough]
    escaped = json.dumps(value)[1:-1].encode()
    return frozenset(
        one.lower() for one in (raw, escaped, raw.hex().encode(), value.encode("utf-16-le"), *long_enough, *url_safe)
    )


def told_in(data: bytes, values: Iterable[str]) -> list[str]:
    """Which of the values are in these bytes, in any encoding."""
    folded = data.lower()
    return sorted(value for value in set(values) if any(one in folded for one in encodings(value)))


class Kept:
    """One demonstration whose HOME is kept, and every value that went into it."""

    def __init__(self, ran: Any, home: Path, log: Path) -> None:
        self.ran, self.home, self.log = ran, home, log
        known = program()
        self.held = {
            name: canaries_in((ROOT / "agents" / name / "examples").glob("*.json"), known=known) for name in HOLDERS
        }
        self.own = {
            name: b"\n".join(
                json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False).encode()
                for path in (ROOT / "agents" / name / "examples").glob("*.json")
            )
            for name in HOLDERS
        }
        self.systems = frozenset(re.findall(r'"systemId": "([^"]+)"', b"\n".join(self.own.values()).decode()))
        asked = canaries_in([ROOT / "agents" / "police" / "examples" / "requests" / "testerton.json"], known=known)
        self.asked = asked | {"agreement was refused at the door", "the younger child has not been seen since"}
        self.all = frozenset().union(self.asked, *self.held.values())

    def files(self) -> list[Path]:
        """Every file of the HOME."""
        return sorted(path for path in self.home.rglob("*") if path.is_file())

    def folder_of(self, path: Path) -> str:
        """Whose folder a file lies in; HOME's own files lie in none."""
        return path.relative_to(self.home).parts[0]


@pytest.fixture(scope="module", params=["embedded", "kafka"])
def kept(request: pytest.FixtureRequest, mash: Any, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The demonstration, once on each log."""
    home = tmp_path_factory.mktemp("canary") / "kept"
    on, log = [], home
    if request.param == "kafka":
        node = request.getfixturevalue("kafka_node")
        on, log = ["--kafka", node.bootstrap], node.data
    ran = mash("demo", "--keep", home, "--json", *on, seconds=170)
    assert ran.code == 0, ran.err
    assert ran.document["log"] == request.param
    assert all(asked["held"] for asked in ran.document["requests"])
    return Kept(ran, home, log)


def test_the_canaries_are_the_familys_own(kept: Kept) -> None:
    """What is looked for is what matters: names, numbers, addresses, texts; and they do live where they belong."""
    must = {"Testerton", "Julia Testerton", "9990000018", "9990000026", "2014-03-04", "1 Invented Row", "ZE1 0AA"}
    assert must <= kept.held["police"]
    assert {"C-INVENTED-1", "1988-02-01", "Testerton", "lives with Robin"} <= kept.asked
    assert any(value.startswith("Invented: a neighbour heard") for value in kept.asked)
    assert all(len(values) >= 5 for values in kept.held.values())
    for name in HOLDERS:
        stored = b"".join(path.read_bytes() for path in (kept.home / name).glob(f"{OWN_RECORDS}*"))
        assert told_in(stored, kept.held[name]), name
    assert told_in(kept.ran.out.encode(), kept.all), "the hub, who asked, is shown what was answered"


@pytest.mark.parametrize(
    "written",
    [
        b"x Testerton, Robin",
        b"TESTERTON",
        b"testerton",
        base64.b64encode(b"Testerton"),
        base64.b64encode(b"1Testerton; and so on"),
        base64.urlsafe_b64encode(b"12Testerton; and so on"),
        b"Testerton".hex().encode(),
        "Testerton".encode("utf-16-le"),
    ],
)
def test_a_value_is_found_however_it_is_written(written: bytes) -> None:
    """The search itself: a canary that is there is seen."""
    assert told_in(b"before " + written + b" after", ["Testerton"]) == ["Testerton"]
    assert told_in(b"Zo\\u00eb-Invented", ["Zo\u00eb-Invented"])


def test_the_log_tells_a_watcher_nothing(kept: Kept) -> None:
    """Topics, keys, headers and values, as the bytes of the log's own files."""
    names = ("log.sqlite*", "*.log")
    files = [path for name in names for path in kept.log.rglob(name) if path.is_file() and path.name != "service.log"]
    assert sum(path.stat().st_size for path in files) > 100_000
    for path in files:
        assert told_in(path.read_bytes(), kept.all) == [], path


def test_no_service_log_and_no_message_tells_a_value(kept: Kept) -> None:
    logs = [path for path in kept.files() if path.name == "service.log"]
    assert len(logs) == len(HOLDERS) + 3
    assert all(path.stat().st_size for path in logs)
    for path in logs:
        assert told_in(path.read_bytes(), kept.all) == [], path
    assert told_in(kept.ran.err.encode(), kept.all) == []


def test_the_hub_keeps_no_value_in_clear(kept: Kept) -> None:
    """Not the hub, nor screening, nor the audit service, nor any file of HOME that is nobody's."""
    files = [path for path in kept.files() if kept.folder_of(path) not in HOLDERS]
    assert {"hub", "hub-screening", "hub-audit", "log.sqlite"} <= {kept.folder_of(path) for path in files}
    for path in files:
        assert told_in(path.read_bytes(), kept.all) == [], path


@pytest.mark.parametrize("name", HOLDERS)
def test_a_holder_has_its_own_values_in_its_record_store_and_nobody_elses_anywhere(kept: Kept, name: str) -> None:
    """The request is not in clear with who answers it either, and the police's values are not with health."""
    # a store may join what its files hold apart, such as the two names of a patient
    others = [value for value in kept.all if len(told_in(kept.own[name], value.split())) < len(set(value.split()))]
    assert len(others) > 10
    for path in kept.files():
        if kept.folder_of(path) == name:
            sought = others if path.name.startswith(OWN_RECORDS) else kept.all
            if path.name.startswith(OWN_REGISTER):  # which systems a store is filled from, so that a lost one is named
                sought = sought - kept.systems
            assert told_in(path.read_bytes(), sought) == [], path
