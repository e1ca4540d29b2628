"""Models to bytes and back, by the `.avsc` files, which are the source of truth. The only importer of fastavro.

Decoding is strict (README, CODEC-1): what is read is written again, and must give the same bytes. So trailing bytes,
overlong numbers, split arrays and every other second spelling of a value are refused, and two readers of one signed
message can never see different things.
"""

from __future__ import annotations

import hashlib
import io
import json
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import fastavro
from pydantic import ValidationError

from schemas.answer import Answer
from schemas.audit import AuditEvent
from schemas.directory import Directory, Register, SignedDirectory
from schemas.exchange import Content, Decided, DeskItem, Dispatch, Envelope, Header
from schemas.request import InformationRequest
from schemas.roots import Roots, SignedRoots
from schemas.scalars import READING, Wire
from schemas.summary import Summary
from schemas.vocabulary import Kind

W = TypeVar("W", bound=Wire)

FILES: dict[type[Wire], str] = {
    InformationRequest: "information_request.v1.avsc",
    Answer: "answer.v1.avsc",
    Dispatch: "dispatch.v1.avsc",
    DeskItem: "desk_item.v1.avsc",
    Decided: "decision.v1.avsc",
    Summary: "summary.v1.avsc",
    AuditEvent: "audit_event.v1.avsc",
    Header: "header.v1.avsc",
    Envelope: "envelope.v1.avsc",
    Content: "content.v1.avsc",
    Directory: "directory.v1.avsc",
    SignedDirectory: "signed_directory.v1.avsc",
    Register: "register.v1.avsc",
    Roots: "roots.v1.avsc",
    SignedRoots: "signed_roots.v1.avsc",
}
"""Which file describes which top-level record."""

MODELS: dict[Kind, type[Wire]] = {
    Kind.REQUEST: InformationRequest,
    Kind.ANSWER: Answer,
    Kind.DISPATCH: Dispatch,
    Kind.DESK_ITEM: DeskItem,
    Kind.DECISION: Decided,
    Kind.SUMMARY: Summary,
    Kind.AUDIT_EVENT: AuditEvent,
}
"""What an envelope of each kind holds. The record's fields are the envelope's parts, in order (KIND-1)."""


class MalformedError(ValueError):
    """These bytes are not the one canonical encoding of a valid value. The message names no value."""


def schema_bytes(model: type[Wire]) -> bytes:
    """Return the released `.avsc` file, byte for byte."""
    return (resources.files("schemas") / FILES[model]).read_bytes()


@cache
def schema_digest(model: type[Wire]) -> bytes:
    """Return SHA-256 of the released `.avsc` bytes: the header names the contract by it (HEAD-3)."""
    return hashlib.sha256(schema_bytes(model)).digest()


@cache
def _parsed(model: type[Wire]) -> Any:
    return fastavro.parse_schema(json.loads(schema_bytes(model)), named_schemas={})


@cache
def _part_schemas(model: type[Wire]) -> tuple[Any, ...]:
    named: dict[str, Any] = {}
    fastavro.parse_schema(json.loads(schema_bytes(model)), named_schemas=named)
    parsed = _parsed(model)
    return tuple(_stand_alone(field["type"], named) for field in parsed["fields"])


def _stand_alone(schema: Any, named: dict[str, Any]) -> Any:
    """Write a part's schema so that it needs no definition from an earlier part."""
    seen: set[str] = set()

    def expand(node: Any) -> Any:
        if isinstance(node, str) and node in named:
            node = named[node]
        if isinstance(node, list):
            return [expand(branch) for branch in node]
        if not isinstance(node, dict):
            return node
        if "name" in node and node.get("type") in {"record", "enum", "fixed"}:
            if node["name"] in seen:
                return node["name"]
            seen.add(node["name"])
        plain = {key: value for key, value in node.items() if not key.startswith("__")}
        if "fields" in plain:
            plain["fields"] = [{**field, "type": expand(field["type"])} for field in plain["fields"]]
        if "items" in plain:
            plain["items"] = expand(plain["items"])
        return plain

    return fastavro.parse_schema(expand(schema), named_schemas={})


def _write(schema: Any, value: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, schema, value)
    return buffer.getvalue()


def _read(schema: Any, data: bytes) -> dict[str, Any]:
    buffer = io.BytesIO(data)
    try:
        value = fastavro.schemaless_reader(buffer, schema, None)
        again = _write(schema, value)  # type: ignore[arg-type]
    except (
        EOFError,
        IndexError,
        KeyError,
        ValueError,
        TypeError,
        OverflowError,
        MemoryError,
        RecursionError,
    ) as error:
        raise MalformedError(f"not Avro of this schema ({type(error).__name__})") from None
    if again != data:
        raise MalformedError("not the canonical encoding")
    return value  # type: ignore[return-value]


def _validated(model: type[W], value: dict[str, Any]) -> W:
    try:
        return model.model_validate(value, context=READING)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"] if isinstance(step, str))
        raise MalformedError(f"field {where or model.__name__} breaks rule {first['type']}") from None


def encode(value: Wire) -> bytes:
    """Return the canonical Avro bytes of a top-level record."""
    return _write(_parsed(type(value)), value.model_dump())


def decode(model: type[W], data: bytes) -> W:
    """Read a top-level record. Raises: MalformedError, with the field and the rule, never the value."""
    return _validated(model, _read(_parsed(model), data))


def encode_parts(value: Wire) -> tuple[bytes, ...]:
    """Return the bytes of each part of a kind's record; their concatenation is `encode(value)`."""
    dumped = value.model_dump()
    names = type(value).model_fields
    return tuple(_write(schema, dumped[name]) for name, schema in zip(names, _part_schemas(type(value)), strict=True))


def decode_parts(model: type[W], parts: tuple[bytes, ...]) -> W:
    """Read a kind's record from its parts, each strictly. Raises: MalformedError."""
    schemas = _part_schemas(model)
    if len(parts) != len(schemas):
        raise MalformedError("wrong number of parts")
    read = {name: _read(schema, part) for name, schema, part in zip(model.model_fields, schemas, parts, strict=True)}
    return _validated(model, read)


def decode_part(model: type[Wire], index: int, data: bytes) -> Wire:
    """Read one part on its own, as somebody may who holds that part only. Raises: MalformedError."""
    field = list(model.model_fields.values())[index]
    part = field.annotation
    if not (isinstance(part, type) and issubclass(part, Wire)):
        raise MalformedError("this record has no parts")
    return _validated(part, _read(_part_schemas(model)[index], data))
