"""Every row of the packaged tables has a case here: at these facts this row is met, and says this.

A table is reviewed data. A row that somebody changes by mistake fails here, and a new one has to say what it is for.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from broker.gate.rows import (
    BaseRow,
    BasisRow,
    ConditionRow,
    OverlayRow,
    PersonRow,
    ProtocolRow,
    RagRow,
    Row,
    SectorRow,
)
from broker.gate.tables import Tables
from broker.partnership.profile import PROFILES
from tests.packaged_tables import packaged

HERE = "tests/unit/broker/gate/test_rows.py"
Cases = dict[str, tuple[str, str]]
"""By row id: the facts, in the order of the row's `when`, after the row that it belongs to; and what the row says."""

NORTHAMPTONSHIRE: Cases = {
    "RAG_RED": ("RED", "RATE FULL"),
    "RAG_AMBER": ("AMBER", "ASK 730"),
    "RAG_GREEN": ("GREEN", "ASK 0 GP_REGISTRATION ENROLMENT ATTENDANCE_YEAR EDUCATION_PLAN PERSONAL_NEED"),
    "RAG_BLUE": ("BLUE", "ASK 0 NOTHING"),
    "L_RED_PROTECTION": ("IMMEDIATE_PROTECTION RED OBTAINED NONE ON", "PASS"),
    "L_PROTECTION_AMBER": ("IMMEDIATE_PROTECTION AMBER OBTAINED NONE ON", "DENY RAG_NOT_ALLOWED NOT_IMPLEMENTED_ROW"),
    "L_PROTECTION_LOW": ("IMMEDIATE_PROTECTION GREEN OBTAINED NONE ON", "DENY RAG_NOT_ALLOWED"),
    "L_SCREENING_AGREED": ("MASH_SCREENING AMBER OBTAINED NONE ON", "PASS"),
    "L_SCREENING_OVERRIDDEN": ("MASH_SCREENING AMBER OVERRIDDEN VALID ON", "PASS"),
    "L_SCREENING_DUTY": (
        "MASH_SCREENING AMBER OVERRIDDEN NONE ON",
        "REFER REFUSED_PROTOCOL_DUTY_FLAG REFUSED_NO_AGREEMENT",
    ),
    "L_SCREENING_REFUSED": ("MASH_SCREENING AMBER OVERRIDDEN NONE OFF", "DENY REFUSED_NO_AGREEMENT"),
    "L_S17_AGREED": ("S17_ASSESSMENT AMBER OBTAINED NONE ON", "PASS"),
    "L_S17_DUTY": ("S17_ASSESSMENT AMBER OVERRIDDEN NONE ON", "REFER REFUSED_PROTOCOL_DUTY_FLAG REFUSED_NO_AGREEMENT"),
    "L_S17_REFUSED": ("S17_ASSESSMENT AMBER OVERRIDDEN NONE OFF", "DENY REFUSED_NO_AGREEMENT"),
    "L_AMBER_PURPOSE_OTHER_RAG": ("MASH_SCREENING RED OBTAINED NONE ON", "DENY RAG_NOT_ALLOWED"),
    "L_EARLY_HELP_AGREED": ("EARLY_HELP GREEN OBTAINED NONE ON", "PASS"),
    "L_EARLY_HELP_REFUSED": ("EARLY_HELP GREEN OVERRIDDEN NONE ON", "DENY REFUSED_NO_AGREEMENT"),
    "L_EARLY_HELP_OTHER_RAG": ("EARLY_HELP RED OBTAINED NONE ON", "DENY RAG_NOT_ALLOWED"),
    "L_NOT_BUILT": ("MISSING_EXPLOITATION RED OBTAINED NONE ON", "DENY NOT_IMPLEMENTED_ROW"),
}

PROTOCOLS = {"northamptonshire": NORTHAMPTONSHIRE}
"""By packaged profile."""

LAW: Cases = {
    "POLICE_DUTY": ("POLICE ON", "PART_3 PUBLIC CA04_S16LA"),
    "POLICE_POWER": ("POLICE OFF", "PART_3 PUBLIC COMMON_LAW_POLICING"),
    "PROBATION_DUTY": ("PROBATION ON", "PART_3 PUBLIC CA04_S16LA OMA07_S14"),
    "PROBATION_POWER": ("PROBATION OFF", "PART_3 PUBLIC OMA07_S14 OMA07_S14"),
    "YOUTH_JUSTICE_DUTY": ("YOUTH_JUSTICE ON", "PART_3 PUBLIC CA04_S16LA"),
    "YOUTH_JUSTICE_POWER": ("YOUTH_JUSTICE OFF", "PART_3 PUBLIC CDA98_S115 CDA98_S115"),
    "EDUCATION_BODY": ("EDUCATION ON", "UK_GDPR PUBLIC EA02_S175"),
    "PUBLIC_BODY": ("HEALTH ON", "UK_GDPR PUBLIC"),
    "PRIVATE_BODY": ("IDVA ON", "UK_GDPR PRIVATE"),
    "P1": ("IMMEDIATE_PROTECTION", "BUILT THRESHOLD_STATEMENT FAMILY_INFORMED_REASON"),
    "P2": ("S47_ENQUIRY", "BUILT THRESHOLD_STATEMENT FAMILY_INFORMED_REASON"),
    "P3": ("MASH_SCREENING", "BUILT THRESHOLD_STATEMENT"),
    "P4": ("S17_ASSESSMENT", "BUILT THRESHOLD_STATEMENT"),
    "P5": ("EARLY_HELP", "BUILT"),
    "P6": ("MISSING_EXPLOITATION", "NOT_BUILT"),
    "P7": ("IDVA_REFERRAL", "NOT_BUILT"),
    "P8": ("CONSULTATION", "NOT_BUILT"),
    "P9": ("OUTCOME_NOTICE", "NOT_BUILT"),
    "P10": ("ONWARD_TRANSFER", "NOT_BUILT"),
    "P11": ("QUALITY_ASSURANCE", "NOT_BUILT"),
    "P12": ("PREVENT", "NOT_BUILT"),
    "P13": ("INFORMATION_REQUEST", "NOT_BUILT"),
    "P1_DUTY": ("P1 ON PUBLIC NO", "6_1_C_LEGAL_OBLIGATION CA04_S16LA CA89_S46 CA89_S47 LEGAL_DUTY"),
    "P1_POWER": ("P1 OFF PUBLIC NO", "6_1_E_PUBLIC_TASK CA89_S46 CA89_S47 CA89_S47_9 CA04_S10 CA04_S11 LEGAL_DUTY"),
    "P1_PRIVATE": ("P1 ON PRIVATE NO", "6_1_EA_RECOGNISED_LI CA89_S47"),
    "P2_DUTY": ("P2 ON PUBLIC NO", "6_1_C_LEGAL_OBLIGATION CA04_S16LA CA89_S47 CA89_S47_9 CA04_S11 LEGAL_DUTY"),
    "P2_POWER": ("P2 OFF PUBLIC NO", "6_1_E_PUBLIC_TASK CA89_S47 CA89_S47_9 CA04_S10 CA04_S11 LEGAL_DUTY"),
    "P2_PRIVATE": ("P2 ON PRIVATE NO", "6_1_EA_RECOGNISED_LI CA89_S47"),
    "P3_DUTY": ("P3 ON PUBLIC NO", "6_1_C_LEGAL_OBLIGATION CA04_S16LA CA04_S10 CA04_S11 LEGAL_DUTY"),
    "P3_POWER": ("P3 OFF PUBLIC NO", "6_1_E_PUBLIC_TASK CA04_S10 CA04_S11"),
    "P3_PRIVATE": ("P3 ON PRIVATE NO", "6_1_EA_RECOGNISED_LI CA04_S11"),
    "P4_AGREED": ("P4 ON PUBLIC NO", "6_1_E_PUBLIC_TASK CA89_S17 CA89_S27 CA04_S10 CA04_S16LA LEGAL_DUTY"),
    "P4_JUDGED": ("P4 ON PUBLIC YES", "6_1_C_LEGAL_OBLIGATION CA04_S16LA CA89_S17 CA89_S27 CA04_S10 LEGAL_DUTY"),
    "P4_POWER": ("P4 OFF PUBLIC NO", "6_1_E_PUBLIC_TASK CA89_S17 CA89_S27 CA04_S10"),
    "P4_PRIVATE": ("P4 ON PRIVATE NO", "6_1_EA_RECOGNISED_LI CA89_S17"),
    "P5_DUTY": ("P5 ON PUBLIC NO", "6_1_E_PUBLIC_TASK CA04_S10 CA04_S11 CA04_S16LA LEGAL_DUTY"),
    "P5_POWER": ("P5 OFF PUBLIC NO", "6_1_E_PUBLIC_TASK CA04_S10 CA04_S11"),
    "P5_PRIVATE": ("P5 ON PRIVATE NO", "6_1_EA_RECOGNISED_LI CA04_S11"),
    "D1": ("ORDINARY UK_GDPR", "BUILT"),
    "D2": ("SPECIAL UK_GDPR", "BUILT"),
    "D3": ("CRIMINAL UK_GDPR", "BUILT"),
    "D3P": ("CRIMINAL PART_3", "BUILT"),
    "D4": ("CONFIDENTIAL_HEALTH UK_GDPR", "BUILT"),
    "D5": ("THIRD_PARTY UK_GDPR", "BUILT"),
    "D6": ("LOCATION UK_GDPR", "BUILT"),
    "D7": ("INTELLIGENCE UK_GDPR", "NOT_BUILT"),
    "D8": ("REFERRER UK_GDPR", "NEVER"),
    "D9": ("CONFIDENTIAL UK_GDPR", "NOT_BUILT"),
    "D1_BASE": ("D1 POLICE ON", ""),
    "D2_P2": ("D2 HEALTH ON", "9_2_H_HEALTH_SOCIAL_CARE S1_P2"),
    "D2_P18": ("D2 POLICE ON", "9_2_G_SUBSTANTIAL_PUBLIC_INTEREST S1_P18 NO_CONSENT_REASON APD_REF"),
    "D3_P18": ("D3 POLICE ON", "10_SCH1 S1_P18 NO_CONSENT_REASON APD_REF"),
    "D3P_AUTHORITY": ("D3P POLICE ON", "10_OFFICIAL_AUTHORITY"),
    "D4_P2": ("D4 HEALTH ON", "9_2_H_HEALTH_SOCIAL_CARE S1_P2 CONFIDENTIALITY_LIMB"),
    "D4_P18": (
        "D4 POLICE ON",
        "9_2_G_SUBSTANTIAL_PUBLIC_INTEREST S1_P18 CONFIDENTIALITY_LIMB NO_CONSENT_REASON APD_REF",
    ),
    "D5_NAMED": ("D5 POLICE ON", "NAMED_PERSON"),
    "D6_STRIPPED": ("D6 POLICE ON", ""),
    "CHILD": ("SUBJECT_CHILD", ""),
    "SIBLING": ("SIBLING", "D5"),
    "ADULT": ("PARENT", "D5 RELATION_TO_CHILD WHY_NEEDED"),
}


def rows_of_law(tables: Tables) -> Iterator[tuple[str, Row]]:
    """Every row of the law, with the row that it belongs to."""
    law = tables.law
    for row in (*law.sector, *law.base, *law.overlay, *law.person):
        yield "", row
    for base in law.base:
        yield from ((f"{base.id} ", basis) for basis in base.basis)
    for overlay in law.overlay:
        yield from ((f"{overlay.id} ", condition) for condition in overlay.condition)


def rows_of_protocol(tables: Tables) -> Iterator[tuple[str, Row]]:
    """Every row of a protocol; none belongs to another."""
    yield from (("", row) for row in (*tables.local.rag, *tables.local.protocol))


def words(*said: object) -> str:
    """Join words, and tuples of words; nothing stands for None."""
    each = [one for word in said for one in (word if isinstance(word, tuple) else (word,)) if one is not None]
    return " ".join(str(one) for one in each)


def says(row: Row) -> str:
    """What a row says, in the words that matter."""
    match row:
        case RagRow():
            only = None if row.only is None else tuple(one.type for one in row.only) or "NOTHING"
            return words(row.set_by, row.look_back_days, only)
        case ProtocolRow():
            return words(row.verdict, row.reasons)
        case SectorRow():
            return words(row.regime, row.body, row.s36_4_authority, row.gateways)
        case BaseRow():
            return words(row.state, row.evidence)
        case BasisRow():
            return words(row.article_6, row.gateways, row.confidentiality)
        case OverlayRow():
            return words(row.state)
        case ConditionRow():
            limbs = tuple(limb.evidence for limb in row.limbs)
            return words(row.article_9, row.article_10, row.schedule_1, limbs)
        case PersonRow():
            return words(row.overlay, row.evidence)
        case _:
            raise AssertionError(type(row).__name__)


def is_met(row: Row, belongs_to: str, facts: str) -> bool:
    """Say whether a row is for these facts."""
    when = row.when  # type: ignore[attr-defined]
    return any(facts == belongs_to + " ".join(point.values()) and when.holds(point) for point in when.domain())


def check(rows: Iterator[tuple[str, Row]], cases: Cases, *, table: str, dictionary: str) -> None:
    known = {row.id: (belongs_to, row) for belongs_to, row in rows}
    for name in known:
        assert name in cases, f"row {name} of {table}: add a case to {dictionary} in {HERE}"
    for name, (facts, said) in cases.items():
        assert name in known, f"row {name} of {table} is gone: take its case out of {dictionary} in {HERE}"
        belongs_to, row = known[name]
        assert is_met(row, belongs_to, facts), f"row {name} of {table} is not met at: {facts}"
        assert says(row) == said, f"row {name} of {table}"


@pytest.mark.parametrize("profile", sorted(folder.name for folder in PROFILES.iterdir()))
def test_every_row_of_a_packaged_protocol_has_its_case(profile: str) -> None:
    """Whoever adds a row is told where its case belongs."""
    assert profile in PROTOCOLS, f"profile {profile}: add its cases to PROTOCOLS in {HERE}"
    rows = rows_of_protocol(packaged(profile))
    check(rows, PROTOCOLS[profile], table=f"{profile}/protocol.toml", dictionary=f"PROTOCOLS[{profile!r}]")


def test_every_row_of_the_law_has_its_case() -> None:
    """Whoever adds a row is told where its case belongs."""
    check(rows_of_law(packaged("northamptonshire")), LAW, table="law.toml", dictionary="LAW")
