"""Address: who is asked, and what each is told: the identifiers its sector uses, the narrative meant for it, what the
gate decided about it, and of that what all may know; no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from broker.errors import UsageError
from broker.exchange.directory import TrustedDirectory
from schemas.decision import GateDecision
from schemas.directory import Principal, SharingAgreement
from schemas.request import IdentifierAsked, RequestAddressed
from schemas.request_form import RatedForm
from schemas.vocabulary import GateOutcome, IdentifierScheme, Sector

_T = TypeVar("_T")

SchemesOf = Callable[[Sector], frozenset[IdentifierScheme]]


def addressees(form: RatedForm, *, directory: TrustedDirectory) -> tuple[Principal, ...]:
    """Return the organisations meant by `agencies`: ids, or sector words for all of a sector.

    Raises: UsageError naming the entry that nobody answers to.
    """
    found: dict[str, Principal] = {}
    for index, agency in enumerate(form.agencies):
        meant = [one for one in directory.holders() if one.id == agency]
        meant = meant or [one for one in directory.holders() if one.sector.value == agency.upper()]
        if not meant:
            raise UsageError(f"request file: agencies.{index}: no organisation or sector of this partnership")
        found.update({one.id: one for one in meant})
    return tuple(found.values())


def address(
    form: RatedForm,
    holder: Principal,
    *,
    agreement: SharingAgreement,
    decision: GateDecision,
    people: frozenset[str],
    schemes: SchemesOf,
) -> RequestAddressed:
    """Return the part of the request that only this organisation gets."""
    used = schemes(holder.sector)
    return RequestAddressed(
        organisation=holder.id,
        sector=holder.sector,
        agreement_id=agreement.id,
        agreement_version=agreement.version,
        narrative=form.narrative if form.partner_narrative is None else form.partner_narrative,
        decision=decision,
        identifiers=tuple(
            IdentifierAsked(person=person.ref, scheme=scheme, value=value)
            for person in form.people
            if person.ref in people
            for scheme, value in person.identifiers.items()
            if scheme in used
        ),
    )


def known_to_all(decisions: Sequence[GateDecision]) -> GateDecision:
    """Return what all may know of these decisions, one an organisation: what stands in every one of them.

    From a union, police would learn that a refuge was asked, or why health may give nothing (K25).
    """
    first = decisions[0]
    reasons = _in_all([one.reasons for one in decisions])
    dropped = _in_all([one.dropped for one in decisions])
    return GateDecision(
        outcome=GateOutcome.PARTIAL if reasons or dropped else GateOutcome.PERMIT,
        rows=_in_all([one.rows for one in decisions]),
        reasons=reasons,
        dropped=dropped,
        missing_evidence=_in_all([one.missing_evidence for one in decisions]),
        obligations=_in_all([one.obligations for one in decisions]),
        basis=_in_all([one.basis for one in decisions]),
        table_version=first.table_version,
        table_hash=first.table_hash,
    )


def _in_all(told: Sequence[tuple[_T, ...]]) -> tuple[_T, ...]:
    return tuple(one for one in told[0] if all(one in other for other in told))
