"""The compatibility gate between versions: whatever an older version wrote, a newer one reads, and loses nothing of it.

Avro's own resolution is lenient where it matters here: it drops a field that the reader does not know. So what was read
is compared with what was written, over values that between them take every branch and every symbol.
"""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import fastavro
import pytest

SCHEMAS = Path(__file__).parents[2] / "schemas"
Schema = dict[str, Any]


def version_of(path: Path) -> tuple[str, int]:
    stem, version = path.name[: -len(".avsc")].rsplit(".v", 1)
    return stem, int(version)


def pairs() -> list[Any]:
    """Return every (older, newer) pair of versions of one record, each version beside itself too."""
    files = sorted(SCHEMAS.glob("*.avsc"), key=version_of)
    return [
        pytest.param(old, new, id=f"{old.name}-read-as-v{version_of(new)[1]}")
        for old, new in combinations_with_replacement(files, 2)
        if version_of(old)[0] == version_of(new)[0]
    ]


# ---------------------------------------------------------------- values that take every branch


def values(schema: Schema) -> list[Any]:
    """Return enough values that each alternative of the widest choice is taken, also behind three nullable fields."""
    named = _definitions(schema, {})
    widest = max([1, *(len(one["symbols"]) for one in named.values() if one["type"] == "enum")])
    return [_value(schema, named, turn) for turn in range(8 * widest)]


def _value(schema: Any, named: dict[str, Any], turn: int) -> Any:
    if isinstance(schema, list):
        # Null in one turn of two, so that the other turns reach every symbol behind it.
        return _value(schema[0] if turn % 2 else schema[-1], named, turn // 2)
    if isinstance(schema, str):
        return _value(named[schema], named, turn) if schema in named else _primitive(schema, turn)
    match schema["type"]:
        case "record":
            return {field["name"]: _value(field["type"], named, turn) for field in schema["fields"]}
        case "array":
            return [_value(schema["items"], named, turn + step) for step in range(2)]
        case "enum":
            return schema["symbols"][turn % len(schema["symbols"])]
        case "fixed":
            return bytes([turn % 256]) * schema["size"]
    return _primitive(schema["type"], turn)


def _primitive(name: str, turn: int) -> Any:
    ready: dict[str, Any] = {"null": None, "boolean": turn % 3 == 0, "string": f"é{turn}", "bytes": b"\xff"}
    return ready.get(name, turn)


def _definitions(schema: Any, named: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema, list):
        for branch in schema:
            _definitions(branch, named)
    elif isinstance(schema, dict):
        if "name" in schema and "type" in schema:
            named[schema["name"]] = schema
        _definitions(schema.get("items"), named)
        for field in schema.get("fields", ()):
            _definitions(field["type"], named)
    return named


# ---------------------------------------------------------------- the gate


def incompatibility(old: Schema, new: Schema) -> str | None:
    """Say why what `old` wrote cannot be read with `new` without loss; None where it can."""
    if old["namespace"] != new["namespace"]:
        return "is not found: Apache's own readers match names whole, with their namespace"
    plain_old, plain_new = _without_logical_types(old), _without_logical_types(new)
    writer = fastavro.parse_schema(plain_old, named_schemas={})
    reader = fastavro.parse_schema(plain_new, named_schemas={})
    for value in values(plain_old):
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, writer, value)
        buffer.seek(0)
        try:
            read = fastavro.schemaless_reader(buffer, writer, reader)
        except (fastavro.read.SchemaResolutionError, ValueError, KeyError, TypeError) as error:
            return f"cannot be read: {error}"
        if (lost := _lost(value, read)) is not None:
            return f"is lost: {lost}"
    return None


def _without_logical_types(schema: Schema) -> Schema:
    """A date and a time are compared as the numbers they are."""
    plain: Schema = json.loads(json.dumps(schema), object_hook=lambda node: _plain(node))
    return plain


def _plain(node: dict[str, Any]) -> Any:
    return node["type"] if "logicalType" in node else node


def _lost(written: Any, read: Any, where: str = "") -> str | None:
    if isinstance(written, dict) and isinstance(read, dict):
        losses = (
            _lost(value, read[name], f"{where}.{name}") if name in read else f"{where}.{name}"
            for name, value in written.items()
        )
        return next((loss for loss in losses if loss is not None), None)
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        losses = (_lost(*pair, where) for pair in zip(written, read, strict=True))
        return next((loss for loss in losses if loss is not None), None)
    return None if written == read and type(written) is type(read) else where or "the value"


@pytest.mark.parametrize(("old", "new"), pairs())
def test_newer_version_reads_what_an_older_one_wrote(old: Path, new: Path) -> None:
    assert incompatibility(json.loads(old.read_bytes()), json.loads(new.read_bytes())) is None


# ---------------------------------------------------------------- the gate can fail

V1: Schema = {
    "type": "record",
    "name": "Note",
    "namespace": "uk.mash.v1",
    "fields": [
        {"name": "id", "type": "string"},
        {
            "name": "parts",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Part",
                    "fields": [
                        {"name": "rag", "type": {"type": "enum", "name": "Rag", "symbols": ["RED", "AMBER"]}},
                        {"name": "digest", "type": ["null", {"type": "fixed", "name": "Digest", "size": 32}]},
                    ],
                },
            },
        },
        {"name": "again", "type": ["null", "Rag"]},
    ],
}


def v2(change: Callable[[Schema], object]) -> Schema:
    """Return version 2: one change."""
    schema = copy.deepcopy(V1)
    change(schema)
    return schema


def part(schema: Schema) -> Schema:
    found: Schema = schema["fields"][1]["type"]["items"]
    return found


def symbols(schema: Schema) -> list[str]:
    found: list[str] = part(schema)["fields"][0]["type"]["symbols"]
    return found


ADDED = {"name": "late", "type": ["null", "string"]}
REFUSED: dict[str, Callable[[Schema], object]] = {
    "field added without default": lambda schema: schema["fields"].append(ADDED),
    "inner field added without default": lambda schema: part(schema)["fields"].append(ADDED),
    "symbol removed": lambda schema: symbols(schema).remove("AMBER"),
    "symbol renamed": lambda schema: symbols(schema).__setitem__(0, "CRIMSON"),
    "field renamed": lambda schema: schema["fields"][0].update(name="ident"),
    "nullable field renamed, with default": lambda schema: schema["fields"][2].update(name="more", default=None),
    "field removed": lambda schema: schema["fields"].pop(0),
    "inner field removed": lambda schema: part(schema)["fields"].pop(1),
    "null no longer allowed": lambda schema: schema["fields"][2].update(type="Rag"),
    "another size": lambda schema: part(schema)["fields"][1]["type"][1].update(size=64),
    "another type": lambda schema: schema["fields"][0].update(type="long"),
    "text read as bytes": lambda schema: schema["fields"][0].update(type="bytes"),
    "record renamed": lambda schema: part(schema).update(name="Piece"),
    "another namespace": lambda schema: schema.update(namespace="uk.mash.v2"),
}
ALLOWED: dict[str, Callable[[Schema], object]] = {
    "nothing": lambda schema: None,
    "nullable field added, with default": lambda schema: schema["fields"].append({**ADDED, "default": None}),
    "inner nullable field added, with default": lambda schema: part(schema)["fields"].append(
        {**ADDED, "default": None}
    ),
    "symbol added": lambda schema: symbols(schema).append("GREEN"),
    "null allowed": lambda schema: schema["fields"][0].update(type=["null", "string"]),
    "doc added": lambda schema: schema.update(doc="A note."),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED.keys())
def test_change_that_breaks_or_loses_what_was_written_is_caught(change: Callable[[Schema], object]) -> None:
    assert incompatibility(V1, v2(change)) is not None


@pytest.mark.parametrize("change", ALLOWED.values(), ids=ALLOWED.keys())
def test_change_that_keeps_what_was_written_is_allowed(change: Callable[[Schema], object]) -> None:
    assert incompatibility(V1, v2(change)) is None


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.avsc")), ids=lambda path: path.name)
def test_gate_sees_every_symbol_removed_and_every_field_renamed_in_the_real_schemas(path: Path) -> None:
    """Otherwise the values it tries do not reach every corner of what is really sent."""
    schema = json.loads(path.read_bytes())
    for name, definition in _definitions(schema, {}).items():
        if definition["type"] == "enum":
            assert incompatibility(schema, _with(schema, name, lambda one: one["symbols"].pop())), name
        for index in range(len(definition.get("fields", ()))):
            assert incompatibility(schema, _with(schema, name, lambda one, index=index: renamed(one, index))), name


def renamed(definition: Schema, index: int) -> None:
    """Give a field another name, with a default, so that Avro itself has nothing to say against it."""
    field = definition["fields"][index]
    nullable = field["type"] if isinstance(field["type"], list) else ["null", field["type"]]
    field.update(name="renamed", type=nullable, default=None)


def _with(schema: Schema, name: str, change: Callable[[Schema], object]) -> Schema:
    changed = copy.deepcopy(schema)
    change(_definitions(changed, {})[name])
    return changed
