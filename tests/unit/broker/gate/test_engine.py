"""The gate from end to end: what P1 and P2 permit, when it waits, what it refuses whole. Ids are the reference's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from broker.gate.context import Side
from broker.gate.outcome import NeedsPerson
from broker.gate.tables import Tables
from schemas.vocabulary import DataClass, DeskReason, GateOutcome, Mode, Purpose, ReviewPolicy
from tests.people import reviews

OTHER_PURPOSES = {purpose: f"P{number}" for number, purpose in enumerate(Purpose, start=1) if number > 5}


# ---------------------------------------------------------------- what P1 and P2 permit


@pytest.mark.parametrize(("purpose", "row"), [("IMMEDIATE_PROTECTION", "P1"), ("S47_ENQUIRY", "P2")])
def test_complete_red_request_is_permitted_by_its_rows(form, context, decide, purpose: str, row: str) -> None:
    """P1, P2, T3, C2: RED passes without anybody's agreement."""
    authority = decide.permitted({**form, "purpose": purpose}, context("police"))
    assert authority.decision.outcome is GateOutcome.PERMIT
    assert authority.decision.rows == (row, "D1", "D2", "D5")
    assert authority.decision.reasons == authority.decision.missing_evidence == ()
    assert authority.data_classes == {DataClass.ORDINARY, DataClass.SPECIAL}
    assert authority.people == {"p1", "p2"}
    assert authority.look_back is None
    assert authority.mode is Mode.CONTENT
    assert [each.id for each in authority.agreements] == ["DSA-police"]


@pytest.mark.parametrize("status", ["REFUSED", "WITHDRAWN", "NOT_SOUGHT"])
def test_refused_agreement_does_not_stop_red(form, context, decide, status: str) -> None:
    """C2: under section 47 consent is not needed."""
    record = {
        "person": "p2",
        "status": status,
        "recorded_by": "sw-014",
        "recorded_at": "2026-11-20T10:00:00Z",
    }
    assert decide.permitted({**form, "agreements": [record]}, context("police"))


def test_basis_of_special_data_names_reason_and_policy_document(form, context, decide) -> None:
    """D2, ref 2.4 S1_P18: the decision records the para 18 reason and the holder's APD."""
    ordinary, special = decide.permitted(form, context("education")).decision.basis
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
    assert ordinary.gateways == ("CA04_S16LA", "CA89_S47", "CA89_S47_9", "CA04_S11", "EA02_S175")


@pytest.mark.parametrize("name", ["police", "probation"])
def test_criminal_data_of_part_3_holders_names_the_authority(form, context, decide, name: str) -> None:
    """D3P: s.36(4) authority, official authority, log of s.62, fact kept apart from opinion."""
    authority = decide.permitted({**form, "data_classes": ["CRIMINAL"]}, context(name))
    assert authority.decision.rows == ("P2", "D3P", "D5")
    (basis,) = authority.decision.basis
    assert (basis.regime, basis.s36_4_authority, basis.article_10) == (
        "PART_3",
        "CA04_S16LA",
        "10_OFFICIAL_AUTHORITY",
    )
    assert {"S62_LOG", "FACT_OPINION_MARKED"} <= set(authority.decision.obligations)


@pytest.mark.parametrize(("name", "gateway"), [("education", "EA02_S175"), ("probation", "OMA07_S14")])
def test_sector_brings_its_own_gateway(form, context, decide, name: str, gateway: str) -> None:
    """Ref 2.3, 2.4."""
    assert gateway in decide.permitted(form, context(name)).decision.basis[0].gateways
    assert gateway not in decide.permitted(form, context("health")).decision.basis[0].gateways


def test_ordinary_police_data_also_needs_the_authority_of_s36_4(form, context, decide) -> None:
    """Ref 2.3: what police hold is Part 3 data whatever its class."""
    (basis,) = decide.permitted({**form, "data_classes": ["ORDINARY"]}, context("police")).decision.basis
    assert (basis.regime, basis.s36_4_authority) == ("PART_3", "CA04_S16LA")


@pytest.mark.parametrize("name", ["health", "education"])
def test_uk_gdpr_holders_owe_no_s62_log(form, context, decide, name: str) -> None:
    """Ref 2.3."""
    authority = decide.permitted(form, context(name))
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
    form, context, decide, at: datetime, article: str, police: str, probation: str
) -> None:
    """Ref 2.2: the switch is dated, and midnight is that of British Summer Time."""
    for name, authority in (("police", police), ("probation", probation)):
        basis = decide.permitted({**form, "data_classes": ["CRIMINAL"]}, context(name), at=at).decision.basis[0]
        assert (basis.article_6, basis.s36_4_authority) == (article, authority)
        assert ("CA04_S16LA" in basis.gateways) is (article == "6_1_C_LEGAL_OBLIGATION")
        assert "CA89_S47_9" in basis.gateways


def test_private_body_does_not_claim_a_public_duty(form, context, decide) -> None:
    """Ref 2.2, 2.3: an IDVA charity is no public authority and not listed in s.16LA(4)."""
    basis = decide.permitted(form, context("idva")).decision.basis[0]
    assert (basis.article_6, basis.gateways) == ("6_1_EA_RECOGNISED_LI", ("CA89_S47",))


@pytest.mark.parametrize("policy", list(ReviewPolicy))
def test_review_comes_from_the_agreement(form, context, sharing, decide, policy: ReviewPolicy) -> None:
    """Blueprint section 2: review depends on agreement and RAG only."""
    authority = decide.permitted(form, context("police", sharing=[sharing("police", review=reviews(RED=policy))]))
    assert authority.review is policy
    assert f"REVIEW_{policy}" in authority.decision.obligations


@pytest.mark.parametrize("rules", [{}, {"GREEN": ReviewPolicy.NONE}])
def test_an_agreement_that_says_nothing_of_a_band_is_reviewed_before(form, context, sharing, decide, rules) -> None:
    """K5: default deny; a band that nobody named is looked at before anything leaves."""
    authority = decide.permitted(form, context("police", sharing=[sharing("police", review=reviews(**rules))]))
    assert authority.review is ReviewPolicy.BEFORE


def test_obligations_of_flags_stand_whatever_class_is_asked(form, context, decide) -> None:
    """D5, D6 (release table): an ordinary item may be flagged third-party or as a location."""
    authority = decide.permitted({**form, "data_classes": ["ORDINARY"]}, context("education"))
    assert authority.decision.obligations == (
        "NAMED_PEOPLE_ONLY",
        "STRIP_RESTRICTED_LOCATION",
        "EXPIRES_WITH_CLOCK",
        "LOOK_BACK_FULL",
        "REVIEW_AFTER",
    )


def test_location_is_allowed_with_the_duty_to_strip(form, context, decide) -> None:
    """D6: stripping a restricted location is an obligation, not a drop."""
    authority = decide.permitted({**form, "data_classes": ["LOCATION"]}, context("health"))
    assert authority.decision.outcome is GateOutcome.PERMIT
    assert "D6" in authority.decision.rows
    assert "STRIP_RESTRICTED_LOCATION" in authority.decision.obligations


# ---------------------------------------------------------------- (1) staleness


@pytest.mark.parametrize("name", ["HUB", "HOLDER"])
def test_stale_directory_waits_for_a_person(form, context, decide, name: str) -> None:
    """Ref 2.8 step 1: fail closed, but never silently."""
    outcome = decide(form, context("police", side=Side(name), directory_stale=True))
    assert isinstance(outcome, NeedsPerson)
    assert (outcome.reason, outcome.detail) == (DeskReason.STALE, "DIRECTORY_STALE")
    assert outcome.decision.outcome is GateOutcome.REFER
    assert outcome.decision.rows == ("P2",)


def test_expired_directory_is_stale_even_if_nobody_says_so(form, context, decide) -> None:
    """Blueprint section 5: a directory expires."""
    here = context("police")
    outcome = decide(form, here, at=here.directory.expires_at)
    assert isinstance(outcome, NeedsPerson)


# ---------------------------------------------------------------- (5) the local layer


@pytest.mark.parametrize("rag", ["AMBER", "GREEN", "BLUE"])
@pytest.mark.parametrize("actor", [("mm-01", "MASH_MANAGER"), ("sw-014", "MASH_SOCIAL_WORKER")])
def test_protection_purposes_are_red_only(form, context, decide, rag: str, actor: tuple[str, str]) -> None:
    """P1, P2, ref 2.8 step 3; at AMBER the decision keeps the word of the first tables too."""
    asked = {**form, "band": rag, "requester": {"actor": actor[0], "role": actor[1]}}
    decision = decide.refused(asked, context("police")).decision
    reasons = ("RAG_NOT_ALLOWED", "NOT_IMPLEMENTED_ROW") if rag == "AMBER" else ("RAG_NOT_ALLOWED",)
    assert (decision.rows, decision.reasons) == (("P2",), reasons)


@pytest.mark.parametrize("rag", ["RED", "AMBER", "GREEN", "BLUE"])
@pytest.mark.parametrize(("purpose", "row"), OTHER_PURPOSES.items())
def test_purpose_without_a_row_is_refused(form, context, decide, rag: str, purpose: str, row: str) -> None:
    """P6 to P13: default deny, and the decision names the row that is missing."""
    decision = decide.refused({**form, "purpose": purpose, "band": rag}, context("police")).decision
    assert (decision.rows, decision.reasons) == ((row,), ("NOT_IMPLEMENTED_ROW",))


# ---------------------------------------------------------------- (7) the outcome


def test_nothing_left_is_a_denial(form, context, decide) -> None:
    """Ref 2.8 step 4: with every class dropped there is no partial permit."""
    asked = {**form, "data_classes": ["SPECIAL", "REFERRER"], "no_consent_reason": None}
    decision = decide.refused(asked, context("police")).decision
    assert decision.reasons == ("NOTHING_LEFT",)
    assert {each.reason for each in decision.dropped} == {"NO_CONSENT_REASON", "NEVER_DISCLOSED"}


def test_nothing_applicable_is_a_denial(form, context, decide) -> None:
    """Default deny: an answer without classes would still tell that the child is known."""
    decision = decide.refused(form, context("police", applicable=frozenset())).decision
    assert (decision.reasons, decision.dropped) == (("NOTHING_LEFT",), ())


def test_decision_names_its_tables(form, context, decide, tables: Tables) -> None:
    """Ref 2.8 step 8: the policy version stands in the decision."""
    decision = decide.permitted(form, context("police")).decision
    assert (decision.table_version, decision.table_hash) == (tables.version, tables.hash)
