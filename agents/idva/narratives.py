"""How domestic abuse advice is put into words. Each mapping sees only what its row of `release.toml` reads."""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narratives
from agents.sdk.mapping.sentences import labelled, labelled_period, on, sentences, where_yes
from agents.sdk.mapping.values import Fields


def _risk(fields: Fields) -> str:
    count = fields.number("dashCount")
    return sentences(
        ("Risk of domestic abuse", (fields.text() or "").replace("_", " ")),
        ("DASH count", None if count is None else f"{count.normalize():f}"),
        ("DASH version", fields.text("dashVersion")),
        ("Assessed on", on(fields, "assessedOn")),
    )


def _marac(fields: Fields) -> str:
    return sentences(
        ("Multi-agency risk assessment conference (MARAC)", on(fields)), ("Outcome", fields.text("maracOutcome"))
    )


NARRATIVES: Final[Narratives] = {
    "idva.case": {
        "/adviser": labelled_period("Domestic abuse adviser"),
        "/riskLevel": _risk,
        "/marac": _marac,
        "/safetyPlan": where_yes("There is a safety plan."),
        "/childrenInHousehold": where_yes("Says that children live in the household."),
        "/safeContact": labelled("How to make contact safely"),
    },
}
"""The mapping of every row of `release.toml` that releases an item."""
