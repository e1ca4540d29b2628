"""How youth justice is put into words. Each mapping sees only what its row of `release.toml` reads."""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narratives
from agents.sdk.mapping.sentences import dated, judged, labelled_period, period
from agents.sdk.mapping.values import Fields


def _order(fields: Fields) -> str:
    return f"Order: {fields.text()}, {period(fields, 'orderStart', 'orderEnd')}."


NARRATIVES: Final[Narratives] = {
    "youth-justice.case": {
        "/worker": labelled_period("Case manager"),
        "/status": labelled_period("Youth justice case"),
        "/order": _order,
        "/likelihoodOfReoffending": judged("Likelihood of reoffending"),
        "/riskOfSeriousHarm": judged("Risk of serious harm to others"),
        "/safetyAndWellbeing": judged("Concern for safety and well-being"),
        "/nationalReferralMechanism": dated("Referred as a possible victim of trafficking"),
    },
}
"""The mapping of every row of `release.toml` that releases an item."""
