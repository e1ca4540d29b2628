"""Which file is whose: FHIR resources, the Department for Education's record types, and a practice's own system."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

from .fhir import FhirResources

FORMATS: Final = (
    FhirResources(),
    CustodianFile(),
    BareRecord("health.details"),
    BareRecord("personal.details"),
    BareRecord("systmone", marks=frozenset({"gpSurgery", "missedAppointmentReasons"})),
)
"""What a practice or trust exports, the most telling first."""
