"""The acting person: somebody in the partnership's register, as named by a front. A claim, until people sign in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from broker.bootstrap.principal import OpenPrincipal
from broker.errors import FieldError, NotPermitted
from schemas.vocabulary import Capability, Purpose, RatingBand

NOT_OF_THIS_ORGANISATION = "NOT_OF_THIS_ORGANISATION"
CAPABILITY_NOT_HELD = "CAPABILITY_NOT_HELD"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ActingPerson:
    """A person in the register who may do this; `role` is their only title, None if they hold several."""

    id: str
    role: str | None


def acting_person(
    principal: OpenPrincipal,
    actor: str | None,
    *,
    may: tuple[Capability, ...],
    band: RatingBand | None = None,
    purpose: Purpose | None = None,
) -> ActingPerson:
    """Return the person who acts for this principal's organisation and holds one of these capabilities.

    `band` and `purpose` are those of what they act on: without them a limited capability is not enough.
    Raises: FieldError `actor` where no person is named, NotPermitted where the register does not hold them there, or
    gives them none of the capabilities.
    """
    if not actor:
        raise FieldError("actor", "missing: who looks? A person's id from the register is needed")
    organisation = principal.config.acts_for
    entries = principal.published.register().entries(actor, organisation)
    if not entries:
        raise NotPermitted(
            NOT_OF_THIS_ORGANISATION, f"the register holds no such person at {organisation}: nothing was shown"
        )
    if not any(one.may(what, band=band, purpose=purpose) for one in entries for what in may):
        words = " or ".join(may)
        raise NotPermitted(
            CAPABILITY_NOT_HELD, f"the register does not give this person {words} here: nothing was shown"
        )
    return ActingPerson(id=actor, role=entries[0].title if len(entries) == 1 else None)
