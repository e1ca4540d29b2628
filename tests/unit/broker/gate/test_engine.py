"""The gate, one fact changed at a time. Rule ids are those of the domain reference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker.errors import InvariantError
from broker.gate.engine import gate
from broker.gate.evidence import HolderAsked, Side, Standing
from broker.gate.outcome import Authority, NeedsPerson, Refusal
from broker.gate.tables import Tables
from schemas.request import RequestCommon, RequestForm
from schemas.vocabulary import (
    DataClass,
    DeskReason,
    GateOutcome,
    Mode,
    PrincipalState,
    Purpose,
    ReviewPolicy,
    Sector,
)

Form = dict[str, Any]
Make = Callable[..., Standing]
Decide = Callable[..., Authority | Refusal | NeedsPerson]

OTHER_PURPOSES = {purpose: f"P{number}" for number, purpose in enumerate(Purpose, start=1) if number > 2}


def permitted(outcome: Authority | Refusal | NeedsPerson) -> Authority:
    assert isinstance(outcome, Authority), outcome.decision
    return outcome


def refused(outcome: Authority | Refusal | NeedsPerson) -> Refusal:
    assert isinstance(outcome, Refusal), outcome.decision
    assert outcome.decision.outcome is GateOutcome.DENY
    assert outcome.decision.basis == ()
    return outcome


def drops(outcome: Authority | Refusal | NeedsPerson) -> dict[str, str]:
    return {each.data_class.value: each.reason for each in outcome.decision.dropped}


def sole_agreement(standing: Standing, **changes: Any) -> Any:
    """Return the standing's directory with every agreement changed."""
    agreements = tuple(each.model_copy(update=changes) for each in standing.directory.agreements)
    return standing.directory.model_copy(update={"agreements": agreements})


# ---------------------------------------------------------------- what P1 and P2 permit


@pytest.mark.parametrize(("purpose", "row"), [("IMMEDIATE_PROTECTION", "P1"), ("S47_ENQUIRY", "P2")])
def test_complete_red_request_is_permitted_by_its_rows(
    form: Form, standing: Make, decide: Decide, purpose: str, row: str
) -> None:
    """P1, P2, T3, C2: RED passes without anybody's agreement."""
    authority = permitted(decide({**form, "purpose": purpose}, standing("police")))
    assert authority.decision.outcome is GateOutcome.PERMIT
    assert authority.decision.rows == (row, "D1", "D2", "D5")
    assert authority.decision.reasons == authority.decision.missing_evidence == ()
    assert authority.data_classes == {DataClass.ORDINARY, DataClass.SPECIAL}
    assert authority.people == {"p1", "p2"}
    assert authority.look_back is None
    assert authority.mode is Mode.CONTENT
    assert [each.id for each in authority.agreements] == ["DSA-police"]


@pytest.mark.parametrize("status", ["REFUSED", "WITHDRAWN", "NOT_SOUGHT"])
def test_refused_agreement_does_not_stop_red(form: Form, standing: Make, decide: Decide, status: str) -> None:
    """C2: under section 47 consent is not needed."""
    record = {
        "person": "p2",
        "status": status,
        "recorded_by": "sw-014",
        "recorded_at": "2026-11-20T10:00:00Z",
    }
    assert permitted(decide({**form, "agreements": [record]}, standing("police")))


def test_basis_of_special_data_names_reason_and_policy_document(form: Form, standing: Make, decide: Decide) -> None:
    """D2, ref 2.4 S1_P18: the decision records the para 18 reason and the holder's APD."""
    ordinary, special = permitted(decide(form, standing("health"))).decision.basis
    assert (special.row, special.article_9, special.schedule_1) == (
        "D2",
        "9_2_G_SUBSTANTIAL_PUBLIC_INTEREST",
        ("S1_P18",),
    )
    assert (special.no_consent_reason, special.apd_ref) == ("WOULD_PREJUDICE_PROTECTION", "APD-1")
    assert (ordinary.row, ordinary.article_9, ordinary.no_consent_reason, ordinary.apd_ref) == (
        "D1",
        None,
        None,
        None,
    )
    assert ordinary.article_6 == "6_1_C_LEGAL_OBLIGATION"
    assert ordinary.gateways == ("CA04_S16LA", "CA89_S47", "CA89_S47_9", "CA04_S11")


@pytest.mark.parametrize("name", ["police", "probation"])
def test_criminal_data_of_part_3_holders_names_the_authority(
    form: Form, standing: Make, decide: Decide, name: str
) -> None:
    """D3P: s.36(4) authority, official authority, log of s.62, fact kept apart from opinion."""
    authority = permitted(decide({**form, "data_classes": ["CRIMINAL"]}, standing(name)))
    assert authority.decision.rows == ("P2", "D3P", "D5")
    (basis,) = authority.decision.basis
    assert (basis.regime, basis.s36_4_authority, basis.article_10) == (
        "PART_3",
        "CA04_S16LA",
        "10_OFFICIAL_AUTHORITY",
    )
    assert {"S62_LOG", "FACT_OPINION_MARKED"} <= set(authority.decision.obligations)


@pytest.mark.parametrize(("name", "gateway"), [("education", "EA02_S175"), ("probation", "OMA07_S14")])
def test_sector_brings_its_own_gateway(form: Form, standing: Make, decide: Decide, name: str, gateway: str) -> None:
    """Ref 2.3, 2.4."""
    assert gateway in permitted(decide(form, standing(name))).decision.basis[0].gateways
    assert gateway not in permitted(decide(form, standing("health"))).decision.basis[0].gateways


def test_ordinary_police_data_also_needs_the_authority_of_s36_4(form: Form, standing: Make, decide: Decide) -> None:
    """Ref 2.3: what police hold is Part 3 data whatever its class."""
    (basis,) = permitted(decide({**form, "data_classes": ["ORDINARY"]}, standing("police"))).decision.basis
    assert (basis.regime, basis.s36_4_authority) == ("PART_3", "CA04_S16LA")


@pytest.mark.parametrize("name", ["health", "education"])
def test_uk_gdpr_holders_owe_no_s62_log(form: Form, standing: Make, decide: Decide, name: str) -> None:
    """Ref 2.3."""
    authority = permitted(decide(form, standing(name)))
    assert "S62_LOG" not in authority.decision.obligations
    assert {basis.regime for basis in authority.decision.basis} == {"UK_GDPR"}
    assert {basis.s36_4_authority for basis in authority.decision.basis} == {None}


@pytest.mark.parametrize(
    ("at", "article", "police", "probation"),
    [
        (datetime(2026, 9, 29, 22, 59, tzinfo=UTC), "6_1_E_PUBLIC_TASK", "COMMON_LAW_POLICING", "OMA07_S14"),
        (datetime(2026, 9, 29, 23, 0, tzinfo=UTC), "6_1_C_LEGAL_OBLIGATION", "CA04_S16LA", "CA04_S16LA"),
    ],
)
def test_before_the_duty_the_rows_fall_back_to_powers(
    form: Form, standing: Make, decide: Decide, at: datetime, article: str, police: str, probation: str
) -> None:
    """Ref 2.2: the switch is dated, and midnight is that of British Summer Time."""
    for name, authority in (("police", police), ("probation", probation)):
        basis = permitted(decide({**form, "data_classes": ["CRIMINAL"]}, standing(name), at=at)).decision.basis[0]
        assert (basis.article_6, basis.s36_4_authority) == (article, authority)
        assert ("CA04_S16LA" in basis.gateways) is (article == "6_1_C_LEGAL_OBLIGATION")
        assert "CA89_S47_9" in basis.gateways


def test_private_body_does_not_claim_a_public_duty(form: Form, standing: Make, decide: Decide) -> None:
    """Ref 2.2, 2.3: an IDVA charity is no public authority and not listed in s.16LA(4)."""
    basis = permitted(decide(form, standing("idva"))).decision.basis[0]
    assert (basis.article_6, basis.gateways) == ("6_1_EA_RECOGNISED_LI", ("CA89_S47",))


@pytest.mark.parametrize("policy", list(ReviewPolicy))
def test_review_comes_from_the_agreement(form: Form, standing: Make, decide: Decide, policy: ReviewPolicy) -> None:
    """Blueprint section 2: review depends on agreement and RAG only."""
    here = standing("police")
    changed = standing("police", directory=sole_agreement(here, review_red=policy))
    authority = permitted(decide(form, changed))
    assert authority.review is policy
    assert f"REVIEW_{policy}" in authority.decision.obligations


def test_obligations_of_flags_stand_whatever_class_is_asked(form: Form, standing: Make, decide: Decide) -> None:
    """D5, D6 (release table): an ordinary item may be flagged third-party or as a location."""
    authority = permitted(decide({**form, "data_classes": ["ORDINARY"]}, standing("education")))
    assert authority.decision.obligations == (
        "NAMED_PEOPLE_ONLY",
        "STRIP_RESTRICTED_LOCATION",
        "EXPIRES_WITH_CLOCK",
        "LOOK_BACK_FULL",
        "REVIEW_AFTER",
    )


def test_location_is_allowed_with_the_duty_to_strip(form: Form, standing: Make, decide: Decide) -> None:
    """D6: stripping a restricted location is an obligation, not a drop."""
    authority = permitted(decide({**form, "data_classes": ["LOCATION"]}, standing("health")))
    assert authority.decision.outcome is GateOutcome.PERMIT
    assert "D6" in authority.decision.rows
    assert "STRIP_RESTRICTED_LOCATION" in authority.decision.obligations


# ---------------------------------------------------------------- (1) staleness


@pytest.mark.parametrize("name", ["HUB", "HOLDER"])
def test_stale_directory_waits_for_a_person(form: Form, standing: Make, decide: Decide, name: str) -> None:
    """Ref 2.8 step 1: fail closed, but never silently."""
    outcome = decide(form, standing("police", side=Side(name), directory_stale=True))
    assert isinstance(outcome, NeedsPerson)
    assert (outcome.reason, outcome.detail) == (DeskReason.STALE, "DIRECTORY_STALE")
    assert outcome.decision.outcome is GateOutcome.REFER
    assert outcome.decision.rows == ("P2",)


def test_expired_directory_is_stale_even_if_nobody_says_so(form: Form, standing: Make, decide: Decide) -> None:
    """Blueprint section 5: a directory expires."""
    here = standing("police")
    outcome = decide(form, here, at=here.directory.expires_at)
    assert isinstance(outcome, NeedsPerson)


# ---------------------------------------------------------------- (2) who asks


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("actor", "role", "rag", "reasons"),
    [
        ("sw-014", "MASH_SOCIAL_WORKER", "RED", ("RED_NEEDS_MANAGER",)),
        ("pc-01", "PARTNERSHIP_COORDINATOR", "RED", ("RED_NEEDS_MANAGER",)),
        ("mm-99", "MASH_MANAGER", "RED", ("UNKNOWN_ACTOR",)),
        ("police-mm", "MASH_MANAGER", "RED", ("UNKNOWN_ACTOR",)),
        ("sw-014", "MASH_MANAGER", "RED", ("ROLE_NOT_HELD",)),
        ("ig-01", "GOVERNANCE_OFFICER", "RED", ("ROLE_MAY_NOT_ASK", "RED_NEEDS_MANAGER")),
    ],
)
def test_who_may_set_red(
    form: Form,
    standing: Make,
    decide: Decide,
    side: Side,
    actor: str,
    role: str,
    rag: str,
    reasons: tuple[str, ...],
) -> None:
    """R1, A6: only a registered manager of the requesting organisation sets RED; both gates test it."""
    asked = {**form, "rag": rag, "requester": {"actor": actor, "role": role}}
    decision = refused(decide(asked, standing("police", side=side))).decision
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
    form: Form, standing: Make, decide: Decide, override: Form, reason: str
) -> None:
    """C8: another manager, with a rationale."""
    assert refused(decide({**form, "override": override}, standing("police"))).decision.reasons == (reason,)


def test_valid_override_changes_nothing_at_red(form: Form, standing: Make, decide: Decide) -> None:
    """C8, T3."""
    override = {"manager": "mm-02", "rationale": "risk", "oversight_ref": "OV-17"}
    here = standing("police")
    assert decide({**form, "override": override}, here) == decide(form, here)


def test_sender_speaking_for_another_organisation_is_refused(
    form: Form, standing: Make, decide: Decide, tables: Tables, now: datetime
) -> None:
    """Attack: a verified sender names another organisation as the requester."""
    decision = permitted(decide(form, standing("police"))).decision
    asked = RequestForm.model_validate(form)
    shared = set(RequestCommon.model_fields) & set(RequestForm.model_fields)
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
    here = standing("police")
    assert gate(common, standing=here, tables=tables, now=now) == decide(form, here)
    foreign = common.model_copy(update={"organisation": "probation"})
    outcome = gate(foreign, standing=here, tables=tables, now=now)
    assert refused(outcome).decision.reasons == ("REQUESTER_MISMATCH",)


# ---------------------------------------------------------------- (3) about whom


@pytest.mark.parametrize("role", ["PARENT", "CARER", "ADULT_VICTIM", "ALLEGED_PERPETRATOR", "OTHER"])
@pytest.mark.parametrize(
    ("gone", "missing"), [("relation_to_child", "RELATION_TO_CHILD"), ("why_needed", "WHY_NEEDED")]
)
def test_adult_without_relation_or_need_is_left_out_alone(
    form: Form, standing: Make, decide: Decide, role: str, gone: str, missing: str
) -> None:
    """D5: the child's part of the request goes on."""
    child, adult = form["people"]
    asked = {**form, "people": [child, {**adult, "role": role, gone: None}]}
    authority = permitted(decide(asked, standing("police")))
    assert authority.people == {"p1"}
    assert authority.decision.outcome is GateOutcome.PARTIAL
    assert (authority.decision.reasons, authority.decision.missing_evidence) == (
        ("PERSON_LEFT_OUT",),
        (missing,),
    )
    assert authority.decision.rows == ("P2", "D1", "D2")
    assert authority.decision.dropped == ()


@pytest.mark.parametrize("blank", ["", " \n", "\u200b", "\u2060\u00a0"])
def test_invisible_need_is_no_need(form: Form, standing: Make, decide: Decide, blank: str) -> None:
    """D5: a reason that nobody can read."""
    child, adult = form["people"]
    authority = permitted(decide({**form, "people": [child, {**adult, "why_needed": blank}]}, standing("police")))
    assert authority.people == {"p1"}


def test_sibling_needs_no_relation_but_a_reason(form: Form, standing: Make, decide: Decide) -> None:
    """D5: the role says the relation."""
    child, adult = form["people"]
    sibling = {**adult, "role": "SIBLING", "relation_to_child": None}
    assert permitted(decide({**form, "people": [child, sibling]}, standing("police"))).people == {"p1", "p2"}
    unexplained = {**sibling, "why_needed": None}
    assert permitted(decide({**form, "people": [child, unexplained]}, standing("police"))).people == {"p1"}


def test_request_without_one_child_is_refused(form: Form, standing: Make, decide: Decide) -> None:
    """Ref 2.8 step 1: exactly one subject child."""
    child, adult = form["people"]
    for people in ([adult], [child, {**child, "ref": "p3"}, adult]):
        reasons = refused(decide({**form, "people": people}, standing("police"))).decision.reasons
        assert reasons == ("NOT_ONE_SUBJECT_CHILD",)


def test_two_people_under_one_ref_are_refused(form: Form, standing: Make, decide: Decide) -> None:
    """Attack: a justified person lends the ref to an unjustified one."""
    child, adult = form["people"]
    decision = refused(decide({**form, "people": [child, adult, {**adult, "ref": "p1"}]}, standing("police"))).decision
    assert decision.reasons == ("PERSON_REF_REPEATED",)


def test_agreement_of_somebody_not_named_is_refused(form: Form, standing: Make, decide: Decide) -> None:
    """C7: agreement is recorded per person."""
    record = {
        "person": "p9",
        "status": "OBTAINED",
        "recorded_by": "sw-014",
        "recorded_at": "2026-11-20T10:00:00Z",
    }
    decision = refused(decide({**form, "agreements": [record]}, standing("police"))).decision
    assert decision.reasons == ("AGREEMENT_PERSON_UNKNOWN",)


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
    form: Form, standing: Make, decide: Decide, changes: Form
) -> None:
    """Ref 2.8 step 1: in force for holder, requester, purpose and mode, and the one that the request names."""
    directory = sole_agreement(standing("police"), **changes)
    decision = refused(decide(form, standing("police", directory=directory))).decision
    assert decision.reasons == ("AGREEMENT_NOT_IN_FORCE",)


def test_request_that_names_no_agreement_is_refused(form: Form, standing: Make, decide: Decide) -> None:
    """Ref 2.8 step 1."""
    assert refused(decide(form, standing("police", agreement=None))).decision.reasons == ("AGREEMENT_NOT_IN_FORCE",)


@pytest.mark.parametrize("state", [PrincipalState.INVITED, PrincipalState.SUSPENDED, PrincipalState.TEST])
def test_holder_that_does_not_take_part_is_refused(
    form: Form, standing: Make, decide: Decide, state: PrincipalState
) -> None:
    """Blueprint section 5: only LIVE and MANUAL take part."""
    directory = standing("police").directory
    principals = tuple(each.model_copy(update={"state": state}) for each in directory.principals)
    here = standing("police", directory=directory.model_copy(update={"principals": principals}))
    assert refused(decide(form, here)).decision.reasons == ("HOLDER_NOT_TAKING_PART",)


def test_sector_must_be_that_of_the_signed_directory(form: Form, standing: Make, decide: Decide) -> None:
    """Attack: a school taken for police would answer criminal data under D3P."""
    disguised = (HolderAsked(organisation="education", sector=Sector.POLICE),)
    here = standing("education", holders=disguised)
    assert refused(decide(form, here)).decision.reasons == ("HOLDER_NOT_TAKING_PART",)


def test_holders_gate_for_several_holders_is_a_fault(form: Form, standing: Make, decide: Decide) -> None:
    """A holder decides for itself alone."""
    with pytest.raises(InvariantError):
        decide(form, standing("police", "health"))


# ---------------------------------------------------------------- (5) the local layer


@pytest.mark.parametrize("rag", ["AMBER", "GREEN", "BLUE"])
@pytest.mark.parametrize("actor", [("mm-01", "MASH_MANAGER"), ("sw-014", "MASH_SOCIAL_WORKER")])
def test_protection_purposes_are_red_only(
    form: Form, standing: Make, decide: Decide, rag: str, actor: tuple[str, str]
) -> None:
    """Ref 2.8 step 3; the other colours are not built yet, and the decision says both."""
    asked = {**form, "rag": rag, "requester": {"actor": actor[0], "role": actor[1]}}
    decision = refused(decide(asked, standing("police"))).decision
    assert (decision.rows, decision.reasons) == (("P2",), ("RAG_NOT_ALLOWED", "NOT_IMPLEMENTED_ROW"))


@pytest.mark.parametrize("rag", ["RED", "AMBER", "GREEN", "BLUE"])
@pytest.mark.parametrize(("purpose", "row"), OTHER_PURPOSES.items())
def test_purpose_without_a_row_is_refused(
    form: Form, standing: Make, decide: Decide, rag: str, purpose: str, row: str
) -> None:
    """P3 to P11: default deny, and the decision names the row that is missing."""
    decision = refused(decide({**form, "purpose": purpose, "rag": rag}, standing("police"))).decision
    assert (decision.rows, decision.reasons) == ((row,), ("NOT_IMPLEMENTED_ROW",))


# ---------------------------------------------------------------- (6) the law, limb by limb


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"threshold_statement": " \u200b\n"}, "THRESHOLD_STATEMENT"),
        ({"family_informed": {"status": "NO"}}, "FAMILY_INFORMED_REASON"),
        ({"family_informed": {"status": "DEFERRED"}}, "FAMILY_INFORMED_REASON"),
    ],
)
def test_missing_evidence_of_the_base_row_denies(
    form: Form, standing: Make, decide: Decide, side: Side, change: Form, missing: str
) -> None:
    """P1, P2, C3: the decision names what is missing and suggests no other RAG, purpose or reason."""
    decision = refused(decide({**form, **change}, standing("police", side=side))).decision
    assert (decision.reasons, decision.missing_evidence) == (("EVIDENCE_MISSING",), (missing,))


def test_family_that_was_told_needs_no_reason(form: Form, standing: Make, decide: Decide) -> None:
    """C3."""
    assert permitted(decide({**form, "family_informed": {"status": "YES"}}, standing("police")))


ALL_BUILT = ["ORDINARY", "SPECIAL", "CRIMINAL", "THIRD_PARTY", "LOCATION"]


@pytest.mark.parametrize(
    ("change", "facts", "data_class", "reason", "missing"),
    [
        ({"no_consent_reason": None}, {}, "SPECIAL", "NO_CONSENT_REASON", ("NO_CONSENT_REASON",)),
        ({}, {"apd_ref": None}, "SPECIAL", "NO_APD", ("APD_REF",)),
        ({}, {"apd_ref": ""}, "SPECIAL", "NO_APD", ("APD_REF",)),
        (
            {"no_consent_reason": None},
            {"apd_ref": None},
            "SPECIAL",
            "NO_CONSENT_REASON",
            ("NO_CONSENT_REASON", "APD_REF"),
        ),
    ],
)
def test_each_limb_removed_drops_exactly_its_class(
    form: Form,
    standing: Make,
    decide: Decide,
    change: Form,
    facts: Form,
    data_class: str,
    reason: str,
    missing: tuple[str, ...],
) -> None:
    """D2, ref 2.4 S1_P18: no reason or no policy document, no condition; the other classes stand."""
    authority = permitted(decide({**form, **change, "data_classes": ALL_BUILT}, standing("police", **facts)))
    assert authority.decision.outcome is GateOutcome.PARTIAL
    assert drops(authority) == {data_class: reason}
    assert authority.decision.missing_evidence == missing
    assert authority.data_classes == {DataClass(word) for word in ALL_BUILT} - {DataClass(data_class)}
    assert authority.decision.rows == ("P2", "D1", "D3P", "D5", "D6")


@pytest.mark.parametrize("gone", list(DataClass))
def test_class_outside_the_agreement_is_dropped_alone(
    form: Form, standing: Make, decide: Decide, gone: DataClass
) -> None:
    """Ref 2.8 step 1: the agreement's data types."""
    left = tuple(each for each in DataClass if each is not gone)
    here = standing("police", directory=sole_agreement(standing("police"), data_classes=left))
    outcome = decide({**form, "data_classes": ALL_BUILT}, here)
    assert drops(outcome) == ({gone.value: "NOT_IN_AGREEMENT"} if gone.value in ALL_BUILT else {})


def test_third_party_data_needs_somebody_named(form: Form, standing: Make, decide: Decide) -> None:
    """D5: the base row is tested for that person; there is none."""
    asked = {**form, "people": form["people"][:1], "data_classes": ["ORDINARY", "THIRD_PARTY"]}
    authority = permitted(decide(asked, standing("police")))
    assert drops(authority) == {"THIRD_PARTY": "NO_PERSON_NAMED"}
    assert authority.decision.missing_evidence == ("NAMED_PERSON",)


def test_third_party_data_needs_somebody_who_passed(form: Form, standing: Make, decide: Decide) -> None:
    """D5: a person who is left out carries no third-party data."""
    child, adult = form["people"]
    asked = {
        **form,
        "people": [child, {**adult, "why_needed": None}],
        "data_classes": ["ORDINARY", "THIRD_PARTY"],
    }
    authority = permitted(decide(asked, standing("police")))
    assert drops(authority) == {"THIRD_PARTY": "NO_PERSON_NAMED"}
    assert authority.decision.missing_evidence == ("NAMED_PERSON", "WHY_NEEDED")


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("applicable", [frozenset(), frozenset(DataClass)])
def test_referrer_is_never_disclosed(
    form: Form, standing: Make, decide: Decide, side: Side, applicable: frozenset[DataClass]
) -> None:
    """D8, C14: dropped aloud at both sides, whether or not a release table has it."""
    here = standing("police", side=side, applicable=applicable | {DataClass.ORDINARY})
    outcome = decide({**form, "data_classes": ["ORDINARY", "REFERRER"]}, here)
    assert permitted(outcome).data_classes == {DataClass.ORDINARY}
    assert drops(outcome) == {"REFERRER": "NEVER_DISCLOSED"}


@pytest.mark.parametrize(
    ("name", "data_class"),
    [
        ("police", "INTELLIGENCE"),
        ("health", "CONFIDENTIAL_HEALTH"),
        ("education", "CRIMINAL"),
        ("health", "CRIMINAL"),
    ],
)
def test_class_without_a_row_is_dropped(form: Form, standing: Make, decide: Decide, name: str, data_class: str) -> None:
    """D3, D4, D7 are later rows."""
    outcome = decide({**form, "data_classes": ["ORDINARY", data_class]}, standing(name))
    assert drops(permitted(outcome)) == {data_class: "NOT_IMPLEMENTED_ROW"}


def test_missing_row_is_said_before_a_missing_agreement(form: Form, standing: Make, decide: Decide) -> None:
    """D7: changing the agreement would not help, so the decision does not hint at it."""
    here = standing("police", directory=sole_agreement(standing("police"), data_classes=(DataClass.ORDINARY,)))
    outcome = decide({**form, "data_classes": ["ORDINARY", "INTELLIGENCE"]}, here)
    assert drops(outcome) == {"INTELLIGENCE": "NOT_IMPLEMENTED_ROW"}


def test_class_that_the_sector_does_not_have_has_no_effect(form: Form, standing: Make, decide: Decide) -> None:
    """Command line contract: not applicable is not dropped."""
    here = standing("police", applicable=frozenset(DataClass) - {DataClass.CONFIDENTIAL_HEALTH})
    asked = {**form, "data_classes": [*form["data_classes"], "CONFIDENTIAL_HEALTH"]}
    assert decide(asked, here) == decide(form, here)
    assert permitted(decide(asked, here)).decision.outcome is GateOutcome.PERMIT


# ---------------------------------------------------------------- (7) the outcome


def test_nothing_left_is_a_denial(form: Form, standing: Make, decide: Decide) -> None:
    """Ref 2.8 step 4: with every class dropped there is no partial permit."""
    asked = {**form, "data_classes": ["SPECIAL", "REFERRER"], "no_consent_reason": None}
    decision = refused(decide(asked, standing("police"))).decision
    assert decision.reasons == ("NOTHING_LEFT",)
    assert {each.reason for each in decision.dropped} == {"NO_CONSENT_REASON", "NEVER_DISCLOSED"}


def test_nothing_applicable_is_a_denial(form: Form, standing: Make, decide: Decide) -> None:
    """Default deny: an answer without classes would still tell that the child is known."""
    decision = refused(decide(form, standing("police", applicable=frozenset()))).decision
    assert (decision.reasons, decision.dropped) == (("NOTHING_LEFT",), ())


def test_decision_names_its_tables(form: Form, standing: Make, decide: Decide, tables: Tables) -> None:
    """Ref 2.8 step 8: the policy version stands in the decision."""
    decision = permitted(decide(form, standing("police"))).decision
    assert (decision.table_version, decision.table_hash) == (tables.version, tables.hash)


# ---------------------------------------------------------------- the hub


def test_hub_does_not_test_the_holders_policy_document(form: Form, standing: Make, decide: Decide) -> None:
    """D2, ref 2.4: the APD is the discloser's affair; the reason is the requester's."""
    hub = standing("police", "health", side=Side.HUB)
    assert permitted(decide(form, hub)).decision.outcome is GateOutcome.PERMIT
    without = permitted(decide({**form, "no_consent_reason": None}, hub))
    assert drops(without) == {"SPECIAL": "NO_CONSENT_REASON"}


def test_hub_may_ask_for_what_one_sector_could_give(form: Form, standing: Make, decide: Decide) -> None:
    """D3, D3P: criminal data from police, though not from a school."""
    asked = {**form, "data_classes": ["ORDINARY", "CRIMINAL"]}
    both = permitted(decide(asked, standing("education", "police", side=Side.HUB)))
    assert both.decision.rows == ("P2", "D1", "D3P", "D5")
    assert both.decision.outcome is GateOutcome.PERMIT
    school = decide(asked, standing("education", side=Side.HUB))
    assert drops(school) == {"CRIMINAL": "NOT_IMPLEMENTED_ROW"}


def test_hub_owes_neither_log_nor_review(form: Form, standing: Make, decide: Decide) -> None:
    """Ref 2.3: these are duties of the holder."""
    owed = permitted(decide(form, standing("police", side=Side.HUB))).decision.obligations
    assert not [word for word in owed if word == "S62_LOG" or word.startswith("REVIEW_")]


def test_hub_takes_the_strictest_review(form: Form, standing: Make, decide: Decide) -> None:
    """Blueprint section 2."""
    hub = standing("police", "health", side=Side.HUB)
    agreements = tuple(
        each.model_copy(update={"review_red": ReviewPolicy.BEFORE}) if each.holder == "health" else each
        for each in hub.directory.agreements
    )
    directory = hub.directory.model_copy(update={"agreements": agreements})
    strict = standing("police", "health", side=Side.HUB, directory=directory)
    assert permitted(decide(form, strict)).review is ReviewPolicy.BEFORE


def test_hub_leaves_out_a_holder_without_agreement(form: Form, standing: Make, decide: Decide) -> None:
    """Ref 2.8 step 1: the request itself is a disclosure; the other organisations are still asked."""
    hub = standing("police", "health", side=Side.HUB)
    agreements = tuple(each for each in hub.directory.agreements if each.holder != "health")
    directory = hub.directory.model_copy(update={"agreements": agreements})
    authority = permitted(decide(form, standing("police", "health", side=Side.HUB, directory=directory)))
    assert authority.decision.outcome is GateOutcome.PARTIAL
    assert authority.decision.reasons == ("AGREEMENT_NOT_IN_FORCE",)
    assert [each.holder for each in authority.agreements] == ["police"]


def test_hub_leaves_out_a_holder_that_could_give_nothing(form: Form, standing: Make, decide: Decide) -> None:
    """Asking it would tell it of the child for nothing."""
    asked = {**form, "data_classes": ["CRIMINAL"]}
    authority = permitted(decide(asked, standing("police", "education", side=Side.HUB)))
    assert authority.decision.reasons == ("HOLDER_CANNOT_GIVE",)
    assert [each.holder for each in authority.agreements] == ["police"]


def test_hub_that_asks_nobody_is_refused(form: Form, standing: Make, decide: Decide) -> None:
    """Default deny."""
    assert refused(decide(form, standing(side=Side.HUB))).decision.reasons == ("NO_HOLDER",)


def test_hub_relies_on_the_widest_agreement_then_the_newest(form: Form, standing: Make, decide: Decide) -> None:
    """Of several in force, the one that covers most of what is asked."""
    hub = standing("police", side=Side.HUB)
    old = next(each for each in hub.directory.agreements if each.holder == "police")
    narrow = old.model_copy(update={"id": "DSA-narrow", "version": 9, "data_classes": (DataClass.ORDINARY,)})
    newer = old.model_copy(update={"version": 5})
    for agreements in ((narrow, newer, old), (old, newer, narrow)):
        directory = hub.directory.model_copy(update={"agreements": agreements})
        authority = permitted(decide(form, standing("police", side=Side.HUB, directory=directory)))
        assert [(each.id, each.version) for each in authority.agreements] == [("DSA-police", 5)]
