"""Compose: the file a person wrote becomes a well-formed ask, or one line says which key or word is wrong.

(1) at most 256 KiB of JSON without duplicate keys; (2) every key and word known; (3) one subject child, and every
reference to a person names one. What the law thinks of it is the gate's business, not this one's.
"""

from __future__ import annotations

import json
import re

from pydantic import ValidationError

from broker.errors import UsageError
from schemas.request import Actor, Agreement, FamilyInformed, Override, PersonForm, RequestForm
from schemas.vocabulary import IdentifierScheme, PersonRole

MOST_BYTES = 256 * 1024


def compose(data: bytes) -> RequestForm:
    """Read `request.json`. Raises: UsageError, with the key and the rule it breaks, never a value."""
    if len(data) > MOST_BYTES:  # (1)
        raise UsageError(f"request file: {len(data)} bytes is over the limit of {MOST_BYTES}")
    try:
        document = json.loads(data, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"request file: {_json_fault(error)}") from None
    _check_moments(document)
    try:
        form = RequestForm.model_validate_json(json.dumps(document), strict=True)  # (2)
    except ValidationError as error:
        raise UsageError(f"request file: {_first_fault(error)}") from None
    _check_people(form)  # (3)
    return form


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object's members; null is the same as absent, for the keys that there are (command line contract)."""
    # Two values under one key: one reader would gate the first and another would send the second.
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return {key: value for key, value in pairs if value is not None or key not in KNOWN_KEYS}


def _check_moments(document: object) -> None:
    """Take dates and times in their ISO form only: a bare number is no date of birth, whatever a parser makes of it."""
    if not isinstance(document, dict):
        return
    for key, name, form in (("people", "date_of_birth", DATE), ("agreements", "recorded_at", MOMENT)):
        entries = document.get(key)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            value = entry.get(name) if isinstance(entry, dict) else None
            if isinstance(value, str) and not form.fullmatch(value):
                raise UsageError(f"request file: {key}.{index}.{name}: is not in ISO 8601 form")


def _json_fault(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON at line {error.lineno} column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


KNOWN_KEYS = frozenset(
    name
    for model in (RequestForm, PersonForm, Actor, FamilyInformed, Agreement, Override)
    for name in model.model_fields
) | frozenset(IdentifierScheme)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})")
KNOWN_WORD_ERRORS = {"enum": "unknown word", "extra_forbidden": "unknown key", "missing": "missing"}


def _first_fault(error: ValidationError) -> str:
    faults = error.errors(include_input=False, include_url=False, include_context=True)
    first = faults[0]
    where = ".".join(str(step) for step in first["loc"]) or "the document"
    rule = KNOWN_WORD_ERRORS.get(first["type"], first["type"].replace("_", " "))
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{where}: {rule}{more}"


def _check_people(form: RequestForm) -> None:
    refs = [person.ref for person in form.people]
    if len(set(refs)) != len(refs):
        raise UsageError("request file: people: two people have one ref")
    children = [person for person in form.people if person.role is PersonRole.SUBJECT_CHILD]
    if len(children) != 1:
        raise UsageError(f"request file: people: exactly one SUBJECT_CHILD is needed, not {len(children)}")
    for index, agreement in enumerate(form.agreements):
        if agreement.person not in refs:
            raise UsageError(f"request file: agreements.{index}.person: names nobody in people")
    for index, person in enumerate(form.people):
        if not person.family_name.strip() and not any(name.strip() for name in person.given_names):
            raise UsageError(f"request file: people.{index}: has no name")
