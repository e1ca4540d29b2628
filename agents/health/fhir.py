"""Finding records in FHIR R4: a resource, a bundle, or a search result of the Personal Demographics Service.

Promise: (1) a clinical resource goes to the person it refers to, found in the file, by NHS number, or in the store
by the owner's key, and to nobody else: an id that looks like an NHS number is not one; (2) `--person` binds only
a file all of whose unknown references are one; (3) an outcome that is no record ("too many matches") is rejected
with its word; (4) what was entered in error is not taken in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final, final

from agents.sdk.format import FileTerms, Finding, Format, Readers
from agents.sdk.mapping.reader import step
from agents.sdk.mapping.results import Flagged, IgnoredField, Json, JsonObject, RecordFound, Rejected
from schemas.identifiers import check
from schemas.vocabulary import IdentifierScheme

from .shapes import NHS_SYSTEM, Remarks, is_verified, listed, plain, safeguarding_term

_SUBJECT_OF: Final = {"RelatedPerson": "patient", "Condition": "subject", "Encounter": "subject", "Flag": "subject"}
_OF_NOBODY: Final = frozenset({"Organization", "Practitioner", "PractitionerRole", "Location", "HealthcareService"})
_BUNDLES: Final = ("searchset", "collection", "document", "message", "transaction")  # no set: a file may hold anything
_BUNDLE_FIELDS: Final = frozenset({"resourceType", "type", "entry"})
_ENTRY_FIELDS: Final = frozenset({"fullUrl", "resource"})
_OUTCOMES: Final = ("TOO_MANY_MATCHES", "RESOURCE_NOT_FOUND", "INVALIDATED_RESOURCE", "ACCESS_DENIED")
_REFERENCE: Final = re.compile(
    r"((?P<base>https?://[^|\s]{1,200})/)?Patient/(?P<id>[A-Za-z0-9.\-]{1,64})(/_history/[A-Za-z0-9.\-]{1,64})?"
)
_FULL_URL: Final = re.compile(
    r"(?P<base>https?://[^|\s]{1,200}?)(/Patient/[^/|\s]{1,64})?"
    r"/(Patient|RelatedPerson|Condition|Encounter|Flag)/[^/|\s]{1,64}(/_history/[^/|\s]{1,64})?"
)
_DEMOGRAPHICS: Final = "/personal-demographics/"
_NO_BASE: Final = "fhir"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One resource in its place. `base` is the server that keeps it, as far as the file says."""

    at: str
    pattern: str
    full_url: str = field(repr=False)
    kind: str
    resource: JsonObject = field(repr=False)

    @property
    def base(self) -> str:
        match = _FULL_URL.fullmatch(self.full_url)
        return match["base"] if match else _NO_BASE

    @property
    def id(self) -> str | None:
        held = self.resource.get("id")
        return held if isinstance(held, str) and re.fullmatch(r"[A-Za-z0-9.\-]{1,64}", held) else None


@final
class FhirResources(Format):
    """A FHIR R4 resource or bundle, in JSON."""

    name = "fhir"
    names_nobody = True

    def recognises(self, document: Json, readers: Readers, *, asked_for: bool) -> bool:
        """Take any object that says which resource it is."""
        return isinstance(document, dict) and isinstance(document.get("resourceType"), str)

    def _records(self, document: Json, terms: FileTerms) -> Iterator[Finding]:
        if not isinstance(document, dict):
            return
        entries: list[_Entry] = []
        for found in _entries(document):
            if isinstance(found, _Entry):
                entries.append(found)
            else:
                yield found
        people = _people(entries)
        is_known = cache(terms.is_known)  # asked of the store once for each patient, not for each record
        subjects = {entry.at: _subject(entry, people, is_known) for entry in entries if entry.kind in _SUBJECT_OF}
        strangers = {who.unknown for who in subjects.values() if who.unknown is not None}
        for entry in entries:
            yield from _found(entry, people, subjects.get(entry.at), strangers, terms)


def _entries(document: JsonObject) -> Iterator[_Entry | Finding]:
    if document["resourceType"] == "OperationOutcome":
        yield Rejected(at="", reason=_outcome(document))  # (3)
    elif document["resourceType"] != "Bundle":
        yield from _entry({"resource": document}, at="", pattern="")
    elif document.get("type") not in _BUNDLES:
        yield Rejected(at="/type", reason="UNKNOWN_BUNDLE")  # a history or a list of changes is no list of records
    else:
        yield from (IgnoredField(pattern=step(key)) for key in document if key not in _BUNDLE_FIELDS)
        for place, held in enumerate(listed(document.get("entry"))):
            at = f"/entry/{place}"
            if isinstance(held, dict):
                yield from (IgnoredField(pattern=f"/entry/*{step(key)}") for key in held if key not in _ENTRY_FIELDS)
                yield from _entry(held, at=f"{at}/resource", pattern="/entry/*/resource")
            else:
                yield Rejected(at=at, reason="WRONG_SHAPE")


def _entry(held: JsonObject, *, at: str, pattern: str) -> Iterator[_Entry | Finding]:
    resource, full_url = held.get("resource"), held.get("fullUrl")
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(resource, dict) or not isinstance(kind, str):
        yield Rejected(at=at, reason="WRONG_SHAPE")
    elif kind in _OF_NOBODY or (kind == "OperationOutcome" and at):
        yield IgnoredField(pattern=pattern)
    elif kind != "Patient" and kind not in _SUBJECT_OF:
        yield Rejected(at=f"{at}/resourceType", reason="UNKNOWN_RECORD_TYPE")
    elif _in_error(resource):
        yield Rejected(at=at, reason="ENTERED_IN_ERROR")  # (4)
    else:
        url = full_url if isinstance(full_url, str) else ""
        yield _Entry(at=at, pattern=pattern, full_url=url, kind=kind, resource=resource)


def _outcome(document: JsonObject) -> str:
    """The word of an outcome, if it is one we know: what else stands there may name somebody."""
    for issue in listed(document.get("issue")):
        details = issue.get("details") if isinstance(issue, dict) else None
        for coding in listed(details.get("coding") if isinstance(details, dict) else None):
            if isinstance(coding, dict) and (word := coding.get("code")) in _OUTCOMES:
                return str(word)
    return "OPERATION_OUTCOME"


def _in_error(resource: JsonObject) -> bool:
    verification = resource.get("verificationStatus")
    codings = listed(verification.get("coding") if isinstance(verification, dict) else None)
    said = [resource.get("status"), *(one.get("code") for one in codings if isinstance(one, dict))]
    return "entered-in-error" in said


def _people(entries: Sequence[_Entry]) -> dict[str, str]:
    """Every way the file may refer to a patient of its own, with that patient's key."""
    people: dict[str, str] = {}
    for entry in entries:
        if entry.kind == "Patient" and entry.id is not None:
            key = f"{entry.base}|{entry.id}"
            people |= {key: key, entry.full_url: key}
    people.pop("", None)
    return people


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Who:
    """Whom a clinical resource is about: by key, by NHS number, or by a reference that leads nowhere."""

    key: str | None = field(default=None, repr=False)
    identifier: JsonObject | None = field(default=None, repr=False)
    unknown: str | None = field(default=None, repr=False)
    is_no_patient: bool = False


def _subject(entry: _Entry, people: dict[str, str], is_known: Callable[[str], bool]) -> _Who:
    """(1) Follow a reference, and never guess."""
    held = entry.resource.get(_SUBJECT_OF[entry.kind])
    subject = held if isinstance(held, dict) else {}
    identifier = subject.get("identifier")
    if isinstance(identifier, dict) and identifier.get("system") == NHS_SYSTEM:
        return _Who(identifier={"value": identifier.get("value")})
    reference = subject.get("reference")
    if not isinstance(reference, str):
        return _Who(unknown="")
    match = _REFERENCE.fullmatch(reference)
    if match is None and reference not in people:
        return _Who(is_no_patient=not reference.startswith(("urn:", "#")), unknown=reference)
    base = (match["base"] if match else None) or entry.base
    key = people.get(reference) or (f"{base}|{match['id']}" if match else "")
    if key in people or is_known(key):
        return _Who(key=key)
    if match and _DEMOGRAPHICS in base:  # that service's ids are NHS numbers, and no other server's are
        return _Who(identifier={"value": match["id"]})
    return _Who(unknown=reference)


def _found(
    entry: _Entry, people: dict[str, str], who: _Who | None, strangers: set[str], terms: FileTerms
) -> Iterator[Finding]:
    remarks: Remarks = []
    payload = plain(entry.resource, entry.kind, at=entry.at, pattern=entry.pattern, remarks=remarks)
    found = _record(entry, payload, terms)
    if who is None:
        found = replace(found, person_key=f"{entry.base}|{entry.id}" if entry.id else None)
        found = replace(found, payload=_with_superseded(entry, payload, remarks))
        if not is_verified(entry.resource):
            remarks.append(Flagged(at=entry.at, reason="NOT_VERIFIED"))
            found = replace(found, unverified=True)
    elif who.unknown is not None and (reason := _unbound(who, strangers, terms)):
        yield Rejected(at=entry.at, reason=reason)
        return
    else:
        name = _SUBJECT_OF[entry.kind]
        found = replace(found, person_key=who.key, payload={**payload, name: _shown(payload.get(name), who)})
    yield from remarks
    yield found


def _unbound(who: _Who, strangers: set[str], terms: FileTerms) -> str | None:
    """(2) Say why an unknown reference stays unknown: two of them may be two people."""
    if not terms.bound or who.is_no_patient:
        return "NO_SUBJECT"
    return "SEVERAL_SUBJECTS" if len(strangers) > 1 else None


def _shown(subject: Json, who: _Who) -> Json:
    """The subject as the table reads it: by NHS number alone. What else stands there is counted."""
    if not isinstance(subject, dict):
        return None
    rest = {key: value for key, value in subject.items() if key not in ("reference", "identifier", "type")}
    return {**rest, "identifier": who.identifier}


def _record(entry: _Entry, payload: JsonObject, terms: FileTerms) -> RecordFound:
    flagged = entry.kind in ("Condition", "Flag") and safeguarding_term(entry.resource) is not None
    return RecordFound(
        at=entry.at,
        pattern=entry.pattern,
        record_type=f"{entry.kind}.safeguarding" if flagged else entry.kind,
        custodian=entry.base,
        system=entry.base,
        reference=f"{entry.kind}/{entry.id}" if entry.id else f"{terms.digest}{entry.at}",
        person_id=None,
        payload=payload,
        payload_at=entry.at,
    )


def _with_superseded(entry: _Entry, payload: JsonObject, remarks: Remarks) -> JsonObject:
    """Keep the number that was asked for where the service answers with its successor: both are this person's."""
    match = _REFERENCE.fullmatch(entry.full_url)
    if match is None or _DEMOGRAPHICS not in (match["base"] or "") or match["id"] == entry.id:
        return payload
    if not check(IdentifierScheme.NHS, match["id"]).valid:
        return payload
    remarks.append(Flagged(at=entry.at.removesuffix("/resource") + "/fullUrl", reason="SUPERSEDED"))
    return {**payload, "identifier": [*listed(payload.get("identifier")), {"value": match["id"]}]}
