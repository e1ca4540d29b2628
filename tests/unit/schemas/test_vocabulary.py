"""The words of the wire are those that the command line contract and the release table promise, and nothing else."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from enum import StrEnum

import pytest

from schemas import vocabulary
from schemas.vocabulary import (
    FACTORS,
    AgreementMethod,
    AgreementStatus,
    Birth,
    Capability,
    Capacity,
    Certainty,
    ClockState,
    DataClass,
    DecisionAction,
    DeskReason,
    DeskState,
    EventStatus,
    GateOutcome,
    IdentifierScheme,
    Informed,
    ItemKind,
    MatchMethod,
    Mode,
    NationalOutcome,
    NoConsentReason,
    NotInformedReason,
    Onward,
    PersonRole,
    PresentingIssue,
    Purpose,
    RatingBand,
    Relation,
    ReviewPolicy,
    Section,
    Sex,
    Stage,
    Status,
    ViewsStatus,
)
from schemas.vocabulary.word import Word

CONTRACT: dict[type[StrEnum], str] = {
    Purpose: """IMMEDIATE_PROTECTION, S47_ENQUIRY, MASH_SCREENING, S17_ASSESSMENT, EARLY_HELP, MISSING_EXPLOITATION,
        IDVA_REFERRAL, CONSULTATION, OUTCOME_NOTICE, ONWARD_TRANSFER, QUALITY_ASSURANCE,
        PREVENT, INFORMATION_REQUEST""",
    DataClass: "ORDINARY SPECIAL CRIMINAL CONFIDENTIAL_HEALTH THIRD_PARTY LOCATION INTELLIGENCE REFERRER CONFIDENTIAL",
    ItemKind: """FACT_RECORDED DIRECT_OBSERVATION REPORTED_BY_OTHER PROFESSIONAL_OPINION ALLEGATION
        INTELLIGENCE_GIST SELF_REPORT""",
    RatingBand: "RED, AMBER, GREEN, BLUE",
    Section: "S46, S47, S17, S10, NONE, S44, S31, S20",
    Sex: "FEMALE, MALE, OTHER, UNKNOWN",
    Mode: "EXISTENCE, CONTENT",
    PersonRole: "SUBJECT_CHILD, SIBLING, PARENT, CARER, ADULT_VICTIM, ALLEGED_PERPETRATOR, OTHER",
    Relation: """BIRTH_MOTHER, BIRTH_FATHER, STEP_PARENT, PARTNER_OF_PARENT, SIBLING, HALF_SIBLING, GRANDPARENT,
        CARER, FOSTER_CARER, OTHER_HOUSEHOLD, GUARDIAN, ADOPTIVE_PARENT, EX_PARTNER_OF_PARENT, ASSOCIATE,
        UNKNOWN""",
    AgreementStatus: "OBTAINED, NOT_SOUGHT, REFUSED, CANNOT_BE_OBTAINED, WITHDRAWN, OVERRIDDEN",
    AgreementMethod: "VERBAL, WRITTEN",
    Informed: "YES, NO, DEFERRED",
    NotInformedReason: "WOULD_INCREASE_RISK, WOULD_PREJUDICE, NOT_PRACTICABLE, OTHER",
    PresentingIssue: """DOMESTIC_ABUSE, NEGLECT, PHYSICAL_ABUSE, SEXUAL_ABUSE, EMOTIONAL_ABUSE, CSE, CCE, MISSING,
        TRAFFICKING, GANGS, RADICALISATION, PARENTAL_SUBSTANCE_MISUSE, PARENTAL_MENTAL_HEALTH, SELF_HARM,
        DISABILITY, OTHER, FGM, FAITH_ABUSE, HONOUR_BASED, HARMFUL_SEXUAL_BEHAVIOUR, CHILD_MENTAL_HEALTH,
        CHILD_SUBSTANCE_MISUSE, YOUNG_CARER, PRIVATE_FOSTERING, UASC, PARENTAL_LEARNING_DISABILITY, HOMELESSNESS,
        HOME_EDUCATION, FABRICATED_ILLNESS""",
    IdentifierScheme: "nhs upn uln pnc cro crn noms csc yjs tenancy ndtms pnd cris",
    NoConsentReason: "CANNOT_GIVE, NOT_REASONABLE_TO_OBTAIN, WOULD_PREJUDICE_PROTECTION",
    Capability: """RECEIVE, RATE, ALLOCATE, ASK, SCREEN, RECOMMEND, DECIDE, OVERRIDE, OVERSEE, CHAIR, CONVENE,
        TRIAGE_EARLY_HELP, ESCALATE_TO, SIGN, LOOK, MANAGE_RECORDS, READ_LEDGER, ERASE""",
    GateOutcome: "PERMIT, PARTIAL, DENY, REFER",
    Status: """SUMMARY, PARTIAL, NO_TRACE, MATCH_UNCERTAIN, HELD_WITHHELD, REJECTED_BY_GATE, UNAVAILABLE, AWAITED,
        NOTHING_TO_SHARE""",
    Stage: "SENT, WITH_PERSON",
    Certainty: "AUTO, REVIEW, NONE",
    MatchMethod: "IDENTIFIER, VERIFIED_IDENTIFIER, DEMOGRAPHIC, CHOSEN, NONE",
    ReviewPolicy: "BEFORE AFTER NONE",
    DeskReason: "REVIEW|REFERRED|MATCH|RESTRICTED|SOURCE|STALE|UNREADABLE|CORRECTION|QUESTION",
    DeskState: "OPENED CLOSED CLAIMED",
    DecisionAction: "RELEASE WITHHOLD CLOCK NOTHING CORRECT RETRACT ASK",
    Onward: "MASH_ONLY CSC NONE EARLY_HELP DISTRICT PARTNERS",
    EventStatus: "ALLEGED CHARGED CONVICTED CAUTIONED NFA UNKNOWN",
    Birth: "EXACT YEAR ESTIMATED UNBORN UNKNOWN",
    Capacity: "PARENTAL_RESPONSIBILITY, COMPETENT_CHILD, OTHER",
    ViewsStatus: "ASCERTAINED, NOT_IN_BEST_INTERESTS, NOT_POSSIBLE",
}
"""The lists of the published contract, in their order, which is also the order of the symbols on the wire."""

EVERY_WORD_LIST = [
    cls for _, cls in inspect.getmembers(vocabulary, inspect.isclass) if issubclass(cls, StrEnum) and cls is not StrEnum
]


@pytest.mark.parametrize("words", CONTRACT, ids=lambda words: words.__name__)
def test_words_are_those_of_the_published_contract(words: type[StrEnum]) -> None:
    assert [word.value for word in words] == re.findall(r"\w+", CONTRACT[words])


@pytest.mark.parametrize("words", EVERY_WORD_LIST, ids=lambda words: words.__name__)
def test_word_is_its_own_name_and_fit_for_avro(words: type[StrEnum]) -> None:
    for word in words:
        assert word.value.upper() == word.name
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", word.value)


def test_every_word_list_of_a_subject_is_named_by_the_package() -> None:
    """A list that stands in its module only is one that no reader of the package finds."""
    names = [f"schemas.vocabulary.{module.name}" for module in pkgutil.iter_modules(vocabulary.__path__)]
    classes = [cls for name in names for _, cls in inspect.getmembers(importlib.import_module(name), inspect.isclass)]
    assert sorted(cls.__name__ for cls in classes if cls not in (StrEnum, Word)) == [
        cls.__name__ for cls in EVERY_WORD_LIST
    ]


@pytest.mark.parametrize("words", EVERY_WORD_LIST, ids=lambda words: words.__name__)
def test_word_list_says_what_it_means(words: type[StrEnum]) -> None:
    assert inspect.getdoc(words)


SOURCE = re.compile(
    r"ref \d\.\d|[ACEGLNORTY]\d+|(profiles|ledger) section \d|completeness [KL]\d+|README, [A-Z]+-\d+|ILR rule"
    r"|Working Together|UK GDPR|DPA 2018|[A-Z].* Act \d{4}|RFC \d{4}|C2SP"
)
"""What a source begins with: a section or code of the glossary, a rule, a statute, a standard."""


@pytest.mark.parametrize("words", EVERY_WORD_LIST, ids=lambda words: words.__name__)
def test_word_says_in_a_sentence_of_its_own_what_it_means_and_whence(words: type[StrEnum]) -> None:
    """Of each list, the oldest too: by the members, so that a list of bare words cannot slip through."""
    assert issubclass(words, Word)
    for word in words:
        said = set(re.findall(r"[a-z]{2,}", word.sentence.lower())) - set(word.value.lower().split("_"))
        assert re.fullmatch(r"[A-Z].+\.", word.sentence), word
        assert len(said) >= 2, word
        assert SOURCE.match(word.source), word
    assert len({word.sentence for word in words}) == len(words)


@pytest.mark.parametrize("said", [("PLAIN",), ("PLAIN", "A sentence."), ("PLAIN", "", "ref 2.7")])
def test_word_without_sentence_or_source_cannot_be_written(said: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="needs a sentence and a source"):
        Word("Plain", {"PLAIN": said})


def test_a_word_is_looked_up_by_its_value_alone() -> None:
    assert Purpose("PREVENT") is Purpose.PREVENT
    with pytest.raises(ValueError, match="is not a valid Purpose"):
        Purpose("GOSSIP")


def test_national_outcomes_and_clock_states_are_those_of_the_contract() -> None:
    """K13: seventeen outcomes that four partnerships' own words map to."""
    assert len(NationalOutcome) == 17
    assert set(NationalOutcome) >= {"NEW_CONTACT_NEEDED", "STEP_UP_MASH", "COURT_APPLICATION"}
    assert "|".join(ClockState) == "STARTED|PAUSED|RESUMED|WARNED|MET|BREACHED|ESCALATED|STOPPED|CANCELLED"


def test_every_presenting_issue_has_its_assessment_factors() -> None:
    assert set(FACTORS) == set(PresentingIssue)
    assert all(re.fullmatch(r"\d{1,2}[A-F]?", factor) for factors in FACTORS.values() for factor in factors)
    assert all(FACTORS.values())


def test_an_answer_never_has_two_words_for_one_thing() -> None:
    """The statuses never look alike: not by case, not as a part of one another."""
    statuses = [status.value for status in Status]
    assert not [(one, other) for one in statuses for other in statuses if one != other and one in other]
