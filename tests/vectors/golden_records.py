"""The golden bytes: `golden/*.json` holds values as JSON; here they become the bytes that every build must give.

The values are data, written once by hand and invented. The bytes, their SHA-256 and the size of each part follow.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schemas.codec import FILES, MODELS, encode, encode_parts
from schemas.scalars import Wire

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
RECORDS: dict[str, type[Wire]] = {file: model for model, file in FILES.items()}


class StaleValueError(Exception):
    """A golden value no longer fits its record: a person must put it right."""


def golden_file(schema: str) -> Path:
    """Return where the golden bytes of a schema file lie."""
    return GOLDEN / schema.replace(".avsc", ".json")


def load(schema: str) -> dict[str, Any]:
    """Return a golden document as it lies there."""
    document: dict[str, Any] = json.loads(golden_file(schema).read_text("utf-8"))
    return document


def examples(model: type[Wire]) -> list[Wire]:
    """Return the golden instances of a record."""
    return [model.model_validate_json(json.dumps(one["value"])) for one in load(FILES[model])["examples"]]


def golden(schema: str, values: list[Any]) -> dict[str, Any]:
    """Return the golden document of a schema file for these values. Raises: StaleValueError where one does not fit."""
    model = RECORDS[schema]
    try:
        instances = [model.model_validate_json(json.dumps(value)) for value in values]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise StaleValueError(
            f"{golden_file(schema)}: `value` {where}: {first['type']}, put it right by hand"
        ) from None
    return {"record": model.__name__, "schema": schema, "examples": [_example(one) for one in instances]}


def again(schema: str) -> dict[str, Any]:
    """Return the golden document made anew from the values that lie there."""
    return golden(schema, [one["value"] for one in load(schema)["examples"]])


def written(document: object) -> str:
    """Return a document as every vector file is written."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _example(value: Wire) -> dict[str, Any]:
    data = encode(value)
    example = {"value": value.model_dump(mode="json"), "avro": data.hex(), "sha256": sha256(data).hexdigest()}
    if type(value) in MODELS.values():
        example["part_sizes"] = [len(part) for part in encode_parts(value)]
    return example
