"""Reading FHIR (R4, and STU3 where it differs): a resource, a bundle, a search result, a bulk export's lines.

Promise: (1) a clinical resource goes to the person it refers to, found in the file, by NHS number, or in the store
by the owner's key, and to nobody else: an id that looks like an NHS number is not one; (2) `--person` binds only
a file all of whose unknown references are one; (3) what leads to two patients is rejected, with all that points there;
(4) an inactive patient is for a person to look at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import final

from agents.sdk.format import Document, FileTerms, Finding, Format, Readers
from agents.sdk.lines import JsonLines
from agents.sdk.mapping.results import Flagged, Json, JsonObject, RecordFound, Rejected
from agents.sdk.reading import AMBIGUOUS
from schemas.identifiers import check
from schemas.vocabulary import IdentifierScheme

from .entries import SUBJECT_OF, Entry, Found, entries_of
from .numbers import is_verified
from .shapes import MERGES, Remarks, plain, safeguarding_term
from .subjects import DEMOGRAPHICS, REFERENCE, Patients, Who, key_of
from .words import listed


@final
class FhirResources(Format):
    """A FHIR resource or bundle in JSON, or Bulk FHIR's lines of resources."""

    name = "fhir"
    names_nobody = True

    def recognises(self, document: Document, readers: Readers, *, asked_for: bool) -> bool:
        """Take any object that says which resource it is, and lines the first of which does."""
        if isinstance(document, JsonLines):
            document = next((line.document for line in document if line.document is not None), None)
        return isinstance(document, dict) and isinstance(document.get("resourceType"), str)

    def _records(self, document: Document, terms: FileTerms) -> Iterator[Finding]:
        held: list[Found] = [] if isinstance(document, JsonLines) else list(entries_of(document, terms))
        is_known = cache(terms.is_known)  # asked of the store once for each patient, not for each record
        patients = Patients(_resources(document, held, terms), is_known)
        strangers: set[str] = set()
        if terms.bound:
            subjects = (patients.subject(one) for one in _resources(document, held, terms) if one.kind in SUBJECT_OF)
            strangers = {who.unknown for who in subjects if who.unknown is not None}
        for found in held or entries_of(document, terms):
            if isinstance(found, Entry):
                yield from _found(found, patients, strangers, terms)
            else:
                yield found


def _resources(document: Document, held: list[Found], terms: FileTerms) -> Iterator[Entry]:
    """Go through the resources: those held, or of lines, which are read once more at each pass."""
    return (one for one in held or entries_of(document, terms) if isinstance(one, Entry))


def _found(entry: Entry, patients: Patients, strangers: set[str], terms: FileTerms) -> Iterator[Finding]:
    remarks: Remarks = []
    payload = plain(
        entry.resource,
        entry.kind,
        restricted=entry.restricted,
        at=entry.at,
        pattern=entry.pattern,
        remarks=remarks,
    )
    found = _record(entry, payload, terms)
    if entry.kind == "Patient":
        if patients.is_ambiguous(entry):
            yield Rejected(at=entry.at, reason=AMBIGUOUS)  # (3)
            return
        found = _patient(entry, replace(found, other_person_keys=patients.merged(entry)), remarks)
    else:
        who = patients.subject(entry)
        if (reason := _nobody(who, strangers, terms)) is not None:
            yield Rejected(at=entry.at, reason=reason)
            if who.unknown not in (None, entry.at):  # it is told of somebody else now
                yield from entry.withdrawn(reason, lasting=False)
            return
        name = SUBJECT_OF[entry.kind]
        found = replace(found, person_key=who.key, payload={**payload, name: _shown(payload.get(name), who)})
    yield from remarks
    yield found


def _patient(entry: Entry, found: RecordFound, remarks: Remarks) -> RecordFound:
    payload = _with_superseded(entry, found.payload, remarks)
    found = replace(found, person_key=key_of(entry), payload=payload)
    if entry.resource.get("active") is False and not _is_replaced(entry.resource):
        remarks.append(Flagged(at=f"{entry.at}/active", reason="INACTIVE"))
        found = replace(found, restricted=True)  # (4)
    if not is_verified(entry.resource):
        remarks.append(Flagged(at=entry.at, reason="NOT_VERIFIED"))
        found = replace(found, unverified=True)
    return found


def _is_replaced(patient: JsonObject) -> bool:
    """Return whether a merge says why a patient is not active."""
    return any(isinstance(link, dict) and link.get("type") in MERGES for link in listed(patient.get("link")))


def _nobody(who: Who, strangers: set[str], terms: FileTerms) -> str | None:
    """(2) Say why a subject stays unknown: two strangers may be two patients."""
    if who.ambiguous:
        return AMBIGUOUS
    if who.unknown is None:
        return None
    if not terms.bound or who.is_no_patient:
        return "NO_SUBJECT"
    return "SEVERAL_SUBJECTS" if len(strangers) > 1 else None


def _shown(subject: Json, who: Who) -> Json:
    """The subject as the table reads it: by NHS number alone. What else stands there is counted."""
    if not isinstance(subject, dict):
        return None if who.identifier is None else {"identifier": who.identifier}
    rest = {key: value for key, value in subject.items() if key not in ("reference", "identifier", "type")}
    return {**rest, "identifier": who.identifier}


def _record(entry: Entry, payload: JsonObject, terms: FileTerms) -> RecordFound:
    flagged = entry.kind in ("Condition", "Flag") and safeguarding_term(entry.resource) is not None
    return RecordFound(
        at=entry.at,
        pattern=entry.pattern,
        record_type=f"{entry.kind}.safeguarding" if flagged else entry.kind,
        custodian=entry.owner,
        system=entry.system,
        reference=f"{entry.kind}/{entry.id}" if entry.id else f"{terms.digest}{entry.at}",
        person_id=None,
        payload=payload,
        payload_at=entry.at,
        restricted=entry.restricted,
        version=entry.version,
    )


def _with_superseded(entry: Entry, payload: JsonObject, remarks: Remarks) -> JsonObject:
    """Keep the number that was asked for where the service answers with its successor: both are this person's."""
    match = REFERENCE.fullmatch(entry.full_url)
    if match is None or DEMOGRAPHICS not in (match["base"] or "") or match["id"] == entry.id:
        return payload
    if not check(IdentifierScheme.NHS, match["id"]).valid:
        return payload
    remarks.append(Flagged(at=entry.at.removesuffix("/resource") + "/fullUrl", reason="SUPERSEDED"))
    return {**payload, "identifier": [*listed(payload.get("identifier")), {"value": match["id"]}]}
