"""How substance misuse is put into words. Each mapping sees only what its row of `release.toml` reads."""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narrative, Narratives
from agents.sdk.mapping.sentences import labelled_period, on, sentences, where_yes


def _reviewed(label: str) -> Narrative:
    return lambda fields: sentences((label, fields.text()), ("Last reviewed on", on(fields, "lastReview")))


NARRATIVES: Final[Narratives] = {
    "substance-misuse.treatment": {
        "/keyWorker": labelled_period("Key worker at the drug and alcohol service"),
        "/treatment": labelled_period("Treatment"),
        "/substances": _reviewed("Substances"),
        "/engagement": _reviewed("Engagement"),
        "/childrenInHousehold": where_yes("Says that children live in the household."),
        "/injecting": where_yes("Injects."),
        "/unsafeStorage": where_yes("Drugs or medicine are not stored safely."),
    },
}
"""The mapping of every row of `release.toml` that releases an item."""
