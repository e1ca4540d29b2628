"""The wire as an AsyncAPI 3 document, for suppliers' tools: `python -m schemas.asyncapi` writes `docs/asyncapi.json`.

Promise: nothing in it is written by hand that a table or a record says. (1) A channel is a topic family, with owners,
partitions and retention; (2) a message is a kind, with key, parts, readers and bucket under `x-mash`; (3) an operation
is a role's right to write or read a family; (4) `components.schemas` holds each record twice: under
its file's name the Avro schema, by reference, and under its own the limits of each field (CODEC-4), as JSON Schema.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from schemas.codec import FILES, MODELS, schema_bytes, schema_digest
from schemas.directory import SignedDirectory
from schemas.exchange import SUITE, Content, Envelope, Header
from schemas.scalars import NAME_PATTERN, Wire
from schemas.topics import (
    ACCESS,
    COPIES,
    MAX_MESSAGE_BYTES,
    PREFIX,
    RULES,
    VERSION,
    Access,
    Family,
    Key,
    Party,
    topic_name,
)
from schemas.vocabulary import Kind, PrincipalRole, ReservedKind

PATH: Final = Path(__file__).parents[1] / "docs" / "asyncapi.json"
AVRO: Final = "application/vnd.apache.avro+json;version=1.9.0"
UNSEALED: Final[dict[Family, type[Wire] | None]] = {Family.DIRECTORY: SignedDirectory, Family.CHECKPOINTS: None}
"""What a family holds whose values are no envelopes: signed and public (TOPIC-4); None is a signed note."""

KEYS: Final = {
    Key.SUBJECT: "The request id; without one the thread, and without either the message id (TOPIC-3).",
    Key.EVENT_ID: "The event id (TOPIC-3).",
}
Json = dict[str, Any]


def document() -> Json:
    """Return the whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "mash-broker: the wire contract",
            "version": VERSION,
            "description": "Generated from schemas/topics.py and the records by `python -m schemas.asyncapi`: change "
            "those. The normative text is schemas/README.md; docs/suppliers.md says where to begin.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/octet-stream",
        "channels": {family.value: _channel(family, access) for family, access in ACCESS.items()},
        "operations": dict(_operations()),
        "components": {"messages": _messages(), "schemas": _schemas()},
        "x-mash": {
            "suite": SUITE,
            "envelope": _record(Envelope),
            "header": _record(Header),
            "content": _record(Content),
            "reservedKinds": {kind.value: kind.sentence for kind in ReservedKind},
        },
    }


def text() -> str:
    """Return the document as its file holds it."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def owner_names(access: Access) -> tuple[str, ...]:
    """Return the name of each owner's place in an address: the role, with a number where a role owns twice."""
    roles = [role.value.lower() for role in access.owners]
    return tuple(role if roles.count(role) == 1 else f"{role}{index}" for index, role in enumerate(roles))


def _channel(family: Family, access: Access) -> Json:  # (1)
    owners = owner_names(access)
    # The name is built by the one function that builds names, then its ids are made places to fill in.
    address = topic_name("partnership", family, *(f"owner-{index}" for index in range(len(owners))))
    address = address.replace(f"{PREFIX}.partnership.", f"{PREFIX}.{{partnership}}.")
    for index, owner in enumerate(owners):
        address = address.replace(f".owner-{index}.", f".{{{owner}}}.")
    settings: Json = {"max.message.bytes": MAX_MESSAGE_BYTES}
    settings["retention.ms"] = -1 if access.kept is None else int(access.kept.total_seconds() * 1000)
    parameters = {"partnership": {"description": f"The partnership's id, {NAME_PATTERN}"}}
    parameters |= {
        owner: {"description": f"Owner {index}: the id of a {role.value}, {NAME_PATTERN}"}
        for index, (owner, role) in enumerate(zip(owners, access.owners, strict=True))
    }
    return {
        "address": address,
        "parameters": parameters,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _message_names(family)},
        "bindings": {
            "kafka": {"partitions": access.partitions, "replicas": COPIES, "topicConfiguration": settings},
        },
    }


def _message_names(family: Family) -> list[str]:
    """Return what travels in a family; nothing where its kinds are reserved (KIND-4)."""
    if family in UNSEALED:
        return [family.name]
    return [kind.value for kind, rule in RULES.items() if rule.family is family]


def _messages() -> Json:  # (2)
    sealed = {kind.value: _sealed(kind) for kind in RULES}
    return sealed | {family.name: _unsealed(family, record) for family, record in UNSEALED.items()}


def _sealed(kind: Kind) -> Json:
    rule, model = RULES[kind], MODELS[kind]
    return {
        "title": kind.value,
        "summary": _doc(model),
        "payload": _avro(Envelope),
        "bindings": {"kafka": {"key": {"type": "string", "description": KEYS[rule.key]}}},
        "x-mash": {
            **_record(model),
            "parts": list(model.model_fields),
            "family": rule.family.value,
            "senders": sorted(role.value for role in rule.senders),
            "senderOwns": rule.sender_owns,
            "readers": [reader.value for reader in rule.readers],
            "key": rule.key.value,
            "bucketBytes": rule.bucket,
        },
    }


def _unsealed(family: Family, record: type[Wire] | None) -> Json:
    if record is None:
        payload: Json = {"type": "string", "description": "A C2SP signed note."}
        return {"title": family.name, "summary": "A signed checkpoint of the ledger.", "payload": payload}
    return {"title": family.name, "summary": _doc(record), "payload": _avro(record), "x-mash": _record(record)}


def _operations() -> Iterator[tuple[str, Json]]:  # (3)
    for family, access in ACCESS.items():
        for action, parties in (("send", access.writers), ("receive", access.readers)):
            for party in parties if _message_names(family) else ():
                yield f"{party.role.value}.{action}.{family.value}", _operation(family, access, action, party)


def _operation(family: Family, access: Access, action: str, party: Party) -> Json:
    names = _message_names(family)
    if action == "send" and family not in UNSEALED:
        names = [name for name in names if party.role in RULES[Kind(name)].senders]
    own = None if party.owns is None else owner_names(access)[party.owns]
    whose = "any topic of the family" if own is None else f"only where {{{own}}} is its own id"
    if own is not None and party.role is PrincipalRole.SCREENING:
        whose = f"only where {{{own}}} is the organisation that it acts for"
    channel = f"#/channels/{family.value}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "summary": f"{party.role.value}: {whose}",
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in names],
    }


def _schemas() -> Json:  # (4)
    models = sorted(FILES, key=lambda model: model.__name__)
    _, found = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    return {FILES[model]: _avro(model) for model in models} | dict(sorted(found["$defs"].items()))


def _avro(model: type[Wire]) -> Json:
    return {"schemaFormat": AVRO, "schema": {"$ref": f"../schemas/{FILES[model]}"}}


def _record(model: type[Wire]) -> Json:
    return {"record": model.__name__, "schema": FILES[model], "schemaDigest": schema_digest(model).hex()}


def _doc(model: type[Wire]) -> str:
    said: str = json.loads(schema_bytes(model))["doc"]
    return said


def main() -> None:
    """Write the document where it lies."""
    PATH.write_text(text(), "utf-8")
    sys.stdout.write(f"{PATH.relative_to(PATH.parents[1])}\n")


if __name__ == "__main__":
    main()
