"""Later rows are data: with a table of next week the same engine refers, overrides and falls back."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest

from broker.gate.outcome import Authority, NeedsPerson, Refusal
from broker.gate.tables import load_tables
from schemas.vocabulary import DeskReason, GateOutcome

LAW = (resources.files("broker.gate") / "law.toml").read_bytes()
LOCAL = (resources.files("broker.gate") / "local.toml").read_bytes()


def changed(text: bytes, old: str, new: str) -> bytes:
    assert old.encode() in text, "the packaged table has changed; change this test with it"
    return text.replace(old.encode(), new.encode(), 1)


# Agreement at AMBER as ref 2.7 P3 has it: what the local layer will say, written as data only.
SCREENING = """
[[protocol]]
id = "L_SCREENING_AGREED"
when = { purpose = ["MASH_SCREENING"], rag = ["AMBER"], agreement = ["OBTAINED"] }
cites = ["ref 2.7 P3", "C1"]
verdict = "PASS"

[[protocol]]
id = "L_SCREENING_OVERRIDDEN"
when.purpose = ["MASH_SCREENING"]
when.rag = ["AMBER"]
when.agreement = ["OVERRIDDEN", "REFUSED", "MISSING"]
when.override = ["VALID"]
cites = ["ref 2.7 P3", "C8"]
verdict = "PASS"

[[protocol]]
id = "L_SCREENING_DUTY"
when.purpose = ["MASH_SCREENING"]
when.rag = ["AMBER"]
when.agreement = ["OVERRIDDEN", "REFUSED", "MISSING"]
when.override = ["NONE"]
when.duty = ["ON"]
cites = ["ref 2.8 step 5"]
verdict = "REFER"
reasons = ["REFUSED_PROTOCOL_DUTY_FLAG", "REFUSED_NO_AGREEMENT"]

[[protocol]]
id = "L_SCREENING_REFUSED"
when.purpose = ["MASH_SCREENING"]
when.rag = ["AMBER"]
when.agreement = ["OVERRIDDEN", "REFUSED", "MISSING"]
when.override = ["NONE"]
when.duty = ["OFF"]
cites = ["C4"]
verdict = "DENY"
reasons = ["REFUSED_NO_AGREEMENT"]

[[protocol]]
id = "L_SCREENING_OTHER_RAG"
when = { purpose = ["MASH_SCREENING"], rag = ["RED", "GREEN", "BLUE"] }
cites = ["ref 2.8 step 3"]
verdict = "DENY"
reasons = ["RAG_NOT_ALLOWED"]
"""
SCREENING_BASE = """state = "BUILT"

[[base.basis]]
id = "P3_ANY"
cites = ["ref 2.7 P3"]
article_6 = "6_1_E_PUBLIC_TASK"
gateways = ["CA04_S10", "CA04_S11"]
"""


@pytest.fixture
def screening(form: dict[str, Any]) -> dict[str, Any]:
    return {**form, "purpose": "MASH_SCREENING", "rag": "AMBER", "data_classes": ["ORDINARY"]}


def with_screening() -> dict[str, bytes]:
    base = 'when = { purpose = ["MASH_SCREENING"] }\ncites = ["ref 2.7 P3"]\n'
    return {
        "local": changed(LOCAL, '    "MASH_SCREENING",\n', "") + SCREENING.encode(),
        "law": changed(LAW, f'{base}state = "NOT_BUILT"\n', base + SCREENING_BASE),
    }


def test_protocol_refusal_that_a_duty_may_outrank_waits_for_a_person(screening, standing, decide) -> None:
    """Ref 2.8 step 5: REFER is a row of the table, not code."""
    tables = load_tables(**with_screening())
    outcome = decide(screening, standing("police"), by=tables)
    assert isinstance(outcome, NeedsPerson)
    assert (outcome.reason, outcome.detail) == (DeskReason.REFERRED, "REFUSED_PROTOCOL_DUTY_FLAG")
    assert outcome.decision.outcome is GateOutcome.REFER
    assert outcome.decision.rows == ("P3",)


def test_purpose_passes_only_where_both_layers_have_a_row(screening, standing, decide) -> None:
    """Ref 2.8 steps 3 and 4: what the partnership agreed is no law."""
    tables = load_tables(local=with_screening()["local"])
    override = {"manager": "mm-02", "rationale": "risk", "oversight_ref": "OV-17"}
    outcome = decide({**screening, "override": override}, standing("police"), by=tables)
    assert isinstance(outcome, Refusal)
    assert outcome.decision.reasons == ("NOT_IMPLEMENTED_ROW",)


def test_refusal_outranks_referral(screening, standing, decide) -> None:
    """R1: a person is not asked to decide on the request of somebody unknown."""
    asked = {**screening, "requester": {"actor": "mm-99", "role": "MASH_MANAGER"}}
    outcome = decide(asked, standing("police"), by=load_tables(**with_screening()))
    assert isinstance(outcome, Refusal)
    assert outcome.decision.reasons == ("UNKNOWN_ACTOR",)


@pytest.mark.parametrize("manager", ["mm-02", None])
def test_amber_takes_agreement_or_another_managers_override(screening, standing, decide, manager: str | None) -> None:
    """P3, C1, C8: both ways in, with look-back and review of AMBER."""
    record = {"person": "p2", "status": "OBTAINED", "recorded_by": "sw-014", "recorded_at": "2026-11-20T10:00:00Z"}
    override = {"manager": manager, "rationale": "risk", "oversight_ref": "OV-17"}
    asked = {**screening, **({"override": override} if manager else {"agreements": [record]})}
    outcome = decide(asked, standing("police"), by=load_tables(**with_screening()))
    assert isinstance(outcome, Authority)
    assert outcome.look_back is not None
    assert outcome.look_back.days == 730
    assert {"LOOK_BACK_TWO_YEARS", "REVIEW_BEFORE"} <= set(outcome.decision.obligations)
    assert outcome.decision.basis[0].article_6 == "6_1_E_PUBLIC_TASK"


def test_condition_without_its_limb_falls_to_the_next(form, standing, decide) -> None:
    """Ref 2.4: the gate falls to another condition or drops; health staff owe secrecy, school staff do not (D2)."""
    health = """[[overlay.condition]]
id = "D2_P2"
when = { sector = ["HEALTH"] }
cites = ["ref 2.7 D2"]
article_9 = "9_2_H_HEALTH_SOCIAL_CARE"
schedule_1 = ["S1_P2"]

[[overlay.condition]]
id = "D2_P18"
"""
    tables = load_tables(law=changed(LAW, '[[overlay.condition]]\nid = "D2_P18"\n', health))
    asked = {**form, "no_consent_reason": None, "data_classes": ["SPECIAL"]}
    at_health, at_school = (decide(asked, standing(name), by=tables) for name in ("health", "education"))
    assert isinstance(at_health, Authority)
    assert at_health.decision.basis[0].schedule_1 == ("S1_P2",)
    assert isinstance(at_school, Refusal)
    assert at_school.decision.missing_evidence == ("NO_CONSENT_REASON",)
