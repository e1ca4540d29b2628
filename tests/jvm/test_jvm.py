"""A JVM has the same wire: a small Java program, written from schemas/README.md, on Apache Avro and Bouncy Castle.

It reads and writes every golden file byte for byte, opens the envelope vectors, refuses what must be refused, and makes
envelopes of every kind that `parse` and `verify` accept. Maven builds it, once a session.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jars  # docker/kafka/jars.py: pyproject.toml names its folder
import pytest

from broker.adapters.sql import SqlDatabase
from broker.errors import RejectedError
from broker.exchange import journal as journal_store
from broker.exchange.parse import parse
from broker.ports import Database
from schemas.codec import decode, encode
from schemas.exchange import Envelope, Header
from schemas.vocabulary import Kind
from tests.skipped import ALL_REQUIRED, ON_THE_JVM
from tests.vectors.golden_records import RECORDS, golden_file, load
from tests.vectors.test_envelope_vectors import CASES, HERE, message, published, read, reader
from tests.vectors.test_kind_vectors import CASES as KIND_CASES

pytestmark = pytest.mark.timeout(600)  # the first build fetches what Maven needs

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
ACCEPTED = [case for case in CASES if case["expect"] == "ACCEPT"]
COMPUTED = {
    *("suite", "partnership", "signing_key_id", "recipients", "parts"),
    *("directory_version", "directory_digest", "schema_digest", "expires_at"),
}
"""What follows from rules in a header, so that the program must find it by itself."""

Java = Callable[..., subprocess.CompletedProcess[str]]


def maven(*words: str) -> bool:
    """Run Maven here and return whether it succeeded; what it says is shown where a test fails."""
    command = ["mvn", "-B", "-q", "-f", str(FOLDER / "pom.xml"), *words]
    return subprocess.run(command, check=False, timeout=500).returncode == 0


@pytest.fixture(scope="session")
def java() -> Java:
    """How to run the program; skipped where there is no JDK, or no Maven that reaches its packages."""
    lacks = jars.java_version() < jars.JAVA or shutil.which("javac") is None or shutil.which("mvn") is None
    if not ALL_REQUIRED and lacks:
        pytest.skip(ON_THE_JVM)
    shutil.rmtree(FOLDER / "target/libs", ignore_errors=True)  # never two versions of one library
    fetched = maven("dependency:copy-dependencies", "dependency:resolve-plugins")
    if not ALL_REQUIRED and not fetched:
        pytest.skip(ON_THE_JVM)
    assert fetched
    assert maven("--offline", "compile"), "the program does not compile"
    classes = os.pathsep.join((str(FOLDER / "target/classes"), str(FOLDER / "target/libs/*")))

    def run(command: str, *files: Path) -> subprocess.CompletedProcess[str]:
        words = ["java", "-Xmx256m", "-cp", classes, "mash.Main", command, str(ROOT), *map(str, files)]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=100)

    return run


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def outcomes(java: Java) -> dict[str, Any]:
    """What the program says of each envelope vector."""
    said = [
        json.loads(line) for line in lines(java("open", *(HERE / f"envelopes/{one['name']}.json" for one in CASES)))
    ]
    return {one["name"]: one for one in said}


@pytest.fixture(scope="module")
def made(java: Java, tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, bytes]:
    """An envelope of each kind by the program: from a vector's record, its readers, and what its sender chose."""
    folder = tmp_path_factory.mktemp("made")
    for kind in Kind:
        (folder / f"{kind.value}.json").write_text(json.dumps(told(accepted(kind))), "utf-8")
    said = lines(java("make", *(folder / f"{kind.value}.json" for kind in Kind)))
    return {kind: b64decode(json.loads(line)["value"]) for kind, line in zip(Kind, said, strict=True)}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = SqlDatabase.open(tmp_path / "journal.sqlite", schema=journal_store.SCHEMA)
    yield opened
    opened.close()


def accepted(kind: Kind) -> dict[str, Any]:
    return next(case for case in ACCEPTED if case["expects_kind"] == kind.value)


def told(case: dict[str, Any]) -> dict[str, Any]:
    header = decode(Header, decode(Envelope, b64decode(case["messages"][-1]["value"])).header)
    owners = published().kem_owners
    return {
        "header": header.model_dump(mode="json", exclude=COMPUTED),
        "readers": [owners[recipient] for recipient in header.recipients],
        "record": case["opened"],
    }


def test_golden_files_are_read_and_written_byte_for_byte(java: Java) -> None:
    said = [json.loads(line) for line in lines(java("golden", *map(golden_file, sorted(RECORDS))))]
    assert said == [{"schema": one, "examples": len(load(one)["examples"])} for one in sorted(RECORDS)]


@pytest.mark.parametrize("change", [lambda avro: avro + "00", lambda avro: avro[:-2]], ids=["longer", "shorter"])
def test_golden_bytes_that_were_changed_are_found(java: Java, tmp_path: Path, change: Callable[[str], str]) -> None:
    """Otherwise the comparison compares nothing."""
    document = load("content.v1.avsc")
    document["examples"][0]["avro"] = change(document["examples"][0]["avro"])
    (tmp_path / "changed.json").write_text(json.dumps(document), "utf-8")
    assert java("golden", tmp_path / "changed.json").returncode != 0


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["name"])
def test_envelope_that_must_be_accepted_opens_to_its_record(outcomes: dict[str, Any], case: dict[str, Any]) -> None:
    said = outcomes[case["name"]]
    assert (said["outcome"], said.get("record")) == ("ACCEPT", case["opened"])


def test_envelopes_are_refused_with_the_word_of_the_table(java: Java, outcomes: dict[str, Any]) -> None:
    """Each word that the program knows: so it makes its checks, and in the order of VERIFY."""
    words = set(lines(java("words")))
    cases = [case for case in CASES if case["expect"] in words]
    assert {case["expect"] for case in cases} == words
    assert {case["name"]: outcomes[case["name"]]["outcome"] for case in cases} == {
        case["name"]: case["expect"] for case in cases
    }


def test_what_only_one_kind_has_is_read_as_the_vectors_say(java: Java) -> None:
    """Each word that the program knows there; the others need a log, a register or an earlier message."""
    words = {"ACCEPT", *lines(java("kind-words"))}
    cases = [case for case in KIND_CASES if case["expect"] in words]
    assert {case["expect"] for case in cases} == words
    said = lines(java("receive", *(HERE / f"kinds/{case['name']}.json" for case in cases)))
    assert [json.loads(line)["outcome"] for line in said] == [case["expect"] for case in cases]


def not_utf8(case: dict[str, Any]) -> bytes:
    envelope = decode(Envelope, b64decode(case["messages"][-1]["value"]))
    header = envelope.header.replace(b"MASH1", b"\xffASH1")
    return encode(envelope.model_copy(update={"header": header}))


def two_thousand_million_bytes(case: dict[str, Any]) -> bytes:
    return bytes.fromhex("80d0acf30e") + b64decode(case["messages"][-1]["value"])[:5]


def two_thousand_million_wraps(case: dict[str, Any]) -> bytes:
    return bytes.fromhex("0000" + "80d0acf30e")


@pytest.mark.parametrize(
    "hostile", [not_utf8, two_thousand_million_bytes, two_thousand_million_wraps], ids=lambda one: one.__name__
)
def test_hostile_bytes_are_malformed_for_both(
    java: Java, tmp_path: Path, hostile: Callable[[dict[str, Any]], bytes]
) -> None:
    """Avro's own text would write its bytes again and see no difference; a length must not take the memory it names."""
    case = accepted(Kind.REQUEST)
    placed = {**case["messages"][-1], "value": b64encode(hostile(case)).decode()}
    (tmp_path / "hostile.json").write_text(json.dumps({**case, "messages": [placed]}), "utf-8")
    assert json.loads(lines(java("open", tmp_path / "hostile.json"))[0])["outcome"] == "MALFORMED"
    with pytest.raises(RejectedError) as refused:
        parse(message(placed))
    assert refused.value.reason == "MALFORMED"


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_envelope_that_java_made_is_verified(made: dict[Kind, bytes], database: Database, kind: Kind) -> None:
    """Here sealed with Bouncy Castle, there opened with ours; every check of parse and verify included."""
    case = accepted(kind)
    ours = case["messages"][-1]
    assert made[kind] != b64decode(ours["value"])
    placed = {**ours, "value": b64encode(made[kind]).decode()}
    verified = read(reader(case, database), case, placed)
    assert verified.record.model_dump(mode="json") == case["opened"]
