"""The golden bytes of each record: fixed for ever once released, and what any Avro library would write."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import pytest

from schemas.codec import FILES, MODELS, decode, decode_part, decode_parts, encode, encode_parts, schema_bytes
from schemas.scalars import Wire
from tests.vectors.golden_records import RECORDS, load

EXAMPLES = [
    pytest.param(RECORDS[schema], example, id=f"{RECORDS[schema].__name__}-{index}")
    for schema in sorted(RECORDS)
    for index, example in enumerate(load(schema)["examples"])
]
KIND_EXAMPLES = [one for one in EXAMPLES if one.values[0] in MODELS.values()]


@pytest.mark.parametrize(("model", "example"), EXAMPLES)
def test_value_gives_the_golden_bytes(model: type[Wire], example: dict[str, Any]) -> None:
    value = model.model_validate_json(json.dumps(example["value"]))
    assert encode(value).hex() == example["avro"]
    assert sha256(encode(value)).hexdigest() == example["sha256"]


@pytest.mark.parametrize(("model", "example"), EXAMPLES)
def test_golden_bytes_give_the_value(model: type[Wire], example: dict[str, Any]) -> None:
    value = decode(model, bytes.fromhex(example["avro"]))
    assert value.model_dump(mode="json") == example["value"]


@pytest.mark.parametrize(("model", "example"), KIND_EXAMPLES)
def test_parts_are_the_record_cut_where_the_golden_sizes_say(model: type[Wire], example: dict[str, Any]) -> None:
    data = bytes.fromhex(example["avro"])
    value = decode(model, data)
    parts = encode_parts(value)
    assert [len(part) for part in parts] == example["part_sizes"]
    assert b"".join(parts) == data
    assert decode_parts(model, parts) == value
    for index, (name, part) in enumerate(zip(model.model_fields, parts, strict=True)):
        assert decode_part(model, index, part) == getattr(value, name)


@pytest.mark.parametrize(("model", "example"), EXAMPLES)
def test_golden_bytes_are_what_the_avro_specification_says(model: type[Wire], example: dict[str, Any]) -> None:
    """An encoder written from the specification alone, which shares nothing with the library, agrees."""
    schema, named = json.loads(schema_bytes(model)), {}
    learn(schema, named)
    assert by_hand(schema, example["value"], named).hex() == example["avro"]


def test_every_schema_file_has_golden_bytes() -> None:
    assert {load(schema)["record"] for schema in RECORDS} == {model.__name__ for model in FILES}
    assert all(load(schema)["examples"] for schema in RECORDS)


# ---------------------------------------------------------------- Avro 1.12 binary encoding, from JSON values


def by_hand(schema: Any, value: Any, named: dict[str, Any]) -> bytes:
    if isinstance(schema, list):
        branch = 0 if value is None else 1
        return number(branch) + by_hand(schema[branch], value, named)
    if isinstance(schema, str):
        return by_hand(named[schema], value, named) if schema in named else primitive(schema, value)
    match schema["type"]:
        case "record":
            return b"".join(by_hand(field["type"], value[field["name"]], named) for field in schema["fields"])
        case "array":
            items = b"".join(by_hand(schema["items"], item, named) for item in value)
            return (number(len(value)) + items if value else b"") + b"\0"
        case "enum":
            return number(schema["symbols"].index(value))
        case "fixed":
            assert len(bytes.fromhex(value)) == schema["size"]
            return bytes.fromhex(value)
    return number(ticks(schema["logicalType"], value))


def learn(schema: Any, named: dict[str, Any]) -> None:
    """Remember every named type, wherever it is defined."""
    if isinstance(schema, list):
        for branch in schema:
            learn(branch, named)
    elif isinstance(schema, dict):
        if "name" in schema:
            named[schema["name"]] = schema
        learn(schema.get("items"), named)
        for field in schema.get("fields", ()):
            learn(field["type"], named)


def primitive(name: str, value: Any) -> bytes:
    match name:
        case "null":
            return b""
        case "boolean":
            return bytes([value])
        case "long":
            return number(value)
        case "string":
            return number(len(value.encode())) + value.encode()
    assert name == "bytes"
    return number(len(value) // 2) + bytes.fromhex(value)


def ticks(logical_type: str, value: str) -> int:
    if logical_type == "date":
        return (date.fromisoformat(value) - date(1970, 1, 1)).days
    since = datetime.fromisoformat(value) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def number(value: int) -> bytes:
    zigzag = (value << 1) ^ (value >> 63)
    groups = bytearray()
    while zigzag > 0x7F:
        groups.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    return bytes([*groups, zigzag])
