"""Special, criminal and confidential health data by holder, and how far a priority reaches. Ids are the reference's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from broker.gate.context import Side
from schemas.vocabulary import GateOutcome

BEFORE_THE_DUTY = datetime(2026, 9, 29, 22, 59, tzinfo=UTC)
TODAY = date(2026, 11, 20)
FOUR = ["ORDINARY", "SPECIAL", "CRIMINAL", "CONFIDENTIAL_HEALTH"]


# ---------------------------------------------------------------- D2: Northamptonshire's defaults


def test_special_data_of_health_need_neither_reason_nor_policy_document(form, context, decide) -> None:
    """D2, Northamptonshire defaults: 9(2)(h) and S1_P2 for staff who owe secrecy."""
    asked = {**form, "data_classes": ["SPECIAL"], "no_consent_reason": None}
    (basis,) = decide.permitted(asked, context("health", apd_ref=None)).decision.basis
    assert (basis.article_9, basis.schedule_1) == ("9_2_H_HEALTH_SOCIAL_CARE", ("S1_P2",))
    assert (basis.no_consent_reason, basis.apd_ref) == (None, None)


@pytest.mark.parametrize("name", ["education", "police", "idva", "s2s"])
def test_agreed_early_help_drops_special_data_of_other_holders(early_help, context, decide, name: str) -> None:
    """D2 at GREEN: the decision names the missing limb; agreement to a service is no consent (ref 2.6)."""
    authority = decide.permitted(early_help, context(name))
    assert authority.decision.outcome is GateOutcome.PARTIAL
    assert decide.drops(authority) == {"SPECIAL": "NO_CONSENT_REASON"}
    assert authority.decision.missing_evidence == ("NO_CONSENT_REASON",)
    assert decide.permitted(early_help, context("health")).decision.outcome is GateOutcome.PERMIT


# ---------------------------------------------------------------- D3: criminal data under UK GDPR


@pytest.mark.parametrize("name", ["education", "health", "idva", "s2s"])
def test_criminal_data_under_uk_gdpr_name_reason_gateway_and_policy(form, context, decide, name: str) -> None:
    """D3: 10_SCH1 with S1_P18, s.115 of the 1998 Act, allegation kept apart from fact."""
    authority = decide.permitted({**form, "data_classes": ["CRIMINAL"]}, context(name))
    (basis,) = authority.decision.basis
    assert (basis.row, basis.regime, basis.article_10, basis.schedule_1) == ("D3", "UK_GDPR", "10_SCH1", ("S1_P18",))
    assert (basis.no_consent_reason, basis.apd_ref) == ("WOULD_PREJUDICE_PROTECTION", "APD-1")
    assert basis.gateways[-1] == "CDA98_S115"
    assert "FACT_OPINION_MARKED" in authority.decision.obligations


@pytest.mark.parametrize(
    ("change", "facts", "reason", "missing"),
    [
        ({"no_consent_reason": None}, {}, "NO_CONSENT_REASON", ("NO_CONSENT_REASON",)),
        ({}, {"apd_ref": None}, "NO_APD", ("APD_REF",)),
    ],
)
def test_criminal_data_without_a_limb_are_dropped(
    form, context, decide, change: dict[str, Any], facts: dict[str, Any], reason: str, missing: tuple[str, ...]
) -> None:
    """D3, DPA 2018 Sch 1 para 18(2) and 39."""
    authority = decide.permitted(
        {**form, **change, "data_classes": ["ORDINARY", "CRIMINAL"]}, context("education", **facts)
    )
    assert decide.drops(authority) == {"CRIMINAL": reason}
    assert authority.decision.missing_evidence == missing


# ---------------------------------------------------------------- D4: what is told in confidence


def test_health_data_told_in_confidence_are_met_by_the_duty(form, context, decide) -> None:
    """D4, ref 2.9: D2's condition, the limb, the Caldicott check, and why the opt-out does not apply."""
    asked = {**form, "data_classes": ["CONFIDENTIAL_HEALTH"], "no_consent_reason": None}
    authority = decide.permitted(asked, context("health"))
    (basis,) = authority.decision.basis
    assert (basis.row, basis.confidentiality_limb) == ("D4", "LEGAL_DUTY")
    assert (basis.article_9, basis.schedule_1) == ("9_2_H_HEALTH_SOCIAL_CARE", ("S1_P2",))
    assert {"CALDICOTT_CHECK", "NDOP_NOT_APPLICABLE_LEGAL_REQUIREMENT"} <= set(authority.decision.obligations)
    (special,) = decide.permitted({**asked, "data_classes": ["SPECIAL"]}, context("health")).decision.basis
    assert special.confidentiality_limb is None


def test_substance_misuse_service_needs_reason_and_policy_document_too(form, context, decide) -> None:
    """D4 with D2's condition of every other holder."""
    asked = {**form, "data_classes": ["ORDINARY", "CONFIDENTIAL_HEALTH"]}
    assert decide.permitted(asked, context("s2s")).decision.basis[1].schedule_1 == ("S1_P18",)
    without = decide.permitted({**asked, "no_consent_reason": None}, context("s2s", apd_ref=None))
    assert decide.drops(without) == {"CONFIDENTIAL_HEALTH": "NO_CONSENT_REASON"}
    assert without.decision.missing_evidence == ("NO_CONSENT_REASON", "APD_REF")


@pytest.mark.parametrize(
    ("purpose", "rag", "carried"),
    [
        ("IMMEDIATE_PROTECTION", "RED", True),  # s.47(9)
        ("S47_ENQUIRY", "RED", True),
        ("MASH_SCREENING", "AMBER", False),
        ("S17_ASSESSMENT", "AMBER", False),
        ("EARLY_HELP", "GREEN", False),
    ],
)
def test_before_the_duty_only_section_47_outranks_a_confidence(
    form, context, decide, agreed, purpose: str, rag: str, carried: bool
) -> None:
    """D4: public interest and consent want a clinician's evidence; without it the class is dropped by that name."""
    asked = {**form, "purpose": purpose, "band": rag, "agreements": [agreed]}
    asked["data_classes"] = ["ORDINARY", "CONFIDENTIAL_HEALTH"]
    assert decide.permitted(asked, context("health")).decision.outcome is GateOutcome.PERMIT
    before = decide.permitted(asked, context("health"), at=BEFORE_THE_DUTY)
    assert decide.drops(before) == ({} if carried else {"CONFIDENTIAL_HEALTH": "NO_CONFIDENTIALITY_LIMB"})
    assert before.decision.missing_evidence == (() if carried else ("CONFIDENTIALITY_LIMB",))


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("name", ["police", "education", "probation", "idva"])
def test_confidential_health_is_not_asked_of_others(form, context, decide, name: str, side: Side) -> None:
    """D4, command line contract: not applicable is not dropped, so the example's four classes are a PERMIT."""
    authority = decide.permitted({**form, "data_classes": FOUR}, context(name, side=side))
    assert authority.decision.outcome is GateOutcome.PERMIT
    assert "D4" not in authority.decision.rows
    assert decide.refused({**form, "data_classes": ["CONFIDENTIAL_HEALTH"]}, context(name, side=side))


# ---------------------------------------------------------------- ref 2.8 step 7: depth by priority


def _reach(authority, kind: str, days: int | None, flagged: bool) -> bool:
    dated = None if days is None else TODAY - timedelta(days=days)
    return authority.reaches(item_type=kind, dated=dated, flagged=flagged, today=TODAY)


@pytest.mark.parametrize("flagged", [True, False])
def test_red_reaches_the_full_history(form, context, decide, flagged: bool) -> None:
    """Ref 2.8 step 7."""
    assert _reach(decide.permitted(form, context("police")), "MARKER", 9999, flagged)


@pytest.mark.parametrize(
    ("days", "flagged", "reached"),
    [(730, False, True), (731, False, False), (731, True, True), (None, False, False), (None, True, True)],
)
def test_amber_reaches_two_years_and_what_is_flagged(
    screening, context, decide, agreed, days: int | None, flagged: bool, reached: bool
) -> None:
    """Ref 2.8 step 7."""
    authority = decide.permitted({**screening, "agreements": [agreed]}, context("police"))
    assert _reach(authority, "MISSING_EPISODE", days, flagged) is reached


@pytest.mark.parametrize(
    ("kind", "days", "reached"),
    [
        ("GP_REGISTRATION", 3000, True),
        ("ENROLMENT", None, True),
        ("ENROLMENT", 900, True),
        ("EDUCATION_PLAN", 900, True),
        ("PERSONAL_NEED", None, True),
        ("ATTENDANCE_YEAR", 365, True),
        ("ATTENDANCE_YEAR", 366, False),
        ("MISSING_EPISODE", 0, False),
        ("MARKER", None, False),
        ("EXCLUSION", 1, False),
    ],
)
@pytest.mark.parametrize("flagged", [True, False])
def test_green_reaches_present_universal_services_and_needs(
    early_help, context, decide, kind: str, days: int | None, flagged: bool, reached: bool
) -> None:
    """Ref 2.8 step 7: a flag does not open the history."""
    assert _reach(decide.permitted(early_help, context("education")), kind, days, flagged) is reached


def test_blue_reaches_nothing(tables) -> None:
    """T21, ref 2.8 step 7."""
    assert tables.rag("BLUE").only == ()
