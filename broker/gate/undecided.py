"""What a request may say and no gate decides on yet: it is sent, recorded, and named when a decision is explained.

Every field of the form stands in one of three lists, so that none is silently ignored: `DECIDED` (a gate reads it),
`CARRIED` (content and references, on which nothing is ever decided) and `NOT_DECIDED_YET`.
"""

from __future__ import annotations

from typing import Final

from broker.gate.context import Ask
from schemas.scalars import Wire

DECIDED: Final = frozenset(
    [
        "purpose",
        "rating",
        "section",
        "mode",
        "requester.actor",
        "requester.role",
        "threshold_statement",
        "no_consent_reason",
        "family_informed.status",
        "family_informed.reason",
        "people.ref",
        "people.roles",
        "people.date_of_birth",
        "people.relation_to_child",
        "people.why_needed",
        "agreements.person",
        "agreements.status",
        "child_views.status",
        "child_views.text",
        "child_views.reason",
        "override.manager",
        "override.rationale",
        "override.oversight_ref",
        "data_classes",
        "agencies",
    ]
)
CARRIED: Final = frozenset(
    [
        "case_ref",
        "contact_ref",
        "presenting_issues",
        "narrative",
        "partner_narrative",
        "family_informed.note",
        "people.given_names",
        "people.family_name",
        "people.birth",
        "people.expected",
        "people.sex",
        "people.postcodes",
        "people.identifiers",
        "people.safe_contact",
        "requester.reply_to",
        "agreements.recorded_by",
        "agreements.recorded_at",
        "agreements.id",
    ]
)
NOT_DECIDED_YET: Final = (
    "level",
    "rated",
    "on_behalf_of",
    "episode",
    "gdpr_consent",
    "privacy_notice",
    "individual_notice",
    "guidance_version",
    "previous_involvement_asked",
    "not_asked",
    "people.no_consent_reason",
    "people.parental_responsibility",
    "agreements.method",
    "agreements.capacity",
    "agreements.told",
    "agreements.reason",
    "agreements.valid_until",
    "agreements.assessed_by",
    "agreements.evidence_ref",
    "override.alone",
)


def not_decided_on_yet(ask: Ask) -> tuple[str, ...]:
    """Return which fields of this request say something that no gate decides on yet."""
    return tuple(path for path in NOT_DECIDED_YET if _says(ask, path.split(".")))


def _says(record: Wire, path: list[str]) -> bool:
    value = getattr(record, path[0])
    if len(path) == 1:
        return value not in (None, (), False)
    inner = value if isinstance(value, tuple) else (value,)
    return any(_says(one, path[1:]) for one in inner if one is not None)
