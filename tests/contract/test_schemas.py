"""The `.avsc` files and the models say the same: every name, order, type, null, symbol, size and doc, both ways."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from importlib import resources
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from annotated_types import MaxLen, MinLen

from schemas import answer, audit, codec, decision, directory, exchange, family, recorded, request, summary, vocabulary
from schemas.codec import FILES, MODELS, encode_parts, schema_bytes, schema_digest
from schemas.directory import Directory, Register, SignedDirectory
from schemas.exchange import Content, Envelope, Header
from schemas.scalars import Wire
from schemas.vocabulary import Kind

TOP_LEVEL = sorted(FILES, key=lambda model: model.__name__)
PARTS = {
    Kind.REQUEST: ("common", "addressed"),
    Kind.ANSWER: ("status", "body"),
    Kind.DISPATCH: ("body",),
    Kind.DESK_ITEM: ("body",),
    Kind.DECISION: ("body",),
    Kind.SUMMARY: ("body",),
    Kind.AUDIT_EVENT: ("skeleton", "personal"),
}
"""The parts of each kind (README, KIND-1)."""

PRIMITIVES: dict[type, Any] = {
    str: "string",
    bool: "boolean",
    int: "long",
    bytes: "bytes",
    date: {"type": "int", "logicalType": "date"},
    datetime: {"type": "long", "logicalType": "timestamp-millis"},
}
FIXED = {16: "Token", 32: "Digest", 64: "Signature", 1216: "KemPublicKey"}


def avro(annotation: Any, constraints: tuple[Any, ...], named: set[str]) -> Any:
    """Return the Avro schema that a model's annotation stands for; a named type is written out the first time."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return avro(inner, (*constraints, *more), named)
    if origin in (Union, UnionType):
        (inner,) = [branch for branch in get_args(annotation) if branch is not type(None)]
        return ["null", avro(inner, constraints, named)]
    if origin is tuple:
        inner, rest = get_args(annotation)
        assert rest is Ellipsis
        return {"type": "array", "items": avro(inner, (), named)}
    if annotation is bytes and (size := fixed_size(constraints)) is not None:
        return named_type({"type": "fixed", "name": FIXED[size], "size": size}, named)
    if annotation in PRIMITIVES:
        return PRIMITIVES[annotation]
    if issubclass(annotation, Enum):
        doc = inspect.getdoc(annotation).split("\n")[0]
        symbols = [member.value for member in annotation]
        return named_type({"type": "enum", "name": annotation.__name__, "symbols": symbols, "doc": doc}, named)
    return record(annotation, named)


def record(model: type[Wire], named: set[str]) -> Any:
    if model.__name__ in named:
        return model.__name__
    named.add(model.__name__)
    fields = [
        {"name": name, "type": avro(field.annotation, tuple(field.metadata), named)}
        | ({"doc": " ".join(field.description.split())} if field.description else {})
        for name, field in model.model_fields.items()
    ]
    doc = " ".join(inspect.getdoc(model).split())
    return {"type": "record", "name": model.__name__, "doc": doc, "fields": fields}


def named_type(schema: dict[str, Any], named: set[str]) -> Any:
    if schema["name"] in named:
        return schema["name"]
    named.add(schema["name"])
    return schema


def fixed_size(constraints: tuple[Any, ...]) -> int | None:
    flat = [each for one in constraints for each in getattr(one, "metadata", [one])]
    least = {each.min_length for each in flat if isinstance(each, MinLen)}
    most = {each.max_length for each in flat if isinstance(each, MaxLen)}
    return least.pop() if least and least == most else None


def definitions(schema: Any) -> dict[str, Any]:
    """Return every named type that a schema file defines."""
    if isinstance(schema, list):
        return {name: found for branch in schema for name, found in definitions(branch).items()}
    if not isinstance(schema, dict):
        return {}
    found = {schema["name"]: schema} if "name" in schema and schema["type"] in {"record", "enum", "fixed"} else {}
    for inner in (schema.get("items"), *(field["type"] for field in schema.get("fields", ()))):
        found |= definitions(inner)
    return found


def classes() -> dict[str, type]:
    """Return every class of the wire by its name."""
    modules = (answer, audit, decision, directory, exchange, family, recorded, request, summary, vocabulary)
    return {name: cls for module in modules for name, cls in inspect.getmembers(module, inspect.isclass)}


@pytest.mark.parametrize("model", TOP_LEVEL, ids=lambda model: model.__name__)
def test_schema_file_is_what_the_model_says(model: type[Wire]) -> None:
    """Equal as trees: so names, order, types, nulls, symbols, sizes and docs, none missing on either side."""
    expected = record(model, set())
    expected["namespace"] = "uk.mash.v1"
    assert json.loads(schema_bytes(model)) == expected


@pytest.mark.parametrize("model", TOP_LEVEL, ids=lambda model: model.__name__)
def test_every_type_of_a_schema_file_is_a_class_of_that_name(model: type[Wire]) -> None:
    """The other way round, by a walk over the file: it names no type that the code does not have."""
    known = classes()
    for name, schema in definitions(json.loads(schema_bytes(model))).items():
        match schema["type"]:
            case "record":
                assert [field["name"] for field in schema["fields"]] == list(known[name].model_fields)
            case "enum":
                assert schema["symbols"] == [member.value for member in known[name]]
            case "fixed":
                assert FIXED[schema["size"]] == name


def test_a_type_is_the_same_in_every_file_that_defines_it() -> None:
    seen: dict[str, Any] = {}
    for model in FILES:
        for name, schema in definitions(json.loads(schema_bytes(model))).items():
            fields = [field["name"] for field in schema.get("fields", ())]
            shape = (schema["type"], schema.get("symbols"), schema.get("size"), schema.get("doc"), fields)
            assert seen.setdefault(name, shape) == shape


def test_every_schema_file_is_listed_and_every_listed_one_is_there() -> None:
    lying = {path.name for path in resources.files("schemas").iterdir() if path.name.endswith(".avsc")}
    assert set(FILES.values()) <= lying
    newest = {name for name in lying if not any(newer(other, name) for other in lying)}
    assert newest == set(FILES.values())


def newer(one: str, other: str) -> bool:
    """Say whether `one` is a later version of the same file."""
    (stem, version), (other_stem, other_version) = (name[: -len(".avsc")].rsplit(".v", 1) for name in (one, other))
    return stem == other_stem and int(version) > int(other_version)


def test_every_kind_has_exactly_its_parts() -> None:
    assert {kind: tuple(MODELS[kind].model_fields) for kind in Kind} == PARTS
    for kind in Kind:
        assert all(issubclass(field.annotation, Wire) for field in MODELS[kind].model_fields.values())


def test_every_record_is_an_envelopes_content_or_carries_it() -> None:
    carriers = {Header, Envelope, Content, Directory, SignedDirectory, Register}
    assert set(FILES) == carriers | set(MODELS.values())
    assert len(set(FILES.values())) == len(FILES)


def test_no_two_records_share_a_schema_digest() -> None:
    """The header names the contract by it: a shared one would let one kind pass for another (HEAD-3)."""
    assert len({schema_digest(model) for model in FILES}) == len(FILES)


def test_parts_can_be_read_without_each_other() -> None:
    """A part's schema defines what an earlier part would have defined for it."""
    for model in MODELS.values():
        for part in codec._part_schemas(model):
            assert part["type"] == "record"
    with pytest.raises(codec.MalformedError):
        codec.decode_part(Content, 0, b"\0")
    assert encode_parts(Content(salts=(bytes(32),), parts=(b"",))) == (b"\x02" + bytes(32) + b"\0", b"\x02\0\0")


@pytest.mark.parametrize("model", TOP_LEVEL, ids=lambda model: model.__name__)
def test_every_field_of_every_record_says_in_a_sentence_what_it_is_for(model: type[Wire]) -> None:
    """Somebody who has only the files learns from them what each field is for: more than its name says again."""
    assert not [path for path, field in fields(model) if not says_more(field.get("doc", ""), than=field["name"])]


@pytest.mark.parametrize("model", TOP_LEVEL, ids=lambda model: model.__name__)
def test_every_field_that_may_be_null_says_when(model: type[Wire]) -> None:
    """In its own doc, or in that of its record for all of them."""
    said_once = {
        name
        for name, schema in definitions(json.loads(schema_bytes(model))).items()
        if "Null: " in schema.get("doc", "")
    }
    assert not [
        path
        for path, field in fields(model)
        if "null" in field["type"] and "null" not in field["doc"] and path.partition(".")[0] not in said_once
    ]


def fields(model: type[Wire]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every field of every record of a file, with its record's name and its own."""
    for name, schema in definitions(json.loads(schema_bytes(model))).items():
        for field in schema.get("fields", ()):
            yield f"{name}.{field['name']}", field


def says_more(doc: str, *, than: str) -> bool:
    """Say whether a doc is a sentence with three words at least that the name does not have."""
    words = set(re.findall(r"[a-z]{3,}", doc.lower())) - {"its", "the", "that", "this"}
    return bool(re.fullmatch(r"[A-Z].+\.", doc)) and len(words - set(than.split("_"))) >= 3


def test_docs_that_say_the_name_again_are_found() -> None:
    assert says_more("The version of the agreement, as its parties number it.", than="version")
    assert not any(says_more(doc, than="agreement_version") for doc in ("", "Its version.", "the version of it here"))
