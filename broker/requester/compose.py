"""Compose: the file a person wrote becomes a well-formed ask, or a line for each fault says which key or word is wrong.

(1) at most 256 KiB of JSON without duplicate keys; (2) every key and word known, and every rule of the record kept
(one subject child, a name each, nobody named who is not there); (3) the rating is one of this partnership's, and its
band stands beside it. What the law thinks of it is the gate's business, not this one's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from broker.errors import UsageError
from broker.requester.rating import WITHOUT_RATING, Ratings
from schemas.request_form import RatedForm, RequestForm
from schemas.scalars import Wire
from schemas.vocabulary import IdentifierScheme

MOST_BYTES = 256 * 1024


def compose(data: bytes, *, ratings: Ratings) -> RatedForm:
    """Read `request.json`. Raises: UsageError, a line for each fault: key, rule and allowed words, never a value."""
    if len(data) > MOST_BYTES:  # (1)
        raise UsageError(f"request file: {len(data)} bytes is over the limit of {MOST_BYTES}")
    try:
        document = json.loads(data, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"request file: {_json_fault(error)}") from None
    faults = list(_rating_faults(document, ratings))  # (3)
    try:
        form = RequestForm.model_validate_json(json.dumps(document), strict=True)  # (2)
    except ValidationError as error:
        faults = [*_faults(error), *faults]
    if faults:
        raise UsageError("\n".join(f"request file: {fault}" for fault in faults))
    band = WITHOUT_RATING if form.rating is None else ratings[form.rating]
    return RatedForm(**{name: getattr(form, name) for name in RequestForm.model_fields}, band=band)


def form_schema() -> dict[str, Any]:
    """Return the JSON Schema of `request.json`: what `mash request --schema` prints."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | RequestForm.model_json_schema()


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object's members; null is the same as absent, for the keys that there are (command line contract)."""
    # Two values under one key: one reader would gate the first and another would send the second.
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return {key: value for key, value in pairs if value is not None or key not in KNOWN_KEYS}


def _json_fault(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON at line {error.lineno} column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


# ---------------------------------------------------------------- faults


def _rating_faults(document: object, ratings: Ratings) -> Iterator[str]:
    rating = document.get("rating") if isinstance(document, dict) else None
    if isinstance(rating, str) and rating not in ratings:
        yield f"rating: unknown word; allowed: {', '.join(ratings)}"


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_input=False, include_url=False, include_context=True):
        where = [str(step) for step in fault["loc"] if step != "[key]"]
        yield f"{'.'.join(where) or 'the document'}: {_rule(fault, where)}"


def _rule(fault: Mapping[str, Any], where: list[str]) -> str:
    """Say which rule is broken and, where words or keys are closed, which there are; never the value."""
    match fault["type"]:
        case "enum":
            return f"unknown word; allowed: {_plain(fault['ctx']['expected'])}"
        case "extra_forbidden":
            return f"unknown key; allowed: {', '.join(_keys_at(where[:-1]))}"
        case "missing":
            return "missing"
        case "value_error":
            return str(fault["ctx"]["error"])
        case other:
            limits = [str(limit) for name, limit in fault.get("ctx", {}).items() if name in LIMITS]
            return " ".join((other.replace("_", " "), *limits))


LIMITS = frozenset({"min_length", "max_length", "pattern"})


def _plain(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", ", ")


def _keys_at(where: list[str]) -> tuple[str, ...]:
    model: type[BaseModel] = RequestForm
    for step in where:
        if step in model.model_fields:
            model = next(_records_in(model.model_fields[step].annotation), model)
    return tuple(model.model_fields)


def _records_in(annotation: object) -> Iterator[type[Wire]]:
    if isinstance(annotation, type) and issubclass(annotation, Wire):
        yield annotation
    for inner in get_args(annotation):
        yield from _records_in(inner)


def _keys_within(model: type[BaseModel]) -> Iterator[str]:
    yield from model.model_fields
    fields: list[FieldInfo] = list(model.model_fields.values())
    for record in (one for each in fields for one in _records_in(each.annotation)):
        yield from _keys_within(record)


KNOWN_KEYS = frozenset((*_keys_within(RequestForm), *IdentifierScheme))
