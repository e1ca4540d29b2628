"""The words of the gate and of the law that its tables are written in."""

from __future__ import annotations

from schemas.vocabulary.word import Word


class GateOutcome(Word):
    """What a gate decides (ref 2.8 step 8); REFER hands to a person."""

    PERMIT = "PERMIT", "All that is asked may be asked, or answered.", "ref 2.8 step 8"
    PARTIAL = "PARTIAL", "Some of it may: what dropped out is named with its reason.", "ref 2.8 steps 4 and 8"
    DENY = "DENY", "None of it may, and the reasons say why.", "ref 2.8 step 8"
    REFER = "REFER", "No rule decides it: a person must.", "ref 2.8 steps 5 and 8"


class DataClass(Word):
    """What an item is in law; an overlay row of ref 2.7 each (D1 to D8); CONFIDENTIAL: confidence outside health."""

    ORDINARY = "ORDINARY", "Personal data of no class below.", "ref 2.7 D1"
    SPECIAL = (
        "SPECIAL",
        "Special category data that nobody holds in confidence: ethnicity, a disability in a school's data.",
        "UK GDPR Art 9(1); ref 2.7 D2",
    )
    CRIMINAL = (
        "CRIMINAL",
        "Data on offences, allegations and proceedings.",
        "UK GDPR Art 10; DPA 2018 s.11(2); ref 2.7 D3",
    )
    CONFIDENTIAL_HEALTH = (
        "CONFIDENTIAL_HEALTH",
        "Health data that is owed confidence.",
        "UK GDPR Art 9(1); common law; ref 2.7 D4",
    )
    THIRD_PARTY = (
        "THIRD_PARTY",
        "Data about somebody other than the child: a parent, a partner, a victim.",
        "Children Act 2004 s.16LA(1)(a); ref 2.7 D5",
    )
    LOCATION = "LOCATION", "Where somebody can be found who must not be.", "ref 2.7 D6"
    INTELLIGENCE = "INTELLIGENCE", "Intelligence, or what shows its source.", "ref 2.7 D7"
    REFERRER = "REFERRER", "Who it was, of the public, that raised the concern; never disclosed.", "C14; ref 2.7 D8"
    CONFIDENTIAL = (
        "CONFIDENTIAL",
        "What is held in confidence outside health: social work, counselling, advice on domestic abuse.",
        "completeness L7",
    )


class Regime(Word):
    """Which data protection regime an item is held under (ref 2.3)."""

    UK_GDPR = "UK_GDPR", "The general regime.", "DPA 2018 Part 2; ref 2.3"
    PART_3 = "PART_3", "The regime of law enforcement, for competent authorities.", "DPA 2018 Part 3; ref 2.3"


class NoConsentReason(Word):
    """The three reasons of DPA 2018 Schedule 1 para 18(2) (ref 2.4)."""

    CANNOT_GIVE = "CANNOT_GIVE", "The person cannot give consent.", "DPA 2018 Schedule 1 para 18(2)(a)"
    NOT_REASONABLE_TO_OBTAIN = (
        "NOT_REASONABLE_TO_OBTAIN",
        "The controller cannot reasonably be expected to obtain consent.",
        "DPA 2018 Schedule 1 para 18(2)(b)",
    )
    WOULD_PREJUDICE_PROTECTION = (
        "WOULD_PREJUDICE_PROTECTION",
        "To ask for consent would prejudice the protection.",
        "DPA 2018 Schedule 1 para 18(2)(c)",
    )
