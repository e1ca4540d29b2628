"""What is said of one item that is released: fact or opinion, its date, how far it may go."""

from __future__ import annotations

from enum import StrEnum


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


class Onward(StrEnum):
    """How far the requester may pass an item on (Y4)."""

    MASH_ONLY = "MASH_ONLY"
    CSC = "CSC"
    NONE = "NONE"
    EARLY_HELP = "EARLY_HELP"
    DISTRICT = "DISTRICT"
    PARTNERS = "PARTNERS"


class DsarHint(StrEnum):
    """What a subject access export should look at before releasing an item (ref 3.4)."""

    THIRD_PARTY = "THIRD_PARTY"
    SERIOUS_HARM_HEALTH = "SERIOUS_HARM_HEALTH"
    SERIOUS_HARM_SOCIAL_WORK = "SERIOUS_HARM_SOCIAL_WORK"
    SERIOUS_HARM_EDUCATION = "SERIOUS_HARM_EDUCATION"
    CHILD_ABUSE_DATA = "CHILD_ABUSE_DATA"
    CRIME_PREJUDICE = "CRIME_PREJUDICE"


class SubjectCategory(StrEnum):
    """Who somebody is in a matter of law enforcement (DPA 2018 s.38(3))."""

    SUSPECTED = "SUSPECTED"
    CONVICTED = "CONVICTED"
    VICTIM = "VICTIM"
    WITNESS = "WITNESS"


class EventStatus(StrEnum):
    """What became of an alleged offence; an accusation never reads as a finding (DPA 2018 s.38(2))."""

    ALLEGED = "ALLEGED"
    CHARGED = "CHARGED"
    CONVICTED = "CONVICTED"
    CAUTIONED = "CAUTIONED"
    NFA = "NFA"
    UNKNOWN = "UNKNOWN"
