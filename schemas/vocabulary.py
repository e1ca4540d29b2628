"""Every word that may stand on the wire, and what it means. An unknown word is refused, never guessed.

Sources are sections of the domain reference ("ref") or statutes. A word, once released, keeps its meaning.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an envelope holds; each kind has one schema file and one list of parts (README, KIND-1)."""

    REQUEST = "REQUEST"
    ANSWER = "ANSWER"
    DISPATCH = "DISPATCH"
    DESK_ITEM = "DESK_ITEM"
    DECISION = "DECISION"
    SUMMARY = "SUMMARY"
    AUDIT_EVENT = "AUDIT_EVENT"


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


class Purpose(StrEnum):
    """Why information is asked for: P1 to P11 of ref 2.7, in that order."""

    IMMEDIATE_PROTECTION = "IMMEDIATE_PROTECTION"
    S47_ENQUIRY = "S47_ENQUIRY"
    MASH_SCREENING = "MASH_SCREENING"
    S17_ASSESSMENT = "S17_ASSESSMENT"
    EARLY_HELP = "EARLY_HELP"
    MISSING_EXPLOITATION = "MISSING_EXPLOITATION"
    IDVA_REFERRAL = "IDVA_REFERRAL"
    CONSULTATION = "CONSULTATION"
    OUTCOME_NOTICE = "OUTCOME_NOTICE"
    ONWARD_TRANSFER = "ONWARD_TRANSFER"
    QUALITY_ASSURANCE = "QUALITY_ASSURANCE"


class Rag(StrEnum):
    """Priority of a contact (T1 to T3, T21)."""

    RED = "RED"
    AMBER = "AMBER"
    GREEN = "GREEN"
    BLUE = "BLUE"


class Section(StrEnum):
    """The Children Act 1989 section under which the requester acts; recorded, not decided on."""

    S46 = "S46"
    S47 = "S47"
    S17 = "S17"
    S10 = "S10"
    NONE = "NONE"


class Mode(StrEnum):
    """Whether the question is "do you hold anything" or "what do you hold" (ref 2.8 step 2)."""

    EXISTENCE = "EXISTENCE"
    CONTENT = "CONTENT"


class Sex(StrEnum):
    """Sex as recorded; it never decides a match (ref 7.2 rule 2)."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class PersonRole(StrEnum):
    """Who somebody is in a request; exactly one is the SUBJECT_CHILD."""

    SUBJECT_CHILD = "SUBJECT_CHILD"
    SIBLING = "SIBLING"
    PARENT = "PARENT"
    CARER = "CARER"
    ADULT_VICTIM = "ADULT_VICTIM"
    ALLEGED_PERPETRATOR = "ALLEGED_PERPETRATOR"
    OTHER = "OTHER"


class Relation(StrEnum):
    """How somebody is related to the child (ref 5.7)."""

    BIRTH_MOTHER = "BIRTH_MOTHER"
    BIRTH_FATHER = "BIRTH_FATHER"
    STEP_PARENT = "STEP_PARENT"
    PARTNER_OF_PARENT = "PARTNER_OF_PARENT"
    SIBLING = "SIBLING"
    HALF_SIBLING = "HALF_SIBLING"
    GRANDPARENT = "GRANDPARENT"
    CARER = "CARER"
    FOSTER_CARER = "FOSTER_CARER"
    OTHER_HOUSEHOLD = "OTHER_HOUSEHOLD"
    ALLEGED_PERPETRATOR = "ALLEGED_PERPETRATOR"
    UNKNOWN = "UNKNOWN"


class IdentifierScheme(StrEnum):
    """Whose numbering an identifier belongs to; the wire word is the key of `request.json`."""

    NHS = "nhs"
    UPN = "upn"
    ULN = "uln"
    PNC = "pnc"
    CRO = "cro"
    CRN = "crn"
    NOMS = "noms"


class AgreementStatus(StrEnum):
    """Agreement to receive a service; not GDPR consent (ref 2.6)."""

    OBTAINED = "OBTAINED"
    NOT_SOUGHT = "NOT_SOUGHT"
    REFUSED = "REFUSED"
    CANNOT_BE_OBTAINED = "CANNOT_BE_OBTAINED"
    WITHDRAWN = "WITHDRAWN"
    OVERRIDDEN = "OVERRIDDEN"


class AgreementMethod(StrEnum):
    """How agreement was given."""

    VERBAL = "VERBAL"
    WRITTEN = "WRITTEN"


class Informed(StrEnum):
    """Whether the family knows of the request (C3, C16)."""

    YES = "YES"
    NO = "NO"
    DEFERRED = "DEFERRED"


class NotInformedReason(StrEnum):
    """Why the family was not informed, or not yet."""

    WOULD_INCREASE_RISK = "WOULD_INCREASE_RISK"
    WOULD_PREJUDICE = "WOULD_PREJUDICE"
    NOT_PRACTICABLE = "NOT_PRACTICABLE"
    OTHER = "OTHER"


class NoConsentReason(StrEnum):
    """The three reasons of DPA 2018 Schedule 1 para 18(2) (ref 2.4)."""

    CANNOT_GIVE = "CANNOT_GIVE"
    NOT_REASONABLE_TO_OBTAIN = "NOT_REASONABLE_TO_OBTAIN"
    WOULD_PREJUDICE_PROTECTION = "WOULD_PREJUDICE_PROTECTION"


class PresentingIssue(StrEnum):
    """What the concern is about; `FACTORS` maps each to the assessment factors of ref 5.5."""

    DOMESTIC_ABUSE = "DOMESTIC_ABUSE"
    NEGLECT = "NEGLECT"
    PHYSICAL_ABUSE = "PHYSICAL_ABUSE"
    SEXUAL_ABUSE = "SEXUAL_ABUSE"
    EMOTIONAL_ABUSE = "EMOTIONAL_ABUSE"
    CSE = "CSE"
    CCE = "CCE"
    MISSING = "MISSING"
    TRAFFICKING = "TRAFFICKING"
    GANGS = "GANGS"
    RADICALISATION = "RADICALISATION"
    PARENTAL_SUBSTANCE_MISUSE = "PARENTAL_SUBSTANCE_MISUSE"
    PARENTAL_MENTAL_HEALTH = "PARENTAL_MENTAL_HEALTH"
    SELF_HARM = "SELF_HARM"
    DISABILITY = "DISABILITY"
    OTHER = "OTHER"


FACTORS: dict[PresentingIssue, tuple[str, ...]] = {
    PresentingIssue.DOMESTIC_ABUSE: ("3A", "3B", "3C"),
    PresentingIssue.NEGLECT: ("16A",),
    PresentingIssue.PHYSICAL_ABUSE: ("18B", "18C"),
    PresentingIssue.SEXUAL_ABUSE: ("19B", "19C"),
    PresentingIssue.EMOTIONAL_ABUSE: ("17A",),
    PresentingIssue.CSE: ("11A",),
    PresentingIssue.CCE: ("24A",),
    PresentingIssue.MISSING: ("10A",),
    PresentingIssue.TRAFFICKING: ("12A",),
    PresentingIssue.GANGS: ("13A",),
    PresentingIssue.RADICALISATION: ("20",),
    PresentingIssue.PARENTAL_SUBSTANCE_MISUSE: ("1B", "2B"),
    PresentingIssue.PARENTAL_MENTAL_HEALTH: ("4B",),
    PresentingIssue.SELF_HARM: ("15A",),
    PresentingIssue.DISABILITY: ("5A", "6A"),
    PresentingIssue.OTHER: ("20",),
}


class ActorRole(StrEnum):
    """What an acting person may do; the partnership's register says who holds which (A6)."""

    MASH_MANAGER = "MASH_MANAGER"
    MASH_SOCIAL_WORKER = "MASH_SOCIAL_WORKER"
    MASH_OFFICER = "MASH_OFFICER"
    PARTNERSHIP_COORDINATOR = "PARTNERSHIP_COORDINATOR"
    PRACTITIONER = "PRACTITIONER"
    GOVERNANCE_OFFICER = "GOVERNANCE_OFFICER"


class DataClass(StrEnum):
    """What an item is in law; each is an overlay row of ref 2.7 (D1 to D8)."""

    ORDINARY = "ORDINARY"
    SPECIAL = "SPECIAL"
    CRIMINAL = "CRIMINAL"
    CONFIDENTIAL_HEALTH = "CONFIDENTIAL_HEALTH"
    THIRD_PARTY = "THIRD_PARTY"
    LOCATION = "LOCATION"
    INTELLIGENCE = "INTELLIGENCE"
    REFERRER = "REFERRER"


class ItemKind(StrEnum):
    """Fact, opinion or allegation: an item always says which it is (ref 5.0)."""

    FACT_RECORDED = "FACT_RECORDED"
    DIRECT_OBSERVATION = "DIRECT_OBSERVATION"
    REPORTED_BY_OTHER = "REPORTED_BY_OTHER"
    PROFESSIONAL_OPINION = "PROFESSIONAL_OPINION"
    ALLEGATION = "ALLEGATION"
    INTELLIGENCE_GIST = "INTELLIGENCE_GIST"
    SELF_REPORT = "SELF_REPORT"


class Precision(StrEnum):
    """How much of an item's date is known."""

    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"


class GateOutcome(StrEnum):
    """What a gate decides (ref 2.8 step 8); REFER hands to a person."""

    PERMIT = "PERMIT"
    PARTIAL = "PARTIAL"
    DENY = "DENY"
    REFER = "REFER"


class Status(StrEnum):
    """How an organisation answered; the statuses never look alike (ref 2.8)."""

    SUMMARY = "SUMMARY"
    PARTIAL = "PARTIAL"
    NO_TRACE = "NO_TRACE"
    MATCH_UNCERTAIN = "MATCH_UNCERTAIN"
    HELD_WITHHELD = "HELD_WITHHELD"
    REJECTED_BY_GATE = "REJECTED_BY_GATE"
    UNAVAILABLE = "UNAVAILABLE"
    AWAITED = "AWAITED"


class Stage(StrEnum):
    """Where an awaited answer is."""

    SENT = "SENT"
    WITH_PERSON = "WITH_PERSON"


class Band(StrEnum):
    """How sure a match is; only AUTO, or a named practitioner's choice, releases content (ref 7.2 rule 3)."""

    AUTO = "AUTO"
    REVIEW = "REVIEW"
    NONE = "NONE"


class MatchMethod(StrEnum):
    """By what a person was found."""

    IDENTIFIER = "IDENTIFIER"
    VERIFIED_IDENTIFIER = "VERIFIED_IDENTIFIER"
    DEMOGRAPHIC = "DEMOGRAPHIC"
    CHOSEN = "CHOSEN"
    NONE = "NONE"


class WithholdGround(StrEnum):
    """Why something held is not given (ref 2.8)."""

    MORE_DETRIMENTAL_TO_CHILD = "MORE_DETRIMENTAL_TO_CHILD"
    NOT_RELEVANT = "NOT_RELEVANT"
    STATUTORY_BAR = "STATUTORY_BAR"
    PREJUDICE_INVESTIGATION = "PREJUDICE_INVESTIGATION"
    ENDANGERS_THIRD_PARTY = "ENDANGERS_THIRD_PARTY"
    SOURCE_PROTECTION = "SOURCE_PROTECTION"
    PRIVILEGE = "PRIVILEGE"
    NO_BASIS = "NO_BASIS"
    IDENTITY_UNCERTAIN = "IDENTITY_UNCERTAIN"


class ReviewPolicy(StrEnum):
    """When a practitioner looks at a draft; set per agreement and RAG, never by what was found."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"
    NONE = "NONE"


class DeskReason(StrEnum):
    """Why something waits for a person."""

    REVIEW = "REVIEW"
    REFERRED = "REFERRED"
    MATCH = "MATCH"
    RESTRICTED = "RESTRICTED"
    SOURCE = "SOURCE"
    STALE = "STALE"
    UNREADABLE = "UNREADABLE"


class DeskState(StrEnum):
    """The desk is a fold over these."""

    OPENED = "OPENED"
    CLOSED = "CLOSED"


class DecisionAction(StrEnum):
    """What a practitioner did at the desk; CLOCK is the desk's own empty decision."""

    RELEASE = "RELEASE"
    WITHHOLD = "WITHHOLD"
    CLOCK = "CLOCK"


class EventKind(StrEnum):
    """What an audit event accounts for (blueprint section 7)."""

    ASKED = "ASKED"
    ANSWERED = "ANSWERED"
    DECIDED = "DECIDED"
    OPENED = "OPENED"
    CHANGED = "CHANGED"
    READ = "READ"


class Regime(StrEnum):
    """Which data protection regime an item is held under (ref 2.3)."""

    UK_GDPR = "UK_GDPR"
    PART_3 = "PART_3"


class Onward(StrEnum):
    """How far the requester may pass an item on (Y4)."""

    MASH_ONLY = "MASH_ONLY"
    CSC = "CSC"
    NONE = "NONE"


class DsarHint(StrEnum):
    """What a subject access export should look at before releasing an item (ref 3.4)."""

    THIRD_PARTY = "THIRD_PARTY"
    SERIOUS_HARM_HEALTH = "SERIOUS_HARM_HEALTH"
    SERIOUS_HARM_SOCIAL_WORK = "SERIOUS_HARM_SOCIAL_WORK"
    SERIOUS_HARM_EDUCATION = "SERIOUS_HARM_EDUCATION"
    CHILD_ABUSE_DATA = "CHILD_ABUSE_DATA"
    CRIME_PREJUDICE = "CRIME_PREJUDICE"
