"""How a health record is put into words: `health.details` (ref 5.2) and the FHIR resources of `fhir`.

Each mapping sees only what its row of `release.toml` reads, and writes one sentence for a social worker. It adds
no judgement: a child is said not to have been brought, because children do not fail to attend.
"""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narrative, Narratives
from agents.sdk.mapping.values import Fields, day_in_words, when


def _labelled(label: str) -> Narrative:
    return lambda fields: f"{label}: {fields.text()}."


def _joined(fields: Fields, *names: str) -> str:
    return ", ".join(text for text in (fields.text(name) for name in names) if text)


def _gp_address(fields: Fields) -> str:
    return f"Address of the GP practice: {_joined(fields, 'line1', 'line2', 'townOrCity', 'county', 'postcode')}."


def _status(fields: Fields) -> str:
    parts = [("Status", fields.text("status")), ("Plan", fields.text("plan"))]
    return " ".join(f"{label}: {text}." for label, text in parts if text)


def _dated(fields: Fields, name: str) -> str:
    day = fields.day(name)
    return when(day) if day else "on a date that is not recorded"


def _was_not_brought(fields: Fields) -> str:
    setting, reason = fields.text("setting"), fields.text("reason")
    where = f" ({setting})" if setting else ""
    return f"Was not brought to an appointment{where} {_dated(fields, 'date')}.{_reason(reason)}"


def _attended(fields: Fields) -> str:
    return f"Emergency department attendance {_dated(fields, 'date')}.{_reason(fields.text('reason'))}"


def _reason(reason: str | None) -> str:
    return f" Reason: {reason}." if reason else " No reason is recorded."


def _kind_of(fields: Fields, name: str) -> str:
    word = fields.text(name)
    return f" ({word})" if word else ""


def _until(fields: Fields) -> str:
    day = fields.day("period")
    return f" (until {day_in_words(day)})" if day else ""


def _address(fields: Fields) -> str | None:
    held = _joined(fields, "line", "city", "district", "postalCode")
    return f"Address{_kind_of(fields, 'use')}: {held}{_until(fields)}." if held else None


def _telecom(fields: Fields) -> str | None:
    value = fields.text("value")
    system = fields.text("system") or "contact"
    return f"{system.capitalize()}{_kind_of(fields, 'use')}: {value}{_until(fields)}." if value else None


def _practice(fields: Fields) -> str | None:
    value = fields.text("value")
    return f"Registered GP practice (ODS code): {value}{_until(fields)}." if value else None


def _related(fields: Fields) -> str:
    who = fields.text("name") or "Somebody whose name is not recorded"
    no_longer = " This is recorded as no longer so." if fields.yes_no("active") is False else ""
    return f"{who} is recorded as: {fields.text()}{_since(fields, 'period')}{_to(fields, 'until')}.{no_longer}"


def _condition(label: str) -> Narrative:
    def say(fields: Fields) -> str:
        status = _joined(fields, "clinicalStatus", "verificationStatus")
        dates = _since(fields, "onsetDateTime") + _to(fields, "abatementDateTime")
        return f"{label}: {fields.text()}{f' ({status})' if status else ''}{dates}."

    return say


def _safeguarding_flag(fields: Fields) -> str:
    shown = f"{fields.text()}{_kind_of(fields, 'status')}{_since(fields, 'period')}{_to(fields, 'until')}"
    return f"Safeguarding flag: {shown}."


def _since(fields: Fields, name: str) -> str:
    day = fields.day(name)
    return f", recorded from {day_in_words(day)}" if day else ""


def _to(fields: Fields, name: str) -> str:
    day = fields.day(name)
    return f", ended or ending {when(day)}" if day else ""


def _died(fields: Fields) -> str:
    day = fields.day()
    return f"This patient died {when(day)}." if day else "This patient has died; the date cannot be read."


def _dead(fields: Fields) -> str | None:
    return "This patient is recorded as having died." if fields.yes_no() else None


def _encounter(fields: Fields) -> str:
    what = _joined(fields, "", "type", "status")
    provider, reason = fields.text("serviceProvider"), fields.text("reasonCode")
    where = f" at {provider}" if provider else ""
    ended = _to(fields, "until") if fields.day("until") != fields.day("period") else ""
    return f"Encounter ({what}){where} {_dated(fields, 'period')}{ended}.{_reason(reason)}"


NARRATIVES: Final[Narratives] = {
    "health.details": {
        "/registeredGPName": _labelled("Registered GP"),
        "/RegisteredGPSurgery": _labelled("GP practice"),
        "/gpAddress": _gp_address,
        "/gpTelephone": _labelled("Telephone of the GP practice"),
        "/camhsContactDetails/*": _labelled("Contact for child and adolescent mental health services (CAMHS)"),
        "/camhsTeamInvolvement/*": _labelled("Involvement of CAMHS team"),
        "/healthActiveStatusesAndPlans/*": _status,
        "/missedAppointments/*": _was_not_brought,
        "/emergencyDepartmentAttendances/*": _attended,
    },
    "Patient": {
        "/deceasedDateTime": _died,
        "/deceasedBoolean": _dead,
        "/address/*": _address,
        "/telecom/*": _telecom,
        "/generalPractitioner/*/identifier": _practice,
    },
    "RelatedPerson": {"/relationship": _related},
    "Condition": {"/code": _condition("Condition")},
    "Condition.safeguarding": {"/code": _condition("Safeguarding flag")},
    "Flag.safeguarding": {"/code": _safeguarding_flag},
    "Encounter": {"/class": _encounter},
}
"""The mapping of every row of `release.toml` that releases an item."""
