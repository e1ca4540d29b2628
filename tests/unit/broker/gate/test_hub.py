"""The hub's gate: many holders, no papers of theirs. Ids are the reference's."""

from __future__ import annotations

from broker.gate.context import Side
from schemas.vocabulary import DataClass, GateOutcome, ReviewPolicy
from tests.people import reviews


def test_hub_does_not_test_the_holders_policy_document(form, context, decide) -> None:
    """D2, ref 2.4: the APD is the discloser's affair; the reason is the requester's."""
    hub = context("police", "health", side=Side.HUB)
    assert decide.permitted(form, hub).decision.outcome is GateOutcome.PERMIT
    without = decide.permitted({**form, "no_consent_reason": None}, context("police", side=Side.HUB))
    assert decide.drops(without) == {"SPECIAL": "NO_CONSENT_REASON"}


def test_hub_may_ask_for_what_one_sector_could_give(form, context, decide) -> None:
    """D3, D3P: criminal data from police under Part 3; from a school under its own row."""
    asked = {**form, "data_classes": ["ORDINARY", "CRIMINAL"]}
    both = decide.permitted(asked, context("police", "education", side=Side.HUB))
    assert both.decision.rows == ("P2", "D1", "D3", "D3P", "D5")
    assert both.decision.outcome is GateOutcome.PERMIT
    school = decide(asked, context("education", side=Side.HUB))
    assert school.decision.rows == ("P2", "D1", "D3", "D5")


def test_hub_owes_neither_log_nor_review(form, context, decide) -> None:
    """Ref 2.3: these are duties of the holder."""
    owed = decide.permitted(form, context("police", side=Side.HUB)).decision.obligations
    assert not [word for word in owed if word == "S62_LOG" or word.startswith("REVIEW_")]


def test_hub_takes_the_strictest_review(form, context, sharing, decide) -> None:
    """Blueprint section 2."""
    agreements = [sharing("police"), sharing("health", review=reviews(RED=ReviewPolicy.BEFORE))]
    strict = context("police", "health", side=Side.HUB, sharing=agreements)
    assert decide.permitted(form, strict).review is ReviewPolicy.BEFORE


def test_hub_leaves_out_a_holder_without_agreement(form, context, sharing, decide) -> None:
    """Ref 2.8 step 1: the request itself is a disclosure; the other organisations are still asked."""
    hub = context("police", "health", side=Side.HUB, sharing=[sharing("police")])
    authority = decide.permitted(form, hub)
    assert authority.decision.outcome is GateOutcome.PARTIAL
    assert authority.decision.reasons == ("AGREEMENT_NOT_IN_FORCE",)
    assert [each.holder for each in authority.agreements] == ["police"]


def test_hub_leaves_out_a_holder_that_could_give_nothing(form, context, decide) -> None:
    """Asking it would tell it of the child for nothing."""
    asked = {**form, "data_classes": ["CONFIDENTIAL_HEALTH"]}
    authority = decide.permitted(asked, context("health", "education", side=Side.HUB))
    assert authority.decision.reasons == ("HOLDER_CANNOT_GIVE",)
    assert [each.holder for each in authority.agreements] == ["health"]


def test_hub_that_asks_nobody_is_refused(form, context, decide) -> None:
    """Default deny."""
    assert decide.refused(form, context(side=Side.HUB)).decision.reasons == ("NO_HOLDER",)


def test_hub_relies_on_the_widest_agreement_then_the_newest(form, context, sharing, decide) -> None:
    """Of several in force, the one that covers most of what is asked."""
    old, newer = sharing("police"), sharing("police", version=5)
    narrow = sharing("police", id="DSA-narrow", version=9, data_classes=(DataClass.ORDINARY,))
    for agreements in ((narrow, newer, old), (old, newer, narrow)):
        authority = decide.permitted(form, context("police", side=Side.HUB, sharing=agreements))
        assert [(each.id, each.version) for each in authority.agreements] == [("DSA-police", 5)]
