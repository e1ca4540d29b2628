"""Whom a FHIR resource is about: a reference is followed, and never guessed.

Promise: (1) an id means something only within its server or its file's source; (2) a reference, full URL or id that
leads to two patients leads to nobody; (3) a reference that leads to nobody is one stranger, and what is no reference
(a contained resource, another system's number, none at all) is one stranger each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, final

from agents.sdk.mapping.results import Json, JsonObject, RecordVersion
from agents.sdk.mapping.versions import is_newer

from .entries import SUBJECT_OF, Entry
from .numbers import is_nhs_number
from .shapes import MERGES
from .words import listed

DEMOGRAPHICS: Final = "/personal-demographics/"
"""That service's ids are NHS numbers, and no other server's are."""

REFERENCE: Final = re.compile(
    r"((?P<base>https?://[^|\s]{1,200})/)?Patient/(?P<id>[A-Za-z0-9.\-]{1,64})(/_history/[A-Za-z0-9.\-]{1,64})?"
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whom a resource is about: by key, by NHS number, or a stranger. `ambiguous`: two may be meant."""

    key: str | None = field(default=None, repr=False)
    identifier: JsonObject | None = field(default=None, repr=False)
    unknown: str | None = field(default=None, repr=False)
    is_no_patient: bool = False
    ambiguous: bool = False


@final
class Patients:
    """Every way in which a file may refer to a patient of its own."""

    def __init__(self, entries: Iterable[Entry], is_known: Callable[[str], bool]) -> None:
        self._keys: dict[str, str] = {}
        self._ambiguous: set[str] = set()
        self._is_known = is_known
        newest: dict[str, tuple[RecordVersion, int]] = {}
        for entry in entries:
            key = key_of(entry)
            if entry.kind == "Patient" and key is not None:
                self._add(entry, key, newest)

    def _add(self, entry: Entry, key: str, newest: dict[str, tuple[RecordVersion, int]]) -> None:
        print_of = hash(repr(entry.resource))
        held = newest.get(key)
        if held is not None and held[1] != print_of and not _told_apart(held[0], entry.version):
            self._ambiguous.add(key)  # (2)
        if held is None or is_newer(entry.version, held[0]):
            newest[key] = entry.version, print_of
        for reference in {key, entry.full_url} - {""}:
            if self._keys.setdefault(reference, key) != key:
                self._ambiguous |= {key, self._keys[reference]}

    def is_ambiguous(self, entry: Entry) -> bool:
        """Return whether a patient shares its id or its full URL with another."""
        return key_of(entry) in self._ambiguous or self._keys.get(entry.full_url) in self._ambiguous

    def subject(self, entry: Entry) -> Who:
        """Follow the reference of a clinical resource."""
        held = entry.resource.get(SUBJECT_OF[entry.kind])
        subject = held if isinstance(held, dict) else {}
        identifier, reference = subject.get("identifier"), subject.get("reference")
        if isinstance(identifier, dict) and is_nhs_number(identifier):
            return Who(identifier={"value": identifier.get("value")})
        if not isinstance(reference, str) or reference.startswith("#"):
            own = _contained_number(entry.resource, reference)
            return Who(unknown=entry.at) if own is None else Who(identifier=own)  # (3)
        return self._followed(reference, entry)

    def merged(self, patient: Entry) -> tuple[str, ...]:
        """Every key that the patient's server says is this person's too: a merge is stated, not guessed."""
        return tuple(dict.fromkeys(self._merged(patient)))

    def _merged(self, patient: Entry) -> Iterator[str]:
        for link in listed(patient.resource.get("link")):
            other = link.get("other") if isinstance(link, dict) and link.get("type") in MERGES else None
            reference = other.get("reference") if isinstance(other, dict) else None
            if isinstance(reference, str):
                key = self._key(reference, patient)
                if key and key != key_of(patient) and key not in self._ambiguous:
                    yield key

    def _followed(self, reference: str, entry: Entry) -> Who:
        match = REFERENCE.fullmatch(reference)
        if match is None and reference not in self._keys:
            return Who(is_no_patient=not reference.startswith("urn:"), unknown=reference)
        key = self._key(reference, entry)
        if key in self._ambiguous or self._keys.get(reference) in self._ambiguous:
            return Who(ambiguous=True)
        if key in self._keys or self._is_known(key):
            return Who(key=key)
        if match and DEMOGRAPHICS in ((match["base"] or entry.owner) + "/"):
            return Who(identifier={"value": match["id"]})
        return Who(unknown=reference)

    def _key(self, reference: str, entry: Entry) -> str:
        match = REFERENCE.fullmatch(reference)
        own = f"{match['base'] or entry.owner}|{match['id']}" if match else ""  # (1)
        return self._keys.get(reference) or own


def key_of(entry: Entry) -> str | None:
    """Return a patient's own key: its id at its server, or in its file's source."""
    return f"{entry.owner}|{entry.id}" if entry.id else None


def _told_apart(one: RecordVersion, other: RecordVersion) -> bool:
    return is_newer(one, other) or is_newer(other, one)


def _contained_number(resource: JsonObject, reference: Json) -> JsonObject | None:
    """Return the NHS number of the contained patient that is referred to, where it has exactly one."""
    if not isinstance(reference, str):
        return None
    for one in listed(resource.get("contained")):
        if isinstance(one, dict) and one.get("resourceType") == "Patient" and one.get("id") == reference[1:]:
            numbers = [held for held in listed(one.get("identifier")) if is_nhs_number(held)]
            if len(numbers) == 1 and isinstance(numbers[0], dict):
                return {"value": numbers[0].get("value")}
    return None
