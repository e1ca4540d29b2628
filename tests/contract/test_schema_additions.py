"""Both directions, by the Apache project's own reader: tomorrow's additions met by today's schema, and today's by them.

Tomorrow's schema is made of each `.avsc` file: a word appended to every list, a nullable field to every record, as
EVOLVE-2 allows. So a record that is new here is played too. What today's code does with such bytes, without knowing
tomorrow's schema, is CODEC-1 and CODEC-6: it refuses them.
"""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import avro.errors
import avro.io
import avro.schema
import pytest

from schemas.codec import FILES, MalformedError, decode, encode, schema_bytes
from schemas.scalars import Wire
from tests.contract.test_schema_evolution import Schema, _definitions, _without_logical_types, values
from tests.vectors.golden_records import examples

RECORDS = pytest.mark.parametrize("model", sorted(FILES, key=lambda model: model.__name__), ids=lambda m: m.__name__)
WORD, FIELD = "TOMORROW", "tomorrow"
Path = tuple[str | int, ...]


@cache
def today(model: type[Wire]) -> Schema:
    return _without_logical_types(json.loads(schema_bytes(model)))


@cache
def tomorrow(model: type[Wire], *, fields: bool = True) -> Schema:
    """Return today's schema with every addition that EVOLVE-2 allows, or with the words alone."""
    schema = copy.deepcopy(today(model))
    for definition in _definitions(schema, {}).values():
        if definition["type"] == "enum":
            definition["symbols"].append(WORD)
        if definition["type"] == "record" and fields:
            definition["fields"].append({"name": FIELD, "type": ["null", "string"], "default": None})
    return schema


@cache
def parsed(text: str) -> avro.schema.Schema:
    return avro.schema.parse(text)


def written(schema: Schema, value: Any) -> bytes:
    buffer = io.BytesIO()
    avro.io.DatumWriter(parsed(json.dumps(schema))).write(value, avro.io.BinaryEncoder(buffer))
    return buffer.getvalue()


def read(data: bytes, *, writer: Schema, reader: Schema) -> Any:
    buffer = io.BytesIO(data)
    value = avro.io.DatumReader(parsed(json.dumps(writer)), parsed(json.dumps(reader))).read(
        avro.io.BinaryDecoder(buffer)
    )
    assert not buffer.read()
    return value


def golden(model: type[Wire]) -> list[tuple[bytes, Any]]:
    """Return the golden bytes of a record, and the plain value that Apache's reader finds in them."""
    data = [encode(one) for one in examples(model)]
    return [(one, read(one, writer=today(model), reader=today(model))) for one in data]


@cache
def samples(model: type[Wire]) -> list[Any]:
    """Return the golden values, and as many made ones as it takes to have every record and list of words in one."""
    chosen = [value for _, value in golden(model)]
    missing = set(_definitions(today(model), {}))
    missing -= {name for name in missing if _definitions(today(model), {})[name]["type"] == "fixed"}
    for value in (*chosen, *values(today(model))):
        met = {definition["name"] for sort in ("record", "enum") for _, definition in found(model, value, sort)}
        if value not in chosen and met & missing:
            chosen.append(value)
        missing -= met
    assert not missing
    return chosen


def places(schema: Any, value: Any, named: dict[str, Any], where: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give the place of every record and word in a value, with its definition."""
    if isinstance(schema, list):
        if value is not None:
            yield from places(schema[1], value, named, where)
        return
    definition = named.get(schema, {}) if isinstance(schema, str) else schema
    if definition.get("type") in {"record", "enum"}:
        yield where, definition
    for field in definition.get("fields", ()):
        yield from places(field["type"], value[field["name"]], named, (*where, field["name"]))
    if definition.get("type") == "array":
        for index, item in enumerate(value):
            yield from places(definition["items"], item, named, (*where, index))


def at(value: Any, where: Path) -> Any:
    for step in where:
        value = value[step]
    return value


def changed(value: Any, where: Path, put: Any) -> Any:
    """Return the value with something else at one place."""
    copied = copy.deepcopy(value)
    at(copied, where[:-1])[where[-1]] = put
    return copied


def found(model: type[Wire], value: Any, sort: str) -> list[tuple[Path, dict[str, Any]]]:
    every = places(today(model), value, _definitions(today(model), {}))
    return [(where, definition) for where, definition in every if definition["type"] == sort]


def with_nulls(model: type[Wire], value: Any) -> Any:
    """Return today's value as tomorrow's schema holds it."""
    copied = copy.deepcopy(value)
    for where, _ in found(model, value, "record"):
        at(copied, where)[FIELD] = None
    return copied


@RECORDS
def test_apaches_library_reads_and_writes_the_golden_bytes(model: type[Wire]) -> None:
    """A third implementation, and the ground of the tests below."""
    for data, value in golden(model):
        assert written(today(model), value) == data


@RECORDS
def test_tomorrow_reads_today_and_loses_nothing(model: type[Wire]) -> None:
    for value in samples(model):
        data = written(today(model), value)
        assert read(data, writer=today(model), reader=tomorrow(model)) == with_nulls(model, value)


@RECORDS
def test_today_that_knows_tomorrows_schema_reads_what_it_knew(model: type[Wire]) -> None:
    """With nothing in the new fields, and with something in each of them."""
    for value in samples(model):
        ahead = with_nulls(model, value)
        filled = [changed(ahead, (*where, FIELD), "é") for where, _ in found(model, value, "record")]
        for one in (ahead, *filled):
            assert read(written(tomorrow(model), one), writer=tomorrow(model), reader=today(model)) == value


@RECORDS
def test_today_refuses_tomorrows_word_unless_its_list_has_a_default(model: type[Wire]) -> None:
    """CODEC-6, at every place where a value holds a word."""
    for value in samples(model):
        for where, definition in found(model, value, "enum"):
            data = written(tomorrow(model), changed(with_nulls(model, value), where, WORD))
            assert at(read(data, writer=tomorrow(model), reader=tomorrow(model)), where) == WORD
            if "default" in definition:
                known = changed(value, where, definition["default"])
                assert read(data, writer=tomorrow(model), reader=today(model)) == known
                continue
            with pytest.raises(avro.errors.SchemaResolutionException):
                read(data, writer=tomorrow(model), reader=today(model))


@RECORDS
def test_todays_code_refuses_what_it_has_no_schema_for(model: type[Wire]) -> None:
    """It never guesses: bytes of another schema are malformed, whatever was added and wherever (CODEC-1, CODEC-6)."""
    for _, value in golden(model):
        ahead = with_nulls(model, value)
        refused = [written(tomorrow(model), ahead)]
        for where, _ in found(model, value, "enum"):
            refused.append(written(tomorrow(model), changed(ahead, where, WORD)))
            refused.append(written(tomorrow(model, fields=False), changed(value, where, WORD)))
        for data in refused:
            with pytest.raises(MalformedError):
                decode(model, data)
