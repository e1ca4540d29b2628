"""Which file is which answer of probation's systems: nDelius and OASys, as HMPPS's own interfaces give them (ref 5.4).

An answer is about one person and mostly does not say whom: the operator does (`--person crn=...`). It comes bare or
inside `{"data": {...}}`. A document that only describes the interface (OpenAPI, a mock of it) is none of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, final

from agents.sdk.format import Document, FileTerms, Finding, Format, Readers
from agents.sdk.mapping.pages import page_gaps
from agents.sdk.mapping.reader import step
from agents.sdk.mapping.results import IgnoredField, Json, JsonObject, RecordFound, Rejected
from agents.sdk.mapping.values import is_nothing, is_placeholder
from agents.sdk.mapping.versions import version_of

DELIUS: Final = "nDelius"
OASYS: Final = "OASys"
HMPPS: Final = "HMPPS"
"""Whose systems these are: their numbers mean the same in every file."""

MOST_APART: Final = 500
"""Elements of a list that are records of their own; a longer list is one record."""


def _has(value: Json, path: str) -> bool:
    """Return whether the field at `path` is there, null or not; `*` is the first element of a list."""
    for key in path.split("/"):
        if key == "*":
            value = value[0] if isinstance(value, list) and value else None
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return False
    return True


@final
class Answer(Format):
    """One answer about one person. `marks`: any of these sets of fields tells it from the other answers.

    `enveloped`: it may come inside `data`; where its rows name `data` themselves, the file is read as it stands.
    `apart`: the elements of this list are records of their own, so that news of one is news of that one.
    """

    names_nobody = True

    def __init__(
        self, name: str, *marks: tuple[str, ...], system: str, enveloped: bool = True, apart: str | None = None
    ) -> None:
        self.name = name
        self._apart = apart
        self._enveloped = enveloped
        self._marks = marks
        self._system = system

    def recognises(self, document: Document, readers: Readers, *, asked_for: bool) -> bool:
        """Take an object that has its marks, or one field of its kind where it was asked for."""
        if not isinstance(document, dict) or "openapi" in document:
            return False
        _, body = self._answer(document)
        if asked_for:
            return bool(readers[self.name].fields & body.keys())
        return any(all(_has(body, mark) for mark in marks) for marks in self._marks)

    def _records(self, document: Document, terms: FileTerms) -> Iterator[Finding]:
        if not isinstance(document, dict):
            return
        at, body = self._answer(document)
        yield from page_gaps(document, None)
        if at:
            yield from (IgnoredField(pattern=step(key)) for key, value in document.items() if _left_over(key, value))
        whose = terms.bound_key or _own_key(body) or terms.digest[:32]
        found = RecordFound(
            at=at,
            pattern=at,
            record_type=self.name,
            custodian=terms.source or HMPPS,
            system=self._system,
            reference=f"{self.name}/{whose}",
            person_id=None,
            payload=body,
            payload_at=at,
            version=version_of(document, body),
        )
        if self._apart is None:
            yield found
        else:
            yield from _parts(found, self._apart)

    def _answer(self, document: JsonObject) -> tuple[str, JsonObject]:
        inner = document.get("data")
        return ("/data", inner) if self._enveloped and isinstance(inner, dict) else ("", document)


@final
class AccessList(Format):
    """Who may read which cases: one record for each case, each of which names its person."""

    name = "access-list"

    def recognises(self, document: Document, readers: Readers, *, asked_for: bool) -> bool:
        """Take an object with a list of cases."""
        return isinstance(document, dict) and isinstance(document.get("access"), list)

    def _records(self, document: Document, terms: FileTerms) -> Iterator[Finding]:
        if not isinstance(document, dict) or not isinstance(cases := document.get("access"), list):
            return
        yield from page_gaps(document, len(cases))
        yield from (IgnoredField(pattern=step(key)) for key in document if key != "access")
        for index, case in enumerate(cases):
            at = f"/access/{index}"
            if not isinstance(case, dict):
                yield Rejected(at=at, reason="WRONG_SHAPE")
                continue
            yield RecordFound(
                at=at,
                pattern="/access/*",
                record_type="case-access",
                custodian=terms.source or HMPPS,
                system=DELIUS,
                reference=f"case-access/{_own_key(case) or f'{terms.digest[:32]}-{index}'}",
                person_id=None,
                payload=case,
                payload_at=at,
            )


def _parts(found: RecordFound, name: str) -> Iterator[Finding]:
    """Take the elements of a list apart: each is known by its own id, or by what it is and when it began."""
    elements = found.payload.get(name)
    if not isinstance(elements, list) or not 0 < len(elements) <= MOST_APART:
        yield found
        return
    seen: Counter[str] = Counter()
    for place, element in enumerate(elements):
        key = _element_key(element)
        seen[key] += 1
        listed: list[Json] = [None] * place
        yield replace(
            found,
            at=f"{found.at}/{name}/{place}",
            reference=f"{found.reference}/{key}/{seen[key]}",
            payload={**found.payload, name: [*listed, element]} if place == 0 else {name: [*listed, element]},
            version=version_of(element, found.payload) if isinstance(element, dict) else found.version,
        )


def _element_key(element: Json) -> str:
    """The key of a registration: its id, or its code and the day that it began."""
    held = element if isinstance(element, dict) else {}
    said = [str(held[key]) for key in ("id", "registrationId") if not is_nothing(held.get(key))]
    said = said or [str(held.get("code")), str(held.get("description")), str(held.get("startDate"))[:10]]
    return hashlib.sha256("|".join(said).encode()).hexdigest()[:32]


def _own_key(body: JsonObject) -> str | None:
    """Return whom an answer itself says it is about, as one word."""
    ids = body.get("otherIds")
    held = [body.get(key) for key in ("crn", "nomsId")] + [ids.get("crn") if isinstance(ids, dict) else None]
    said = next((one for one in held if isinstance(one, str) and not is_nothing(one) and not is_placeholder(one)), None)
    return None if said is None else hashlib.sha256(said.strip().upper().encode()).hexdigest()[:32]


def _left_over(key: str, value: Json) -> bool:
    return key != "data" and not is_nothing(value)


FORMATS: Final = (
    Answer("offender", ("surname", "otherIds"), system=DELIUS),
    Answer("case-details", ("nomsId", "name"), ("name", "responsibleProvider"), ("limitedAccess",), system=DELIUS),
    Answer("supervisions", ("supervisions",), system=DELIUS),
    Answer("addresses", ("contactDetails/addresses",), system=DELIUS),
    Answer("case-access", ("userExcluded",), ("userRestricted",), system=DELIUS),
    AccessList(),
    Answer("access-limitations", ("excludedFrom",), ("restrictedTo",), system=DELIUS),
    Answer("mappa", ("data/level", "data/category"), system=DELIUS, enveloped=False),
    Answer("risks", ("summary/overallRiskLevel",), ("summary/riskInCommunity",), system=OASYS),
    Answer("needs", ("needs", "assessedOn"), system=OASYS),
    Answer("scores", ("data/*/completedDate", "data/*/assessmentStatus"), system=OASYS, enveloped=False),
    Answer("registrations", ("data/*/code", "data/*/startDate"), system=DELIUS, enveloped=False, apart="data"),
)
"""The answers that are read, the most telling first."""
