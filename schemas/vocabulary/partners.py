"""Who takes part: sectors, the roles of processes and of people, and how far an organisation is enrolled."""

from __future__ import annotations

from enum import StrEnum

from schemas.vocabulary.word import Word


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
    RECIPIENT = "RECIPIENT"  # takes cases that are handed on to it
    WITNESS = "WITNESS"  # signs the ledger's checkpoints


class PrincipalState(StrEnum):
    """How far an organisation is enrolled (blueprint section 5). Only LIVE and MANUAL take part."""

    INVITED = "INVITED"
    TEST = "TEST"
    MANUAL = "MANUAL"
    LIVE = "LIVE"
    SUSPENDED = "SUSPENDED"


class BodyInLaw(Word):
    """What an organisation is in law, which decides the limbs of Article 6 that fit (ref 2.3)."""

    PUBLIC = "PUBLIC", "A public authority or body.", "UK GDPR Art 6(1); DPA 2018 s.7"
    PRIVATE = "PRIVATE", "No public authority: a charity, a company.", "UK GDPR Art 6(1)"
    CONTRACTOR = "CONTRACTOR", "A body that acts for a public one under contract.", "ref 2.3"


class Listed16LA(Word):
    """By what an organisation is under the duty of Children Act 2004 s.16LA (ref 2.2)."""

    S11 = "S11", "A body of Children Act 2004 s.11.", "Children Act 2004 s.16LA(4)"
    S16E = "S16E", "A safeguarding partner or relevant agency.", "Children Act 2004 s.16E"
    CONTRACTOR = "CONTRACTOR", "It provides services for a listed body.", "Children Act 2004 s.16LA(4)"
    NO = "NO", "It is not under the duty.", "Children Act 2004 s.16LA"


class Membership(Word):
    """How an organisation takes part in a hub."""

    CO_LOCATED = "CO_LOCATED", "Its people sit in the hub.", "profiles section 1"
    VIRTUAL = "VIRTUAL", "Its people work from their own rooms.", "profiles section 1"


class Capability(Word):
    """What an acting person may do, whatever their title; the partnership's register says who holds which (A6)."""

    RECEIVE = "RECEIVE", "Takes a contact in.", "profiles section 1"
    RATE = "RATE", "Sets how urgent a contact is, and so how soon answers are due.", "profiles section 1"
    ALLOCATE = "ALLOCATE", "Gives a contact to a person.", "profiles section 1"
    ASK = "ASK", "Asks organisations what they hold.", "profiles section 1"
    SCREEN = "SCREEN", "Weighs what came back.", "profiles section 1"
    RECOMMEND = "RECOMMEND", "Proposes an outcome.", "profiles section 1"
    DECIDE = "DECIDE", "Decides an outcome, or what a gate refers to a person.", "profiles section 1"
    OVERRIDE = "OVERRIDE", "Lets a request go on without a family's agreement; never their own.", "profiles section 1"
    OVERSEE = "OVERSEE", "Is told of breaches and of what others decided alone.", "profiles section 1"
    CHAIR = "CHAIR", "Leads a strategy discussion.", "profiles section 1"
    CONVENE = "CONVENE", "Calls one.", "profiles section 1"
    TRIAGE_EARLY_HELP = "TRIAGE_EARLY_HELP", "Sorts requests for early help.", "profiles section 1"
    ESCALATE_TO = "ESCALATE_TO", "Hears a disagreement that others could not settle.", "profiles section 1"
    SIGN = "SIGN", "Releases or withholds what an organisation answers.", "profiles section 1"
    LOOK = "LOOK", "Is shown personal data.", "profiles section 1"
    MANAGE_RECORDS = (
        "MANAGE_RECORDS",
        "Brings records in, finds them and removes them at an organisation.",
        "profiles section 1",
    )
    READ_LEDGER = "READ_LEDGER", "Puts the officer's questions to the ledger.", "profiles section 1"
    ERASE = "ERASE", "Has the personal part of an event erased.", "profiles section 1"
