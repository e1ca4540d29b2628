"""The acting person: somebody in the partnership's register, as named by a front. A claim, until people sign in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from broker.bootstrap.principal import OpenPrincipal
from broker.errors import FieldError, NotPermitted
from schemas.vocabulary import ActorRole

NOT_OF_THIS_ORGANISATION = "NOT_OF_THIS_ORGANISATION"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ActingPerson:
    """A person in the register; `role` is their only role, or None if they hold several."""

    id: str
    role: ActorRole | None


def acting_person(principal: OpenPrincipal, actor: str | None) -> ActingPerson:
    """Return the person who acts for this principal's organisation.

    Raises: FieldError `actor` where no person is named; NotPermitted where the register has no such person there.
    """
    if not actor:
        raise FieldError("actor", "missing: who looks? A person's id from the register is needed")
    organisation = principal.config.acts_for
    for person in principal.published.register().people:
        if (person.actor, person.organisation) == (actor, organisation):
            return ActingPerson(id=actor, role=person.roles[0] if len(person.roles) == 1 else None)
    raise NotPermitted(
        NOT_OF_THIS_ORGANISATION, f"the register holds no such person at {organisation}: nothing was shown"
    )
