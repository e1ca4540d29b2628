"""`docs/asyncapi.json` is what the tables and records say, and a document that AsyncAPI's own parser takes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.asyncapi import PATH, UNSEALED, owner_names, text
from schemas.codec import FILES, MODELS, schema_digest
from schemas.topics import ACCESS, RULES, Family, topic_name
from schemas.vocabulary import Kind
from tests.skipped import ALL_REQUIRED, BY_NODE

ROOT = Path(__file__).parents[2]
NODE = ROOT / "tests" / "asyncapi"
DOCUMENT: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]

Validate = Callable[[Path], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def validate() -> Validate:
    """Run the parser on a file; skipped where Node.js or its packages cannot be had."""
    lacks = shutil.which("node") is None or shutil.which("npm") is None
    if not ALL_REQUIRED and (lacks or not installed()):
        pytest.skip(BY_NODE)
    assert installed()

    def run(path: Path) -> subprocess.CompletedProcess[str]:
        words = ["node", str(NODE / "validate.js"), str(path)]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=100)

    return run


def installed() -> bool:
    """Install what the lock file names, where it is not there; no package's own script is run."""
    there, lock = NODE / "node_modules" / ".package-lock.json", NODE / "package-lock.json"
    if there.exists() and there.stat().st_mtime >= lock.stat().st_mtime:
        return True
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    return subprocess.run(command, cwd=NODE, check=False, timeout=500).returncode == 0


def arrays(node: Any) -> Iterator[dict[str, Any]]:
    """Give every array of a JSON Schema, at any depth."""
    if isinstance(node, dict):
        if node.get("type") == "array":
            yield node
        for inner in node.values():
            yield from arrays(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from arrays(inner)


def test_document_is_what_the_tables_and_records_say() -> None:
    """After a change: `make vectors`."""
    assert PATH.read_text("utf-8") == text()


@pytest.mark.timeout(600)
def test_document_is_valid_by_the_projects_own_parser(validate: Validate) -> None:
    done = validate(PATH)
    assert (done.returncode, done.stdout.split()) == (0, ["channels:", str(len(Family))]), done.stdout + done.stderr


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "Operation message does not belong to the specified channel": lambda one: one["operations"]["HOLDER.send.answers"][
        "messages"
    ].append({"$ref": "#/channels/directory/messages/DIRECTORY"}),
    "Not all channel's parameters are described": lambda one: one["channels"]["answers"]["parameters"].clear(),
    "no such file or directory": lambda one: one["components"]["messages"]["ANSWER"]["payload"].update(
        schema={"$ref": "../schemas/none.avsc"}
    ),
    '"schema" property must have required property "name"': lambda one: one["components"]["schemas"][
        "answer.v1.avsc"
    ].update(schema={"type": "record"}),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("fault", "damage"), BROKEN.items(), ids=BROKEN.keys())
def test_parser_refuses_a_broken_document(
    validate: Validate, tmp_path: Path, fault: str, damage: Callable[[dict[str, Any]], object]
) -> None:
    """Otherwise what it accepts says nothing. It stands beside the schemas, as the true one does."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    broken = json.loads(text())
    damage(broken)
    (tmp_path / "docs/broken.json").write_text(json.dumps(broken), "utf-8")
    done = validate(tmp_path / "docs/broken.json")
    assert done.returncode == 1
    assert fault in done.stdout


@pytest.mark.parametrize("family", Family, ids=lambda family: family.value)
def test_address_with_its_places_filled_in_is_the_topic(family: Family) -> None:
    address = DOCUMENT["channels"][family.value]["address"]
    owners = owner_names(ACCESS[family])
    assert re.findall(r"{(\w+)}", address) == ["partnership", *owners]
    filled = address.format(partnership="northants", **{owner: f"org-{index}" for index, owner in enumerate(owners)})
    assert filled == topic_name("northants", family, *(f"org-{index}" for index in range(len(owners))))


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_kind_says_where_it_travels_and_what_it_holds(kind: Kind) -> None:
    said, rule = MESSAGES[kind.value]["x-mash"], RULES[kind]
    assert said["schemaDigest"] == schema_digest(MODELS[kind]).hex()
    assert (said["schema"], said["parts"]) == (FILES[MODELS[kind]], list(MODELS[kind].model_fields))
    assert (said["bucketBytes"], said["key"]) == (rule.bucket, rule.key.value)
    assert kind.value in DOCUMENT["channels"][rule.family.value]["messages"]


def test_operations_are_the_rights_of_the_table() -> None:
    used = {rule.family for rule in RULES.values()} | set(UNSEALED)
    rights = {
        f"{party.role.value}.{action}.{family.value}"
        for family, access in ACCESS.items()
        for action, parties in (("send", access.writers), ("receive", access.readers))
        for party in parties
        if family in used
    }
    assert set(DOCUMENT["operations"]) == rights


def test_sender_of_an_operation_may_send_its_kinds() -> None:
    sealed = {name: one for name, one in DOCUMENT["operations"].items() if one["action"] == "send"}
    for name, operation in sealed.items():
        for reference in operation["messages"]:
            message = MESSAGES[reference["$ref"].rsplit("/", 1)[1]]
            senders = message["x-mash"]["senders"] if "senders" in message.get("x-mash", {}) else [name.split(".")[0]]
            assert name.split(".")[0] in senders
    carried = {one["$ref"].rsplit("/", 1)[1] for operation in sealed.values() for one in operation["messages"]}
    assert {kind.value for kind in Kind} <= carried


@pytest.mark.parametrize("model", FILES, ids=lambda model: model.__name__)
def test_record_is_there_as_avro_and_with_the_limits_of_its_fields(model: type) -> None:
    assert SCHEMAS[FILES[model]]["schema"] == {"$ref": f"../schemas/{FILES[model]}"}
    assert list(SCHEMAS[model.__name__]["properties"]) == list(model.model_fields)  # type: ignore[attr-defined]


def test_every_array_has_a_greatest_length() -> None:
    """CODEC-5: a supplier finds it here."""
    found = list(arrays(SCHEMAS))
    assert len(found) > 40
    assert all("maxItems" in one for one in found)
