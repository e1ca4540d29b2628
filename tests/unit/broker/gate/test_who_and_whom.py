"""Who asks, about whom, and under which agreement: steps 2 to 4. Ids are the reference's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker.errors import InvariantError
from broker.gate.context import HolderAsked, Side
from broker.gate.engine import gate
from broker.gate.outcome import Refusal
from broker.gate.tables import Tables
from schemas.request import RequestCommon
from schemas.request_form import RatedForm
from schemas.vocabulary import GateOutcome, Mode, PrincipalState, Purpose, Sector

# ---------------------------------------------------------------- (2) who asks


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("actor", "role", "rag", "reasons"),
    [
        ("sw-014", "MASH_SOCIAL_WORKER", "RED", ("RED_NEEDS_MANAGER",)),
        ("pc-01", "PARTNERSHIP_COORDINATOR", "RED", ("ROLE_MAY_NOT_ASK", "RED_NEEDS_MANAGER")),
        ("mm-99", "MASH_MANAGER", "RED", ("UNKNOWN_ACTOR",)),
        ("police-mm", "MASH_MANAGER", "RED", ("UNKNOWN_ACTOR",)),
        ("sw-014", "MASH_MANAGER", "RED", ("ROLE_NOT_HELD",)),
        ("two-01", None, "RED", ("ROLE_NOT_HELD",)),
        ("two-01", "MASH_SOCIAL_WORKER", "RED", ("RED_NEEDS_MANAGER",)),
        ("ig-01", "GOVERNANCE_OFFICER", "RED", ("ROLE_MAY_NOT_ASK", "RED_NEEDS_MANAGER")),
    ],
)
def test_who_may_set_red(
    form,
    context,
    decide,
    side: Side,
    actor: str,
    role: str | None,
    rag: str,
    reasons: tuple[str, ...],
) -> None:
    """R1, A6: only a registered manager of the requesting organisation sets RED; both gates test it."""
    asked = {**form, "band": rag, "requester": {"actor": actor, "role": role}}
    decision = decide.refused(asked, context("police", side=side)).decision
    assert (decision.reasons, decision.rows, decision.missing_evidence) == (reasons, ("P2",), ())


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ({"manager": "mm-01", "rationale": "risk", "oversight_ref": "OV-1"}, "OVERRIDE_BY_REQUESTER"),
        ({"manager": "sw-014", "rationale": "risk", "oversight_ref": "OV-1"}, "OVERRIDE_NOT_BY_MANAGER"),
        ({"manager": "police-mm", "rationale": "risk", "oversight_ref": "OV-1"}, "OVERRIDE_NOT_BY_MANAGER"),
        ({"manager": "mm-99", "rationale": "risk", "oversight_ref": "OV-1"}, "OVERRIDE_NOT_BY_MANAGER"),
        ({"manager": "mm-02", "rationale": " \t", "oversight_ref": "OV-1"}, "OVERRIDE_WITHOUT_RATIONALE"),
    ],
)
def test_invalid_override_is_refused_even_where_none_is_needed(
    form, context, decide, override: dict[str, Any], reason: str
) -> None:
    """C8: another manager, with a rationale."""
    assert decide.refused({**form, "override": override}, context("police")).decision.reasons == (reason,)


def test_valid_override_changes_nothing_at_red(form, context, decide) -> None:
    """C8, T3."""
    override = {"manager": "mm-02", "rationale": "risk", "oversight_ref": "OV-17"}
    here = context("police")
    assert decide({**form, "override": override}, here) == decide(form, here)


def test_sender_speaking_for_another_organisation_is_refused(
    form, context, decide, tables: Tables, now: datetime
) -> None:
    """Attack: a verified sender names another organisation as the requester."""
    decision = decide.permitted(form, context("police")).decision
    asked = RatedForm.model_validate(form)
    shared = set(RequestCommon.model_fields) & set(RatedForm.model_fields)
    common = RequestCommon(
        **{name: getattr(asked, name) for name in shared - {"people"}},
        people=tuple({**person.model_dump(exclude={"identifiers"})} for person in asked.people),  # type: ignore[arg-type]
        request_id="0190b5f0-0000-7000-8000-000000000000",
        organisation="hub",
        received_at=now,
        due_at=now + timedelta(hours=1),
        public_task_statement="",
        decision=decision,
    )
    here = context("police")
    assert gate(common, context=here, tables=tables, now=now, judged_by=None) == decide(form, here)
    foreign = common.model_copy(update={"organisation": "probation"})
    outcome = gate(foreign, context=here, tables=tables, now=now, judged_by=None)
    assert isinstance(outcome, Refusal)
    assert outcome.decision.reasons == ("REQUESTER_MISMATCH",)


# ---------------------------------------------------------------- (3) about whom


@pytest.mark.parametrize("role", ["PARENT", "CARER", "ADULT_VICTIM", "ALLEGED_PERPETRATOR", "OTHER"])
@pytest.mark.parametrize(
    ("gone", "missing"), [("relation_to_child", "RELATION_TO_CHILD"), ("why_needed", "WHY_NEEDED")]
)
def test_adult_without_relation_or_need_is_left_out_alone(
    form, context, decide, role: str, gone: str, missing: str
) -> None:
    """D5: the child's part of the request goes on."""
    child, adult = form["people"]
    asked = {**form, "people": [child, {**adult, "roles": [role], gone: None}]}
    authority = decide.permitted(asked, context("police"))
    assert authority.people == {"p1"}
    assert authority.decision.outcome is GateOutcome.PARTIAL
    assert (authority.decision.reasons, authority.decision.missing_evidence) == (
        ("PERSON_LEFT_OUT",),
        (missing,),
    )
    assert authority.decision.rows == ("P2", "D1", "D2")
    assert authority.decision.dropped == ()


@pytest.mark.parametrize("blank", ["", " \n", "\u200d", "\u00a0\u3000"])
def test_invisible_need_is_no_need(form, context, decide, blank: str) -> None:
    """D5: a reason that nobody can read."""
    child, adult = form["people"]
    authority = decide.permitted({**form, "people": [child, {**adult, "why_needed": blank}]}, context("police"))
    assert authority.people == {"p1"}


def test_sibling_needs_neither_relation_nor_reason(form, context, decide) -> None:
    """D5: the role says the relation; the request form asks why only of adults."""
    child, adult = form["people"]
    sibling = {**adult, "roles": ["SIBLING"], "relation_to_child": None, "why_needed": None}
    assert decide.permitted({**form, "people": [child, sibling]}, context("police")).people == {"p1", "p2"}


def test_somebody_in_two_roles_needs_what_each_wants(form, context, decide) -> None:
    """K4: a brother who is alleged to harm needs an adult's evidence; the child stays the child in any role."""
    child, adult = form["people"]
    both = {**adult, "roles": ["SIBLING", "ALLEGED_PERPETRATOR"]}
    harming = {**child, "roles": ["ALLEGED_PERPETRATOR", "SUBJECT_CHILD"]}
    assert decide.permitted({**form, "people": [harming, both]}, context("police")).people == {"p1", "p2"}
    unexplained = {**both, "why_needed": None}
    assert decide.permitted({**form, "people": [harming, unexplained]}, context("police")).people == {"p1"}


# ---------------------------------------------------------------- (4) agreement and enrolment


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_from": datetime(2026, 11, 20, 10, 1, tzinfo=UTC)},
        {"valid_until": datetime(2026, 11, 20, 10, 0, tzinfo=UTC)},
        {"purposes": (Purpose.MASH_SCREENING,)},
        {"modes": (Mode.EXISTENCE,)},
        {"requester": "police"},
        {"holder": "health"},
        {"version": 4},
        {"id": "DSA-other"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_agreement_that_does_not_cover_the_request_is_refused(
    form, context, sharing, decide, changes: dict[str, Any]
) -> None:
    """Ref 2.8 step 1: in force for holder, requester, purpose and mode, and the one that the request names."""
    decision = decide.refused(form, context("police", sharing=[sharing("police", **changes)])).decision
    assert decision.reasons == ("AGREEMENT_NOT_IN_FORCE",)


def test_request_that_names_no_agreement_is_refused(form, context, decide) -> None:
    """Ref 2.8 step 1."""
    assert decide.refused(form, context("police", agreement=None)).decision.reasons == ("AGREEMENT_NOT_IN_FORCE",)


@pytest.mark.parametrize("state", [PrincipalState.INVITED, PrincipalState.SUSPENDED, PrincipalState.TEST])
def test_holder_that_does_not_take_part_is_refused(form, context, decide, state: PrincipalState) -> None:
    """Blueprint section 5: only LIVE and MANUAL take part."""
    here = context("police", state=state)
    assert decide.refused(form, here).decision.reasons == ("HOLDER_NOT_TAKING_PART",)


def test_sector_must_be_that_of_the_signed_directory(form, context, decide) -> None:
    """Attack: a school taken for police would answer criminal data under D3P."""
    disguised = (HolderAsked(organisation="education", sector=Sector.POLICE),)
    here = context("education", holders=disguised)
    assert decide.refused(form, here).decision.reasons == ("HOLDER_NOT_TAKING_PART",)


def test_holders_gate_for_several_holders_is_a_fault(form, context, decide) -> None:
    """A holder decides for itself alone."""
    with pytest.raises(InvariantError):
        decide(form, context("police", "health"))
