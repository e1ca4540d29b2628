"""The words that the decision tables are written in. A table that uses any other word is not loaded.

The reason words and obligation words also stand on the wire (`GateDecision`), so they keep their meaning once
released. An obligation that no code knows would be silently ignored: so obligations are a closed list too.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a gate says no, drops something, or asks for a person."""

    DIRECTORY_STALE = "DIRECTORY_STALE"
    REQUESTER_MISMATCH = "REQUESTER_MISMATCH"
    UNKNOWN_ACTOR = "UNKNOWN_ACTOR"
    ROLE_NOT_HELD = "ROLE_NOT_HELD"
    ROLE_MAY_NOT_ASK = "ROLE_MAY_NOT_ASK"
    RED_NEEDS_MANAGER = "RED_NEEDS_MANAGER"
    OVERRIDE_BY_REQUESTER = "OVERRIDE_BY_REQUESTER"
    OVERRIDE_NOT_BY_MANAGER = "OVERRIDE_NOT_BY_MANAGER"
    OVERRIDE_WITHOUT_RATIONALE = "OVERRIDE_WITHOUT_RATIONALE"
    NO_HOLDER = "NO_HOLDER"
    HOLDER_NOT_TAKING_PART = "HOLDER_NOT_TAKING_PART"
    AGREEMENT_NOT_IN_FORCE = "AGREEMENT_NOT_IN_FORCE"
    RAG_NOT_ALLOWED = "RAG_NOT_ALLOWED"
    NOT_IMPLEMENTED_ROW = "NOT_IMPLEMENTED_ROW"
    REFUSED_NO_AGREEMENT = "REFUSED_NO_AGREEMENT"
    REFUSED_PROTOCOL_DUTY_FLAG = "REFUSED_PROTOCOL_DUTY_FLAG"
    CHILD_VIEWS_MISSING = "CHILD_VIEWS_MISSING"
    EVIDENCE_MISSING = "EVIDENCE_MISSING"
    PERSON_LEFT_OUT = "PERSON_LEFT_OUT"
    HOLDER_CANNOT_GIVE = "HOLDER_CANNOT_GIVE"
    NOT_IN_AGREEMENT = "NOT_IN_AGREEMENT"
    NO_CONSENT_REASON = "NO_CONSENT_REASON"
    NO_APD = "NO_APD"
    NO_CONFIDENTIALITY_LIMB = "NO_CONFIDENTIALITY_LIMB"
    NO_PERSON_NAMED = "NO_PERSON_NAMED"
    NEVER_DISCLOSED = "NEVER_DISCLOSED"
    NOTHING_LEFT = "NOTHING_LEFT"


class Obligation(StrEnum):
    """What later stages owe for the permission (ref 2.8 steps 7 and 8)."""

    NAMED_PEOPLE_ONLY = "NAMED_PEOPLE_ONLY"
    STRIP_RESTRICTED_LOCATION = "STRIP_RESTRICTED_LOCATION"
    EXPIRES_WITH_CLOCK = "EXPIRES_WITH_CLOCK"
    FACT_OPINION_MARKED = "FACT_OPINION_MARKED"
    CALDICOTT_CHECK = "CALDICOTT_CHECK"
    NDOP_NOT_APPLICABLE_LEGAL_REQUIREMENT = "NDOP_NOT_APPLICABLE_LEGAL_REQUIREMENT"
    S62_LOG = "S62_LOG"
    JUDGED_BY_PRACTITIONER = "JUDGED_BY_PRACTITIONER"
    LOOK_BACK_FULL = "LOOK_BACK_FULL"
    LOOK_BACK_TWO_YEARS = "LOOK_BACK_TWO_YEARS"
    EXISTENCE_AND_NEEDS_ONLY = "EXISTENCE_AND_NEEDS_ONLY"
    NOTHING_RELEASED = "NOTHING_RELEASED"
    REVIEW_BEFORE = "REVIEW_BEFORE"
    REVIEW_AFTER = "REVIEW_AFTER"
    REVIEW_NONE = "REVIEW_NONE"


class EvidenceWord(StrEnum):
    """What the request or the holder's own papers must show; the same words stand in `missing_evidence`."""

    THRESHOLD_STATEMENT = "THRESHOLD_STATEMENT"
    FAMILY_INFORMED_REASON = "FAMILY_INFORMED_REASON"
    NO_CONSENT_REASON = "NO_CONSENT_REASON"
    APD_REF = "APD_REF"
    NAMED_PERSON = "NAMED_PERSON"
    CHILD_VIEWS = "CHILD_VIEWS"
    CONFIDENTIALITY_LIMB = "CONFIDENTIALITY_LIMB"


class PersonEvidence(StrEnum):
    """What the request must show for one person besides the child (D5)."""

    RELATION_TO_CHILD = "RELATION_TO_CHILD"
    WHY_NEEDED = "WHY_NEEDED"


class RowState(StrEnum):
    """Whether a row decides yet. NEVER is a decision too: it holds for every holder, whatever is asked."""

    BUILT = "BUILT"
    NOT_BUILT = "NOT_BUILT"
    NEVER = "NEVER"


class Verdict(StrEnum):
    """What a row of the local protocol layer says."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    DENY = "DENY"
    REFER = "REFER"


class AgreementState(StrEnum):
    """Agreement to a service, over all who must give it (ref 2.6)."""

    OBTAINED = "OBTAINED"
    OVERRIDDEN = "OVERRIDDEN"
    REFUSED = "REFUSED"
    MISSING = "MISSING"


class OverrideState(StrEnum):
    """Whether a manager's valid override comes with the request (C8)."""

    NONE = "NONE"
    VALID = "VALID"


class Duty(StrEnum):
    """Whether the information sharing duty of Children Act 2004 s.16LA is in force (ref 2.2)."""

    ON = "ON"
    OFF = "OFF"


class Judged(StrEnum):
    """Whether a named practitioner of the holder judged the duty met where the protocol refused (ref 2.8 step 5)."""

    NO = "NO"
    YES = "YES"


class Body(StrEnum):
    """A public authority, or a body that Art 6(1)(c) and (e) do not fit (ref 2.3)."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


class Article6(StrEnum):
    """UK GDPR Article 6 (ref 2.4). Consent and contract are not here: no row relies on them."""

    C = "6_1_C_LEGAL_OBLIGATION"
    E = "6_1_E_PUBLIC_TASK"
    EA = "6_1_EA_RECOGNISED_LI"


class Article9(StrEnum):
    """UK GDPR Article 9(2) (ref 2.4)."""

    G = "9_2_G_SUBSTANTIAL_PUBLIC_INTEREST"
    H = "9_2_H_HEALTH_SOCIAL_CARE"


class Article10(StrEnum):
    """UK GDPR Article 10 (ref 2.4)."""

    OFFICIAL_AUTHORITY = "10_OFFICIAL_AUTHORITY"
    SCHEDULE_1 = "10_SCH1"


class Schedule1(StrEnum):
    """Conditions of DPA 2018 Schedule 1 (ref 2.4)."""

    P2 = "S1_P2"
    P18 = "S1_P18"


class Gateway(StrEnum):
    """Powers and duties to share (ref 2.4)."""

    CA04_S16LA = "CA04_S16LA"
    CA89_S46 = "CA89_S46"
    CA89_S47 = "CA89_S47"
    CA89_S47_9 = "CA89_S47_9"
    CA89_S17 = "CA89_S17"
    CA89_S27 = "CA89_S27"
    CA04_S10 = "CA04_S10"
    CA04_S11 = "CA04_S11"
    EA02_S175 = "EA02_S175"
    CDA98_S115 = "CDA98_S115"
    OMA07_S14 = "OMA07_S14"
    COMMON_LAW_POLICING = "COMMON_LAW_POLICING"


class ConfidentialityLimb(StrEnum):
    """How a common-law duty of confidence is met (D4; ref 2.9)."""

    LEGAL_DUTY = "LEGAL_DUTY"
    PUBLIC_INTEREST = "PUBLIC_INTEREST"
