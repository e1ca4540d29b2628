"""NHS numbers in FHIR: an identifier is one by its system, in every spelling that servers use, and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agents.sdk.mapping.results import Json, JsonObject

from .words import listed

_NHS: Final = re.compile(
    r"(https?://)?(www\.)?fhir\.nhs\.(uk|net)/(id|ig|namingsystem)/nhs-?number"
    r"|(urn:oid:)?2\.16\.840\.1\.113883\.2\.1\.4\.1"
)
_STATUS: Final = "nhsnumberverificationstatus"
_VERIFIED: Final = "01"


def is_nhs_number(identifier: Json) -> bool:
    """Return whether an identifier's system says that it is an NHS number."""
    system = identifier.get("system") if isinstance(identifier, dict) else None
    written = system.strip().casefold().split("|")[0].rstrip("/") if isinstance(system, str) else ""
    return _NHS.fullmatch(written) is not None


def is_verified(resource: JsonObject) -> bool:
    """Return whether every NHS number with a verification status says that it is present and verified."""
    return all(code == _VERIFIED for code in _verification_codes(resource))


def _verification_codes(resource: JsonObject) -> Iterator[Json]:
    """Every code of such a status; None for a status that states none."""
    for identifier in listed(resource.get("identifier")):
        if not isinstance(identifier, dict) or not is_nhs_number(identifier):
            continue
        for extension in listed(identifier.get("extension")):
            if isinstance(extension, dict) and _STATUS in str(extension.get("url")).casefold().replace("-", ""):
                yield from _codes(extension) or [None]


def _codes(extension: JsonObject) -> list[Json]:
    if isinstance(code := extension.get("valueCode"), str):
        return [code]
    concept = extension.get("valueCodeableConcept")
    codings = listed(concept.get("coding") if isinstance(concept, dict) else None) or [extension.get("valueCoding")]
    return [coding.get("code") for coding in codings if isinstance(coding, dict)]
