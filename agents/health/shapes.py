"""FHIR R4 resources, made plain enough for the release table: lists of words become one text, in their place.

Promise: nothing moves, so that a complaint's pointer is the file's own; what is left out of an element that is
read is counted; an identifier is an NHS number only by its system; of a restricted patient no place, telephone or
practice is taken at all, and a confidentiality code that is not known to be open restricts (ref 5.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tomllib import loads
from typing import Final

from agents.sdk.mapping.reader import step
from agents.sdk.mapping.results import Flagged, IgnoredField, Json, JsonObject
from agents.sdk.mapping.values import is_nothing
from broker.holder.name_matching import split_name

NHS_SYSTEM: Final = "https://fhir.nhs.uk/Id/nhs-number"

_SAFEGUARDING: Final[dict[str, str]] = loads(Path(__file__).with_name("codes.toml").read_text(encoding="utf-8"))[
    "safeguarding"
]
_SNOMED: Final = "http://snomed.info/sct"
_CONFIDENTIALITY: Final = "/v3-Confidentiality"
_READ_BY_THE_FORMAT: Final = frozenset({"resourceType", "id"})
_OPEN: Final = ("U", "L", "M", "N")
_NEVER_OF_THE_RESTRICTED: Final = ("address", "telecom", "contact", "generalPractitioner", "managingOrganization")
_VERIFIED: Final = "01"

Remarks = list[IgnoredField | Flagged]
_Changes = Mapping[str, Callable[[Json], Json]]


def text_of(value: Json) -> Json:
    """Write a CodeableConcept, a Coding, or a list of them as words; leave what is neither for the reader to flag."""
    if isinstance(value, list):
        texts = [text_of(one) for one in value]
        words = [text for text in texts if isinstance(text, str)]
        return "; ".join(dict.fromkeys(words)) if len(words) == len(texts) else value
    if not isinstance(value, dict):
        return value
    codings = [one for one in listed(value.get("coding")) if isinstance(one, dict)]
    spoken = [value.get("text"), value.get("display"), *(one.get("display") for one in codings)]
    coded = [value.get("code"), *(one.get("code") for one in codings)]
    return next((text for text in (*spoken, *coded) if isinstance(text, str) and text.strip()), None)


def listed(value: Json) -> list[Json]:
    """Return a list as it is, and anything else as an empty one."""
    return value if isinstance(value, list) else []


def _start(value: Json) -> Json:
    return value.get("start") if isinstance(value, dict) else value


def _end(value: Json) -> Json:
    return value.get("end") if isinstance(value, dict) else value


def _display(value: Json) -> Json:
    return value.get("display") if isinstance(value, dict) else value


def _lines(value: Json) -> Json:
    lines = [line for line in listed(value) if isinstance(line, str) and line.strip()]
    return ", ".join(lines) if isinstance(value, list) else value


def _name(value: Json) -> Json:
    """Write the first of several names on one line: the usual one, if it says so."""
    names = [one for one in listed(value) if isinstance(one, dict)]
    if not names:
        return value
    first = min(names, key=lambda one: one.get("use") != "usual")
    parts = [part for part in (*listed(first.get("given")), first.get("family")) if isinstance(part, str)]
    return " ".join(parts) or first.get("text")


_PLAIN: Final[Mapping[str, _Changes]] = {
    "Condition": {"clinicalStatus": text_of, "verificationStatus": text_of, "code": text_of},
    "Flag": {"code": text_of, "period": _start},
    "Encounter": {
        "class": text_of,
        "type": text_of,
        "reasonCode": text_of,
        "period": _start,
        "serviceProvider": _display,
    },
    "RelatedPerson": {"relationship": text_of, "name": _name},
}


def plain(resource: JsonObject, kind: str, *, at: str, pattern: str, remarks: Remarks) -> JsonObject:
    """Make a resource plain; what is passed over or odd in it goes to `remarks`."""
    made: JsonObject = {key: value for key, value in resource.items() if key not in _READ_BY_THE_FORMAT}
    if kind == "Patient":
        made = _plain_patient(made, at=at, pattern=pattern, remarks=remarks)
    for key, reduce in _PLAIN.get(kind, {}).items():
        if key in made:
            made[key] = reduce(made[key])
    if kind == "Condition":
        _date_condition(made)
        made["code"] = _with_term(resource, made.get("code"))
    elif kind == "Flag":
        made["code"] = _with_term(resource, made.get("code"))
    elif kind == "RelatedPerson" and is_nothing(made.get("relationship")) and not is_nothing(made.get("name")):
        made["relationship"] = "related person"
    if isinstance(meta := made.get("meta"), dict) and "security" in meta:
        made["meta"] = {**meta, "security": is_restricted(resource)}
    return made


def is_restricted(resource: JsonObject) -> bool:
    """Return whether a resource is confidential beyond the usual. What cannot be read restricts."""
    meta = resource.get("meta")
    labels = meta.get("security", []) if isinstance(meta, dict) else []
    if not isinstance(labels, list):
        return True
    return any(not _is_open(label) for label in labels)


def _is_open(label: Json) -> bool:
    if not isinstance(label, dict):
        return False
    system = label.get("system")
    if isinstance(system, str) and not system.endswith(_CONFIDENTIALITY):
        return True  # another vocabulary: "test data", a reason for access
    return label.get("code") in _OPEN


def safeguarding_term(resource: JsonObject) -> str | None:
    """Return the term of the first safeguarding code of a Condition or Flag (`codes.toml`)."""
    concept = resource.get("code")
    codings = listed(concept.get("coding")) if isinstance(concept, dict) else []
    for coding in codings:
        if isinstance(coding, dict) and coding.get("system") == _SNOMED:
            term = _SAFEGUARDING.get(str(coding.get("code")))
            if term is not None:
                return term
    return None


def _with_term(resource: JsonObject, said: Json) -> Json:
    term = safeguarding_term(resource)
    if term is None or not isinstance(said, str) or said.casefold() == term.casefold():
        return said if term is None else term
    return f"{term} ({said})"


def _date_condition(made: JsonObject) -> None:
    """FHIR dates a condition in one of several places; the first that is filled in dates the item."""
    places = (made.get("onsetDateTime"), _start(made.pop("onsetPeriod", None)), made.pop("recordedDate", None))
    made["onsetDateTime"] = next((day for day in places if not is_nothing(day)), None)


def is_verified(resource: JsonObject) -> bool:
    """Return whether every NHS number with a verification status says that it is present and verified."""
    return all(code == _VERIFIED for code in _verification_codes(resource))


def _verification_codes(resource: JsonObject) -> Iterator[Json]:
    for identifier in listed(resource.get("identifier")):
        if not isinstance(identifier, dict) or identifier.get("system") != NHS_SYSTEM:
            continue
        for extension in listed(identifier.get("extension")):
            if isinstance(extension, dict) and str(extension.get("url")).endswith("NHSNumberVerificationStatus"):
                concept = extension.get("valueCodeableConcept")
                for coding in listed(concept.get("coding") if isinstance(concept, dict) else None):
                    yield coding.get("code") if isinstance(coding, dict) else None


def _plain_patient(made: JsonObject, *, at: str, pattern: str, remarks: Remarks) -> JsonObject:
    if is_restricted(made):
        for key in _NEVER_OF_THE_RESTRICTED:
            if not is_nothing(made.pop(key, None)):
                remarks.append(IgnoredField(pattern=pattern + step(key)))
    for key in ("deceasedDateTime", "deceasedBoolean"):
        if made.get(key) is not False and not is_nothing(made.get(key)):
            remarks.append(Flagged(at=at + step(key), reason="DECEASED"))
    identifiers = made.get("identifier")
    if isinstance(identifiers, list):
        spot = f"{pattern}/identifier/*"
        made["identifier"] = [
            _nhs_only(one, f"{at}/identifier/{n}", spot, remarks) for n, one in enumerate(identifiers)
        ]
    if isinstance(links := made.get("link"), list):
        made["link"] = [_same_person(one, f"{at}/link/{place}", remarks) for place, one in enumerate(links)]
    made["address"] = _each(made.get("address"), {"line": _lines, "period": _end})
    made["telecom"] = _each(made.get("telecom"), {"period": _end})
    made["generalPractitioner"] = _each(made.get("generalPractitioner"), {"identifier": _until})
    made["name"] = _each_name(made.get("name"))
    return made


def _nhs_only(identifier: Json, at: str, pattern: str, remarks: Remarks) -> Json:
    if not isinstance(identifier, dict):
        return identifier
    if identifier.get("system") == NHS_SYSTEM:
        if identifier.get("use") == "old":
            remarks.append(Flagged(at=at, reason="SUPERSEDED"))  # still this person's: an alias
        return {"value": identifier.get("value")}
    remarks.append(IgnoredField(pattern=pattern))  # a hospital's number proves nothing elsewhere
    return None


def _same_person(link: Json, at: str, remarks: Remarks) -> Json:
    """Keep the NHS number of a superseded or superseding record: an alias of one person, not a second person."""
    if not isinstance(link, dict) or link.get("type") not in ("replaced-by", "replaces"):
        return None
    remarks.append(Flagged(at=at, reason="SUPERSEDED"))
    other = link.get("other")
    identifier = other.get("identifier") if isinstance(other, dict) else None
    if not isinstance(identifier, dict) or identifier.get("system") != NHS_SYSTEM:
        return None
    return {"other": {"identifier": {"value": identifier.get("value")}}}


def _each(value: Json, changes: _Changes) -> Json:
    if not isinstance(value, list):
        return value
    return [_changed(one, changes) if isinstance(one, dict) else one for one in value]


def _changed(element: JsonObject, changes: _Changes) -> JsonObject:
    return {key: changes[key](value) if key in changes else value for key, value in element.items()}


def _until(identifier: Json) -> Json:
    return _changed(identifier, {"period": _end}) if isinstance(identifier, dict) else identifier


def _each_name(value: Json) -> Json:
    """A name that is only written out is taken apart: its last word is the family name."""
    if not isinstance(value, list):
        return value
    return [_taken_apart(one) if isinstance(one, dict) else one for one in value]


def _taken_apart(name: JsonObject) -> JsonObject:
    text = name.get("text")
    if not is_nothing(name.get("family")) or not is_nothing(name.get("given")) or not isinstance(text, str):
        return name
    held = split_name(text)
    return {"given": [*held.given_names], "family": held.family_name}
