"""Who takes part: sectors, the roles of processes and of people, and how far an organisation is enrolled."""

from __future__ import annotations

from enum import StrEnum


class Sector(StrEnum):
    """Which adapter and which law an organisation falls under (ref 1.4, 2.3)."""

    POLICE = "POLICE"
    HEALTH = "HEALTH"
    EDUCATION = "EDUCATION"
    PROBATION = "PROBATION"
    CHILDRENS_SOCIAL_CARE = "CHILDRENS_SOCIAL_CARE"
    EARLY_HELP = "EARLY_HELP"
    HOUSING = "HOUSING"
    YOUTH_JUSTICE = "YOUTH_JUSTICE"
    SUBSTANCE_MISUSE = "SUBSTANCE_MISUSE"
    ADULT_SOCIAL_CARE = "ADULT_SOCIAL_CARE"
    IDVA = "IDVA"
    VOLUNTARY = "VOLUNTARY"
    OTHER_AUTHORITY = "OTHER_AUTHORITY"
    COURT_SERVICE = "COURT_SERVICE"
    PRISON = "PRISON"


class PrincipalRole(StrEnum):
    """What a process does in an exchange; the verify table is written in these words."""

    REQUESTER = "REQUESTER"
    HOLDER = "HOLDER"
    SCREENING = "SCREENING"
    AUDIT = "AUDIT"


class PrincipalState(StrEnum):
    """How far an organisation is enrolled (blueprint section 5). Only LIVE and MANUAL take part."""

    INVITED = "INVITED"
    TEST = "TEST"
    MANUAL = "MANUAL"
    LIVE = "LIVE"
    SUSPENDED = "SUSPENDED"


class ActorRole(StrEnum):
    """What an acting person may do; the partnership's register says who holds which (A6)."""

    MASH_MANAGER = "MASH_MANAGER"
    MASH_SOCIAL_WORKER = "MASH_SOCIAL_WORKER"
    MASH_OFFICER = "MASH_OFFICER"
    PARTNERSHIP_COORDINATOR = "PARTNERSHIP_COORDINATOR"
    PRACTITIONER = "PRACTITIONER"
    GOVERNANCE_OFFICER = "GOVERNANCE_OFFICER"
