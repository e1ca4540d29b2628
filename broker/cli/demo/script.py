"""The script of the demonstration: six requests, each with the point it makes and the check that it did."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from broker.cli.demo import story
from schemas.vocabulary import IdentifierScheme, Sector

Form = dict[str, Any]

FAMILY = Path("requests") / "testerton.json"
"""The request of the family, beside the police's example records."""

PERSON_BOUND: dict[Sector, dict[IdentifierScheme, str]] = {Sector.PROBATION: {IdentifierScheme.CRN: "X990001"}}
"""The person of files that name none: probation's system answers for one case at a time."""

ALL_FOUR = ["police", "health", "education", "probation"]
CLASSES = ["ORDINARY", "SPECIAL", "CRIMINAL", "CONFIDENTIAL_HEALTH", "THIRD_PARTY"]
WITHOUT_THIRD_PARTY = CLASSES[:-1]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One request of the script."""

    name: str
    says: str
    changes: Callable[[Form], Form] = field(repr=False)
    held: story.Check = field(repr=False)

    def form(self, family: Form) -> Form:
        """Return the request form, made from the family's."""
        return self.changes(deepcopy(family))


def _red(form: Form) -> Form:
    form["people"][2] |= {"identifiers": {"crn": "X990001"}, "postcodes": ["ZE1 0AA"]}  # as probation knows them
    return form | {"agencies": ALL_FOUR, "data_classes": CLASSES}


def _amber(form: Form) -> Form:
    return _red(form) | {"purpose": "MASH_SCREENING", "rating": "AMBER", "section": "S17"}


def _amber_overridden(form: Form) -> Form:
    rationale = "Invented: agreement was refused at the door; the younger child has not been seen since."
    return _amber(form) | {"override": {"manager": "mm-02", "rationale": rationale, "oversight_ref": "OV-17"}}


def _green(form: Form) -> Form:
    agreed = {"status": "OBTAINED", "method": "VERBAL", "recorded_by": "sw-014", "recorded_at": "2026-11-20T10:00:00Z"}
    form = _red(form) | {"purpose": "EARLY_HELP", "rating": "GREEN", "section": "S10", "no_consent_reason": None}
    form["people"] = form["people"][:2]
    form["data_classes"] = WITHOUT_THIRD_PARTY
    form["family_informed"] = {"status": "YES"}
    return form | {"agreements": [agreed | {"person": "p2"}]}


def _child(form: Form, agency: str, **person: Any) -> Form:
    child = {key: value for key, value in form["people"][0].items() if key not in {"identifiers", "postcodes"}}
    return form | {"agencies": [agency], "data_classes": WITHOUT_THIRD_PARTY, "people": [child | person]}


def _twin(form: Form) -> Form:
    return _child(form, "police", given_names=["Sasha"])


def _restricted(form: Form) -> Form:
    return _child(
        form,
        "health",
        given_names=["Frankie"],
        date_of_birth="2012-05-06",
        identifiers={"nhs": "9990000077"},
    )


SCRIPT = (
    Take(
        name="A child at risk of significant harm: RED, section 47",
        says="All four answer within the hour; health's practitioner signs their answer off at the desk.",
        changes=_red,
        held=story.everybody_has_items,
    ),
    Take(
        name="The threshold is unclear, and nobody was asked for agreement: AMBER",
        says="The hub's gate refers it to a person. Nothing is sent.",
        changes=_amber,
        held=story.referred,
    ),
    Take(
        name="The same, with another manager's recorded override: AMBER",
        says="It goes out, and the override stands in the ledger.",
        changes=_amber_overridden,
        held=story.overridden,
    ),
    Take(
        name="Early help, with agreement: GREEN",
        says="Special-category data drop out where the law wants a reason that nobody gave, and the gate names it.",
        changes=_green,
        held=story.limb_named,
    ),
    Take(
        name="A twin whose given name nobody knows",
        says="Same family name, same date of birth: uncertain, for a person at police, and no candidate is told.",
        changes=_twin,
        held=story.uncertain,
    ),
    Take(
        name="A patient whose record is restricted",
        says="Health says that it holds something and withholds it. Where the child is never leaves.",
        changes=_restricted,
        held=story.withheld,
    ),
)
