"""How a police record is put into words: `crime-justice.details` of the Department for Education (ref 5.1).

Each mapping sees only what its row of `release.toml` reads, and writes one sentence for a social worker. It adds
no judgement: what the force recorded is said, and what it means for the child is for a practitioner.
"""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narrative, Narratives
from agents.sdk.mapping.values import Fields, when


def _marker(fields: Fields) -> str:
    return f"Police marker: {fields.text()}."


def _known_to(fields: Fields) -> str:
    return f"Known to: {fields.text()}."


def _police_protection(fields: Fields) -> str:
    powers = "Police powers of protection (section 46, Children Act 1989)"
    day = fields.day()
    return f"{powers} were last used {when(day)}." if day else f"{powers} were used, date not readable."


def _missing(fields: Fields) -> str:
    day, attended = fields.day("date"), fields.yes_no("returnedHomeInterviewAttended")
    interview = {
        True: "A return home interview was attended.",
        False: "A return home interview was not attended.",
        None: "Whether a return home interview was attended is not recorded.",
    }
    return f"Missing episode {when(day) if day else 'without a date'}. {interview[attended]}"


def _risk_of(what: str) -> Narrative:
    return lambda fields: f"Risk of {what} recorded within the last 5 years." if fields.yes_no() else None


def _status(fields: Fields) -> str:
    parts = [("Status", fields.text("status")), ("Plan", fields.text("plan"))]
    return " ".join(f"{label}: {text}." for label, text in parts if text)


NARRATIVES: Final[Narratives] = {
    "crime-justice.details": {
        "/policeMarkerDetails": _marker,
        "/servicesKnownTo/*": _known_to,
        "/lastPoliceProtectionPowerEvent": _police_protection,
        "/missingEpisodes/*": _missing,
        "/riskSexualExploitation": _risk_of("sexual exploitation"),
        "/riskRadicalisation": _risk_of("radicalisation"),
        "/riskModernSlaveryAndTrafficking": _risk_of("modern slavery and trafficking"),
        "/riskCriminalExploitation": _risk_of("criminal exploitation"),
        "/riskGangsAndYouthViolence": _risk_of("gangs and youth violence"),
        "/crimeActiveStatusesAndPlans/*": _status,
    }
}
"""The mapping of every row of `release.toml` that releases an item."""
