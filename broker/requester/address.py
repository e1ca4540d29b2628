"""Address: who is asked, and what each is told: the identifiers its sector uses and the narrative meant for it, no
more.
"""

from __future__ import annotations

from collections.abc import Callable

from broker.errors import UsageError
from broker.exchange.directory import TrustedDirectory
from schemas.directory import Principal, SharingAgreement
from schemas.request import IdentifierAsked, RequestAddressed, RequestForm
from schemas.vocabulary import IdentifierScheme, Sector

SchemesOf = Callable[[Sector], frozenset[IdentifierScheme]]


def addressees(form: RequestForm, *, directory: TrustedDirectory) -> tuple[Principal, ...]:
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
    form: RequestForm,
    holder: Principal,
    *,
    agreement: SharingAgreement,
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
        narrative=form.narrative,
        identifiers=tuple(
            IdentifierAsked(person=person.ref, scheme=scheme, value=value)
            for person in form.people
            if person.ref in people
            for scheme, value in person.identifiers.items()
            if scheme in used
        ),
    )
