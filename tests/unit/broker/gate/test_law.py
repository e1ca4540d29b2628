"""The law, limb by limb: each one removed drops exactly its class. Ids are the reference's."""

from __future__ import annotations

from typing import Any

import pytest

from broker.gate.context import Side
from schemas.vocabulary import DataClass, GateOutcome


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"threshold_statement": " \u200d\n"}, "THRESHOLD_STATEMENT"),
        ({"family_informed": {"status": "NO", "note": "not yet"}}, "FAMILY_INFORMED_REASON"),
        ({"family_informed": {"status": "DEFERRED"}}, "FAMILY_INFORMED_REASON"),
    ],
)
def test_missing_evidence_of_the_base_row_denies(
    form, context, decide, side: Side, change: dict[str, Any], missing: str
) -> None:
    """P1, P2, C3: the decision names what is missing and suggests no other RAG, purpose or reason."""
    decision = decide.refused({**form, **change}, context("police", side=side)).decision
    assert (decision.reasons, decision.missing_evidence) == (("EVIDENCE_MISSING",), (missing,))


def test_family_that_was_told_needs_no_reason(form, context, decide) -> None:
    """C3."""
    assert decide.permitted({**form, "family_informed": {"status": "YES"}}, context("police"))


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
    form,
    context,
    decide,
    change: dict[str, Any],
    facts: dict[str, Any],
    data_class: str,
    reason: str,
    missing: tuple[str, ...],
) -> None:
    """D2, ref 2.4 S1_P18: no reason or no policy document, no condition; the other classes stand."""
    authority = decide.permitted({**form, **change, "data_classes": ALL_BUILT}, context("police", **facts))
    assert authority.decision.outcome is GateOutcome.PARTIAL
    assert decide.drops(authority) == {data_class: reason}
    assert authority.decision.missing_evidence == missing
    assert authority.data_classes == {DataClass(word) for word in ALL_BUILT} - {DataClass(data_class)}
    assert authority.decision.rows == ("P2", "D1", "D3P", "D5", "D6")


@pytest.mark.parametrize("gone", list(DataClass))
def test_class_outside_the_agreement_is_dropped_alone(form, context, sharing, decide, gone: DataClass) -> None:
    """Ref 2.8 step 1: the agreement's data types."""
    left = tuple(each for each in DataClass if each is not gone)
    here = context("police", sharing=[sharing("police", data_classes=left)])
    outcome = decide({**form, "data_classes": ALL_BUILT}, here)
    assert decide.drops(outcome) == ({gone.value: "NOT_IN_AGREEMENT"} if gone.value in ALL_BUILT else {})


def test_third_party_data_needs_somebody_named(form, context, decide) -> None:
    """D5: the base row is tested for that person; there is none."""
    asked = {**form, "people": form["people"][:1], "data_classes": ["ORDINARY", "THIRD_PARTY"]}
    authority = decide.permitted(asked, context("police"))
    assert decide.drops(authority) == {"THIRD_PARTY": "NO_PERSON_NAMED"}
    assert authority.decision.missing_evidence == ("NAMED_PERSON",)


def test_third_party_data_needs_somebody_who_passed(form, context, decide) -> None:
    """D5: a person who is left out carries no third-party data."""
    child, adult = form["people"]
    asked = {
        **form,
        "people": [child, {**adult, "why_needed": None}],
        "data_classes": ["ORDINARY", "THIRD_PARTY"],
    }
    authority = decide.permitted(asked, context("police"))
    assert decide.drops(authority) == {"THIRD_PARTY": "NO_PERSON_NAMED"}
    assert authority.decision.missing_evidence == ("NAMED_PERSON", "WHY_NEEDED")


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("applicable", [frozenset(), frozenset(DataClass)])
def test_referrer_is_never_disclosed(form, context, decide, side: Side, applicable: frozenset[DataClass]) -> None:
    """D8, C14: dropped aloud at both sides, whether or not a release table has it."""
    here = context("police", side=side, applicable=applicable | {DataClass.ORDINARY})
    outcome = decide.permitted({**form, "data_classes": ["ORDINARY", "REFERRER"]}, here)
    assert outcome.data_classes == {DataClass.ORDINARY}
    assert decide.drops(outcome) == {"REFERRER": "NEVER_DISCLOSED"}


@pytest.mark.parametrize("name", ["police", "health", "education"])
def test_class_without_a_row_is_dropped(form, context, decide, name: str) -> None:
    """D7 is a later row."""
    outcome = decide.permitted({**form, "data_classes": ["ORDINARY", "INTELLIGENCE"]}, context(name))
    assert decide.drops(outcome) == {"INTELLIGENCE": "NOT_IMPLEMENTED_ROW"}


def test_missing_row_is_said_before_a_missing_agreement(form, context, sharing, decide) -> None:
    """D7: changing the agreement would not help, so the decision does not hint at it."""
    here = context("police", sharing=[sharing("police", data_classes=(DataClass.ORDINARY,))])
    outcome = decide({**form, "data_classes": ["ORDINARY", "INTELLIGENCE"]}, here)
    assert decide.drops(outcome) == {"INTELLIGENCE": "NOT_IMPLEMENTED_ROW"}


def test_class_that_the_sector_does_not_have_has_no_effect(form, context, decide) -> None:
    """Command line contract: not applicable is not dropped."""
    here = context("police", applicable=frozenset(DataClass) - {DataClass.CONFIDENTIAL_HEALTH})
    asked = {**form, "data_classes": [*form["data_classes"], "CONFIDENTIAL_HEALTH"]}
    assert decide(asked, here) == decide(form, here)
    assert decide.permitted(asked, here).decision.outcome is GateOutcome.PERMIT
