"""What is asked, how urgently, and what the family knows of it."""

from __future__ import annotations

from schemas.vocabulary.word import Word


class Purpose(Word):
    """Why information is asked for: P1 to P11 of ref 2.7, then Prevent, and a question put to the MASH."""

    IMMEDIATE_PROTECTION = (
        "IMMEDIATE_PROTECTION",
        "A child needs protection at once.",
        "Children Act 1989 s.44 and s.46; ref 2.7 P1",
    )
    S47_ENQUIRY = (
        "S47_ENQUIRY",
        "Significant harm is suspected: an enquiry, or the discussion whether to begin one.",
        "Children Act 1989 s.47; ref 2.7 P2",
    )
    MASH_SCREENING = (
        "MASH_SCREENING",
        "A risk is perceived, and it is not clear yet which threshold it meets.",
        "ref 2.7 P3",
    )
    S17_ASSESSMENT = (
        "S17_ASSESSMENT",
        "A child in need is assessed, which takes the family's agreement.",
        "Children Act 1989 s.17; ref 2.7 P4",
    )
    EARLY_HELP = (
        "EARLY_HELP",
        "Help below the statutory threshold, which takes the family's agreement.",
        "Children Act 2004 s.10; ref 2.7 P5",
    )
    MISSING_EXPLOITATION = "MISSING_EXPLOITATION", "A child is missing, or at risk of exploitation.", "ref 2.7 P6"
    IDVA_REFERRAL = (
        "IDVA_REFERRAL",
        "An adult victim is referred to an adviser, by their own consent only.",
        "C12; ref 2.7 P7",
    )
    CONSULTATION = "CONSULTATION", "Professionals ask for advice, and name nobody.", "N1; ref 2.7 P8"
    OUTCOME_NOTICE = "OUTCOME_NOTICE", "A referrer is told the outcome, and no more than that.", "C6; ref 2.7 P9"
    ONWARD_TRANSFER = "ONWARD_TRANSFER", "A case is handed to the team that takes it on.", "Y6; ref 2.7 P10"
    QUALITY_ASSURANCE = "QUALITY_ASSURANCE", "Audit and metrics, with aggregates or pseudonyms only.", "G2; ref 2.7 P11"
    PREVENT = "PREVENT", "Somebody may be drawn into terrorism.", "Counter-Terrorism and Security Act 2015 s.36; N26"
    INFORMATION_REQUEST = "INFORMATION_REQUEST", "Another authority, a court or Cafcass asks the hub.", "N30"


class RatingBand(Word):
    """The four bands that every partnership's own ratings fall into (T1 to T3, T21); decisions depend on them."""

    RED = "RED", "Child protection: answers are due within the hour, unless the profile says otherwise.", "T3; T4"
    AMBER = "AMBER", "Social care must respond: within 24 hours, unless the profile says otherwise.", "T2"
    GREEN = "GREEN", "Partnership support: within five days, unless the profile says otherwise.", "T1"
    BLUE = "BLUE", "The lowest band: nothing is shared, and there is no clock.", "T21"


class Section(Word):
    """The section under which the requester acts, of the Children Act 1989 (S10: of 2004); recorded, not decided on."""

    S46 = (
        "S46",
        "Police protection: an officer removes or keeps a child for 72 hours at most.",
        "Children Act 1989 s.46",
    )
    S47 = "S47", "The duty to enquire where significant harm is suspected.", "Children Act 1989 s.47"
    S17 = "S17", "Services for a child in need.", "Children Act 1989 s.17"
    S10 = "S10", "Co-operation to improve the well-being of children.", "Children Act 2004 s.10"
    NONE = "NONE", "No section is relied on yet: which threshold is met is still asked.", "ref 2.7 P3"
    S44 = "S44", "An emergency protection order of a court.", "Children Act 1989 s.44"
    S31 = "S31", "Care and supervision orders.", "Children Act 1989 s.31"
    S20 = "S20", "Accommodation by agreement with the parents.", "Children Act 1989 s.20"


class Mode(Word):
    """Whether the question is "do you hold anything" or "what do you hold" (ref 2.8 step 2)."""

    EXISTENCE = (
        "EXISTENCE",
        "Only whether anything is held is asked for; that alone can be sensitive.",
        "ref 2.8 step 2",
    )
    CONTENT = "CONTENT", "What is held is asked for.", "ref 2.8 step 2"


class PresentingIssue(Word):
    """What the concern is about; `FACTORS` maps each to the assessment factors of ref 5.5."""

    DOMESTIC_ABUSE = (
        "DOMESTIC_ABUSE",
        "Somebody of the household abuses another, or the child.",
        "ref 5.5, factors 3A to 3C; Domestic Abuse Act 2021 s.1",
    )
    NEGLECT = "NEGLECT", "The child's basic needs are not met, time and again.", "ref 5.5, factor 16A; Working Together"
    PHYSICAL_ABUSE = (
        "PHYSICAL_ABUSE",
        "The child is hurt bodily, by an adult or another child.",
        "ref 5.5, factors 18B and 18C; Working Together",
    )
    SEXUAL_ABUSE = (
        "SEXUAL_ABUSE",
        "The child is forced or enticed into sexual acts.",
        "ref 5.5, factors 19B and 19C; Working Together",
    )
    EMOTIONAL_ABUSE = (
        "EMOTIONAL_ABUSE",
        "The child is ill-treated in ways that harm their emotional development.",
        "ref 5.5, factor 17A; Working Together",
    )
    CSE = "CSE", "The child is sexually exploited: somebody gains by it.", "ref 5.5, factor 11A; Working Together"
    CCE = "CCE", "The child is used for crime: county lines and the like.", "ref 5.5, factor 24A; Working Together"
    MISSING = "MISSING", "It is not known where the child is, or was for a time.", "ref 5.5, factor 10A; ref 5.1"
    TRAFFICKING = (
        "TRAFFICKING",
        "The child was moved in order to be exploited.",
        "ref 5.5, factor 12A; Modern Slavery Act 2015 s.2",
    )
    GANGS = "GANGS", "The child is in a gang, or harmed by one.", "ref 5.5, factor 13A; G3"
    RADICALISATION = "RADICALISATION", "The child may be drawn into terrorism.", "ref 5.5, factor 20; N26"
    PARENTAL_SUBSTANCE_MISUSE = (
        "PARENTAL_SUBSTANCE_MISUSE",
        "A parent's use of alcohol or drugs affects the child.",
        "ref 5.5, factors 1B and 2B",
    )
    PARENTAL_MENTAL_HEALTH = (
        "PARENTAL_MENTAL_HEALTH",
        "A parent's mental health affects the child.",
        "ref 5.5, factor 4B",
    )
    SELF_HARM = "SELF_HARM", "The child harms themselves, or may.", "ref 5.5, factor 15A"
    DISABILITY = (
        "DISABILITY",
        "The child's own disability or learning disability is part of the concern.",
        "ref 5.5, factors 5A and 6A",
    )
    OTHER = "OTHER", "The concern is none of these; the narrative says what it is.", "ref 5.5, factor 20"
    FGM = (
        "FGM",
        "The child underwent or may undergo female genital mutilation.",
        "ref 5.5, factor 22A; Female Genital Mutilation Act 2003",
    )
    FAITH_ABUSE = "FAITH_ABUSE", "The child is abused for reasons of faith or belief.", "ref 5.5, factor 23A"
    HONOUR_BASED = (
        "HONOUR_BASED",
        "The child may be harmed for the sake of honour, or forced to marry.",
        "ref 5.5, factor 20",
    )
    HARMFUL_SEXUAL_BEHAVIOUR = (
        "HARMFUL_SEXUAL_BEHAVIOUR",
        "A child's sexual behaviour harms another child or themselves.",
        "ref 5.5, factor 19B",
    )
    CHILD_MENTAL_HEALTH = "CHILD_MENTAL_HEALTH", "The child's own mental health is a concern.", "ref 5.5, factor 4A"
    CHILD_SUBSTANCE_MISUSE = "CHILD_SUBSTANCE_MISUSE", "The child uses alcohol or drugs.", "ref 5.5, factors 1A and 2A"
    YOUNG_CARER = (
        "YOUNG_CARER",
        "The child cares for somebody of the family.",
        "ref 5.5, factor 7A; Children Act 1989 s.17ZA",
    )
    PRIVATE_FOSTERING = (
        "PRIVATE_FOSTERING",
        "The child lives with no near relative, by a private arrangement of 28 days or more.",
        "ref 5.5, factors 8B to 8F; Children Act 1989 s.66",
    )
    UASC = "UASC", "An asylum seeking child is here without their family.", "ref 5.5, factor 9A"
    PARENTAL_LEARNING_DISABILITY = (
        "PARENTAL_LEARNING_DISABILITY",
        "A parent's learning disability affects the child.",
        "ref 5.5, factor 5B",
    )
    HOMELESSNESS = (
        "HOMELESSNESS",
        "The child or the family has no home, or may lose it.",
        "ref 5.5, factor 20; Housing Act 1996 Part 7",
    )
    HOME_EDUCATION = (
        "HOME_EDUCATION",
        "The child is taught at home, and that is part of the concern.",
        "ref 5.5, factor 20; G3",
    )
    FABRICATED_ILLNESS = "FABRICATED_ILLNESS", "A carer makes the child ill, or out to be ill.", "ref 5.5, factor 18C"


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


class AgreementStatus(Word):
    """Agreement to receive a service; not GDPR consent (ref 2.6)."""

    OBTAINED = "OBTAINED", "They agreed.", "ref 2.6"
    NOT_SOUGHT = "NOT_SOUGHT", "They were not asked; the reason stands beside it.", "ref 2.6; C1"
    REFUSED = "REFUSED", "They were asked, and do not agree.", "ref 2.6; C4"
    CANNOT_BE_OBTAINED = "CANNOT_BE_OBTAINED", "They could not be asked, or cannot say.", "ref 2.6; C8"
    WITHDRAWN = "WITHDRAWN", "They had agreed, and do so no more.", "ref 2.6"
    OVERRIDDEN = "OVERRIDDEN", "A manager went on without their agreement.", "ref 2.6; C8"


class AgreementMethod(Word):
    """How agreement was given."""

    VERBAL = "VERBAL", "They said so.", "ref 2.6"
    WRITTEN = "WRITTEN", "They signed, or wrote it.", "ref 2.6"


class Informed(Word):
    """Whether the family knows of the request (C3, C16)."""

    YES = "YES", "The family knows of the request.", "C3; C16"
    NO = "NO", "The family does not know, and will not be told.", "C3; C16"
    DEFERRED = "DEFERRED", "The family will be told later.", "C3; C16"


class NotInformedReason(Word):
    """Why the family was not informed, or not yet."""

    WOULD_INCREASE_RISK = "WOULD_INCREASE_RISK", "To tell them would put somebody at greater risk of harm.", "C3"
    WOULD_PREJUDICE = "WOULD_PREJUDICE", "To tell them would harm an enquiry or an investigation.", "ref 2.11"
    NOT_PRACTICABLE = "NOT_PRACTICABLE", "They could not be told in time.", "ref 2.5"
    OTHER = "OTHER", "It is none of these; the note says what it is.", "completeness K19"


class Capacity(Word):
    """By what right somebody agreed: for their child, for themselves, or otherwise (C7)."""

    PARENTAL_RESPONSIBILITY = (
        "PARENTAL_RESPONSIBILITY",
        "They have parental responsibility for the child.",
        "Children Act 1989 s.3; C7",
    )
    COMPETENT_CHILD = "COMPETENT_CHILD", "They are the child, and understand enough to agree themselves.", "ref 2.6; C7"
    OTHER = "OTHER", "They agree for themselves, or by another right.", "ref 2.6"


class ViewsStatus(Word):
    """Whether the child's own views were ascertained, and if not, why (C9)."""

    ASCERTAINED = "ASCERTAINED", "The child was asked, and the views are written down.", "C9"
    NOT_IN_BEST_INTERESTS = "NOT_IN_BEST_INTERESTS", "To ask the child would not be in their best interests.", "C9"
    NOT_POSSIBLE = "NOT_POSSIBLE", "The child could not be asked.", "C9"
