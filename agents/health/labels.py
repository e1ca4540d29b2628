"""Confidentiality of FHIR resources: what cannot be read as open is restricted (ref 5.2).

Promise: a label is open only as U, L, M or N of the confidentiality vocabulary, in whatever spelling a server names
that vocabulary, or as one of the few labels that say nothing of who may see it. Every other label restricts.
"""

from __future__ import annotations

import re
from typing import Final

from agents.sdk.mapping.results import Json, JsonObject

_OPEN: Final = frozenset({"U", "L", "M", "N"})
_CONFIDENTIALITY: Final = re.compile(
    r"(https?://)?((www|terminology)\.)?hl7\.org/(fhir/)?([a-z0-9.]+/)?(codesystem/|valueset/|vs/)?(v3[-/])?confidentiality"
    r"|(urn:oid:)?2\.16\.840\.1\.113883\.5\.25"
    r"|(v3-?)?confidentiality(code)?"
)
_HARMLESS: Final = frozenset({"HTEST", "SUBSETTED"})
"""Test data, and a resource that is not whole: neither says who may see it."""


def is_restricted(resource: JsonObject) -> bool:
    """Return whether a resource, or a bundle, is confidential beyond the usual. What cannot be read restricts."""
    if "meta" not in resource:
        return False
    meta = resource["meta"]
    if not isinstance(meta, dict):
        return meta is not None
    labels = meta.get("security")
    if labels is None:
        return "_security" in meta
    return not isinstance(labels, list) or any(not _is_open(label) for label in labels)


def _is_open(label: Json) -> bool:
    if not isinstance(label, dict):
        return False
    code, system = label.get("code"), label.get("system")
    word = code.strip().upper() if isinstance(code, str) else ""
    if word in _HARMLESS:
        return True
    return word in _OPEN and (system is None or _is_confidentiality(system))


def _is_confidentiality(system: Json) -> bool:
    written = system.strip().casefold().split("|")[0].rstrip("/#") if isinstance(system, str) else ""
    return _CONFIDENTIALITY.fullmatch(written) is not None
