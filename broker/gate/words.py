"""The words that the decision tables are written in. A table that uses any other word is not loaded.

Reasons, obligations and evidence stand on the wire too: they are in `schemas.vocabulary`.
"""

from __future__ import annotations

from enum import StrEnum


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
