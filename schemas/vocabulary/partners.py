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


class BodyInLaw(StrEnum):
    """What an organisation is in law, which decides the limbs of Article 6 that fit (ref 2.3)."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"
    CONTRACTOR = "CONTRACTOR"


class Listed16LA(StrEnum):
    """By what an organisation is under the duty of Children Act 2004 s.16LA (ref 2.2)."""

    S11 = "S11"
    S16E = "S16E"
    CONTRACTOR = "CONTRACTOR"
    NO = "NO"


class Membership(StrEnum):
    """How an organisation takes part in a hub: in its rooms, or from its own (S0 to S4)."""

    CO_LOCATED = "CO_LOCATED"
    VIRTUAL = "VIRTUAL"


class Capability(StrEnum):
    """What an acting person may do, whatever their title; the partnership's register says who holds which (A6)."""

    RECEIVE = "RECEIVE"
    RATE = "RATE"
    ALLOCATE = "ALLOCATE"
    ASK = "ASK"
    SCREEN = "SCREEN"
    RECOMMEND = "RECOMMEND"
    DECIDE = "DECIDE"
    OVERRIDE = "OVERRIDE"
    OVERSEE = "OVERSEE"
    CHAIR = "CHAIR"
    CONVENE = "CONVENE"
    TRIAGE_EARLY_HELP = "TRIAGE_EARLY_HELP"
    ESCALATE_TO = "ESCALATE_TO"
    SIGN = "SIGN"
    LOOK = "LOOK"
    MANAGE_RECORDS = "MANAGE_RECORDS"
    READ_LEDGER = "READ_LEDGER"
    ERASE = "ERASE"
