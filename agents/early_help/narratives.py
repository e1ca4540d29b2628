"""How early help is put into words. Each mapping sees only what its row of `release.toml` reads."""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narratives
from agents.sdk.mapping.sentences import labelled_period

NARRATIVES: Final[Narratives] = {
    "early-help.episode": {
        "/leadProfessional": labelled_period("Lead professional"),
        "/episode": labelled_period("Early help"),
        "/level": labelled_period("Level of need"),
        "/outcome": labelled_period("How early help ended"),
    },
}
"""The mapping of every row of `release.toml` that releases an item."""
