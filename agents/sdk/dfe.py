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
from agents.sdk.format import FileTerms, Format, Readers
from agents.sdk.mapping.reader import Narrative, step
from agents.sdk.mapping.results import IgnoredField, Json, JsonObject, RecordFound, Rejected
from agents.sdk.mapping.values import Fields, clean, is_nothing
from schemas.vocabulary import Sector

LONGEST_WORD: Final = 300
"""Characters of a record's id or a system's name (the wire's ShortText)."""

_SECTORS: Final = {sector.value: sector for sector in Sector} | {"LOCAL_AUTHORITY": Sector.CHILDRENS_SOCIAL_CARE}
_VERSIONS: Final = (None, "1", "1.0", 1)
_FILE_FIELDS: Final = frozenset({"orgId", "orgName", "orgType", "records"})
_RECORD_FIELDS: Final = frozenset(
    {"recordId", "personId", "recordType", "version", "schemaUri", "systemId", "providerSystemId", "payload", "data"}
)


@final
class CustodianFile(Format):
    """A custodian's records of many people."""

    name = "dfe-custodian"

    def recognises(self, document: Json, readers: Readers, *, asked_for: bool) -> bool:
        """Take any object with a list of records and an organisation."""
        return (
            isinstance(document, dict)
            and isinstance(document.get("records"), list)
            and ("orgType" in document or "orgId" in document)
        )

    def _records(self, document: Json, terms: FileTerms) -> Iterator[RecordFound | Rejected | IgnoredField]:
        if not isinstance(document, dict) or not isinstance(records := document.get("records"), list):
            return
        if _SECTORS.get(str(document.get("orgType"))) is not terms.sector:
            yield Rejected(at="/orgType", reason="WRONG_SECTOR")
            return
        for key in document.keys() - _FILE_FIELDS:
            yield IgnoredField(pattern=step(key))
        custodian = _word(document.get("orgId")) or str(terms.sector)
        for index, record in enumerate(records):
            at = f"/records/{index}"
            if not isinstance(record, dict):
                yield Rejected(at=at, reason="WRONG_SHAPE")
                continue
            yield from _ignored(record)
            yield _found(record, at, custodian, fallback=f"{terms.digest}{at}")


def _ignored(record: JsonObject) -> Iterator[IgnoredField]:
    for key, value in record.items():
        if key not in _RECORD_FIELDS and not is_nothing(value):
            yield IgnoredField(pattern=f"/records/*{step(key)}")


def _found(record: JsonObject, at: str, custodian: str, *, fallback: str) -> RecordFound | Rejected:
    """Take one record apart. Without an id of its own it is known by its file and place."""
    body = "payload" if "payload" in record else "data"
    payload = record.get(body)
    if not isinstance(payload, dict):
        return Rejected(at=f"{at}/{body}", reason="WRONG_SHAPE")
    if record.get("version") not in _VERSIONS:
        return Rejected(at=f"{at}/version", reason="UNKNOWN_VERSION")
    person_id = record.get("personId")
    return RecordFound(
        at=at,
        pattern=f"/records/*/{body}",
        record_type=str(record.get("recordType")),
        custodian=custodian,
        system=_word(record.get("systemId")) or _word(record.get("providerSystemId")) or custodian,
        reference=_word(record.get("recordId")) or fallback,
        person_id=None if is_nothing(person_id) else _word(person_id),
        payload=payload,
        payload_at=f"{at}/{body}",
    )


def _word(value: Json) -> str:
    text = clean(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""
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

    def recognises(self, document: Json, readers: Readers, *, asked_for: bool) -> bool:
        """Take an object with at least half of the fields of its type, or one of them where it was asked for."""
        if not isinstance(document, dict) or not self._marks <= document.keys():
            return False
        known = readers[self.name].fields
        held = len(known & document.keys())
        return held > 0 if asked_for else 2 * held >= len(known)

    def _records(self, document: Json, terms: FileTerms) -> Iterator[RecordFound | Rejected | IgnoredField]:
        if isinstance(document, dict):
            yield RecordFound(
                at="",
                pattern="",
                record_type=self.name,
                custodian=self.name,
                system=self.name,
                reference=terms.digest[:16],
                person_id=None,
                payload=document,
                payload_at="",
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


PERSONAL_DETAILS: Final = CommonRecords(
    table=Path(__file__).with_name("dfe.toml"),
    narratives={
        "personal.details": {
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
