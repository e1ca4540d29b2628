"""What is asked, how urgently, and what the family knows of it."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """Why information is asked for: P1 to P11 of ref 2.7, then Prevent, and a question put to the MASH."""

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
    PREVENT = "PREVENT"
    INFORMATION_REQUEST = "INFORMATION_REQUEST"


class RatingBand(StrEnum):
    """The four bands that every partnership's own ratings fall into (T1 to T3, T21); decisions depend on them."""

    RED = "RED"
    AMBER = "AMBER"
    GREEN = "GREEN"
    BLUE = "BLUE"


class Section(StrEnum):
    """The section under which the requester acts, of the Children Act 1989 (S10: of 2004); recorded, not decided on."""

    S46 = "S46"
    S47 = "S47"
    S17 = "S17"
    S10 = "S10"
    NONE = "NONE"
    S44 = "S44"
    S31 = "S31"
    S20 = "S20"


class Mode(StrEnum):
    """Whether the question is "do you hold anything" or "what do you hold" (ref 2.8 step 2)."""

    EXISTENCE = "EXISTENCE"
    CONTENT = "CONTENT"


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
    FGM = "FGM"
    FAITH_ABUSE = "FAITH_ABUSE"
    HONOUR_BASED = "HONOUR_BASED"
    HARMFUL_SEXUAL_BEHAVIOUR = "HARMFUL_SEXUAL_BEHAVIOUR"
    CHILD_MENTAL_HEALTH = "CHILD_MENTAL_HEALTH"
    CHILD_SUBSTANCE_MISUSE = "CHILD_SUBSTANCE_MISUSE"
    YOUNG_CARER = "YOUNG_CARER"
    PRIVATE_FOSTERING = "PRIVATE_FOSTERING"
    UASC = "UASC"
    PARENTAL_LEARNING_DISABILITY = "PARENTAL_LEARNING_DISABILITY"
    HOMELESSNESS = "HOMELESSNESS"
    HOME_EDUCATION = "HOME_EDUCATION"
    FABRICATED_ILLNESS = "FABRICATED_ILLNESS"


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
    PresentingIssue.FGM: ("22A",),
    PresentingIssue.FAITH_ABUSE: ("23A",),
    PresentingIssue.HONOUR_BASED: ("20",),
    PresentingIssue.HARMFUL_SEXUAL_BEHAVIOUR: ("19B",),
    PresentingIssue.CHILD_MENTAL_HEALTH: ("4A",),
    PresentingIssue.CHILD_SUBSTANCE_MISUSE: (
        "1A",
        "2A",
    ),
    PresentingIssue.YOUNG_CARER: ("7A",),
    PresentingIssue.PRIVATE_FOSTERING: ("8B", "8C", "8D", "8E", "8F"),
    PresentingIssue.UASC: ("9A",),
    PresentingIssue.PARENTAL_LEARNING_DISABILITY: ("5B",),
    PresentingIssue.HOMELESSNESS: ("20",),
    PresentingIssue.HOME_EDUCATION: ("20",),
    PresentingIssue.FABRICATED_ILLNESS: ("18C",),
}


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


class Capacity(StrEnum):
    """By what right somebody agreed: for their child, for themselves, or otherwise (C7)."""

    PARENTAL_RESPONSIBILITY = "PARENTAL_RESPONSIBILITY"
    COMPETENT_CHILD = "COMPETENT_CHILD"
    OTHER = "OTHER"


class ViewsStatus(StrEnum):
    """Whether the child's own views were ascertained, and if not, why (C9)."""

    ASCERTAINED = "ASCERTAINED"
    NOT_IN_BEST_INTERESTS = "NOT_IN_BEST_INTERESTS"
    NOT_POSSIBLE = "NOT_POSSIBLE"
