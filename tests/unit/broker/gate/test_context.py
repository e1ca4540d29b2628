"""Facts that the local layer decides on: agreement and override."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from broker.gate.context import GateContext, agreement_state, override_state
from broker.gate.words import AgreementState, OverrideState
from schemas.request_form import RatedForm

PEOPLE = {"child": "SUBJECT_CHILD", "mother": "PARENT", "carer": "CARER", "uncle": "OTHER"}


def asked(form: dict[str, Any], people: list[str], *said: tuple[str, str]) -> RatedForm:
    person = form["people"][1]
    records = [
        {"person": name, "status": status, "recorded_by": "sw-014", "recorded_at": "2026-11-20T10:00:00Z"}
        for name, status in said
    ]
    named = [{**person, "ref": name, "roles": [PEOPLE[name]]} for name in people]
    return RatedForm.model_validate({**form, "people": named, "agreements": records})


@pytest.mark.parametrize(
    ("people", "said", "state"),
    [
        (["child", "mother"], [("mother", "OBTAINED")], "OBTAINED"),
        (["child", "mother", "carer"], [("mother", "OBTAINED")], "MISSING"),
        (["child", "mother", "carer"], [("mother", "OBTAINED"), ("carer", "OBTAINED")], "OBTAINED"),
        (["child", "mother", "carer"], [("mother", "OBTAINED"), ("carer", "REFUSED")], "REFUSED"),
        (["child", "mother"], [("mother", "OBTAINED"), ("mother", "WITHDRAWN")], "REFUSED"),
        (["child", "mother"], [("mother", "OBTAINED"), ("child", "REFUSED")], "REFUSED"),
        (["child", "mother"], [("child", "OBTAINED")], "MISSING"),
        (["child", "uncle"], [("child", "OBTAINED")], "OBTAINED"),
        (["child", "uncle"], [("uncle", "OBTAINED")], "MISSING"),
        (["child", "mother"], [], "MISSING"),
        (["child", "mother"], [("mother", "NOT_SOUGHT")], "MISSING"),
        (["child", "mother"], [("mother", "CANNOT_BE_OBTAINED")], "MISSING"),
        (["child", "mother"], [("mother", "OVERRIDDEN")], "OVERRIDDEN"),
        (["child", "mother", "carer"], [("mother", "OVERRIDDEN"), ("carer", "OBTAINED")], "OVERRIDDEN"),
        (["child", "mother", "carer"], [("mother", "OVERRIDDEN")], "MISSING"),
    ],
)
def test_agreement_counts_from_every_parent_and_carer_or_the_child(
    form: dict[str, Any], people: list[str], said: list[tuple[str, str]], state: str
) -> None:
    """C7, ref 2.6: one refusal refuses, whoever it is from."""
    for order in (said, said[::-1]):
        assert agreement_state(asked(form, people, *order)) is AgreementState(state)


@pytest.mark.parametrize(
    ("manager", "state"), [("mm-02", "VALID"), ("mm-01", "NONE"), ("sw-014", "NONE"), (None, "NONE")]
)
def test_override_counts_only_from_another_manager(
    form: dict[str, Any], context: Callable[..., GateContext], manager: str | None, state: str
) -> None:
    """C8."""
    override = manager and {"manager": manager, "rationale": "risk", "oversight_ref": "OV-17"}
    ask = RatedForm.model_validate({**form, "override": override})
    assert override_state(ask, context=context("police")) is OverrideState(state)
