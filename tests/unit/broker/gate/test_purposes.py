"""P3 to P5: agreement, override, the duty flag and who may answer it. Ids are the reference's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker.errors import InvariantError
from broker.gate.context import Side
from schemas.vocabulary import DeskReason, GateOutcome

BEFORE_THE_DUTY = datetime(2026, 9, 29, 22, 59, tzinfo=UTC)
OVERRIDE = {"manager": "mm-02", "rationale": "risk", "oversight_ref": "OV-17"}
WITHOUT = ["REFUSED", "WITHDRAWN", "NOT_SOUGHT", "CANNOT_BE_OBTAINED", "OVERRIDDEN", None]
FLAG = ("REFUSED_PROTOCOL_DUTY_FLAG", "REFUSED_NO_AGREEMENT")


def said(form: dict[str, Any], agreed: dict[str, Any], status: str | None) -> dict[str, Any]:
    return {**form, "agreements": [{**agreed, "status": status}] if status else []}


# ---------------------------------------------------------------- agreement, and override


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(("purpose", "row"), [("MASH_SCREENING", "P3"), ("S17_ASSESSMENT", "P4")])
def test_amber_passes_with_agreement(screening, context, decide, agreed, side: Side, purpose: str, row: str) -> None:
    """P3, P4, C1, C4, C7: with the look-back and the review of AMBER."""
    asked = {**said(screening, agreed, "OBTAINED"), "purpose": purpose}
    authority = decide.permitted(asked, context("police", side=side))
    assert (authority.decision.outcome, authority.decision.rows) == (GateOutcome.PERMIT, (row, "D1", "D5"))
    assert (authority.look_back, authority.only) == (timedelta(days=730), None)
    assert "LOOK_BACK_TWO_YEARS" in authority.decision.obligations
    assert ("REVIEW_BEFORE" in authority.decision.obligations) is (side is Side.HOLDER)


@pytest.mark.parametrize("status", WITHOUT)
@pytest.mark.parametrize("purpose", ["MASH_SCREENING", "S17_ASSESSMENT"])
@pytest.mark.parametrize("side", list(Side))
def test_amber_without_agreement_is_referred_while_the_duty_is_on(
    screening, context, decide, agreed, side: Side, purpose: str, status: str | None
) -> None:
    """P3, P4, C4, ref 2.8 step 5: a protocol refusal must not bury a statutory duty; before it, it is a refusal."""
    asked = {**said(screening, agreed, status), "purpose": purpose}
    outcome = decide.referred(asked, context("police", side=side))
    assert (outcome.reason, outcome.detail) == (DeskReason.REFERRED, FLAG[0])
    assert (outcome.decision.reasons, outcome.decision.missing_evidence) == (FLAG, ())
    before = decide.refused(asked, context("police", side=side), at=BEFORE_THE_DUTY)
    assert before.decision.reasons == ("REFUSED_NO_AGREEMENT",)


@pytest.mark.parametrize("status", WITHOUT)
def test_another_managers_override_carries_screening(screening, context, decide, agreed, status: str | None) -> None:
    """P3, C8."""
    asked = {**said(screening, agreed, status), "override": OVERRIDE}
    assert decide.permitted(asked, context("police")).decision.outcome is GateOutcome.PERMIT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"manager": "mm-01"}, "OVERRIDE_BY_REQUESTER"),
        ({"manager": "sw-014"}, "OVERRIDE_NOT_BY_MANAGER"),
        ({"rationale": " "}, "OVERRIDE_WITHOUT_RATIONALE"),
    ],
)
def test_bad_override_of_screening_is_refused(screening, context, decide, change: dict[str, str], reason: str) -> None:
    """C8: not referred either; nobody decides on the strength of a false paper."""
    asked = {**screening, "override": {**OVERRIDE, **change}}
    assert decide.refused(asked, context("police")).decision.reasons == (reason,)


def test_override_does_not_carry_an_assessment(screening, context, decide) -> None:
    """P4: the row of the purpose has none."""
    asked = {**screening, "purpose": "S17_ASSESSMENT", "override": OVERRIDE}
    assert decide.referred(asked, context("police")).decision.reasons == FLAG


def test_early_help_passes_with_agreement(early_help, context, decide) -> None:
    """P5, C4: public task, not the duty."""
    authority = decide.permitted({**early_help, "data_classes": ["ORDINARY"]}, context("education"))
    assert authority.decision.rows == ("P5", "D1", "D5")
    assert authority.decision.basis[0].article_6 == "6_1_E_PUBLIC_TASK"
    assert {"EXISTENCE_AND_NEEDS_ONLY", "REVIEW_NONE"} <= set(authority.decision.obligations)


@pytest.mark.parametrize("override", [None, OVERRIDE])
@pytest.mark.parametrize("status", WITHOUT)
def test_early_help_without_agreement_is_refused(
    early_help, context, decide, agreed, status: str | None, override: dict[str, str] | None
) -> None:
    """P5, C4, C5, C6: no override at GREEN; refused or never sought, and nobody's judgement to make."""
    asked = {**said(early_help, agreed, status), "override": override}
    decision = decide.refused(asked, context("police"), judged_by="police-pr-01").decision
    assert (decision.rows, decision.reasons) == (("P5",), ("REFUSED_NO_AGREEMENT",))
    assert decision.missing_evidence == ()


@pytest.mark.parametrize(
    ("purpose", "rag"),
    [("MASH_SCREENING", rag) for rag in ("RED", "GREEN", "BLUE")]
    + [("S17_ASSESSMENT", rag) for rag in ("RED", "GREEN", "BLUE")]
    + [("EARLY_HELP", rag) for rag in ("RED", "AMBER", "BLUE")],
)
def test_purpose_at_another_priority_is_refused(screening, context, decide, agreed, purpose: str, rag: str) -> None:
    """P3, P4, P5, ref 2.8 step 3: whatever was agreed or overridden, and it suggests no other priority."""
    asked = {**said(screening, agreed, "OBTAINED"), "override": OVERRIDE, "purpose": purpose, "band": rag}
    decision = decide.refused(asked, context("police")).decision
    assert (decision.reasons, decision.missing_evidence) == (("RAG_NOT_ALLOWED",), ())


@pytest.mark.parametrize("purpose", ["MASH_SCREENING", "S17_ASSESSMENT"])
def test_amber_needs_its_statement(screening, context, decide, agreed, purpose: str) -> None:
    """P3, P4: why it is proportionate is recorded in the threshold statement."""
    asked = {**said(screening, agreed, "OBTAINED"), "purpose": purpose, "threshold_statement": " "}
    assert decide.refused(asked, context("police")).decision.missing_evidence == ("THRESHOLD_STATEMENT",)


# ---------------------------------------------------------------- the views of somebody of 16 or 17 (C9)


@pytest.mark.parametrize(
    ("views", "there"),
    [
        ({"status": "ASCERTAINED", "text": "would like help"}, True),
        ({"status": "ASCERTAINED", "reason": "asked"}, False),
        ({"status": "NOT_IN_BEST_INTERESTS", "reason": "would be hurt"}, True),
        ({"status": "NOT_POSSIBLE", "reason": "cannot be found"}, True),
        ({"status": "NOT_POSSIBLE", "text": "not asked"}, False),
    ],
)
def test_views_are_there_or_why_they_are_not(
    screening, context, decide, agreed, asking_views, views: dict[str, str], there: bool
) -> None:
    """K8, C9: a status alone says nothing."""
    child, adult = screening["people"]
    asked = {**said(screening, agreed, "OBTAINED"), "child_views": views}
    asked["people"] = [{**child, "date_of_birth": "2010-11-20"}, adult]
    if there:
        assert decide.permitted(asked, context("police"), by=asking_views)
    else:
        assert decide.referred(asked, context("police"), by=asking_views)


def test_views_of_somebody_whose_age_nobody_knows_are_owed(screening, context, decide, agreed, asking_views) -> None:
    """K4: they may be sixteen, so a person decides."""
    child, adult = screening["people"]
    asked = said(screening, agreed, "OBTAINED")
    asked["people"] = [{**child, "date_of_birth": None, "birth": "UNKNOWN"}, adult]
    assert decide.referred(asked, context("police"), by=asking_views)


@pytest.mark.parametrize(
    ("born", "owed"),
    [
        ("2010-11-21", False),  # 16 tomorrow
        ("2010-11-20", True),
        ("2008-11-21", True),  # 18 tomorrow
        ("2008-11-20", False),
    ],
)
@pytest.mark.parametrize("views", [None, " \u200d", "would like help, invented"])
@pytest.mark.parametrize("purpose", ["MASH_SCREENING", "S17_ASSESSMENT", "EARLY_HELP"])
def test_views_of_sixteen_and_seventeen_are_owed(
    screening, context, decide, agreed, asking_views, purpose: str, views: str | None, born: str, owed: bool
) -> None:
    """C9: without them, or why asking is not in their best interests, a person decides."""
    child, adult = screening["people"]
    rag = "GREEN" if purpose == "EARLY_HELP" else "AMBER"
    asked = {**said(screening, agreed, "OBTAINED"), "purpose": purpose, "band": rag}
    asked["child_views"] = views and {"status": "ASCERTAINED", "text": views}
    asked["people"] = [{**child, "date_of_birth": born}, adult]
    if owed and (views is None or not views.strip(" \u200d")):
        decision = decide.referred(asked, context("police"), by=asking_views).decision
        assert (decision.reasons, decision.missing_evidence) == (("CHILD_VIEWS_MISSING",), ("CHILD_VIEWS",))
        judged = decide.permitted(asked, context("police"), by=asking_views, judged_by="police-pr-01")
        assert "JUDGED_BY_PRACTITIONER" in judged.decision.obligations
    else:
        assert decide.permitted(asked, context("police"), by=asking_views)


def test_age_turns_at_midnight_in_england(screening, context, decide, agreed, asking_views) -> None:
    """C9: 23:30 UTC in July is tomorrow in England."""
    child, adult = screening["people"]
    asked = {**said(screening, agreed, "OBTAINED"), "people": [{**child, "date_of_birth": "2010-09-29"}, adult]}
    assert decide.permitted(asked, context("police"), by=asking_views, at=datetime(2026, 9, 28, 22, 59, tzinfo=UTC))
    assert decide.referred(asked, context("police"), by=asking_views, at=datetime(2026, 9, 28, 23, 0, tzinfo=UTC))


def test_missing_views_stand_beside_a_missing_agreement(screening, context, decide, asking_views) -> None:
    """C9, ref 2.8 step 5: one person decides on both."""
    child, adult = screening["people"]
    asked = {**screening, "people": [{**child, "date_of_birth": "2010-01-01"}, adult]}
    decision = decide.referred(asked, context("police"), by=asking_views).decision
    assert (decision.reasons, decision.missing_evidence) == ((*FLAG, "CHILD_VIEWS_MISSING"), ("CHILD_VIEWS",))


def test_where_c9_is_not_adopted_no_views_are_owed(screening, context, decide, agreed) -> None:
    """C9 is another partnership's practice: the Northamptonshire tables do not ask for it."""
    child, adult = screening["people"]
    asked = said(screening, agreed, "OBTAINED")
    asked["people"] = [{**child, "date_of_birth": "2010-01-01"}, adult]
    assert decide.permitted(asked, context("police"))


def test_protection_waits_for_nobodys_views(form, context, decide) -> None:
    """P2, C2, C9: not at RED."""
    child, adult = form["people"]
    assert decide.permitted({**form, "people": [{**child, "date_of_birth": "2009-01-01"}, adult]}, context("police"))


# ---------------------------------------------------------------- a practitioner's judgement (ref 2.8 steps 5 and 6)


@pytest.mark.parametrize(("purpose", "row"), [("MASH_SCREENING", "P3"), ("S17_ASSESSMENT", "P4")])
def test_named_practitioner_judges_the_duty_met(screening, context, decide, purpose: str, row: str) -> None:
    """Ref 2.8 steps 5 and 6: then s.16LA carries the disclosure, and the decision says that somebody judged."""
    here = context("police")
    authority = decide.permitted({**screening, "purpose": purpose}, here, judged_by="police-pr-01")
    assert (authority.decision.outcome, authority.decision.rows) == (GateOutcome.PERMIT, (row, "D1", "D5"))
    assert "JUDGED_BY_PRACTITIONER" in authority.decision.obligations
    (basis,) = authority.decision.basis
    assert (basis.article_6, basis.gateways[0]) == ("6_1_C_LEGAL_OBLIGATION", "CA04_S16LA")


def test_judgement_is_recorded_only_where_it_decided(screening, form, context, decide, agreed) -> None:
    """A request that passes anyway is decided as without it."""
    for asked in (form, said(screening, agreed, "OBTAINED"), {**screening, "override": OVERRIDE}):
        assert decide(asked, context("police"), judged_by="police-pr-01") == decide(asked, context("police"))


def test_judgement_outranks_the_protocol_alone(screening, context, decide) -> None:
    """Not staleness, not the register, not a missing agreement, not evidence, not the switch of the duty."""
    by = {"judged_by": "police-pr-01"}
    stale = decide.referred(screening, context("police", directory_stale=True), **by)
    assert stale.reason is DeskReason.STALE
    stranger = {**screening, "requester": {"actor": "mm-99", "role": "MASH_MANAGER"}}
    for asked, here, how in (
        (stranger, context("police"), by),
        (screening, context("police", agreement=None), by),
        ({**screening, "threshold_statement": ""}, context("police"), by),
        (screening, context("police"), {**by, "at": BEFORE_THE_DUTY}),
        ({**screening, "purpose": "MISSING_EXPLOITATION"}, context("police"), by),
        ({**screening, "band": "GREEN"}, context("police"), by),
    ):
        assert decide.refused(asked, here, **how)


@pytest.mark.parametrize(("side", "by"), [(Side.HUB, "mm-01"), (Side.HOLDER, ""), (Side.HOLDER, " ")])
def test_judgement_needs_a_holder_and_a_name(screening, context, decide, side: Side, by: str) -> None:
    """The hub holds nothing to judge; a judgement of nobody is none."""
    with pytest.raises(InvariantError):
        decide(screening, context("police", side=side), judged_by=by)
