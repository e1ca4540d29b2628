"""Who takes part: sectors, the roles of processes and of people, and how far an organisation is enrolled."""

from __future__ import annotations

from schemas.vocabulary.word import Word


class Sector(Word):
    """Which adapter and which law an organisation falls under (ref 1.4, 2.3)."""

    POLICE = "POLICE", "A territorial police force, or another one that keeps records of people.", "A3; ref 2.3"
    HEALTH = "HEALTH", "A body of the NHS, or one that gives its services.", "A3; ref 2.3"
    EDUCATION = "EDUCATION", "A school, a college, or the authority's education service.", "A3; ref 2.3"
    PROBATION = "PROBATION", "The probation service.", "A2; ref 2.3"
    CHILDRENS_SOCIAL_CARE = (
        "CHILDRENS_SOCIAL_CARE",
        "Children's social care of a local authority, or the trust that acts for it.",
        "A1; ref 2.3",
    )
    EARLY_HELP = "EARLY_HELP", "Help for families below the statutory threshold.", "A1; ref 2.3"
    HOUSING = "HOUSING", "A housing authority or association.", "A3; ref 2.3"
    YOUTH_JUSTICE = (
        "YOUTH_JUSTICE",
        "The team of a local authority that works with children who offend.",
        "A2; Crime and Disorder Act 1998 s.39",
    )
    SUBSTANCE_MISUSE = "SUBSTANCE_MISUSE", "A drug and alcohol service.", "A2; ref 2.3"
    ADULT_SOCIAL_CARE = "ADULT_SOCIAL_CARE", "Adult social care of a local authority.", "A4; Care Act 2014"
    IDVA = "IDVA", "Independent domestic violence advisers.", "A5; C12"
    VOLUNTARY = "VOLUNTARY", "A charity or another voluntary body.", "completeness K16"
    OTHER_AUTHORITY = (
        "OTHER_AUTHORITY",
        "Another local authority, or a public body of none of these kinds.",
        "N30; completeness K16",
    )
    COURT_SERVICE = "COURT_SERVICE", "Cafcass or a court's service.", "N30; completeness K16"
    PRISON = "PRISON", "A prison or a young offender institution.", "Children Act 2004 s.11; completeness K16"


class PrincipalRole(Word):
    """What a process does in an exchange; the verify table is written in these words."""

    REQUESTER = "REQUESTER", "Asks, as the hub does.", "README, KIND-1"
    HOLDER = "HOLDER", "Holds records, and answers.", "README, KIND-1"
    SCREENING = "SCREENING", "Joins the answers of one requester to summaries.", "README, KIND-1"
    AUDIT = "AUDIT", "Opens audit events and keeps the ledger.", "README, KIND-1"
    RECIPIENT = "RECIPIENT", "Takes cases that are handed on to it.", "Y6; completeness K11"
    WITNESS = (
        "WITNESS",
        "Signs the ledger's checkpoints, so that nobody is shown another history.",
        "C2SP tlog-witness; completeness K11",
    )


class PrincipalState(Word):
    """How far an organisation is enrolled (blueprint section 5). Only LIVE and MANUAL take part."""

    INVITED = "INVITED", "It is named, and has not proved its keys yet.", "README, VERIFY-10"
    TEST = "TEST", "It tries the exchange with invented people only.", "README, VERIFY-10"
    MANUAL = "MANUAL", "It takes part, and its people answer by hand at the desk.", "README, VERIFY-10"
    LIVE = "LIVE", "It takes part with its own records.", "README, VERIFY-10"
    SUSPENDED = "SUSPENDED", "It takes no part for now.", "README, VERIFY-10"


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
