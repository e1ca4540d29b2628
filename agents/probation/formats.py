"""Which file is which answer of probation's systems: nDelius and OASys, as HMPPS's own interfaces give them (ref 5.4).

An answer is about one person and mostly does not say whom: the operator does (`--person crn=...`). It comes bare or
inside `{"data": {...}}`. A document that only describes the interface (OpenAPI, a mock of it) is none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, final

from agents.sdk.format import FileTerms, Format, Readers
from agents.sdk.mapping.reader import step
from agents.sdk.mapping.results import IgnoredField, Json, JsonObject, RecordFound, Rejected
from agents.sdk.mapping.values import is_nothing

DELIUS: Final = "nDelius"
OASYS: Final = "OASys"


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
    """

    names_nobody = True

    def __init__(self, name: str, *marks: tuple[str, ...], system: str, enveloped: bool = True) -> None:
        self.name = name
        self._enveloped = enveloped
        self._marks = marks
        self._system = system

    def recognises(self, document: Json, readers: Readers, *, asked_for: bool) -> bool:
        """Take an object that has its marks, or one field of its kind where it was asked for."""
        if not isinstance(document, dict) or "openapi" in document:
            return False
        _, body = self._answer(document)
        if asked_for:
            return bool(readers[self.name].fields & body.keys())
        return any(all(_has(body, mark) for mark in marks) for marks in self._marks)

    def _records(self, document: Json, terms: FileTerms) -> Iterator[RecordFound | Rejected | IgnoredField]:
        if not isinstance(document, dict):
            return
        at, body = self._answer(document)
        if at:
            yield from (IgnoredField(pattern=step(key)) for key, value in document.items() if _left_over(key, value))
        yield RecordFound(
            at=at,
            pattern=at,
            record_type=self.name,
            custodian=self.name,
            system=self._system,
            reference=terms.digest[:16],
            person_id=None,
            payload=body,
            payload_at=at,
        )

    def _answer(self, document: JsonObject) -> tuple[str, JsonObject]:
        inner = document.get("data")
        return ("/data", inner) if self._enveloped and isinstance(inner, dict) else ("", document)


@final
class AccessList(Format):
    """Who may read which cases: one record for each case, each of which names its person."""

    name = "access-list"

    def recognises(self, document: Json, readers: Readers, *, asked_for: bool) -> bool:
        """Take an object with a list of cases."""
        return isinstance(document, dict) and isinstance(document.get("access"), list)

    def _records(self, document: Json, terms: FileTerms) -> Iterator[RecordFound | Rejected | IgnoredField]:
        if not isinstance(document, dict) or not isinstance(cases := document.get("access"), list):
            return
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
                custodian="case-access",
                system=DELIUS,
                reference=f"{terms.digest[:16]}-{index}",
                person_id=None,
                payload=case,
                payload_at=at,
            )


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
    Answer("registrations", ("data/*/code", "data/*/startDate"), system=DELIUS, enveloped=False),
)
"""The answers that are read, the most telling first."""
