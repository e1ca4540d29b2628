"""The words of the gate and of the law that its tables are written in."""

from __future__ import annotations

from enum import StrEnum


class GateOutcome(StrEnum):
    """What a gate decides (ref 2.8 step 8); REFER hands to a person."""

    PERMIT = "PERMIT"
    PARTIAL = "PARTIAL"
    DENY = "DENY"
    REFER = "REFER"


class DataClass(StrEnum):
    """What an item is in law; an overlay row of ref 2.7 each (D1 to D8); CONFIDENTIAL: confidence outside health."""

    ORDINARY = "ORDINARY"
    SPECIAL = "SPECIAL"
    CRIMINAL = "CRIMINAL"
    CONFIDENTIAL_HEALTH = "CONFIDENTIAL_HEALTH"
    THIRD_PARTY = "THIRD_PARTY"
    LOCATION = "LOCATION"
    INTELLIGENCE = "INTELLIGENCE"
    REFERRER = "REFERRER"
    CONFIDENTIAL = "CONFIDENTIAL"


class Regime(StrEnum):
    """Which data protection regime an item is held under (ref 2.3)."""

    UK_GDPR = "UK_GDPR"
    PART_3 = "PART_3"


class NoConsentReason(StrEnum):
    """The three reasons of DPA 2018 Schedule 1 para 18(2) (ref 2.4)."""

    CANNOT_GIVE = "CANNOT_GIVE"
    NOT_REASONABLE_TO_OBTAIN = "NOT_REASONABLE_TO_OBTAIN"
    WOULD_PREJUDICE_PROTECTION = "WOULD_PREJUDICE_PROTECTION"
