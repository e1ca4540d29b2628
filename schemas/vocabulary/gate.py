"""What a gate says beside its outcome: reasons, obligations, and evidence that it must see.

They stand on the wire as Codes (`GateDecision`). The decision tables are written in them: a table with any other word
is not loaded, as an obligation that no code knows would be passed over.
"""

from __future__ import annotations

from schemas.vocabulary.word import Word


class Reason(Word):
    """The reason why a gate refuses, drops a class, or asks for a person."""

    DIRECTORY_STALE = (
        "DIRECTORY_STALE",
        "The directory of members has expired, so that nobody can say who may ask: a person decides.",
        "ref 2.8 step 1",
    )
    REQUESTER_MISMATCH = (
        "REQUESTER_MISMATCH",
        "The request speaks for another organisation than the one that signed it.",
        "ref 2.8 step 1",
    )
    UNKNOWN_ACTOR = (
        "UNKNOWN_ACTOR",
        "The person named as asking does not stand in the register of the organisation that asks.",
        "ref 1.4",
    )
    ROLE_NOT_HELD = "ROLE_NOT_HELD", "The person who asks does not hold the title that the request names.", "ref 1.4"
    ROLE_MAY_NOT_ASK = (
        "ROLE_MAY_NOT_ASK",
        "The person's title does not let them ask for this band and purpose.",
        "ref 1.4",
    )
    RED_NEEDS_MANAGER = "RED_NEEDS_MANAGER", "The highest band was not set by somebody who may rate it.", "R1"
    OVERRIDE_BY_REQUESTER = (
        "OVERRIDE_BY_REQUESTER",
        "Whoever asks has overridden the missing agreement themselves; another person must.",
        "C8",
    )
    OVERRIDE_NOT_BY_MANAGER = (
        "OVERRIDE_NOT_BY_MANAGER",
        "Whoever overrode the missing agreement may not do so.",
        "C8",
    )
    OVERRIDE_WITHOUT_RATIONALE = "OVERRIDE_WITHOUT_RATIONALE", "The override gives no reason.", "C8"
    NO_HOLDER = "NO_HOLDER", "No organisation is asked.", "ref 2.8 step 1"
    HOLDER_NOT_TAKING_PART = (
        "HOLDER_NOT_TAKING_PART",
        "An organisation that is asked is no active member of the partnership.",
        "ref 3.1",
    )
    AGREEMENT_NOT_IN_FORCE = (
        "AGREEMENT_NOT_IN_FORCE",
        "No data sharing agreement between asker and holder is in force today.",
        "ref 3.1",
    )
    RAG_NOT_ALLOWED = "RAG_NOT_ALLOWED", "Questions for this purpose are not asked at this rating.", "ref 1.3"
    NOT_IMPLEMENTED_ROW = (
        "NOT_IMPLEMENTED_ROW",
        "No row of the tables decides such a question yet, and what no row allows is refused.",
        "ref 2.8",
    )
    REFUSED_NO_AGREEMENT = (
        "REFUSED_NO_AGREEMENT",
        "The family was not asked for agreement, or refused it, and nobody overrode that.",
        "ref 2.6",
    )
    REFUSED_PROTOCOL_DUTY_FLAG = (
        "REFUSED_PROTOCOL_DUTY_FLAG",
        "The protocol refuses what the duty to share may demand: the holder's practitioner judges.",
        "ref 2.2",
    )
    CHILD_VIEWS_MISSING = (
        "CHILD_VIEWS_MISSING",
        "The child is old enough to be asked, and the request neither gives the child's views nor says why not.",
        "C9",
    )
    EVIDENCE_MISSING = (
        "EVIDENCE_MISSING",
        "The request lacks what the row for its purpose must be shown.",
        "ref 2.8 step 2",
    )
    PERSON_LEFT_OUT = (
        "PERSON_LEFT_OUT",
        "Somebody is asked about without the reason that a person besides the child needs; they are left out.",
        "ref 2.7 D5",
    )
    HOLDER_CANNOT_GIVE = (
        "HOLDER_CANNOT_GIVE",
        "Nothing that may be asked for can be given by this organisation, so it is not asked.",
        "ref 2.8 step 4",
    )
    NOT_IN_AGREEMENT = (
        "NOT_IN_AGREEMENT",
        "The data sharing agreement between the two does not name this class of data.",
        "ref 3.1",
    )
    NO_CONSENT_REASON = (
        "NO_CONSENT_REASON",
        "The class needs the reason why consent is not relied upon, and none is given.",
        "DPA 2018 Sch 1 para 18",
    )
    NO_APD = "NO_APD", "The class needs an appropriate policy document, and none is named.", "DPA 2018 Sch 1 Part 4"
    NO_CONFIDENTIALITY_LIMB = (
        "NO_CONFIDENTIALITY_LIMB",
        "Nothing says on what ground confidence may be set aside.",
        "ref 2.7",
    )
    NO_PERSON_NAMED = (
        "NO_PERSON_NAMED",
        "The class needs a named practitioner's decision, and nobody is named.",
        "ref 2.8 step 5",
    )
    NEVER_DISCLOSED = (
        "NEVER_DISCLOSED",
        "The class never leaves its holder, whoever asks and for whatever purpose.",
        "C14",
    )
    NOTHING_LEFT = (
        "NOTHING_LEFT",
        "After all that must be left out, nothing remains to be asked or given.",
        "ref 2.8 step 8",
    )


class Obligation(Word):
    """What later stages owe for a permission (ref 2.8 steps 7 and 8)."""

    NAMED_PEOPLE_ONLY = (
        "NAMED_PEOPLE_ONLY",
        "Items about others than the people named in the request are left out.",
        "ref 2.7 D5",
    )
    STRIP_RESTRICTED_LOCATION = (
        "STRIP_RESTRICTED_LOCATION",
        "Nothing that shows where somebody with a restricted record lives is released.",
        "ref 5.2",
    )
    EXPIRES_WITH_CLOCK = (
        "EXPIRES_WITH_CLOCK",
        "The permission ends with the request's time to be answered.",
        "ref 1.3",
    )
    FACT_OPINION_MARKED = (
        "FACT_OPINION_MARKED",
        "Every item says whether it is fact, opinion or allegation.",
        "DPA 2018 s.38(2)",
    )
    CALDICOTT_CHECK = (
        "CALDICOTT_CHECK",
        "The health organisation's check of confidentiality belongs to this release.",
        "ref 2.7",
    )
    NDOP_NOT_APPLICABLE_LEGAL_REQUIREMENT = (
        "NDOP_NOT_APPLICABLE_LEGAL_REQUIREMENT",
        "The national data opt-out does not apply, as the law requires the disclosure.",
        "ref 2.7",
    )
    S62_LOG = (
        "S62_LOG",
        "The disclosure is logged with its reason, as law enforcement processing must be.",
        "DPA 2018 s.62",
    )
    JUDGED_BY_PRACTITIONER = (
        "JUDGED_BY_PRACTITIONER",
        "A named practitioner of the holder judged the duty to be met; the account names who.",
        "ref 2.8 step 5",
    )
    LOOK_BACK_FULL = "LOOK_BACK_FULL", "Nothing is too old to be released.", "ref 2.8 step 7"
    LOOK_BACK_TWO_YEARS = (
        "LOOK_BACK_TWO_YEARS",
        "Only what is dated within the last two years is released, and what is flagged; undated is not current.",
        "ref 2.8 step 7",
    )
    EXISTENCE_AND_NEEDS_ONLY = (
        "EXISTENCE_AND_NEEDS_ONLY",
        "Of what is held, only that it exists and what the child needs is released, not its detail.",
        "ref 2.8 step 7",
    )
    NOTHING_RELEASED = "NOTHING_RELEASED", "No item is released; only the answer's status is told.", "ref 2.8 step 8"
    REVIEW_BEFORE = "REVIEW_BEFORE", "A practitioner of the holder looks before anything leaves.", "ref 2.8 step 8"
    REVIEW_AFTER = "REVIEW_AFTER", "A practitioner of the holder looks after the answer has left.", "ref 2.8 step 8"
    REVIEW_NONE = "REVIEW_NONE", "No practitioner of the holder needs to look.", "ref 2.8 step 8"


class EvidenceWord(Word):
    """What a request or its holder's own papers must show; the same words stand in `missing_evidence`."""

    THRESHOLD_STATEMENT = (
        "THRESHOLD_STATEMENT",
        "Why the threshold for the section is thought to be met.",
        "ref 2.8 step 2",
    )
    FAMILY_INFORMED_REASON = (
        "FAMILY_INFORMED_REASON",
        "That the family was told of the request, or why not.",
        "ref 2.6",
    )
    NO_CONSENT_REASON = (
        "NO_CONSENT_REASON",
        "Why consent is not relied upon: it cannot be given, expected, or would defeat the purpose.",
        "DPA 2018 Sch 1 para 18",
    )
    APD_REF = "APD_REF", "The appropriate policy document of whoever gives the data.", "DPA 2018 Sch 1 Part 4"
    NAMED_PERSON = "NAMED_PERSON", "The named practitioner who decided.", "ref 2.8 step 5"
    CHILD_VIEWS = "CHILD_VIEWS", "The child's views, or why they were not sought.", "C9"
    CONFIDENTIALITY_LIMB = "CONFIDENTIALITY_LIMB", "The ground on which confidence may be set aside.", "ref 2.9"


class PersonEvidence(Word):
    """What a request must show for one person besides the child (ref 2.7 D5)."""

    RELATION_TO_CHILD = "RELATION_TO_CHILD", "What the person is to the child.", "ref 2.7 D5"
    WHY_NEEDED = "WHY_NEEDED", "Why information about the person is needed.", "ref 2.7 D5"
