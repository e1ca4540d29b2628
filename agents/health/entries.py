"""Resources in their places: one resource, a bundle's entries, or the lines of a bulk export.

Promise: what is no resource, what stands for something that was kept back, and what says that it is not all are
found here and told; what is of a type that no row reads is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tomllib import loads
from typing import Final, final

from agents.sdk.format import Document, FileTerms
from agents.sdk.lines import JsonLines
from agents.sdk.mapping.pages import MORE_THAN_HERE, NEXT_PAGE, extracted_at
from agents.sdk.mapping.reader import step
from agents.sdk.mapping.results import (
    Flagged,
    Gap,
    IgnoredField,
    Json,
    JsonObject,
    PassedOver,
    RecordVersion,
    Rejected,
    Withdrawn,
)
from agents.sdk.mapping.standing import DELETED, UNDERSTOOD, UNKNOWN_MODIFIER, modified, stands
from agents.sdk.mapping.versions import moment, version_of
from agents.sdk.reading import Extracted, Remark

from .labels import is_restricted
from .words import listed

SUBJECT_OF: Final = {"RelatedPerson": "patient", "Condition": "subject", "Encounter": "subject", "Flag": "subject"}
"""The types that are read beside Patient, and the field that says whom each is about."""

_PASSED_OVER: Final[frozenset[str]] = frozenset(
    loads(Path(__file__).with_name("resource_types.toml").read_text(encoding="utf-8"))["passed_over"]
)
NO_SERVER: Final = "fhir"
"""The system's name where neither the file nor the operator names one."""

_BUNDLES: Final = ("searchset", "collection", "document", "message", "transaction")  # no set: a file may hold anything
_BUNDLE_FIELDS: Final = frozenset({"resourceType", "id", "type", "entry", "link", "total", "timestamp", "meta"})
_ENTRY_FIELDS: Final = frozenset({"fullUrl", "resource", "request", "search", "response"})
_METHODS: Final = (None, "GET", "POST", "PUT")
_OUTCOMES: Final = ("TOO_MANY_MATCHES", "RESOURCE_NOT_FOUND", "INVALIDATED_RESOURCE", "ACCESS_DENIED")
_ID: Final = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_LOCAL: Final = re.compile(
    r"((?P<base>https?://[^|\s]{1,200})/)?(?P<kind>[A-Z][A-Za-z]{1,63})/(?P<id>[A-Za-z0-9.\-]{1,64})(/_history/.*)?"
)
_FULL_URL: Final = re.compile(
    r"(?P<base>https?://[^|\s]{1,200}?)(/Patient/[^/|\s]{1,64})?"
    r"/(Patient|RelatedPerson|Condition|Encounter|Flag)/[^/|\s]{1,64}(/_history/[^/|\s]{1,64})?"
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One resource in its place. `owner` is whose its id is: the server that keeps it, or the file's source."""

    at: str
    pattern: str
    full_url: str = field(repr=False)
    owner: str
    system: str
    kind: str
    resource: JsonObject = field(repr=False)
    restricted: bool

    @property
    def id(self) -> str | None:
        """Its id, where it has one that can be a key."""
        held = self.resource.get("id")
        return held if isinstance(held, str) and _ID.fullmatch(held) else None

    @property
    def version(self) -> RecordVersion:
        """How new it says it is."""
        return version_of(self.resource.get("meta"))

    def withdrawn(self, reason: str, *, lasting: bool) -> Iterator[Withdrawn]:
        """Withdraw what is held under its key, where it has one."""
        if self.id is not None:
            key = (self.owner, self.system, f"{self.kind}/{self.id}")
            yield Withdrawn(at=self.at, key=key, reason=reason, version=self.version, lasting=lasting)


Found = Entry | Withdrawn | Remark


def entries_of(document: Document, terms: FileTerms) -> Iterator[Found]:
    """Find the resources of a document, or of a file of lines."""
    if isinstance(document, JsonLines):
        for line in document:
            yield from line.flagged
            if line.fault is not None:
                yield Rejected(at=line.at, reason=line.fault)
            elif not isinstance(line.document, dict) or not isinstance(line.document.get("resourceType"), str):
                yield Rejected(at=line.at, reason="WRONG_SHAPE")
            else:
                yield from _document(line.document, terms, line.at, "/line/*")
    elif isinstance(document, dict):
        yield from _document(document, terms, "", "")


def _document(document: JsonObject, terms: FileTerms, at: str, pattern: str) -> Iterator[Found]:
    if document["resourceType"] == "OperationOutcome":
        yield Rejected(at=at, reason=_outcome(document))
    elif document["resourceType"] != "Bundle":
        yield from _resource({"resource": document}, terms, at=at, pattern=pattern, restricted=False)
    elif document.get("type") not in _BUNDLES:
        yield Rejected(at=f"{at}/type", reason="UNKNOWN_BUNDLE")  # a history or a list of changes is no list of records
    else:
        yield from _bundle(document, terms, at, pattern)


def _bundle(bundle: JsonObject, terms: FileTerms, at: str, pattern: str) -> Iterator[Found]:
    yield from (IgnoredField(pattern=pattern + step(key)) for key in bundle if key not in _BUNDLE_FIELDS)
    meta = bundle.get("meta")
    made = extracted_at(bundle) or moment(meta.get("lastUpdated") if isinstance(meta, dict) else None)
    if made is not None:
        yield Extracted(made)
    yield from _further(bundle, at)
    if bundle.get("entry") is not None and not isinstance(bundle["entry"], list):
        yield Rejected(at=f"{at}/entry", reason="WRONG_SHAPE")
    elif not bundle.get("entry") and bundle.get("total") != 0:
        yield Flagged(at=at, reason="NO_ENTRIES")
    restricted = is_restricted(bundle)
    for place, held in enumerate(listed(bundle.get("entry"))):
        spot = f"{at}/entry/{place}"
        if not isinstance(held, dict):
            yield Rejected(at=spot, reason="WRONG_SHAPE")
            continue
        yield from (IgnoredField(pattern=f"{pattern}/entry/*{step(key)}") for key in held if key not in _ENTRY_FIELDS)
        yield from _entry(held, terms, spot, f"{pattern}/entry/*/resource", restricted=restricted)


def _further(bundle: JsonObject, at: str) -> Iterator[Gap]:
    """Find what says that the bundle is not all that was asked for."""
    for place, link in enumerate(listed(bundle.get("link"))):
        if isinstance(link, dict) and link.get("relation") == "next":
            yield Gap(at=f"{at}/link/{place}", reason=NEXT_PAGE)
    total = bundle.get("total")
    matches = sum(_mode(one) in (None, "match") for one in listed(bundle.get("entry")))
    if isinstance(total, int) and not isinstance(total, bool) and total > matches:
        yield Gap(at=f"{at}/total", reason=MORE_THAN_HERE)


def _mode(entry: Json) -> Json:
    search = entry.get("search") if isinstance(entry, dict) else None
    return search.get("mode") if isinstance(search, dict) else None


def _entry(held: JsonObject, terms: FileTerms, at: str, pattern: str, *, restricted: bool) -> Iterator[Found]:
    request = held.get("request")
    method = request.get("method") if isinstance(request, dict) else None
    if method == "DELETE" and isinstance(request, dict):
        yield from _deleted(request, held.get("fullUrl"), terms, at)
    elif method not in _METHODS:
        yield Rejected(
            at=f"{at}/request/method", reason="CHANGE_NOT_READ"
        )  # a patch says what changed, of what we lack
    else:
        yield from _resource(held, terms, at=f"{at}/resource", pattern=pattern, restricted=restricted)


def _deleted(request: JsonObject, full_url: Json, terms: FileTerms, at: str) -> Iterator[Found]:
    urls = [url for url in (request.get("url"), full_url) if isinstance(url, str)]
    matches = [match for url in urls if (match := _LOCAL.fullmatch(url.split("?")[0]))]
    if not matches:
        yield Rejected(
            at=f"{at}/request/url", reason="CHANGE_NOT_READ"
        )  # a search that deletes, or nothing that is known
        return
    base = next((match["base"] for match in matches if match["base"]), None)
    key = (base or terms.owner, base or terms.source or NO_SERVER, f"{matches[0]['kind']}/{matches[0]['id']}")
    yield Withdrawn(at=at, key=key, reason=DELETED, version=RecordVersion())


def _resource(held: JsonObject, terms: FileTerms, *, at: str, pattern: str, restricted: bool) -> Iterator[Found]:
    resource, full_url = held.get("resource"), held.get("fullUrl")
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(resource, dict) or not isinstance(kind, str):
        yield Rejected(at=at, reason="WRONG_SHAPE")
    elif kind == "OperationOutcome":
        yield Gap(at=at, reason=_outcome(resource))  # a server says that something was kept back, and seldom what
    elif kind == "Bundle":
        yield Rejected(at=at, reason="UNKNOWN_BUNDLE")
    elif kind != "Patient" and kind not in SUBJECT_OF:
        known = kind in _PASSED_OVER
        yield (
            PassedOver(record_type=kind) if known else Rejected(at=f"{at}/resourceType", reason="UNKNOWN_RECORD_TYPE")
        )
    else:
        url = full_url if isinstance(full_url, str) else ""
        match = _FULL_URL.fullmatch(url)
        base = match["base"] if match else None
        entry = Entry(
            at=at,
            pattern=pattern,
            full_url=url,
            owner=base or terms.owner,
            system=base or terms.source or NO_SERVER,
            kind=kind,
            resource=resource,
            restricted=restricted or is_restricted(resource),
        )
        yield from _standing(entry)


def _standing(entry: Entry) -> Iterator[Found]:
    """Pass on a resource that stands; what does not is rejected, and what was held of it goes."""
    reason = stands(entry.resource)
    if reason is None and modified(entry.resource, besides="contained"):
        reason = UNKNOWN_MODIFIER
    if reason is None:
        yield entry
        return
    yield Rejected(at=entry.at, reason=reason, understood=reason in UNDERSTOOD)
    yield from entry.withdrawn(reason, lasting=True)


def _outcome(document: JsonObject) -> str:
    """The word of an outcome, if it is one we know: what else stands there may name somebody."""
    for issue in listed(document.get("issue")):
        if isinstance(issue, dict) and issue.get("code") == "suppressed":
            return "SUPPRESSED"
        details = issue.get("details") if isinstance(issue, dict) else None
        for coding in listed(details.get("coding") if isinstance(details, dict) else None):
            if isinstance(coding, dict) and (word := coding.get("code")) in _OUTCOMES:
                return str(word)
    return "OPERATION_OUTCOME"
