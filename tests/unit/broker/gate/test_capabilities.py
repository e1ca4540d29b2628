"""What decides is a capability and its limits, never a title: ASK, RATE and OVERRIDE, allowed and refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from broker.gate.context import GateContext, Side, under_title
from schemas.directory import Person, Register
from schemas.request_form import RatedForm
from schemas.vocabulary import Capability, Purpose, RatingBand
from tests.people import holding, person

ASK, RATE, OVERRIDE = Capability.ASK, Capability.RATE, Capability.OVERRIDE
GREEN, RED = (RatingBand.GREEN,), (RatingBand.RED,)
S47, EARLY_HELP = (Purpose.S47_ENQUIRY,), (Purpose.EARLY_HELP,)


def knowing(context: GateContext, *people: Person) -> GateContext:
    """The same gate, where the register holds these people only."""
    return replace(context, register=Register(partnership="northants", version=1, people=people))


def by(actor: str, form: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**form, "requester": {"actor": actor, "role": None}, **changes}


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("held", "reasons"),
    [
        ([holding("x-01", "hub", ASK, RATE)], ()),
        ([holding("x-01", "hub", ASK, RATE, bands=RED, purposes=S47)], ()),
        ([holding("x-01", "hub", ASK)], ("RED_NEEDS_MANAGER",)),
        ([holding("x-01", "hub", RATE)], ("ROLE_MAY_NOT_ASK",)),
        ([holding("x-01", "hub", ASK, RATE, bands=GREEN)], ("ROLE_MAY_NOT_ASK", "RED_NEEDS_MANAGER")),
        ([holding("x-01", "hub", ASK, RATE, purposes=EARLY_HELP)], ("ROLE_MAY_NOT_ASK", "RED_NEEDS_MANAGER")),
        ([holding("x-01", "police", ASK, RATE)], ("UNKNOWN_ACTOR",)),
        ([holding("x-01", "hub")], ("ROLE_MAY_NOT_ASK", "RED_NEEDS_MANAGER")),
    ],
)
def test_red_is_asked_with_ask_and_rate_for_band_and_purpose(
    form, context, decide, side: Side, held: list[Person], reasons: tuple[str, ...]
) -> None:
    """R1, K28: each limit counts, and the requesting organisation's own entries only."""
    here = knowing(context("police", side=side), *held)
    asked = by("x-01", form)
    if reasons:
        assert decide.refused(asked, here).decision.reasons == reasons
    else:
        decide.permitted(asked, here)


@pytest.mark.parametrize(
    ("manager", "reasons"),
    [
        (holding("x-01", "hub", OVERRIDE), ()),
        (holding("x-01", "hub", OVERRIDE, bands=RED, purposes=S47), ()),
        (holding("x-01", "hub", OVERRIDE, bands=GREEN), ("OVERRIDE_NOT_BY_MANAGER",)),
        (holding("x-01", "hub", OVERRIDE, purposes=EARLY_HELP), ("OVERRIDE_NOT_BY_MANAGER",)),
        (holding("x-01", "hub", ASK, RATE), ("OVERRIDE_NOT_BY_MANAGER",)),
        (holding("x-01", "police", OVERRIDE), ("OVERRIDE_NOT_BY_MANAGER",)),
    ],
)
def test_an_override_takes_the_capability_for_band_and_purpose(
    form, context, decide, manager: Person, reasons: tuple[str, ...]
) -> None:
    """C8, K9: by capability, whatever the title."""
    here = knowing(context("police"), person("mm-01", "hub", "MASH_MANAGER"), manager)
    asked = {**form, "override": {"manager": "x-01", "rationale": "risk", "oversight_ref": "OV-1"}}
    if reasons:
        assert decide.refused(asked, here).decision.reasons == reasons
    else:
        decide.permitted(asked, here)


@pytest.mark.parametrize(
    ("actor", "at_red", "at_green"),
    [
        ("mm-01", (), ()),
        ("edt-01", (), ()),
        ("sw-014", ("RED_NEEDS_MANAGER",), ()),
        ("pc-01", ("ROLE_MAY_NOT_ASK", "RED_NEEDS_MANAGER"), ()),
        ("rc-01", ("ROLE_MAY_NOT_ASK", "RED_NEEDS_MANAGER"), ("ROLE_MAY_NOT_ASK",)),
        ("sm-01", ("ROLE_MAY_NOT_ASK", "RED_NEEDS_MANAGER"), ("ROLE_MAY_NOT_ASK",)),
        ("ig-01", ("ROLE_MAY_NOT_ASK", "RED_NEEDS_MANAGER"), ("ROLE_MAY_NOT_ASK",)),
    ],
)
def test_northamptonshires_people_ask_what_their_titles_let_them(
    form, early_help, context, decide, actor: str, at_red: tuple[str, ...], at_green: tuple[str, ...]
) -> None:
    """The command line contract's persons: a partnership coordinator asks at GREEN only."""
    assert decide(by(actor, form), context("police")).decision.reasons == at_red
    assert decide(by(actor, early_help), context("police")).decision.reasons == at_green


def test_the_only_title_stands_where_none_is_named(form, context) -> None:
    """So that the records name it; two titles, or none, leave it open, and the gate refuses."""
    for actor, role, stands in (
        ("mm-01", None, "MASH_MANAGER"),
        ("mm-01", "SERVICE_MANAGER", "SERVICE_MANAGER"),
        ("two-01", None, None),
        ("nobody", None, None),
    ):
        asked = RatedForm.model_validate({**form, "requester": {"actor": actor, "role": role}})
        assert under_title(asked, context=context("police", side=Side.HUB)).requester.role == stands
