"""People of a register as `mash init` makes it: what Northamptonshire's titles let them do."""

from __future__ import annotations

from broker.partnership.profile import load_profile
from schemas.directory import Person, ReviewRule
from schemas.vocabulary import Capability, Purpose, RatingBand, ReviewPolicy

TITLES = load_profile("northamptonshire").profile.titles
MASH_MANAGER, MASH_SOCIAL_WORKER, PRACTITIONER = "MASH_MANAGER", "MASH_SOCIAL_WORKER", "PRACTITIONER"


def person(actor: str, organisation: str, title: str) -> Person:
    """Return somebody under one of the packaged titles, with all that it lets them do."""
    return Person(actor=actor, organisation=organisation, title=title, capabilities=TITLES[title].capabilities)


def reviews(**policies: ReviewPolicy) -> tuple[ReviewRule, ...]:
    """Return an agreement's rules of review, by band."""
    return tuple(ReviewRule(band=RatingBand(band), policy=policy) for band, policy in policies.items())


def holding(
    actor: str,
    organisation: str,
    *capabilities: Capability,
    bands: tuple[RatingBand, ...] = (),
    purposes: tuple[Purpose, ...] = (),
) -> Person:
    """Return somebody with a title of no meaning, who may do exactly this, within these limits."""
    held = tuple({"capability": one, "bands": bands, "purposes": purposes} for one in capabilities)
    return Person.model_validate({"actor": actor, "organisation": organisation, "title": "ANY", "capabilities": held})
