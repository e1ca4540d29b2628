"""Evidence: what a practitioner's decision offers to each step of the path. A request alone offers none.

(1) only whoever may SIGN for the organisation decides, and an item only once; (2) each decision is evidence for the
step that asked, and for none after it: judgement for the gate (and again by the release of an item that lay behind
the gate, as the path starts anew), a chosen person and signed items for the record source, a sign-off for the
review; (3) the desk's clock offers nothing: it only makes the path be taken again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError
from broker.holder.receive import Enquiry
from broker.holder.source import Holding
from schemas.answer import Item, Judgement
from schemas.directory import Register
from schemas.exchange import DecidedBody
from schemas.vocabulary import Capability, DecisionAction, DeskReason, Purpose, RatingBand, WithholdGround

BY_HAND = "by-hand"
"""The record id of somebody whom an organisation without an adapter answers about by hand."""

BEHIND_THE_GATE = frozenset(
    {DeskReason.REFERRED, DeskReason.REVIEW, DeskReason.MATCH, DeskReason.RESTRICTED, DeskReason.SOURCE}
)
"""Items that lie where the gate passed, or referred to a person: without the judgement again their release would be
referred again, for ever. STALE and UNREADABLE items come before any gate."""

AS_IT_IS = frozenset({DeskReason.MATCH, DeskReason.RESTRICTED})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The evidence that one message offers beside the request itself.

    `chosen` also lifts a restriction: a restricted record is looked up only for somebody whom a practitioner named.
    """

    by: str | None = None
    judged_by: str | None = None
    withheld: WithholdGround | None = None
    chosen: Mapping[str, str] = field(default_factory=dict, repr=False)
    signed: tuple[Item, ...] | None = field(default=None, repr=False)
    signed_off: bool = False
    left_out: frozenset[int] = frozenset()
    judgement: Judgement | None = field(default=None, repr=False)


def evidence_of(enquiry: Enquiry, *, register: Register, organisation: str) -> Evidence:
    """Return what this message offers. Raises: RejectedError `NOT_A_PRACTITIONER` (1)."""
    if enquiry.decided is None:
        return Evidence()
    decided = enquiry.decided.record.body
    if decided.action is DecisionAction.CLOCK:  # (3)
        return Evidence()
    asked = enquiry.asked
    if not may_sign(decided.by, register=register, organisation=organisation, band=asked.band, purpose=asked.purpose):
        raise RejectedError("NOT_A_PRACTITIONER")
    if decided.action is DecisionAction.WITHHOLD:
        return Evidence(by=decided.by, withheld=decided.ground or WithholdGround.NOT_RELEVANT)
    return _released(decided)


def may_sign(
    actor: str | None, *, register: Register, organisation: str, band: RatingBand | None, purpose: Purpose | None
) -> bool:
    """Return whether the register lets this person sign this organisation's answers at this band, for this purpose."""
    entries = register.entries(actor, organisation)
    return any(one.may(Capability.SIGN, band=band, purpose=purpose) for one in entries)


def _released(decided: DecidedBody) -> Evidence:  # (2)
    by_hand = decided.reason is DeskReason.SOURCE
    # Released as it is: a draft that was shown, or an uncertain or restricted match for which nobody was chosen.
    as_it_is = decided.reason in AS_IT_IS and not decided.chosen
    signs = decided.reason is DeskReason.REVIEW or by_hand
    return Evidence(
        by=decided.by,
        judged_by=decided.by if decided.reason in BEHIND_THE_GATE else None,
        chosen={one.person: one.candidate for one in decided.chosen},
        signed=decided.items if signs else None,
        signed_off=signs or as_it_is,
        left_out=frozenset(one.item for one in decided.left_out),
        judgement=decided.judgement,
    )


def signed_field(index: int) -> str:
    """Return the field under which a signed item stands in an account: its place among what was signed."""
    return f"/signed/{index}"


def as_holding(index: int, item: Item) -> Holding:
    """Return a signed item as something held, so that it is minimised like everything else."""
    return Holding(
        field=signed_field(index),
        type=item.type,
        data_class=item.data_class,
        kind=item.kind,
        date=item.date,
        precision=item.precision,
        text=item.text,
        source=item.source,
        source_ref=item.source_ref,
        recorded_at=item.recorded_at,
        flagged=True,  # the practitioner put it there knowing its age
        third_party=item.third_party,
        location=item.location,
        statutory_bar=item.statutory_bar is not None,
        dsar_hint=item.dsar_hint,
        onward=item.onward,
        concerns=None,  # it is about whom it says; the practitioner saw the request's people
    )
