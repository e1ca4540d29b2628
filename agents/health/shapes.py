"""FHIR resources, made plain enough for the release table: lists of words become one text, in their place.

Promise: nothing moves, so that a complaint's pointer is the file's own; what is left out of an element that is
read is counted; an end is read wherever a start is read; of a restricted patient no place, telephone or practice is
taken at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tomllib import loads
from typing import Final

from agents.sdk.mapping.reader import step
from agents.sdk.mapping.release_table import Shape
from agents.sdk.mapping.results import Flagged, IgnoredField, Json, JsonObject
from agents.sdk.mapping.values import Unreadable, is_nothing, read_value

from .labels import is_restricted
from .numbers import is_nhs_number
from .words import display, end, first_name, lines, listed, start, taken_apart, text_of

_SAFEGUARDING: Final[dict[str, str]] = loads(Path(__file__).with_name("codes.toml").read_text(encoding="utf-8"))[
    "safeguarding"
]
_SNOMED: Final = ("http://snomed.info/sct", "https://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96")
_READ_BY_THE_FORMAT: Final = frozenset({"resourceType", "id"})
_NEVER_OF_THE_RESTRICTED: Final = ("address", "telecom", "contact", "generalPractitioner", "managingOrganization")
_DEATHS: Final = ("deceasedDateTime", "deceasedBoolean")
_BIRTHS: Final = ("multipleBirthInteger", "multipleBirthBoolean")
_ONSETS: Final = ("onsetDateTime", "onsetPeriod", "recordedDate", "assertedDate", "dateRecorded", "dateAsserted")
_ABATEMENTS: Final = ("abatementDateTime", "abatementPeriod")

Remarks = list[IgnoredField | Flagged]
_Changes = Mapping[str, Callable[[Json], Json]]

_PLAIN: Final[Mapping[str, _Changes]] = {
    "Condition": {"clinicalStatus": text_of, "verificationStatus": text_of, "code": text_of},
    "Flag": {"code": text_of},
    "Encounter": {
        "class": text_of,
        "type": text_of,
        "reasonCode": text_of,
        "reason": text_of,
        "serviceProvider": display,
    },
    "RelatedPerson": {"relationship": text_of, "name": first_name},
}


def plain(resource: JsonObject, kind: str, *, restricted: bool, at: str, pattern: str, remarks: Remarks) -> JsonObject:
    """Make a resource plain; what is passed over or odd in it goes to `remarks`."""
    made: JsonObject = {key: value for key, value in resource.items() if key not in _READ_BY_THE_FORMAT}
    for key, reduce in _PLAIN.get(kind, {}).items():
        if key in made:
            made[key] = reduce(made[key])
    if kind == "Patient":
        made = _plain_patient(made, restricted=restricted, at=at, pattern=pattern, remarks=remarks)
    elif kind == "Condition":
        _date(made, "onsetDateTime", _ONSETS, start)
        _date(made, "abatementDateTime", _ABATEMENTS, end)
    elif kind == "RelatedPerson" and is_nothing(made.get("relationship")) and not is_nothing(made.get("name")):
        made["relationship"] = "related person"
    if kind in ("Condition", "Flag"):
        made["code"] = _with_term(resource, made.get("code"))
    if kind == "Encounter":
        _plain_encounter(made)
    if "period" in made:
        made["until"], made["period"] = end(made["period"]), start(made["period"])
    if isinstance(meta := made.get("meta"), dict) and "security" in meta:
        made["meta"] = {**meta, "security": is_restricted(resource)}
    return made


def safeguarding_term(resource: JsonObject) -> str | None:
    """Return the term of the first safeguarding code of a Condition or Flag (`codes.toml`)."""
    concept = resource.get("code")
    codings = listed(concept.get("coding")) if isinstance(concept, dict) else []
    for coding in codings:
        if isinstance(coding, dict) and coding.get("system") in _SNOMED:
            term = _SAFEGUARDING.get(str(coding.get("code")))
            if term is not None:
                return term
    return None


def _with_term(resource: JsonObject, said: Json) -> Json:
    term = safeguarding_term(resource)
    if term is None or not isinstance(said, str) or said.casefold() == term.casefold():
        return said if term is None else term
    return f"{term} ({said})"


def _plain_encounter(made: JsonObject) -> None:
    """An encounter is told whatever kind it was: a class is missing in older servers' files."""
    if is_nothing(made.get("class")):
        made["class"] = "kind not recorded"
    reason = made.pop("reason", None)
    if is_nothing(made.get("reasonCode")) and not is_nothing(reason):
        made["reasonCode"] = reason


def _date(made: JsonObject, name: str, places: tuple[str, ...], part: Callable[[Json], Json]) -> None:
    """FHIR dates a condition in one of several places; the first that can be read dates the item."""
    held = [(place, part(made.pop(place))) for place in places if not is_nothing(part(made.get(place)))]
    if held:
        readable = (day for _, day in held if _is_day(day))
        made[name] = next(readable, held[0][1])


def _is_day(value: Json) -> bool:
    return not isinstance(read_value(value, Shape.DATE, at="", flagged=[]), Unreadable | None)


def _plain_patient(made: JsonObject, *, restricted: bool, at: str, pattern: str, remarks: Remarks) -> JsonObject:
    if restricted:
        for key in _NEVER_OF_THE_RESTRICTED:
            if not is_nothing(made.pop(key, None)):
                remarks.append(IgnoredField(pattern=pattern + step(key)))
    for key in _DEATHS:
        if made.get(key) is not False and not is_nothing(made.get(key)):
            remarks.append(Flagged(at=at + step(key), reason="DECEASED"))
    made["multipleBirth"] = next((made.pop(key) for key in _BIRTHS if key in made), None)
    identifiers = made.get("identifier")
    if isinstance(identifiers, list):
        spot = f"{pattern}/identifier/*"
        made["identifier"] = [
            _nhs_only(one, f"{at}/identifier/{n}", spot, remarks) for n, one in enumerate(identifiers)
        ]
    if isinstance(links := made.get("link"), list):
        made["link"] = [_same_person(one, f"{at}/link/{place}", remarks) for place, one in enumerate(links)]
    made["address"] = _each(made.get("address"), {"line": lines, "period": end})
    made["telecom"] = _each(made.get("telecom"), {"period": end})
    made["generalPractitioner"] = _each(made.get("generalPractitioner"), {"identifier": _until})
    made["name"] = _each_name(made.get("name"))
    return made


def _nhs_only(identifier: Json, at: str, pattern: str, remarks: Remarks) -> Json:
    if not isinstance(identifier, dict):
        return identifier
    if is_nhs_number(identifier):
        if identifier.get("use") == "old":
            remarks.append(Flagged(at=at, reason="SUPERSEDED"))  # still this person's: an alias
        return {"value": identifier.get("value")}
    remarks.append(IgnoredField(pattern=pattern))  # a hospital's number proves nothing elsewhere
    return None


def _same_person(link: Json, at: str, remarks: Remarks) -> Json:
    """Keep the NHS number of a superseded or superseding record: an alias of one person, not a second person."""
    if not isinstance(link, dict) or link.get("type") not in MERGES:
        return None
    remarks.append(Flagged(at=at, reason="SUPERSEDED"))
    other = link.get("other")
    identifier = other.get("identifier") if isinstance(other, dict) else None
    if not isinstance(identifier, dict) or not is_nhs_number(identifier):
        return None
    return {"other": {"identifier": {"value": identifier.get("value")}}}


MERGES: Final = ("replaced-by", "replaces")
"""The types of link that say two records are one person's."""


def _each(value: Json, changes: _Changes) -> Json:
    if not isinstance(value, list):
        return value
    return [_changed(one, changes) if isinstance(one, dict) else one for one in value]


def _changed(element: JsonObject, changes: _Changes) -> JsonObject:
    return {key: changes[key](value) if key in changes else value for key, value in element.items()}


def _until(identifier: Json) -> Json:
    return _changed(identifier, {"period": end}) if isinstance(identifier, dict) else identifier


def _each_name(value: Json) -> Json:
    """A name that is only written out is taken apart."""
    if not isinstance(value, list):
        return value
    return [taken_apart(one) if isinstance(one, dict) else one for one in value]
