"""What waits for a practitioner, why, and what they decide."""

from __future__ import annotations

from schemas.vocabulary.word import Word


class ReviewPolicy(Word):
    """When a practitioner looks at a draft; set per agreement and band, never by what was found."""

    BEFORE = "BEFORE", "A practitioner signs before anything leaves.", "ref 5.0; README, DIR-24"
    AFTER = "AFTER", "The draft leaves at once, and a practitioner looks at it afterwards.", "ref 5.0; README, DIR-24"
    NONE = "NONE", "The draft leaves, and nobody is asked to look.", "ref 5.0; README, DIR-24"


class DeskReason(Word):
    """Why something waits for a person."""

    REVIEW = "REVIEW", "A draft waits for a practitioner's signature.", "ref 5.0"
    REFERRED = "REFERRED", "The gate found that a person must decide.", "ref 2.8 step 8"
    MATCH = "MATCH", "Somebody must say which candidate, if any, is the person asked about.", "ref 7.2 rule 3"
    RESTRICTED = "RESTRICTED", "A record that was found is restricted: its release takes a person.", "ref 7.2 rule 6"
    SOURCE = "SOURCE", "The records cannot be read: they are away, or are searched by hand.", "ref 2.8"
    STALE = (
        "STALE",
        "The directory has expired, so that a person decides until a newer one comes.",
        "ref 2.8 step 1; README, DIR-6",
    )
    UNREADABLE = "UNREADABLE", "A message was refused before it could be understood.", "README, VERIFY-33"
    CORRECTION = "CORRECTION", "Something that was answered before is said to be wrong.", "UK GDPR Art 19; ref 3.2"
    QUESTION = "QUESTION", "Whoever asked has a question about an answer.", "ref 2.5"


class DeskState(Word):
    """The desk is a fold over these; CLAIMED says who is at it."""

    OPENED = "OPENED", "The item waits for somebody.", "ref 3.3"
    CLOSED = "CLOSED", "Nothing is left to do about the item.", "ref 3.3"
    CLAIMED = "CLAIMED", "A practitioner is at the item, so that no other begins it too.", "completeness K27"


class DecisionAction(Word):
    """What a practitioner did at the desk; CLOCK is the desk's own empty decision, NOTHING shares nothing."""

    RELEASE = "RELEASE", "The practitioner signs the answer, as it is or with items taken out.", "ref 2.8 step 6"
    WITHHOLD = (
        "WITHHOLD",
        "The practitioner gives nothing of what is held, on a ground.",
        "Children Act 2004 s.16LA(3); ref 2.8",
    )
    CLOCK = "CLOCK", "Time is up and nobody decided: the desk itself closes the question.", "ref 4.2"
    NOTHING = (
        "NOTHING",
        "The practitioner shares nothing, without a word on whether anything is held.",
        "ref 2.8 step 2",
    )
    CORRECT = "CORRECT", "The practitioner puts right what was answered before.", "UK GDPR Art 16 and 19"
    RETRACT = "RETRACT", "The practitioner takes an answer back, as one about the wrong person.", "ref 7.2 rule 10"
    ASK = "ASK", "The practitioner has a question for whoever asked.", "ref 2.5"


class WithholdGround(Word):
    """Why something held is not given (ref 2.8)."""

    MORE_DETRIMENTAL_TO_CHILD = (
        "MORE_DETRIMENTAL_TO_CHILD",
        "To disclose would harm the child more than not to disclose.",
        "Children Act 2004 s.16LA(3)",
    )
    NOT_RELEVANT = (
        "NOT_RELEVANT",
        "It has no bearing on the child's safety or welfare.",
        "Children Act 2004 s.16LA(2); ref 2.5",
    )
    STATUTORY_BAR = "STATUTORY_BAR", "An enactment forbids the disclosure.", "ref 2.10"
    PREJUDICE_INVESTIGATION = (
        "PREJUDICE_INVESTIGATION",
        "To disclose would harm an investigation.",
        "DPA 2018 Schedule 2 para 2; ref 2.7 D3P",
    )
    ENDANGERS_THIRD_PARTY = "ENDANGERS_THIRD_PARTY", "To disclose would endanger somebody else.", "ref 2.5; ref 2.7 D5"
    SOURCE_PROTECTION = "SOURCE_PROTECTION", "To disclose would show who gave the information.", "ref 2.7 D7 and D8"
    PRIVILEGE = "PRIVILEGE", "It is protected by legal professional privilege.", "DPA 2018 Schedule 2 para 19; ref 2.10"
    NO_BASIS = "NO_BASIS", "No lawful basis carries the disclosure.", "UK GDPR Art 6; ref 2.4"
    IDENTITY_UNCERTAIN = (
        "IDENTITY_UNCERTAIN",
        "It is not sure enough that this is the person asked about.",
        "ref 7.2 rule 3",
    )
