"""The Department for Education's record types, which every sector's custodian file uses (ref 5.0).

A custodian file is `{orgId, orgType, records: [{recordId, personId, recordType, version, systemId, payload}]}`;
the older writings `providerSystemId` and `data` are read too. `personal.details` means the same wherever it
occurs; its rows are in `dfe.toml`. A file of another sector is rejected whole: what one agency holds is not
another's to answer with.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, final

from agents.sdk.agent import CommonRecords
from agents.sdk.format import Document, FileTerms, Finding, Format, Readers
from agents.sdk.mapping.pages import extracted_at, page_gaps
from agents.sdk.mapping.reader import Narrative, step
from agents.sdk.mapping.results import IgnoredField, Json, JsonObject, RecordFound, Rejected, Withdrawn
from agents.sdk.mapping.standing import DELETED, UNDERSTOOD, UNKNOWN_MODIFIER, modified, stands
from agents.sdk.mapping.values import Fields, clean, is_nothing, one_line, when
from agents.sdk.mapping.versions import version_of
from agents.sdk.reading import Extracted
from schemas.vocabulary import Sector

LONGEST_WORD: Final = 300
"""Characters of a record's id or a system's name (the wire's ShortText)."""

_SECTORS: Final = {sector.value: sector for sector in Sector} | {"LOCAL_AUTHORITY": Sector.CHILDRENS_SOCIAL_CARE}
_VERSIONS: Final = (None, "1", "1.0", 1)
_FILE_FIELDS: Final = frozenset({"orgId", "orgName", "orgType", "records"})
_RECORD_FIELDS: Final = frozenset(
    {"recordId", "personId", "recordType", "version", "schemaUri", "systemId", "providerSystemId", "payload", "data"}
)
_RESTRICTING: Final = frozenset(
    {"restricted", "isRestricted", "accessRestricted", "confidential", "sensitive", "sealed"}
)
_SELDOM: Final = frozenset({"restricted", "multipleBirth", "dateOfDeath", "deceased"})
"""Fields that the published record types do not have, and that are read where a system adds them."""

_ACTIONS: Final = ("action", "operation", "changeType")
_REMOVALS: Final = frozenset({"delete", "deleted", "remove", "removed", "withdraw", "withdrawn"})


@final
class CustodianFile(Format):
    """A custodian's records of many people."""

    name = "dfe-custodian"

    def recognises(self, document: Document, readers: Readers, *, asked_for: bool) -> bool:
        """Take any object with a list of records and an organisation."""
        return (
            isinstance(document, dict)
            and isinstance(document.get("records"), list)
            and ("orgType" in document or "orgId" in document)
        )

    def _records(self, document: Document, terms: FileTerms) -> Iterator[Finding]:
        if not isinstance(document, dict) or not isinstance(records := document.get("records"), list):
            return
        if _SECTORS.get(str(document.get("orgType"))) is not terms.sector:
            yield Rejected(at="/orgType", reason="WRONG_SECTOR")
            return
        for key in document.keys() - _FILE_FIELDS:
            yield IgnoredField(pattern=step(key))
        yield from page_gaps(document, len(records))
        if (made := extracted_at(document)) is not None:
            yield Extracted(made)
        custodian = terms.source or _word(document.get("orgId")) or str(terms.sector)
        for index, record in enumerate(records):
            at = f"/records/{index}"
            if not isinstance(record, dict):
                yield Rejected(at=at, reason="WRONG_SHAPE")
                continue
            yield from _ignored(record)
            yield from _found(record, at, custodian, fallback=f"{terms.digest}{at}")


def _ignored(record: JsonObject) -> Iterator[IgnoredField]:
    for key, value in record.items():
        if key not in _RECORD_FIELDS and not is_nothing(value):
            yield IgnoredField(pattern=f"/records/*{step(key)}")


def _found(record: JsonObject, at: str, custodian: str, *, fallback: str) -> Iterator[Finding]:
    """Take one record apart. Without an id of its own it is known by its file and place."""
    body = "payload" if "payload" in record else "data"
    payload = record.get(body)
    system = _word(record.get("systemId")) or _word(record.get("providerSystemId")) or custodian
    reference = _word(record.get("recordId"))
    version = version_of(record, payload)
    if (reason := _gone(record)) is not None:  # a correction is news about what is held
        yield Rejected(at=at, reason=reason, understood=reason in UNDERSTOOD)
        if reference:
            yield Withdrawn(at=at, key=(custodian, system, reference), reason=reason, version=version)
        return
    if not isinstance(payload, dict):
        yield Rejected(at=f"{at}/{body}", reason="WRONG_SHAPE")
        return
    if record.get("version") not in _VERSIONS:
        yield Rejected(at=f"{at}/version", reason="UNKNOWN_VERSION")
        return
    person_id = record.get("personId")
    yield RecordFound(
        at=at,
        pattern=f"/records/*/{body}",
        record_type=str(record.get("recordType")),
        custodian=custodian,
        system=system,
        reference=reference or fallback,
        person_id=None if is_nothing(person_id) else _word(person_id),
        payload=payload,
        payload_at=f"{at}/{body}",
        restricted=_restricts(record) or _restricts(payload),
        version=version,
    )


def _gone(record: JsonObject) -> str | None:
    """Return the word of why an envelope says that its record no longer stands."""
    if any(str(record[key]).casefold() in _REMOVALS for key in _ACTIONS if key in record):
        return DELETED
    if modified({key: value for key, value in record.items() if key not in ("payload", "data")}, besides=""):
        return UNKNOWN_MODIFIER
    return stands(record)


def _restricts(held: JsonObject) -> bool:
    return not _RESTRICTING.isdisjoint(held) and any(_says(held[key]) for key in _RESTRICTING if key in held)


def _says(value: Json) -> bool:
    return value is not None and str(value).strip().casefold() not in ("", "no", "n", "false", "0", "none", "[]", "{}")


def _word(value: Json) -> str:
    text = one_line(clean(str(value))) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text[:LONGEST_WORD]


@final
class BareRecord(Format):
    """One record of one type, without an envelope; the file is recognised by its fields.

    `marks` are fields that it must have, where other systems' records look like it.
    """

    names_nobody = True

    def __init__(self, record_type: str, *, marks: frozenset[str] = frozenset()) -> None:
        self.name = record_type
        self._marks = marks

    def recognises(self, document: Document, readers: Readers, *, asked_for: bool) -> bool:
        """Take an object with at least half of the fields of its type, or one of them where it was asked for."""
        if not isinstance(document, dict) or not self._marks <= document.keys():
            return False
        known = readers[self.name].fields - _SELDOM
        held = len(known & document.keys())
        return held > 0 if asked_for else 2 * held >= len(known)

    def _records(self, document: Document, terms: FileTerms) -> Iterator[Finding]:
        if isinstance(document, dict):
            yield RecordFound(
                at="",
                pattern="",
                record_type=self.name,
                custodian=terms.owner,
                system=terms.source or self.name,
                reference=f"{self.name}/{terms.bound_key or terms.digest[:32]}",
                person_id=None,
                payload=document,
                payload_at="",
                version=version_of(document),
            )


def _ethnicity(fields: Fields) -> str:
    return f"Ethnicity: {fields.text()}."


def _first_language(fields: Fields) -> str:
    return f"First language: {fields.text()}."


def _uses(what: str) -> Narrative:
    return lambda fields: f"Uses {what}." if fields.yes_no() else None


def _interpreter(fields: Fields) -> str | None:
    return "Needs an interpreter." if fields.yes_no() else None


def _address(fields: Fields) -> str | None:
    parts = [fields.text(part) for part in ("line1", "line2", "townOrCity", "county", "postcode")]
    held = ", ".join(part for part in parts if part)
    return f"Main address: {held}." if held else None


def _resident(fields: Fields) -> str:
    return f"{fields.text()} is said to live at the main address."


def _related(fields: Fields) -> str:
    relation = fields.text("relationshipToTheChild")
    who = fields.text("name") or "Somebody whose name is not recorded"
    return f"{who} is recorded as: {relation}." if relation else f"{who} is recorded as a related person."


def _related_risk(fields: Fields) -> str:
    relation = fields.text("relationshipToTheChild")
    who = fields.text("name") or "a related person whose name is not recorded"
    return f"Risk recorded about {who}{f' ({relation})' if relation else ''}: {fields.text()}."


def _died(fields: Fields) -> str | None:
    day = fields.day()
    return f"This person died {when(day)}." if day else "This person has died; the date cannot be read."


def _dead(fields: Fields) -> str | None:
    return "This person is recorded as having died." if fields.yes_no() else None


PERSONAL_DETAILS: Final = CommonRecords(
    table=Path(__file__).with_name("dfe.toml"),
    narratives={
        "personal.details": {
            "/dateOfDeath": _died,
            "/deceased": _dead,
            "/ethnicity": _ethnicity,
            "/firstLanguage": _first_language,
            "/braille": _uses("braille"),
            "/signLanguage": _uses("sign language"),
            "/makaton": _uses("Makaton"),
            "/interpreter": _interpreter,
            "/address": _address,
            "/namesOfIndividualsResidingAtMainAddress/*": _resident,
            "/relatedPeople/*": _related,
            "/relatedPeople/*/risk/*": _related_risk,
        }
    },
)
"""`personal.details`: its rows, and how it is put into words."""
