"""What is said of one item that is released: fact or opinion, its date, how far it may go."""

from __future__ import annotations

from schemas.vocabulary.word import Word


class ItemKind(Word):
    """Fact, opinion or allegation: an item always says which it is (ref 5.0)."""

    FACT_RECORDED = "FACT_RECORDED", "Something that a record states as a fact.", "ref 5.0"
    DIRECT_OBSERVATION = "DIRECT_OBSERVATION", "What the author saw or heard themselves.", "ref 5.0"
    REPORTED_BY_OTHER = "REPORTED_BY_OTHER", "What somebody told the author.", "ref 5.0"
    PROFESSIONAL_OPINION = (
        "PROFESSIONAL_OPINION",
        "What a professional judges, by their training.",
        "ref 5.0; DPA 2018 s.38(2)",
    )
    ALLEGATION = "ALLEGATION", "What somebody is said to have done, without a finding.", "ref 5.0; DPA 2018 s.38(2)"
    INTELLIGENCE_GIST = "INTELLIGENCE_GIST", "The sanitised substance of intelligence, never its source.", "ref 2.7 D7"
    SELF_REPORT = "SELF_REPORT", "What the person says of themselves.", "ref 5.0"


class Precision(Word):
    """How much of an item's date is known."""

    DAY = "DAY", "The day counts.", "ref 5.0"
    MONTH = "MONTH", "Month and year count; the day stands in as the first.", "ref 5.0"
    YEAR = "YEAR", "The year alone counts; day and month stand in as the first of January.", "ref 5.0"


class Onward(Word):
    """How far the requester may pass an item on (Y4)."""

    MASH_ONLY = "MASH_ONLY", "It stays with the people of the hub.", "Y4"
    CSC = "CSC", "It may go to children's social care.", "Y4"
    NONE = "NONE", "It goes no further than whoever asked.", "ref 5.0"
    EARLY_HELP = "EARLY_HELP", "It may go to the early help team that takes the family on.", "Y4; C17"
    DISTRICT = "DISTRICT", "It may go to the district team that takes the case on.", "Y4; Y6"
    PARTNERS = "PARTNERS", "It may go to the partners who work with the family.", "Y4; ref 2.7 P10"


class DsarHint(Word):
    """What a subject access export should look at before releasing an item (ref 3.4)."""

    THIRD_PARTY = (
        "THIRD_PARTY",
        "It is about somebody else too, and may be given where that is reasonable.",
        "DPA 2018 Schedule 2 paras 16 and 17",
    )
    SERIOUS_HARM_HEALTH = (
        "SERIOUS_HARM_HEALTH",
        "Access to health data may do serious harm; a health professional must say.",
        "DPA 2018 Schedule 3 Part 2",
    )
    SERIOUS_HARM_SOCIAL_WORK = (
        "SERIOUS_HARM_SOCIAL_WORK",
        "Access to social work data may do serious harm to somebody.",
        "DPA 2018 Schedule 3 Part 3",
    )
    SERIOUS_HARM_EDUCATION = (
        "SERIOUS_HARM_EDUCATION",
        "Access to education data may do serious harm to somebody.",
        "DPA 2018 Schedule 3 Part 4",
    )
    CHILD_ABUSE_DATA = (
        "CHILD_ABUSE_DATA",
        "It says whether a child is or was abused, and may be kept from a parent.",
        "DPA 2018 Schedule 3 Part 5",
    )
    CRIME_PREJUDICE = (
        "CRIME_PREJUDICE",
        "Access would harm the prevention or detection of crime.",
        "DPA 2018 Schedule 2 para 2",
    )


class SubjectCategory(Word):
    """Who somebody is in a matter of law enforcement (DPA 2018 s.38(3))."""

    SUSPECTED = (
        "SUSPECTED",
        "There are grounds to think that they committed an offence or are about to.",
        "DPA 2018 s.38(3)(a)",
    )
    CONVICTED = "CONVICTED", "They were found guilty of an offence.", "DPA 2018 s.38(3)(b)"
    VICTIM = "VICTIM", "They are or may be the victim of an offence.", "DPA 2018 s.38(3)(c)"
    WITNESS = "WITNESS", "They know something of an offence, as a witness or otherwise.", "DPA 2018 s.38(3)(d)"


class EventStatus(Word):
    """What became of an alleged offence; an accusation never reads as a finding (DPA 2018 s.38(2))."""

    ALLEGED = "ALLEGED", "Somebody says so; nobody was charged.", "ref 5.1; DPA 2018 s.38(2)"
    CHARGED = "CHARGED", "They were charged, and no court has decided.", "ref 5.1"
    CONVICTED = "CONVICTED", "A court found them guilty.", "ref 5.1"
    CAUTIONED = "CAUTIONED", "They were cautioned, which takes an admission.", "ref 5.1"
    NFA = "NFA", "No further action was taken.", "ref 5.1"
    UNKNOWN = "UNKNOWN", "The record does not say what became of it.", "ref 5.1"
