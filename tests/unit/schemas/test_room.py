"""Room: an array of words or rows takes more than there are words today, and refuses what is beyond its limit."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from schemas.decision import Basis, Dropped, GateDecision
from schemas.scalars import MOST_PEOPLE, MOST_ROWS, MOST_WORDS
from schemas.vocabulary import DataClass, GateOutcome, NoConsentReason, Regime


def decision(**changes: object) -> GateDecision:
    values = dict.fromkeys(("rows", "reasons", "dropped", "missing_evidence", "obligations", "basis"), ())
    fixed = {"outcome": GateOutcome.PARTIAL, "table_version": "t", "table_hash": bytes(32)}
    return GateDecision.model_validate({**values, **fixed, **changes})


def basis(person: str) -> Basis:
    return Basis(
        data_class=DataClass.SPECIAL,
        row="D2",
        regime=Regime.UK_GDPR,
        article_6="6_1_C",
        article_9=None,
        article_10=None,
        schedule_1=(),
        gateways=(),
        s36_4_authority=None,
        confidentiality_limb=None,
        no_consent_reason=NoConsentReason.CANNOT_GIVE,
        apd_ref=None,
        organisations=("health",),
        people=(person,),
    )


def test_each_person_of_a_family_may_have_a_basis_and_a_drop_of_their_own() -> None:
    """K2, K3: by class, by organisation, by person; eight rows were too few for a second child."""
    refs = [f"p{number}" for number in range(MOST_PEOPLE)]
    dropped = tuple(Dropped(data_class=DataClass.CRIMINAL, reason="NO_APD", people=(ref,)) for ref in refs)
    made = decision(basis=tuple(basis(ref) for ref in refs), dropped=dropped)
    assert (len(made.basis), len(made.dropped)) == (MOST_PEOPLE, MOST_PEOPLE)


@pytest.mark.parametrize(("name", "most"), [("rows", MOST_WORDS), ("reasons", MOST_WORDS), ("obligations", MOST_WORDS)])
def test_words_have_a_limit(name: str, most: int) -> None:
    assert decision(**{name: ("D1",) * most})
    with pytest.raises(ValidationError, match="too_long"):
        decision(**{name: ("D1",) * (most + 1)})


def test_rows_have_a_limit() -> None:
    assert decision(basis=(basis("p1"),) * MOST_ROWS)
    with pytest.raises(ValidationError, match="too_long"):
        decision(basis=(basis("p1"),) * (MOST_ROWS + 1))
